"""An .ics file as spans of time, each with what it says of itself; one odd event never refuses the rest.

Times without a zone are read on the wall clock of the person whom the file is about, whole days from
midnight to midnight there. Looked at: from now to a year ahead.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from time import thread_time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from reviewers.deadline import TooLong, within
from reviewers.ics import lines, series
from reviewers.ics.lines import BUSY, INTENDED, Block, Property, Source
from reviewers.ics.series import MOST_DATES, Event, Key, Turn
from reviewers.ics.values import Length, Moment, Odd, Rule, length, moment, offset, rule
from reviewers.ics.zones import Zones

AHEAD = timedelta(days=366)
LONGEST = timedelta(days=2 * 366)
SECONDS = 3.0  # of processor time for all series of a file; a hundred events take a tenth of one
EACH = 0.5  # for one of them
MOST_TURNS = 500  # that are shown
LONGEST_SUMMARY = 120
MOST_EXRULES = 10  # of one event
SEQUENCE_MOST = 2_000_000_000
T = TypeVar("T")


@dataclass(frozen=True)
class Found:
    """One event, or one turn of a series: its line in the file, its instants in UTC.

    ``uid`` is a digest; ``turn`` names the turn within the series, and is empty for a single event.
    """

    line: int
    since: datetime
    until: datetime
    summary: str = ""
    uid: str = ""
    turn: str = ""
    sequence: int = 0
    is_cancelled: bool = False
    is_tentative: bool = False
    busy: str = ""  # free, tentative, busy, oof, workingelsewhere; empty: not said


@dataclass(frozen=True)
class Unread:
    """An event that was left out, and why."""

    line: int
    said: str
    summary: str = ""


@dataclass(frozen=True)
class Reading:
    """What a file says of the year ahead, in order; and what of it was left out."""

    found: list[Found]
    odd: list[Unread] = field(default_factory=list)
    outside: int = 0  # events of which nothing lies in the year ahead
    cut: int = 0  # turns beyond as many as are shown
    calendar: str = ""  # a digest that the next export of the same calendar has too
    is_whole: bool = True  # an export of a calendar, not a message about one event
    cancelled: frozenset[str] = frozenset()  # the uids that are called off as a whole
    unread_uids: frozenset[str] = frozenset()

    @property
    def last(self) -> datetime | None:
        """Return up to when all turns are shown; None: as far as is looked."""
        return self.found[-1].since if self.cut else None


class _Budget:
    """The processor time that is left for what a stranger's rules may take."""

    def __init__(self) -> None:
        self.left = SECONDS

    def spend(self, work: Callable[[], T]) -> T:
        """Return what ``work`` gives. Raises TooLong."""
        begun = thread_time()
        if self.left <= 0:
            raise TooLong
        try:
            with within(min(EACH, self.left)):
                return work()
        finally:
            self.left -= thread_time() - begun


def read(data: bytes, zone: str, at: datetime) -> Reading:
    """Return the turns of a file that end after ``at`` and begin within a year of it.

    ``zone`` is the person's. Raises ImportRefused for what is no calendar at all, or too much of one.
    """
    blocks = lines.blocks(data)
    reader = _Reader(zone, at)
    events = [event for block in blocks if (event := reader.event(block))]
    by_uid: dict[str, list[Event]] = {}
    for event in events:
        by_uid.setdefault(event.uid, []).append(event)
    for several in by_uid.values():
        reader.take(several)
    found = sorted(reader.found, key=lambda one: (one.since, one.line, one.turn))
    sources = {id(block.calendar): block.calendar for block in blocks}.values()
    return Reading(
        found[:MOST_TURNS],
        odd=sorted(reader.odd, key=lambda one: one.line),
        outside=len(reader.outside),
        cut=len(found[MOST_TURNS:]),
        calendar=_digest("\n\n".join(sorted({each.identity for each in sources}))),
        is_whole=all(each.method in ("", "PUBLISH") for each in sources),
        cancelled=frozenset(
            uid for uid, many in by_uid.items() if any(e.cancelled and not e.changes for e in many)
        ),
        unread_uids=frozenset(reader.unread),
    )


class _Reader:
    """Reads the blocks of one file and gathers what came of each."""

    def __init__(self, zone: str, at: datetime) -> None:
        self.home, self.at = ZoneInfo(zone), at
        self.budget = _Budget()
        self.zones = Zones(self._zone)
        self.found: list[Found] = []
        self.odd: list[Unread] = []
        self.outside: set[int] = set()
        self.unread: set[str] = set()

    # One event -----------------------------------------------------------------------------------

    def event(self, block: Block) -> Event | None:
        """Return an event with its values read, or None and note why it is not."""
        try:
            if block.odd:
                raise Odd(block.odd)
            event = self._read(block)
            if self._has_passed(event):
                self.outside.add(block.line)
                return None
            _check(event, block)
            return event
        except Odd as odd:
            self._note(block, odd)
        except OverflowError:
            self._note(block, Odd("its times lie beyond all calendars."))
        return None

    def _read(self, block: Block) -> Event:
        for name in lines.ONCE:
            if len(every := block.all(name)) > 1:
                first = every[0].line
                raise Odd(f"a second {name}; the first is in line {first}.", every[1].line)
        if not (given := block.get("DTSTART")):
            raise Odd("the event has no DTSTART.")
        zone = self._zone_of(given, block)
        start = moment(given.value, zone, "DTSTART", given.line)
        end = self._moment(block.get("DTEND"), block)
        lasts = block.get("DURATION")
        if end and lasts:
            raise Odd("the event has both DTEND and DURATION.", lasts.line)
        changes = block.get("RECURRENCE-ID")
        if changes and (span := changes.params.get("RANGE", "").upper()) not in (
            "",
            "THISANDFUTURE",
        ):
            raise Odd(f"RANGE={span[:20]} is not read; only THISANDFUTURE is.", changes.line)
        repeats = block.get("RRULE")
        ruled = rule(repeats.value, repeats.line) if repeats and not changes else None
        until = moment(ruled.until, None, "UNTIL", repeats.line) if ruled and ruled.until else None
        return Event(
            line=block.line,
            uid=_digest(block.text("UID") or _content(block)),
            start=start,
            end=_brought(end, start, block),
            length=_by_days(length(lasts.value, lasts.line), start) if lasts else None,
            home=self.home,
            file_zone=self.zones.own(block.calendar),
            rule=ruled,
            until=until,
            exrules=() if changes else _exrules(block),
            rdates=() if changes else self._rdates(block),
            exdates=tuple(one for one, _ in self._dates(block, "EXDATE")),
            changes=self._moment(changes, block),
            and_later=bool(changes and changes.params.get("RANGE", "").upper() == "THISANDFUTURE"),
            sequence=_number(block.text("SEQUENCE")),
            stamp=block.text("LAST-MODIFIED") or block.text("DTSTAMP"),
            summary=block.text("SUMMARY")[:LONGEST_SUMMARY],
            cancelled=block.word("STATUS") in ("CANCELLED", "CANCELED")
            or block.calendar.method == "CANCEL",
            tentative=block.word("STATUS") == "TENTATIVE",
            busy=_busy(block),
        )

    def _moment(self, given: Property | None, block: Block) -> Moment | None:
        if given is None:
            return None
        return moment(given.value, self._zone_of(given, block), given.name, given.line)

    def _zone_of(self, given: Property, block: Block) -> Any:
        named = given.params.get("TZID", "")
        if given.value.strip().upper().endswith("Z") or "T" not in given.value.upper():
            return None
        if not named:
            return self._old_zone(block.calendar, given)
        zone = self.zones.of(block.calendar, named)
        if zone is None:
            raise Odd(f"the time zone {named[:60]} is not known.", given.line)
        return zone

    def _old_zone(self, calendar: Source, given: Property) -> Any:
        """Return the zone in which vCalendar 1.0 writes its times: by TZ, an offset and no more."""
        if not calendar.is_old or "TZ" not in calendar.facts:
            return None
        if calendar.facts.get("DAYLIGHT", "").upper().startswith("TRUE"):
            raise Odd("the clock changes of vCalendar 1.0 (DAYLIGHT) are not read.", given.line)
        return offset(calendar.facts["TZ"], given.line)

    def _zone(self, work: Callable[[], Any]) -> Any:
        """Return a zone by the rules in the file, or None where they make no sense."""
        try:
            return self.budget.spend(work)
        except TooLong:
            return None
        except Exception:  # whatever a stranger's rules make of the library
            return None

    def _dates(self, block: Block, name: str) -> list[tuple[Moment, Moment | Length | None]]:
        """Return the dates of RDATE or EXDATE, each with the end of its period, if it is one."""
        found = []
        for given in block.all(name):
            zone = self._zone_of(given, block)
            for part in filter(None, given.value.split(",")):
                begins, _, ends = part.strip().partition("/")
                over = None
                if ends:
                    is_length = ends.upper().lstrip("+-").startswith("P")
                    over = (
                        length(ends, given.line)
                        if is_length
                        else moment(ends, zone, name, given.line)
                    )
                found.append((moment(begins, zone, name, given.line), over))
            if len(found) > MOST_DATES:
                raise Odd(f"{name} brings more than {MOST_DATES} dates.", given.line)
        return found

    def _rdates(self, block: Block) -> tuple[tuple[Moment, Moment | Length | None], ...]:
        return tuple(self._dates(block, "RDATE"))

    def _has_passed(self, event: Event) -> bool:
        """Return whether nothing of a single event can lie ahead; whether it is sound is no matter then."""
        if event.repeats or event.and_later:
            return False
        since, until = event.span(event.start.wall)
        return max(since, until) <= self.at and not event.changes

    def _note(self, block: Block, odd: Odd) -> None:
        self.unread.add(_digest(block.text("UID") or _content(block)))
        self.odd.append(
            Unread(odd.line or block.line, str(odd), block.text("SUMMARY")[:LONGEST_SUMMARY])
        )

    # All events of one name ----------------------------------------------------------------------

    def take(self, events: list[Event]) -> None:
        """Note what the events of one UID give for the year ahead."""
        for older, newer in series.superseded(events):
            said = f"an older copy of the event in line {newer.line}; that one is read."
            self.odd.append(Unread(older.line, said, older.summary))
        try:
            given = self.budget.spend(
                lambda: list(series.turns(events, self.at - timedelta(days=2), self.at + AHEAD))
            )
        except Exception as error:  # whatever a stranger's series make of the library
            self._cannot(events, error)
            return
        seen = {older.line for older, _ in series.superseded(events)}
        for turn in given:
            if turn.until <= turn.since:
                continue
            if turn.until > self.at and turn.since < self.at + AHEAD:
                self.found.append(_found(turn, is_series=len(events) > 1 or events[0].repeats))
                seen.add(turn.event.line)
        self.outside |= {event.line for event in events} - seen

    def _cannot(self, events: list[Event], error: Exception) -> None:
        why = f": {error}" if str(error) and not isinstance(error, TooLong) else ""
        said = f"this series cannot be worked out{why[:120]}."
        if isinstance(error, TooLong):
            said = "this series takes too long to work out. Write a simpler one."
        self.unread.add(events[0].uid)
        self.odd.append(Unread(events[0].line, said, events[0].summary))


# What the parts say ------------------------------------------------------------------------------


def _exrules(block: Block) -> tuple[tuple[Rule, Moment | None], ...]:
    given = block.all("EXRULE")
    if len(given) > MOST_EXRULES:
        raise Odd(f"the event has more than {MOST_EXRULES} EXRULE.", given[MOST_EXRULES].line)
    rules = [(rule(one.value, one.line, "EXRULE"), one.line) for one in given]
    return tuple(
        (each, moment(each.until, None, "UNTIL", line) if each.until else None)
        for each, line in rules
    )


def _check(event: Event, block: Block) -> None:
    ends = next((one for name in ("DTEND", "DURATION") if (one := block.get(name))), None)
    line = ends.line if ends else block.line
    since, until = event.span(event.start.wall)
    if until < since:
        raise Odd(f"{'DTEND' if event.end else 'the end'} is before DTSTART.", line)
    if until == since:
        raise Odd(
            f"{'DTEND' if event.end else 'the end'} is at DTSTART: the event has no length.", line
        )
    if until - since > LONGEST:
        raise Odd("the event lasts more than two years.", line)


def _brought(end: Moment | None, start: Moment, block: Block) -> Moment | None:
    """Return DTEND in the kind of DTSTART: of days where that is a day, of times where it is none."""
    if end is None or end.is_day == start.is_day:
        return end
    if start.is_day and end.wall == end.wall.replace(hour=0, minute=0, second=0):
        return Moment(end.wall, True)
    given = block.get("DTEND")
    assert given
    raise Odd("DTSTART and DTEND are not both days or both times.", given.line)


def _by_days(lasts: Length, start: Moment) -> Length:
    """Return a duration of whole days in days: of days, hours are no part."""
    if not start.is_day:
        return lasts
    days, rest = divmod(lasts.exact, timedelta(days=1))
    if rest:
        raise Odd("the event begins with a day and lasts part of one.")
    return Length(lasts.days + days, timedelta())


def _busy(block: Block) -> str:
    """Return free, tentative, busy, oof or workingelsewhere, as Outlook says it, or TRANSP."""
    own, meant = block.word(BUSY), block.word(INTENDED)
    said = meant if meant and (not own or block.calendar.method == "REQUEST") else own
    if said in ("FREE", "TENTATIVE", "BUSY", "OOF", "WORKINGELSEWHERE"):
        return said.lower()
    return {"TRANSPARENT": "free", "OPAQUE": "busy"}.get(block.word("TRANSP"), "")


def _number(text: str) -> int:
    return min(int(text[:12]), SEQUENCE_MOST) if text.isascii() and text.isdecimal() else 0


def _content(block: Block) -> str:
    """Return what stands in for the UID of an event that has none, the same in the next export."""
    named = ("DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID", "SUMMARY")
    return "\n".join(f"{name}:{block.text(name)}" for name in named)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _found(turn: Turn, *, is_series: bool) -> Found:
    event = turn.event
    return Found(
        line=event.line,
        since=turn.since,
        until=turn.until,
        summary=event.summary,
        uid=event.uid,
        turn=_named(turn.key) if is_series or event.changes else "",
        sequence=event.sequence,
        is_cancelled=event.cancelled,
        is_tentative=event.tentative,
        busy=event.busy,
    )


def _named(key: Key) -> str:
    return f"{key:%Y%m%dT%H%M%SZ}" if isinstance(key, datetime) else f"{key:%Y%m%d}"
