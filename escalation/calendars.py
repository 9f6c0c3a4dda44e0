"""Calendars as their managers keep them: hours typed, public holidays proposed, changes recorded.

Holidays come from the library ``holidays`` once, as proposals. From then on they are the manager's:
filling in again adds the days that are not listed yet and touches no other. One that is not kept
stays in the list, switched off, so that it does not come back.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from importlib.metadata import version
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import holidays
from django.db import transaction
from holidays.registry import COUNTRIES

from escalation import ledger
from escalation.actors import Actor
from escalation.errors import CalendarRefused
from escalation.fields import DAY, clock, minutes
from escalation.hours import Hours, Minutes, open_spans
from escalation.models import Calendar, Holiday
from escalation.wallclock import wall

SOURCE = f"holidays {version('holidays')}"
SPAN = re.compile(r"\s*(\d{1,2}:\d{2})\s*[-\u2013]\s*(\d{1,2}:\d{2})\s*")
YEARS = re.compile(r"\s*(\d{4})(?:\s*[-\u2013]\s*(\d{4}))?\s*")
EARLIEST, LATEST, MOST_YEARS = 2000, 2100, 10
ALSO_CALLED = {"UK": "GB", "EL": "GR"}
NAMES = {codes[1]: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", codes[0]) for codes in COUNTRIES.values()}


def hours_of(calendar: Calendar) -> Hours:
    """Return the saved calendar as plain values; ``Hours.version`` names them by their content."""
    return Hours(
        zone=calendar.time_zone,
        spans=tuple((one.weekday, one.opens, one.closes) for one in calendar.spans.all()),
        holidays=frozenset(one.date for one in calendar.holidays.all() if one.kept),
        special={one.date: parse_hours(one.hours) for one in calendar.special_days.all()},
    )


# What is typed -----------------------------------------------------------------------------------


def parse_hours(text: str) -> tuple[Minutes, ...]:
    """Return what ``09:00-12:00, 13:00-24:00`` says; an empty text is closed.

    Raises CalendarRefused, with the sentence for whoever typed it.
    """
    if not text.strip():
        return ()
    found = tuple(_span(part) for part in text.split(","))
    if said := overlap(found):
        raise CalendarRefused(said)
    return found


def _span(text: str) -> Minutes:
    match = SPAN.fullmatch(text)
    if match is None:
        raise CalendarRefused(
            f"“{text.strip()}” is not a span of hours; write 09:00-12:00, 13:00-16:00."
        )
    try:
        opens, closes = minutes(match[1]), minutes(match[2])
    except ValueError:
        raise CalendarRefused(
            f"“{text.strip()}” names no time of day; the latest is 24:00."
        ) from None
    if opens == DAY:
        raise CalendarRefused("Nothing opens at 24:00; write 00:00 on the next day.")
    return opens, closes or DAY


def overlap(spans: Iterable[Minutes], day: str = "") -> str:
    """Return the sentence for spans of one day that overlap, or nothing."""
    for (opens, closes), (later, until) in pairwise(sorted(spans)):
        if later < (closes if closes > opens else closes + DAY):
            said = f"{clock(opens)}-{clock(closes)} and {clock(later)}-{clock(until)} overlap"
            return f"{day} {said}.".lstrip()
    return ""


def parse_years(text: str) -> list[int]:
    """Return what ``2026-2028`` or ``2026, 2028`` says. Raises CalendarRefused with the sentence."""
    years: set[int] = set()
    for part in text.split(","):
        match = YEARS.fullmatch(part)
        if match is None:
            raise CalendarRefused(f"“{part.strip()}” is not a year; write 2026 or 2026-2028.")
        first, last = int(match[1]), int(match[2] or match[1])
        if not EARLIEST <= first <= last <= LATEST:
            raise CalendarRefused(f"Give years from {EARLIEST} to {LATEST}, the earlier one first.")
        years.update(range(first, last + 1))
    if len(years) > MOST_YEARS:
        raise CalendarRefused(f"At most {MOST_YEARS} years are filled in at once.")
    return sorted(years)


# Public holidays ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seeded:
    """What filling in did: the days that are new, and how many were listed already."""

    added: list[Holiday]
    known: int


def check_place(country: str, region: str = "") -> None:
    """Raise CalendarRefused, naming what was probably meant, unless its holidays are known."""
    if country and country not in NAMES:
        meant = _like(country, NAMES)
        raise CalendarRefused(f"No public holidays are known for a country {country}.{meant}")
    if region and not country:
        raise CalendarRefused("A region needs its country.")
    if region:
        kind = type(holidays.country_holidays(country))
        named = dict.fromkeys(kind.subdivisions, "")
        named |= {code: name for name, code in kind.subdivisions_aliases.items()}
        if not named:
            raise CalendarRefused(f"{NAMES[country]} has no regions; leave it empty.")
        if region not in named:
            raise CalendarRefused(f"{NAMES[country]} has no region {region}.{_like(region, named)}")


def _like(text: str, named: dict[str, str]) -> str:
    """Return the codes that resemble ``text``, by code or by name, as a question."""
    by_name = {name.casefold(): code for code, name in named.items()}
    wanted = text.casefold()
    near = [ALSO_CALLED[text.upper()]] if ALSO_CALLED.get(text.upper()) in named else []
    near += [code for code in named if code.casefold() == wanted]
    near += [by_name[each] for each in get_close_matches(wanted, by_name, 3, 0.6)]
    near += [code for code in sorted(named) if code[:1].casefold() == wanted[:1]]
    near += get_close_matches(text.upper(), named, 3, 0.5)
    shown = list(dict.fromkeys(near))[:5] or sorted(named)[:20]
    said = [f"{code} ({named[code]})" if named[code] else code for code in shown]
    return f" Did you mean {', '.join(said[:-1])}{' or ' if said[1:] else ''}{said[-1]}?"


@transaction.atomic
def seed_holidays(calendar: Calendar, years: Sequence[int], *, by: Actor, at: datetime) -> Seeded:
    """Propose the public holidays of the calendar's country and region for ``years``.

    A day that is listed, kept or not, stays as it is. Raises CalendarRefused for a place without
    known holidays.
    """
    Calendar.objects.select_for_update().get(pk=calendar.pk)
    found = public_holidays(calendar.country, calendar.region, years)
    listed = set(calendar.holidays.filter(date__in=found).values_list("date", flat=True))
    added = [
        Holiday(calendar=calendar, date=day, name=name[:120], source=SOURCE)
        for day, name in sorted(found.items())
        if day not in listed
    ]
    Holiday.objects.bulk_create(added)
    if added:
        facts = {"added": [f"{one.date} {one.name}" for one in added], "source": SOURCE}
        ledger.append(
            "calendar.changed", subject=calendar, by=by, at=at, changes={"holidays": facts}
        )
    return Seeded(added, len(listed))


def public_holidays(country: str, region: str, years: Sequence[int]) -> dict[date, str]:
    """Return the public holidays of a place in English. Raises CalendarRefused for an unknown one."""
    if not country:
        raise CalendarRefused("Give the calendar a country first: its holidays are filled in.")
    check_place(country, region)
    found = holidays.country_holidays(
        country, subdiv=region or None, years=list(years), observed=True, language="en_US"
    )
    return {day: name for day, name in found.items() if day.year in years}


# What changed ------------------------------------------------------------------------------------


def facts(calendar: Calendar) -> dict[str, Any]:
    """Return all that a calendar says, as text, to tell what an edit changed."""
    return {
        "name": calendar.name,
        "time_zone": calendar.time_zone,
        "country": calendar.country,
        "region": calendar.region,
        "hours": [str(one) for one in calendar.spans.all()],
        "holidays": [
            f"{one.date} {one.name}{'' if one.kept else ' (not kept)'}"
            for one in calendar.holidays.all()
        ],
        "special_days": [
            f"{one.date} {one.name}: {one.hours or 'closed'}" for one in calendar.special_days.all()
        ],
    }


def record_change(
    calendar: Calendar, before: dict[str, Any] | None, *, by: Actor, at: datetime
) -> None:
    """Put on the record what an edit changed; None before: the calendar is new. No change, no event."""
    after = facts(calendar)
    before = before or {name: [] if isinstance(new, list) else "" for name, new in after.items()}
    changes = {
        name: _change(before[name], new) for name, new in after.items() if before[name] != new
    }
    if changes:
        ledger.append("calendar.changed", subject=calendar, by=by, at=at, changes=changes)


def _change(old: Any, new: Any) -> dict[str, Any]:
    if not isinstance(new, list):
        return {"from": old, "to": new}
    change = {
        "removed": [one for one in old if one not in new],
        "added": [one for one in new if one not in old],
    }
    return {name: given for name, given in change.items() if given}


# Looking ahead -----------------------------------------------------------------------------------


class Stretch(NamedTuple):
    """Minutes after midnight."""

    opens: int
    closes: int

    @property
    def length(self) -> int:
        return self.closes - self.opens


@dataclass(frozen=True)
class Day:
    """One day of the preview: what is open from its midnight to the next, on the calendar's wall."""

    date: date
    spans: list[Stretch]
    name: str  # of the holiday or special day

    @property
    def said(self) -> str:
        return ", ".join(f"{clock(opens)}\u2013{clock(closes)}" for opens, closes in self.spans)


def names_of(calendar: Calendar) -> dict[date, str]:
    """Return what the days are called on which the calendar's hours are not its weekday's."""
    names = {one.date: one.name for one in calendar.holidays.all() if one.kept}
    return names | {one.date: one.name for one in calendar.special_days.all()}


def today(hours: Hours, at: datetime) -> date:
    return wall(at, ZoneInfo(hours.zone)).date()


def days_ahead(
    hours: Hours, names: Mapping[date, str], at: datetime, weeks: int = 4
) -> list[list[Day]]:
    """Return the weeks, Monday first, from the one of ``at``; ``names`` are those of its days."""
    zone, first = ZoneInfo(hours.zone), today(hours, at)
    first -= timedelta(days=first.weekday())
    days = [first + timedelta(days=n) for n in range(7 * weeks)]
    since = datetime.combine(first, datetime.min.time(), zone)
    until = datetime.combine(days[-1] + timedelta(days=1), datetime.min.time(), zone)
    walls = [(wall(a, zone), wall(b, zone)) for a, b in open_spans(hours, since, until)]
    found = [Day(day, _within(walls, day), names.get(day, "")) for day in days]
    return [found[n : n + 7] for n in range(0, len(found), 7)]


def _within(walls: list[tuple[datetime, datetime]], day: date) -> list[Stretch]:
    midnight = datetime.combine(day, datetime.min.time())
    following = midnight + timedelta(days=1)
    cut = [(max(begins, midnight), min(ends, following)) for begins, ends in walls]
    return [
        Stretch((a - midnight) // timedelta(minutes=1), (b - midnight) // timedelta(minutes=1))
        for a, b in cut
        if a < b
    ]
