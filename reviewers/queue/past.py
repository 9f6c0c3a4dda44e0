"""What was decided: today in a reader's roles, by one person lately, and what was overturned since."""

from datetime import datetime, timedelta

from django.db.models import Prefetch, QuerySet

from escalation.access import Reach
from escalation.enums import CaseStatus
from escalation.models import Case, Decision, User

OVERTURNED_WITHIN = 30  # days


def _told(cases: QuerySet[Case]) -> QuerySet[Case]:
    made = Decision.objects.select_related("option", "decided_by")
    with_all = cases.select_related("role", "agent").defer("state", "callback_url")
    return with_all.prefetch_related("firings", Prefetch("decisions", queryset=made))


def decided(reach: Reach, *, since: datetime) -> QuerySet[Case]:
    """Return the cases that these roles decided since, the latest first, with their decisions."""
    ended = Case.objects.filter(status=CaseStatus.DECIDED, ended_at__gte=since)
    return _told(reach.of(ended)).order_by("-ended_at", "-id")


def overturned(reach: Reach, *, at: datetime, size: int) -> list[Case]:
    """Return the cases whose decision was overturned within OVERTURNED_WITHIN days, the latest first."""
    since = at - timedelta(days=OVERTURNED_WITHIN)
    later = Decision.objects.filter(overturns__isnull=False, decided_at__gte=since)
    later = later.filter(case__in=reach.of(Case.objects.all())).order_by("-decided_at")
    ids = list(dict.fromkeys(later.values_list("case", flat=True)[:size]))
    found = _told(Case.objects.all()).in_bulk(ids)
    return [found[pk] for pk in ids]


def decided_by(user: User, reach: Reach, *, size: int = 8) -> list[Decision]:
    """Return what a person decided lately, of the cases that they may still read."""
    made = Decision.objects.filter(decided_by=user, case__in=reach.of(Case.objects.all()))
    made = made.select_related("case", "option")
    return list(made.order_by("-decided_at")[:size])
