"""The outbox: what is due is claimed with a lease, rung, carried out, and claimed again if it was not.

What calls somebody outside is not rung but carried out by the courier, which claims it itself
(``delivery.claims``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from uuid_utils.compat import uuid7

from escalation.enums import EffectKind
from escalation.models import Effect
from escalation.models.effects import NOT_DONE

NOW = timedelta()
CHANNEL = "effects"  # a trigger notifies it of every new row
LEASE = {
    EffectKind.DISPATCH: timedelta(seconds=5),
    EffectKind.DEADLINE: timedelta(seconds=10),
    EffectKind.RELEASE: timedelta(seconds=10),
    EffectKind.SEAT: timedelta(seconds=15),
    EffectKind.LEASE: timedelta(seconds=10),
    EffectKind.ROSTER: timedelta(seconds=120),
    EffectKind.MEMBERSHIP: timedelta(seconds=15),
    EffectKind.COMPETENCE: timedelta(seconds=15),
    EffectKind.STOP: timedelta(seconds=30),
    EffectKind.ARRIVAL: timedelta(seconds=15),
    EffectKind.HOLIDAYS: timedelta(seconds=30),
}


@dataclass(frozen=True)
class Claim:
    id: UUID
    kind: EffectKind
    number: int  # a job rung for an older claim finds that it is not its turn


COMING = """
SELECT kind, (SELECT min(due_at) FROM escalation_effect AS e
              WHERE e.kind = k.kind AND done_at IS NULL)
FROM unnest(%s::text[]) AS k (kind)
"""


def coming() -> dict[EffectKind, datetime]:
    """Return when the next effect of each kind that is rung comes due, which may be in the past.

    A kind of which nothing waits is left out. One look at the index for each, however many wait.
    """
    with connection.cursor() as cursor:
        cursor.execute(COMING, [list(settings.EFFECTS)])
        return {EffectKind(kind): due_at for kind, due_at in cursor.fetchall() if due_at}


def schedule(kind: EffectKind, target: UUID, *, due_at: datetime) -> None:
    """Let an effect that recurs, or moves, come due at ``due_at`` and no other time."""
    schedule_all(kind, {target: due_at})


def schedule_all(kind: EffectKind, dues: dict[UUID, datetime]) -> None:
    """Let an effect of each target come due at its own time, in one statement."""
    Effect.objects.bulk_create(
        [Effect(kind=kind, target=target, due_at=due_at) for target, due_at in dues.items()],
        update_conflicts=True,
        unique_fields=["kind", "target"],
        update_fields=["due_at", "done_at", "lease_until", "claims"],
    )


def hasten(kind: EffectKind, target: UUID, *, due_at: datetime) -> None:
    """Let an effect come due at ``due_at``, unless it is already due before."""
    with connection.cursor() as cursor:
        cursor.execute(HASTEN, {"id": uuid7(), "kind": kind.value, "target": target, "due": due_at})


HASTEN = """
INSERT INTO escalation_effect AS e (id, kind, target, due_at, claims, attempts, last_error)
VALUES (%(id)s, %(kind)s, %(target)s, %(due)s, 0, 0, '')
ON CONFLICT (kind, target) DO UPDATE SET done_at = NULL, lease_until = NULL,
    due_at = CASE WHEN e.done_at IS NULL THEN least(e.due_at, excluded.due_at)
                  ELSE excluded.due_at END
"""


CLAIM = """
WITH due AS MATERIALIZED ( -- asked once: planned as a join it may be asked again, past its limit
    SELECT id FROM escalation_effect
    WHERE kind = %(kind)s AND done_at IS NULL AND due_at <= %(by)s
    ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
UPDATE escalation_effect SET claims = claims + 1, due_at = %(until)s, lease_until = %(until)s
WHERE id IN (SELECT id FROM due)
RETURNING id, claims
"""


def claim(
    kind: EffectKind, *, at: datetime, most: int = 200, overdue: timedelta = NOW
) -> list[Claim]:
    """Take up to ``most`` effects that have been due for ``overdue``, the oldest first, for a lease.

    Rows that another clock holds are passed over.
    """
    values: dict[str, Any] = {
        "kind": kind.value,
        "by": at - overdue,
        "until": at + LEASE[kind],
        "most": most,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        return [Claim(id, kind, number) for id, number in cursor.fetchall()]


def release(claims: Iterable[Claim], *, due_at: datetime) -> None:
    """Give back what could not be rung."""
    ids = [claim.id for claim in claims]
    Effect.objects.filter(NOT_DONE, pk__in=ids).update(due_at=due_at, lease_until=None)


def claimed(kind: EffectKind, claims: dict[str, int]) -> list[UUID]:
    """Return the targets of those effects that are not done and still held by these claims."""
    rows = Effect.objects.filter(NOT_DONE, kind=kind, pk__in=claims)
    return [row.target for row in rows if claims[str(row.pk)] == row.claims]


def put_off(kind: EffectKind, targets: list[UUID], *, due_at: datetime) -> None:
    """Let effects that cannot be carried out now come due later."""
    if targets:
        waiting = Effect.objects.filter(NOT_DONE, kind=kind, target__in=targets)
        waiting.update(due_at=due_at, lease_until=None)


def settle(kind: EffectKind, target: UUID, *, at: datetime) -> None:
    """Mark an effect done, unless it was hastened after it was claimed: then it comes due once more."""
    held = Effect.objects.filter(NOT_DONE, kind=kind, target=target, lease_until__isnull=False)
    held.update(done_at=at)


def done(kind: EffectKind, targets: list[UUID], *, at: datetime) -> None:
    Effect.objects.filter(NOT_DONE, kind=kind, target__in=targets).update(done_at=at)
