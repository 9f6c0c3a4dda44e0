"""Holidays that run out: the next years of a country fill themselves in, all else is warned of.

Without them a deadline over New Year falls on 1 January, and nobody notices. A day that is listed,
kept or not, stays as it is, and cases that run keep the hours that they came with.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max, Q

from escalation import calendars, effects
from escalation.actors import CLOCK
from escalation.enums import EffectKind
from escalation.errors import CalendarRefused
from escalation.models import Calendar, Handoff, Holiday, Role
from escalation.wallclock import wall

MARGIN = timedelta(days=60)  # beyond the farthest deadline that runs
AGAIN = timedelta(days=1)
MOST_YEARS = 5  # that fill themselves in at once


@dataclass(frozen=True)
class Shortage:
    """A calendar whose holidays end before they are needed: ``until`` is its first day without any."""

    calendar: Calendar
    until: date
    needed: date  # the last day that a deadline, and 60 days more, reach

    @property
    def said(self) -> str:
        last = self.until - timedelta(days=1)
        return (
            f"The holidays of calendar {self.calendar} are listed until {last:%-d %B %Y}, and are "
            f"needed until {self.needed:%-d %B %Y}: later deadlines fall on holidays. Fill in the "
            "next years on its page."
        )


def schedule(calendar: Calendar, *, at: datetime) -> None:
    """Let the clock see to a calendar's next years, now and each day from then on."""
    effects.schedule(EffectKind.HOLIDAYS, calendar.pk, due_at=at)


def look_at(calendar: Calendar, *, at: datetime) -> Shortage | None:
    """Fill in what a calendar needs, come again tomorrow, and return what it still lacks."""
    _fill_in(calendar, at)
    effects.schedule(EffectKind.HOLIDAYS, calendar.pk, due_at=at + AGAIN)
    return next(iter(shortages(at=at, among=[calendar])), None)


def warnings(*, at: datetime) -> list[str]:
    """Return a sentence for each calendar in use whose holidays run out before they are needed."""
    return [one.said for one in shortages(at=at)]


def shortages(*, at: datetime, among: Iterable[Calendar] | None = None) -> list[Shortage]:
    """Return the calendars in use whose holidays end before they are needed, by name.

    A calendar that names no country and lists no holiday is meant to have none.
    """
    used = Calendar.objects.filter(pk__in=Role.objects.values("calendar")).order_by("name")
    if among is not None:
        used = used.filter(pk__in=[calendar.pk for calendar in among])
    listed, reach = _years(), _farthest(at)
    found = []
    for calendar in used:
        years = listed.get(calendar.pk, set())
        needed = wall(reach.get(calendar.pk, at) + MARGIN, ZoneInfo(calendar.time_zone)).date()
        if not years and not calendar.country:
            continue
        lacking = [year for year in range(at.year, needed.year + 1) if year not in years]
        if lacking:
            found.append(Shortage(calendar, date(lacking[0], 1, 1), needed))
    return found


@transaction.atomic
def _fill_in(calendar: Calendar, at: datetime) -> None:
    """Add this year's, the next one's and all holidays that a deadline reaches, where there are none."""
    if not calendar.country:
        return
    reach = _farthest(at).get(calendar.pk, at) + MARGIN
    filled = _years().get(calendar.pk, set())
    last = min(max(at.year + 1, reach.year), at.year + MOST_YEARS)
    years = [year for year in range(at.year, last + 1) if year not in filled]
    if not years:
        return
    try:
        calendars.seed_holidays(calendar, years, by=CLOCK, at=at)
    except CalendarRefused:
        return  # a place that the library does not know any more; which is warned of


def _years() -> dict[UUID, set[int]]:
    """Return the years for which each calendar has holidays.

    Of a country only what came from its list counts: a company day typed for 2028 fills no year.
    """
    found: dict[UUID, set[int]] = {}
    filled = Holiday.objects.filter(Q(calendar__country="") | ~Q(source=""))
    for pk, year in filled.values_list("calendar", "date__year").distinct().order_by():
        found.setdefault(pk, set()).add(year)
    return found


def _farthest(at: datetime) -> dict[UUID, datetime]:
    """Return the farthest deadline that runs by each calendar, where one lies ahead."""
    running = Handoff.objects.filter(
        ended_at=None,
        role__calendar__isnull=False,
        case__clocks__stopped_at=None,
        case__clocks__breached_at=None,
        case__clocks__due_at__gt=at,
    )
    rows = running.values("role__calendar").annotate(last=Max("case__clocks__due_at"))
    return dict(rows.values_list("role__calendar", "last"))
