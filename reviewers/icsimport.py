"""An .ics file as spans of time: read whole or refused with the line, and saved whole or not at all.

Times without a zone are read on the wall clock of the person whom the file is about, whole days from
midnight to midnight there. Looked at: from now to a year ahead.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from django.db import transaction
from icalendar import Calendar, Event

from escalation import wallclock
from escalation.actors import Actor
from escalation.models import User
from reviewers import absences, overrides
from reviewers.deadline import TooLong, within
from reviewers.enums import AbsenceKind, OverrideKind
from reviewers.errors import AbsenceRefused, ImportRefused, OverrideRefused
from reviewers.icslines import MOST_EVENTS, Block, outline, refuse
from reviewers.models import Roster

AHEAD = timedelta(days=366)
LONGEST = timedelta(days=366)
SECONDS = 3  # of processor time for one file; a hundred events take a tenth of one
YEARS = 1900, 2200
MARGIN = timedelta(days=2)  # between a wall clock and UTC
LINE = "X-RECOURSE-LINE"


@dataclass(frozen=True)
class Found:
    """One event, or one turn of a series: its line in the file, its instants in UTC."""

    line: int
    since: datetime
    until: datetime
    summary: str = ""


@dataclass(frozen=True)
class Reading:
    """What a file says of the year ahead, in order; and how much of it lies outside or was called off."""

    found: list[Found]
    outside: int = 0
    cancelled: int = 0


def read(data: bytes, zone: str, at: datetime) -> Reading:
    """Return the events of a file that end after ``at`` and begin within a year of it.

    ``zone`` is the person's. Raises ImportRefused with the line and what is wrong in it.
    """
    described = outline(data)
    blocks = {block.line: block for block in described.blocks}
    try:
        with within(SECONDS):
            events = _parsed(described.zones, blocks)
            turns = list(_turns(events, at))
    except TooLong:
        raise ImportRefused(
            "The series in this file take too long to work out. Write fewer, or simpler ones."
        ) from None
    theirs = ZoneInfo(zone)
    placed = [
        _placed(event, blocks[_line(event)], theirs) for event in turns if not _is_cancelled(event)
    ]
    coming = [one for one in placed if one.until > at and one.since < at + AHEAD]
    if len(coming) > MOST_EVENTS:
        raise refuse(coming[MOST_EVENTS].line, f"more than {MOST_EVENTS} events in a year.")
    called_off = {_line(event) for event in turns if _is_cancelled(event)}
    outside = blocks.keys() - {one.line for one in coming} - called_off
    ordered = sorted(coming, key=lambda one: (one.since, one.line))
    return Reading(ordered, outside=len(outside), cancelled=len(called_off))


# Through the libraries ---------------------------------------------------------------------------


def _parsed(zones: list[str], blocks: dict[int, Block]) -> list[Event]:
    """Return the events as icalendar reads them, each with its line, and sound by themselves."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Recourse//Import//EN", *zones]
    for block in blocks.values():
        lines += ["BEGIN:VEVENT", f"{LINE}:{block.line}"]
        lines += [content for _, _, content in block.properties]
        lines += [] if block.has("UID") else [f"UID:line-{block.line}@recourse"]
        lines += ["END:VEVENT"]
    lines += ["END:VCALENDAR", ""]
    try:
        calendar = Calendar.from_ical("\r\n".join(lines))
    except TooLong:
        raise
    except Exception as error:  # whatever a stranger's file makes of the library
        raise ImportRefused(f"This cannot be read as a calendar: {error}") from None
    events = [event for event in calendar.walk("VEVENT") if isinstance(event, Event)]
    for event in events:
        _check(event, blocks[_line(event)])
    _check_names(events, blocks)
    return events


def _check(event: Event, block: Block) -> None:
    for name, said in event.errors:
        raise refuse(block.line_of(name or ""), f"{name or 'this'} cannot be read: {said}.")
    if "DTSTART" not in event:
        raise refuse(block.line, "the event has no DTSTART.")
    if "DTEND" in event and "DURATION" in event:
        raise refuse(block.line_of("DURATION"), "the event has both DTEND and DURATION.")
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        if name in event and not isinstance(event[name].dt, date):
            raise refuse(block.line_of(name), f"{name} is neither a day nor a time of a day.")
        if name in event and _zone_is_unknown(event[name]):
            named = event[name].params["TZID"]
            raise refuse(block.line_of(name), f"the time zone {named} is not known.")
        if name in event and not YEARS[0] <= event[name].dt.year <= YEARS[1]:
            raise refuse(block.line_of(name), f"{name} is in the year {event[name].dt.year}.")
    start, end = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else None
    if end is not None and isinstance(start, datetime) != isinstance(end, datetime):
        raise refuse(block.line_of("DTEND"), "DTSTART and DTEND are not both days or both times.")
    if end is not None and isinstance(start, datetime) and bool(start.tzinfo) != bool(end.tzinfo):
        raise refuse(block.line_of("DTEND"), "only one of DTSTART and DTEND has a time zone.")
    _check_length(start, _end(event), block)


def _end(event: Event) -> Any:
    start = event["DTSTART"].dt
    if "DTEND" in event:
        return event["DTEND"].dt
    if "DURATION" in event:
        return start + min(event["DURATION"].dt, 2 * LONGEST)
    return start if isinstance(start, datetime) else start + timedelta(days=1)


def _check_length(start: Any, end: Any, block: Block) -> None:
    line = block.line_of("DTEND", "DURATION", "DTSTART")
    ends = "DTEND" if block.has("DTEND") else "the end"
    if end < start:
        raise refuse(line, f"{ends} is before DTSTART.")
    if end == start:
        raise refuse(line, f"{ends} is at DTSTART: the event has no length.")
    if end - start > LONGEST:
        raise refuse(line, "the event lasts more than a year.")


def _zone_is_unknown(given: Any) -> bool:
    moment = given.dt
    return "TZID" in given.params and isinstance(moment, datetime) and moment.tzinfo is None


def _check_names(events: list[Event], blocks: dict[int, Block]) -> None:
    """Two events under one name are one event told twice, and it is not ours to say which holds."""
    seen: dict[tuple[str, str], int] = {}
    for event in events:
        again = event["RECURRENCE-ID"].dt.isoformat() if "RECURRENCE-ID" in event else ""
        first = seen.setdefault((str(event["UID"]), again), _line(event))
        if first != _line(event):
            line = blocks[_line(event)].line_of("UID")
            raise refuse(line, f"this UID is already that of the event in line {first}.")


def _turns(events: list[Event], at: datetime) -> Iterator[Event]:
    """Yield every turn of each series, and each single event, of the year ahead."""
    series: dict[str, list[Event]] = {}
    for event in events:
        series.setdefault(str(event["UID"]), []).append(event)
    since, until = at - LONGEST - MARGIN, at + AHEAD + MARGIN
    for several in series.values():
        if len(several) == 1 and not {"RRULE", "RDATE"} & several[0].keys():
            yield several[0]
            continue
        calendar = Calendar()
        for event in several:
            calendar.add_component(event)
        try:
            yield from recurring_ical_events.of(calendar).between(since, until)
        except TooLong:
            raise
        except Exception as error:  # as above
            raise refuse(_line(several[0]), f"this series cannot be worked out: {error}") from None


def _placed(event: Event, block: Block, zone: ZoneInfo) -> Found:
    """Return an event as instants. Raises ImportRefused for a time that is none, or is two."""
    start, end = event.start, event.end
    if not isinstance(start, datetime):
        since, until = (
            wallclock.instant(datetime.combine(day, time()), zone) for day in (start, end)
        )
    else:
        since = _instant(start, block.line_of("DTSTART"), zone)
        until = _instant(end, block.line_of("DTEND", "DURATION"), zone)
    if until <= since:
        raise refuse(_line(event), "nothing is left of the event where the clock is put forward.")
    return Found(_line(event), since, until, str(event.get("SUMMARY", ""))[:120])


def _instant(moment: datetime, line: int, zone: ZoneInfo) -> datetime:
    theirs = moment.tzinfo or zone
    if not isinstance(theirs, ZoneInfo):
        return moment.astimezone(UTC)
    try:
        return wallclock.typed(moment.replace(tzinfo=None, fold=0), theirs)
    except wallclock.NoSuchTime as refusal:
        raise refuse(line, str(refusal)) from None


def _line(event: Event) -> int:
    return int(str(event[LINE]))


def _is_cancelled(event: Event) -> bool:
    return str(event.get("STATUS", "")).upper() == "CANCELLED"


# Saved -------------------------------------------------------------------------------------------


def overlaps(found: list[Found], zone: str) -> dict[int, str]:
    """Return what is wrong between the spans of one file, by the place of the later one."""
    said = {}
    for place, (one, other) in enumerate(pairwise(found), 1):
        if other.since < one.until:
            when = wallclock.said(one.since, one.until, zone)
            said[place] = f"It overlaps the event of line {one.line}, {when}."
    return said


@transaction.atomic
def save_absences(
    user: User, found: list[Found], *, kind: AbsenceKind, note: str, by: Actor, at: datetime
) -> None:
    """Note every span as an absence of ``user``, all or none. Raises ImportRefused with the line."""
    for one in found:
        given = {"since": one.since, "until": one.until, "kind": kind, "note": note}
        try:
            absences.note(user, by=by, at=at, plans=one is found[-1], **given)
        except AbsenceRefused as refusal:
            raise refuse(one.line, str(refusal)) from None


@transaction.atomic
def save_overrides(
    roster: Roster,
    kind: OverrideKind,
    person: User,
    found: list[Found],
    *,
    position: int | None,
    reason: str,
    by: Actor,
    at: datetime,
) -> None:
    """Let ``person`` be added, or cover, in every span; all or none. Raises ImportRefused."""
    for one in found:
        try:
            overrides.make(
                roster,
                kind,
                since=one.since,
                until=one.until,
                reason=reason,
                stand_in=person,
                position=position,
                by=by,
                at=at,
                plans=one is found[-1],
            )
        except OverrideRefused as refusal:
            raise refuse(one.line, str(refusal)) from None
