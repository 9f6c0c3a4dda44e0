"""Effects that the courier carries out itself: found lane by lane, claimed when they can start.

A lane with a hundred thousand that wait hides no other: each lane that has something due is looked
at by itself, in one statement over the index ``effect_lane``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from escalation.delivery.lanes import Due, Full, Place
from escalation.enums import EffectKind
from escalation.models import Effect

LEASE = timedelta(seconds=20)  # renewed while a call is under way; a dead courier costs as much
EACH = 20  # effects of one lane in one look
MOST = 500  # effects in one look


@dataclass(frozen=True)
class Look:
    """What is due of one kind, who comes first first; ``next_at``: when more comes due."""

    due: list[Due] = field(default_factory=list)
    next_at: datetime | None = None


FIRST = """
SELECT (SELECT min(due_at) FROM escalation_effect
        WHERE kind = %(kind)s AND done_at IS NULL AND due_at > %(at)s),
       EXISTS (SELECT FROM escalation_effect
               WHERE kind = %(kind)s AND done_at IS NULL AND due_at <= %(at)s)
"""

# Whoever has nothing due in sight is passed over by one step of the index. ``rank`` deals the lanes
# out in turn: the first of each, then the second of each; first tries before those that failed.
LOOK = """
WITH RECURSIVE lanes (lane) AS (
    (SELECT lane FROM escalation_effect
     WHERE kind = %(kind)s AND done_at IS NULL ORDER BY lane LIMIT 1)
    UNION ALL
    SELECT (SELECT e.lane FROM escalation_effect AS e
            WHERE e.kind = %(kind)s AND e.done_at IS NULL AND e.lane > lanes.lane
            ORDER BY e.lane LIMIT 1)
    FROM lanes WHERE lanes.lane IS NOT NULL
)
SELECT found.id, found.target, lanes.lane, found.receiver, found.attempts, found.claims
FROM lanes CROSS JOIN LATERAL (
    SELECT e.*, row_number() OVER (ORDER BY e.attempts, e.due_at) AS rank FROM (
        SELECT id, target, receiver, attempts, claims, due_at FROM escalation_effect
        WHERE kind = %(kind)s AND done_at IS NULL AND lane = lanes.lane AND due_at <= %(at)s
          AND NOT (receiver = ANY(%(receivers)s))
          AND NOT (lane || ' ' || receiver = ANY(%(pairs)s))
          AND (attempts = 0 OR NOT (lane || ' ' || receiver = ANY(%(pairs_of_retries)s)))
          AND NOT (id = ANY(%(held)s))
        ORDER BY attempts, due_at LIMIT %(each)s
    ) AS e
) AS found
WHERE lanes.lane IS NOT NULL AND NOT (lanes.lane = ANY(%(lanes)s))
  AND (found.attempts = 0 OR NOT (lanes.lane = ANY(%(lanes_of_retries)s)))
ORDER BY found.attempts > 0, found.rank, found.due_at LIMIT %(most)s
"""


def look(kind: EffectKind, full: Full, held: Iterable[UUID], *, at: datetime) -> Look:
    """Return what is due and could start, but for what is ``held`` by this very process."""
    values: dict[str, Any] = {
        "kind": kind.value,
        "at": at,
        "each": EACH,
        "most": MOST,
        "held": list(held),
    }
    with connection.cursor() as cursor:
        cursor.execute(FIRST, values)
        next_at, is_due = cursor.fetchone()
        if not is_due:
            return Look(next_at=next_at)
        cursor.execute(LOOK, values | vars(full))
        due = [
            Due(id, target, Place(lane, receiver, first=not attempts), claims)
            for id, target, lane, receiver, attempts, claims in cursor.fetchall()
        ]
    return Look(due, next_at)


CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id FROM escalation_effect
    WHERE kind = %(kind)s AND done_at IS NULL AND due_at <= %(at)s
      AND (id = ANY(%(ids)s) OR receiver = ANY(%(receivers)s))
    ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
UPDATE escalation_effect SET claims = claims + 1, due_at = %(until)s, lease_until = %(until)s
WHERE id IN (SELECT id FROM due)
RETURNING id, target, lane, receiver, attempts, claims
"""


def claim(
    kind: EffectKind, due: Iterable[Due], *, at: datetime, with_receivers: bool = False
) -> list[Due]:
    """Take these effects for a lease, but for those that another courier took meanwhile.

    ``with_receivers``: and all else that is due to the same receivers, to send it as one.
    """
    due = list(due)
    receivers = [one.place.receiver for one in due if one.place.receiver] if with_receivers else []
    values: dict[str, Any] = {
        "kind": kind.value, "at": at, "until": at + LEASE, "most": 10 * MOST,
        "ids": [one.id for one in due], "receivers": receivers,
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        return [
            Due(id, target, Place(lane, receiver, first=not attempts), claims)
            for id, target, lane, receiver, attempts, claims in cursor.fetchall()
        ]


RENEW = """
UPDATE escalation_effect SET due_at = %(until)s, lease_until = %(until)s
WHERE id IN ( -- what is locked is being written down just now
    SELECT e.id FROM escalation_effect AS e
    JOIN unnest(%(ids)s::uuid[], %(claims)s::int[]) AS held (id, claims) USING (id, claims)
    WHERE e.done_at IS NULL AND e.lease_until IS NOT NULL
    FOR UPDATE OF e SKIP LOCKED
)
"""


def renew(held: Mapping[UUID, int], *, at: datetime) -> None:
    """Keep what is still under way. What was hastened meanwhile, or taken over, is let go."""
    if held:
        _held(RENEW, held, until=at + LEASE)


def are_held(held: Mapping[UUID, int]) -> bool:
    """Return whether these claims still hold: no other courier took any of them over."""
    rows = Effect.objects.filter(pk__in=held).values_list("pk", "claims")
    return all(held[pk] == number for pk, number in rows)


GIVE_BACK = """
UPDATE escalation_effect AS e SET due_at = %(due_at)s, lease_until = NULL,
    lane = coalesce(%(lane)s, e.lane)
FROM unnest(%(ids)s::uuid[], %(claims)s::int[]) AS held (id, claims)
WHERE e.id = held.id AND e.claims = held.claims AND e.done_at IS NULL AND e.lease_until IS NOT NULL
"""


def give_back(held: Mapping[UUID, int], *, due_at: datetime, lane: str | None = None) -> None:
    """Let go of what was claimed and not carried out; ``lane``: where it turned out to belong."""
    if held:
        _held(GIVE_BACK, held, due_at=due_at, lane=lane)


def _held(statement: str, held: Mapping[UUID, int], **values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, {**values, "ids": list(held), "claims": list(held.values())})
