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

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Prefetch, QuerySet

from escalation import access
from escalation.enums import CaseStatus
from escalation.models import Case, Decision, Role, User
from escalation.models.cases import reference_number

SIZE = 50
CAP = 500  # counts stop here and say "500+"
NEWS = 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
START = (EPOCH, UUID(int=0))

WAITING = """
    SELECT waiting.id
    FROM unnest(%(roles)s::uuid[]) AS roles (id)
    CROSS JOIN LATERAL (
        SELECT id, created_at FROM escalation_case
        WHERE role_id = roles.id AND status = 'awaiting' AND (created_at, id) > (%(at)s, %(id)s)
        {matching}
        ORDER BY created_at, id LIMIT %(limit)s
    ) AS waiting
    ORDER BY waiting.created_at, waiting.id LIMIT %(limit)s
"""
MATCHING = "AND (question ILIKE %(like)s OR tenant ILIKE %(like)s OR action ILIKE %(like)s)"
NAMED = "AND number = %(number)s"
COUNTS = """
    SELECT roles.id, waiting.count, waiting.oldest
    FROM unnest(%(roles)s::uuid[]) AS roles (id)
    CROSS JOIN LATERAL (
        SELECT count(*), min(created_at) AS oldest FROM (
            SELECT created_at FROM escalation_case
            WHERE role_id = roles.id AND status = 'awaiting'
            ORDER BY created_at, id LIMIT %(limit)s
        ) AS first_ones
    ) AS waiting
"""
ARRIVED = """
    SELECT arrived.case_id, arrived.started_at
    FROM unnest(%(roles)s::uuid[]) AS roles (id)
    CROSS JOIN LATERAL (
        SELECT case_id, started_at FROM escalation_handoff
        WHERE role_id = roles.id AND ended_at IS NULL AND started_at > %(since)s
        ORDER BY started_at DESC LIMIT %(limit)s
    ) AS arrived
    ORDER BY arrived.started_at DESC LIMIT %(limit)s
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


def roles_for(user: User | AnonymousUser) -> list[Role]:
    """Return the roles whose cases ``user`` may read; for an auditor, all."""
    if access.may_audit(user):
        return list(Role.objects.all())
    return list(access.roles_with(access.READ, user))


def _rows(query: str, roles: Sequence[Role], **given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"roles": [role.pk for role in roles], **given})
        return cursor.fetchall()


def _listed(ids: Sequence[UUID]) -> list[Case]:
    cases = Case.objects.select_related("role", "agent").prefetch_related("firings")
    found = cases.defer("state", "callback_url").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def waiting(roles: Sequence[Role], *, q: str = "", after: str = "", size: int = SIZE) -> Page:
    """Return a page of the cases that await a decision; ``after`` is an earlier page's ``next``."""
    at, last = _read(after) if after else START
    number = reference_number(q)
    matching = NAMED if number is not None else MATCHING if q else ""
    like = "%{}%".format(q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_"))
    rows = _rows(WAITING.format(matching=matching), roles, at=at, id=last, limit=size + 1,
                 like=like, number=number)  # fmt: skip
    cases = _listed([row[0] for row in rows[:size]])
    return Page(cases, _write(cases[-1]) if len(rows) > size and cases else None)


def counts(roles: Sequence[Role]) -> list[Waiting]:
    by_id = {role.pk: role for role in roles}
    rows = _rows(COUNTS, roles, limit=CAP + 1)
    return [Waiting(by_id[pk], count, oldest) for pk, count, oldest in rows]


def newest(roles: Sequence[Role]) -> datetime:
    """Return when the last case came into these roles; asked before the page's rows are."""
    rows = _rows(ARRIVED, roles, since=START[0], limit=1)
    return rows[0][1] if rows else START[0]


def arrived(roles: Sequence[Role], *, since: datetime) -> News | None:
    """Return what has come into these roles since, newest first, or None."""
    rows = _rows(ARRIVED, roles, since=since, limit=NEWS + 1)
    cases = [
        case for case in _listed([row[0] for row in rows[:3]]) if case.status == CaseStatus.AWAITING
    ]
    return News(cases, len(rows), rows[0][1]) if cases else None


def decided(roles: Sequence[Role], *, since: datetime) -> QuerySet[Case]:
    """Return the cases that these roles decided since, the latest first, with their decisions."""
    made = Decision.objects.select_related("option", "decided_by")
    return (
        Case.objects.filter(status=CaseStatus.DECIDED, role__in=list(roles), ended_at__gte=since)
        .select_related("role", "agent")
        .prefetch_related("firings", Prefetch("decisions", queryset=made))
        .defer("state", "callback_url")
        .order_by("-ended_at", "-id")
    )


def decided_by(user: User, *, size: int = 8) -> list[Decision]:
    made = Decision.objects.filter(decided_by=user).select_related(
        "case", "option", "case__resumption"
    )
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
