"""What nobody must have to look for: plans that run out, and gaps that are coming.

Managers are told of each gap once; plans that run out also stand in ``/readyz`` and ``doctor``,
since whatever should have planned on may itself be what has stopped.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from escalation import access, wallclock
from escalation.models import Role
from escalation.working_time.holidays_ahead import Shortage
from reviewers.coverage import Empty, Gap, coverage
from reviewers.enums import NoticeKind
from reviewers.models import Layer, Roster
from reviewers.notices import inbox
from reviewers.shifts import ALARM

SOON = timedelta(days=14)  # gaps that begin later can still be seen to


def short_plans(*, at: datetime) -> list[str]:
    """Return a sentence for each roster with layers that is planned less than 30 days ahead."""
    layers = Layer.objects.in_use().filter(roster=OuterRef("pk"))
    short = Roster.objects.filter(
        Exists(layers), Q(planned_until=None) | Q(planned_until__lt=at + ALARM)
    )
    return [_short(roster) for roster in short.select_related("role")]


def _short(roster: Roster) -> str:
    if roster.planned_until is None:
        return f"The roster of {roster.role} has never been planned."
    return (
        f"The roster of {roster.role} is planned until {roster.planned_until:%-d %B %Y} only: "
        "the nightly planning has not run."
    )


def tell_managers(role: Role, *, at: datetime) -> None:
    """Tell the role's managers of each gap that begins within two weeks, once."""
    managers = access.managers(role)
    if not managers:
        return
    for gap in _gaps(role, at):
        for manager in managers:
            inbox.tell(
                manager,
                NoticeKind.ROSTER,
                about=f"gap:{role.pk}:{gap.since.isoformat()}",
                text=_sentence(role, gap, manager.time_zone),
                path=f"/on-call/{role.slug}/",
                at=at,
            )


def tell_of_holidays(shortage: Shortage, *, at: datetime) -> None:
    """Tell whoever manages a role that works by the calendar, once for each year that it lacks."""
    calendar = shortage.calendar
    managers = {user for role in calendar.roles.all() for user in access.managers(role)}
    for manager in sorted(managers, key=lambda user: str(user.pk)):
        inbox.tell(
            manager,
            NoticeKind.ROSTER,
            about=f"holidays:{calendar.pk}:{shortage.until.year}",
            text=shortage.said,
            path=f"/admin/escalation/calendar/{calendar.pk}/change/",
            at=at,
        )


def _gaps(role: Role, at: datetime) -> Iterator[Gap | Empty]:
    found = coverage(role, at, at + SOON)
    yield from found.gaps
    yield from found.empty


def _sentence(role: Role, gap: Gap | Empty, zone: str) -> str:
    when = wallclock.said(gap.since, gap.until, zone)
    away = [str(user) for user in gap.away] if isinstance(gap, Empty) else []
    why = f": {', '.join(away)} cannot be" if away else ""
    return f"Nobody is on call for {role} {when}{why}."
