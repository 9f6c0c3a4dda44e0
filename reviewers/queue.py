"""What waits in a person's roles, oldest first: pages, counts and news, each one bounded query.

Every query walks a partial index role by role and stops at its limit, so that the page costs the
same with a hundred open cases and with a hundred thousand.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, QuerySet

from escalation.access import Reach
from escalation.enums import OWED, CaseStatus
from escalation.models import Case, Decision, Handoff, Role, User
from escalation.models.cases import reference_number
from escalation.models.handoffs import CURRENT

SIZE = 50
CAP = 500  # counts stop here and say "500+"
NEWS = 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
START = (EPOCH, UUID(int=0))
TURN = Prefetch(
    "handoffs", Handoff.objects.filter(CURRENT).select_related("user"), to_attr="current"
)

# A reader who is limited to tenants walks an index of theirs, tenant by tenant, so that the cases of
# others cost them nothing.
WAITING = """
    SELECT waiting.id
    FROM unnest(%(roles)s::uuid[]) AS roles (id) {tenants}
    CROSS JOIN LATERAL (
        SELECT id, created_at FROM escalation_case
        WHERE role_id = roles.id AND {owed} AND (created_at, id) > (%(at)s, %(id)s)
        {of_tenant} {matching}
        ORDER BY created_at, id LIMIT %(limit)s
    ) AS waiting
    ORDER BY waiting.created_at, waiting.id LIMIT %(limit)s
"""
MINE = """
    SELECT found.id
    FROM escalation_handoff AS handoff JOIN escalation_case AS found ON found.id = handoff.case_id
    WHERE handoff.user_id = %(user)s AND handoff.ended_at IS NULL AND {owed}
    AND found.role_id = ANY(%(roles)s) AND (created_at, found.id) > (%(at)s, %(id)s)
    {of_tenants} {matching}
    ORDER BY created_at, found.id LIMIT %(limit)s
"""
OWED_IN = f"status IN ({', '.join(repr(status.value) for status in OWED)})"  # as the index has it
TENANTS = "CROSS JOIN unnest(%(tenants)s::text[]) AS tenants (name)"
OF_TENANT = "AND tenant = tenants.name"
OF_TENANTS = "AND tenant = ANY(%(tenants)s)"
MATCHING = "AND (question ILIKE %(like)s OR tenant ILIKE %(like)s OR action ILIKE %(like)s)"
NAMED = "AND number = %(number)s"
COUNTS = """
    SELECT roles.id, sum(waiting.count)::int, min(waiting.oldest)
    FROM unnest(%(roles)s::uuid[]) AS roles (id) {tenants}
    CROSS JOIN LATERAL (
        SELECT count(*), min(created_at) AS oldest FROM (
            SELECT created_at FROM escalation_case
            WHERE role_id = roles.id AND {owed} {of_tenant}
            ORDER BY created_at, id LIMIT %(limit)s
        ) AS first_ones
    ) AS waiting
    GROUP BY roles.id
"""
ARRIVED = """
    SELECT arrived.case_id, arrived.started_at
    FROM unnest(%(roles)s::uuid[]) AS roles (id)
    CROSS JOIN LATERAL (
        SELECT case_id, started_at FROM escalation_handoff
        WHERE role_id = roles.id AND ended_at IS NULL AND started_at > %(since)s
        ORDER BY started_at DESC LIMIT %(window)s
    ) AS arrived
    {joined}
    ORDER BY arrived.started_at DESC LIMIT %(limit)s
"""
JOINED = """
    JOIN escalation_case ON escalation_case.id = arrived.case_id AND tenant = ANY(%(tenants)s)
"""


@dataclass(frozen=True)
class Page:
    cases: list[Case]
    next: str | None


@dataclass(frozen=True)
class Waiting:
    """How much waits in one role; ``count`` stops one beyond CAP."""

    role: Role
    count: int
    oldest: datetime | None


@dataclass(frozen=True)
class News:
    cases: list[Case]
    total: int
    newest: datetime


def _rows(
    query: str, reach: Reach, *, any_tenant: bool = False, matching: str = "", **given: Any
) -> list[tuple[Any, ...]]:
    limited = reach.tenants is not None and not any_tenant
    query = query.format(
        owed=OWED_IN,
        tenants=TENANTS if limited else "",
        of_tenant=OF_TENANT if limited else "",
        of_tenants=OF_TENANTS if limited else "",
        joined=JOINED if limited else "",
        matching=matching,
    )
    values: dict[str, Any] = {
        "roles": [role.pk for role in reach.roles],
        "tenants": list(reach.tenants or ()),
    }
    with connection.cursor() as cursor:
        cursor.execute(query, values | given)
        return cursor.fetchall()


def _listed(ids: Sequence[UUID]) -> list[Case]:
    """Return these cases in this order, each with its handoff in ``current``."""
    cases = Case.objects.select_related("role", "agent").prefetch_related("firings", TURN)
    found = cases.defer("state", "callback_url").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def waiting(
    reach: Reach, *, mine: User | None = None, q: str = "", after: str = "", size: int = SIZE
) -> Page:
    """Return a page of the cases that await a decision; ``after`` is an earlier page's ``next``.

    With ``mine``, those alone whose turn is this person's.
    """
    at, last = _read(after) if after else START
    number = reference_number(q)
    matching = NAMED if number is not None else MATCHING if q else ""
    like = "%{}%".format(q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_"))
    rows = _rows(MINE if mine else WAITING, reach, matching=matching, at=at, id=last,
                 limit=size + 1, like=like, number=number, user=mine and mine.pk)  # fmt: skip
    cases = _listed([row[0] for row in rows[:size]])
    return Page(cases, _write(cases[-1]) if len(rows) > size and cases else None)


def counts(reach: Reach) -> list[Waiting]:
    """Return how much waits in each role, in the order of the roles."""
    found = {pk: (count, oldest) for pk, count, oldest in _rows(COUNTS, reach, limit=CAP + 1)}
    none = (0, None)
    return [Waiting(role, *found.get(role.pk, none)) for role in reach.roles]


def count_mine(reach: Reach, user: User) -> int:
    """Return how many cases wait for this very person; it stops one beyond CAP."""
    return len(_rows(MINE, reach, at=START[0], id=START[1], limit=CAP + 1, user=user.pk))


def newest(reach: Reach) -> datetime:
    """Return when the last case came into these roles; asked before the page's rows are.

    Of whatever tenant: it only says from when on a later question looks.
    """
    rows = _rows(ARRIVED, reach, any_tenant=True, since=START[0], limit=1, window=1)
    return rows[0][1] if rows else START[0]


def arrived(reach: Reach, *, since: datetime) -> News | None:
    """Return what has come into these roles since, newest first, or None.

    For a reader limited to tenants, among the last CAP that came.
    """
    window = NEWS + 1 if reach.tenants is None else CAP
    rows = _rows(ARRIVED, reach, since=since, limit=NEWS + 1, window=window)
    cases = [case for case in _listed([row[0] for row in rows[:3]]) if case.status in OWED]
    return News(cases, len(rows), rows[0][1]) if cases else None


def decided(reach: Reach, *, since: datetime) -> QuerySet[Case]:
    """Return the cases that these roles decided since, the latest first, with their decisions."""
    made = Decision.objects.select_related("option", "decided_by")
    return (
        reach.of(Case.objects.filter(status=CaseStatus.DECIDED, ended_at__gte=since))
        .select_related("role", "agent")
        .prefetch_related("firings", Prefetch("decisions", queryset=made))
        .defer("state", "callback_url")
        .order_by("-ended_at", "-id")
    )


def decided_by(user: User, reach: Reach, *, size: int = 8) -> list[Decision]:
    """Return what a person decided lately, of the cases that they may still read."""
    made = Decision.objects.filter(decided_by=user, case__in=reach.of(Case.objects.all()))
    made = made.select_related("case", "option")
    return list(made.order_by("-decided_at")[:size])


def waited(case: Case, *, at: datetime) -> timedelta:
    return at - case.created_at


def _write(case: Case) -> str:
    micros = (case.created_at - EPOCH) // timedelta(microseconds=1)
    return urlsafe_b64encode(micros.to_bytes(8, "big") + case.pk.bytes).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, UUID]:
    """Return where a page ended; raises ValueError for what no page gave."""
    raw = urlsafe_b64decode(f"{cursor}==")
    if len(raw) != 24:
        raise ValueError("not a cursor")
    micros = int.from_bytes(raw[:8], "big")
    return EPOCH + timedelta(microseconds=micros), UUID(bytes=raw[8:])
