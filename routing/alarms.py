"""A role in which nobody decides any more: for a day, all its cases were ended by fallback."""

from datetime import datetime, timedelta

from django.db.models import Count

from escalation import access
from escalation.enums import DecidedBy
from escalation.models import Decision, Role
from reviewers.enums import NoticeKind
from reviewers.notices import inbox
from reviewers.notices.inbox import Telling

A_DAY = timedelta(days=1)


def only_fallbacks(*, at: datetime) -> list[str]:
    """Return a sentence for each role whose every case of the last day was ended by fallback."""
    made = Decision.objects.filter(decided_at__gt=at - A_DAY, decided_at__lte=at)
    fallen = made.filter(kind=DecidedBy.FALLBACK).values("role").annotate(count=Count("id"))
    counts = dict(fallen.values_list("role", "count"))
    deciding = made.filter(role__in=counts, kind=DecidedBy.PERSON).values("role")
    roles = Role.objects.filter(pk__in=counts).exclude(pk__in=deciding)
    return [_sentence(role, counts[role.pk]) for role in roles]


def look_at(role: Role, *, at: datetime) -> None:
    """Tell a role's managers, once a day, that nobody in it decides any more."""
    made = Decision.objects.filter(role=role, decided_at__gt=at - A_DAY, decided_at__lte=at)
    kinds = list(made.values_list("kind", flat=True))
    if not kinds or DecidedBy.PERSON in kinds:
        return
    text, about = _sentence(role, len(kinds)), f"only-fallbacks:{role.pk}:{at:%Y-%m-%d}"
    path = f"/on-call/{role.slug}/"
    inbox.tell_all(
        [
            Telling(user, NoticeKind.ALARM, about, text, path, urgent=True)
            for user in access.managers(role)
        ],
        at=at,
    )


def _sentence(role: Role, count: int) -> str:
    ended = "1 case was" if count == 1 else f"{count} cases were"
    return f"Nobody has decided anything for {role} for a day: {ended} ended by fallback."
