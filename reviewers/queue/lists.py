"""Cases however they stand, the latest first: all of a reader's, those decided today, those overturned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Prefetch

from escalation.access import Reach
from escalation.models import Case, Decision, User
from reviewers.queue.filters import NO_FILTERS, Filters
from reviewers.queue.views import View

SIZE = 50
OVERTURNED_WITHIN = 30  # days
# Written as the partial indexes have it.
WANTED = {
    View.DECIDED: "found.status = 'decided' AND found.decided_at >= %(midnight)s",
    View.OVERTURNED: (
        "found.id IN (SELECT case_id FROM escalation_decision"
        " WHERE overturns_id IS NOT NULL AND decided_at >= %(overturned)s)"
    ),
    View.ALL: "found.number < %(after)s",
}
ORDER = {View.ALL: "found.number DESC"}
LATEST = "found.decided_at DESC, found.id DESC"
LIST = """
    SELECT found.id FROM escalation_case AS found WHERE {wanted} {reach} {condition}
    ORDER BY {order} LIMIT %(limit)s
"""
LAST = 2**62  # beyond every number of a case


@dataclass(frozen=True)
class Listed:
    """A page of cases, and where the next one begins; None: there is none."""

    cases: list[Case]
    next: int | None


def listed(
    reach: Reach,
    view: View,
    filters: Filters = NO_FILTERS,
    *,
    midnight: datetime,
    at: datetime,
    after: int = LAST,
) -> Listed:
    """Return the latest cases of a view, with their decisions; ``midnight`` is when today began.

    All cases go on in pages, ``after`` the number that an earlier page's ``next`` gave.
    """
    condition, values = filters.condition()
    statement = LIST.format(
        wanted=WANTED[view],
        reach=_within(reach),
        condition=condition,
        order=ORDER.get(view, LATEST),
    )
    given: dict[str, Any] = {
        "midnight": midnight,
        "overturned": at - timedelta(days=OVERTURNED_WITHIN),
        "after": after,
        "roles": list(reach.role_ids),
        "tenants": list(reach.tenants or ()),
        "limit": SIZE + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, given | values)
        ids = [row[0] for row in cursor.fetchall()]
    cases = _told(ids[:SIZE])
    more = view == View.ALL and len(ids) > SIZE
    return Listed(cases, cases[-1].number if more else None)


def _within(reach: Reach) -> str:
    roles = "" if reach.desk else "AND found.role_id = ANY(%(roles)s)"
    return roles if reach.tenants is None else f"{roles} AND found.tenant = ANY(%(tenants)s)"


def _told(ids: list[Any]) -> list[Case]:
    decisions = Decision.objects.select_related("option", "decided_by")
    cases = (
        Case.objects.select_related("role", "agent")
        .defer("state", "callback_url")
        .prefetch_related(Prefetch("decisions", decisions))
    )
    found = cases.in_bulk(ids)
    return [found[pk] for pk in ids]


def decided_by(user: User, reach: Reach, *, size: int = 8) -> list[Decision]:
    """Return what a person decided lately, of the cases that they may still read."""
    made = Decision.objects.filter(decided_by=user, case__in=reach.of(Case.objects.all()))
    made = made.select_related("case", "option")
    return list(made.order_by("-decided_at")[:size])
