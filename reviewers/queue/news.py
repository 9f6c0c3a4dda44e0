"""What came into the queue since its page was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from escalation.access import Reach
from escalation.enums import OWED
from escalation.models import Case
from reviewers.queue.counting import CAP
from reviewers.queue.pages import EPOCH

NEWS = 20
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
class News:
    cases: list[Case]
    total: int
    newest: datetime


def newest(reach: Reach) -> datetime:
    """Return when the last case came into these roles; asked before the page's rows are.

    Of whatever tenant: it only says from when on a later question looks.
    """
    rows = _arrived(reach, joined="", since=EPOCH, limit=1, window=1)
    return rows[0][1] if rows else EPOCH


def arrived(reach: Reach, *, since: datetime) -> News | None:
    """Return what has come into these roles since, newest first, or None.

    For a reader limited to tenants, among the last CAP that came.
    """
    window, joined = (NEWS + 1, "") if reach.tenants is None else (CAP, JOINED)
    rows = _arrived(reach, joined=joined, since=since, limit=NEWS + 1, window=window)
    found = Case.objects.defer("state").in_bulk([pk for pk, _ in rows[:3]])
    cases = [found[pk] for pk, _ in rows[:3] if found[pk].status in OWED]
    return News(cases, len(rows), rows[0][1]) if cases else None


def _arrived(reach: Reach, *, joined: str, **given: Any) -> list[tuple[Any, datetime]]:
    values = {"roles": [role.pk for role in reach.roles], "tenants": list(reach.tenants or ())}
    with connection.cursor() as cursor:
        cursor.execute(ARRIVED.format(joined=joined), values | given)
        return cursor.fetchall()
