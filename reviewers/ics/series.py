"""An event as its turns: what RRULE and RDATE give, less EXDATE, with the turns that were changed.

All that a series says of its days is brought to the kind and zone of its DTSTART first: a day, or an
instant. Rules run on the wall clock. As RFC 5545 has it, a turn that a rule puts into a skipped hour
does not take place and does not count; DTSTART itself is read with the offset from before the change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from dateutil.rrule import rrulestr

from reviewers.ics import zones
from reviewers.ics.values import Length, Moment, Odd, Rule, day_meant

MOST_DATES = 1000  # of RDATE, and of EXDATE
MOST_TURNS = 1500  # of one series in the window; twice as many days as are looked at
DAY = timedelta(days=1)
STEPS = {"DAILY": DAY, "WEEKLY": 7 * DAY}

Key = date | datetime  # of a turn: its day, or its instant in UTC


@dataclass(frozen=True)
class Turn:
    """One turn, or a single event: where the rule put it (``key``), and when it is."""

    key: Key
    since: datetime
    until: datetime
    event: "Event"


@dataclass(frozen=True)
class Event:
    """One VEVENT with its values read. ``home`` is the zone of its whole days and floating times."""

    line: int
    uid: str
    start: Moment
    end: Moment | None
    length: Length | None
    home: tzinfo  # the reader's
    file_zone: tzinfo | None  # the calendar's own, in which whole days were once instants
    rule: Rule | None = None
    until: Moment | None = None
    exrules: tuple[tuple[Rule, Moment | None], ...] = ()  # of RFC 2445, each with its UNTIL
    rdates: tuple[tuple[Moment, Moment | Length | None], ...] = ()
    exdates: tuple[Moment, ...] = ()
    changes: Moment | None = None  # RECURRENCE-ID
    and_later: bool = False  # RANGE=THISANDFUTURE
    sequence: int = 0
    stamp: str = ""
    summary: str = ""
    cancelled: bool = False
    tentative: bool = False
    busy: str = ""

    @property
    def zone(self) -> tzinfo:
        return self.start.zone or self.home

    @property
    def repeats(self) -> bool:
        return bool(self.rule or self.rdates)

    def at(self, moment: Moment) -> datetime:
        """Return the instant of a moment; one without a zone is on the wall of DTSTART."""
        return zones.instant(moment.wall, moment.zone or self.zone)

    def day(self, moment: Moment) -> date:
        """Return the day that a moment means for an event of whole days."""
        if moment.is_day or moment.zone is not UTC:
            return moment.wall.date()
        return day_meant(moment.wall.replace(tzinfo=UTC), self.file_zone or self.home)

    def key(self, moment: Moment) -> Key:
        """Return what names the turn at a moment; a day where either is one."""
        if self.start.is_day:
            return self.day(moment)
        return moment.wall.date() if moment.is_day else self.at(moment)

    def wall(self, moment: Moment) -> datetime:
        """Return a moment on the wall of DTSTART; a day has the time of DTSTART."""
        if self.start.is_day:
            return datetime.combine(self.day(moment), datetime.min.time())
        if moment.is_day:
            return datetime.combine(moment.wall.date(), self.start.wall.time())
        return zones.wall_of(self.at(moment), self.zone)

    def span(
        self, wall: datetime, over: Moment | Length | None = None
    ) -> tuple[datetime, datetime]:
        """Return the instants of the turn that begins at ``wall``; ``over`` is the end of its period."""
        since = zones.instant(wall, self.zone)
        if isinstance(over, Moment):
            return since, self.at(over)
        if lasts := over or self.length:
            return since, zones.instant(wall + lasts.days * DAY, self.zone) + lasts.exact
        if self.start.is_day:
            days = (self.wall(self.end) - self.start.wall) // DAY if self.end else 1
            # a single day is often written with its end on itself
            return since, zones.instant(wall + (days or 1) * DAY, self.zone)
        return since, since + (self.at(self.end) - self.at(self.start) if self.end else timedelta())


def check(event: Event) -> None:
    """Raise Odd for what contradicts itself; such an event is counted and left."""
    since, until = event.span(event.start.wall)
    ends = "DTEND" if event.end else "the end"
    if until < since:
        raise Odd(f"{ends} is before DTSTART.")
    if until == since:
        raise Odd(f"{ends} is at DTSTART: the event has no length.")


def turns(events: list[Event], since: datetime, until: datetime) -> Iterator[Turn]:
    """Yield the turns of all that one UID names which touch the window, each with its newest say."""
    changed = _newest([one for one in events if one.changes])
    core = next(iter(_newest([one for one in events if not one.changes]).values()), None)
    met = set()
    if core:
        later = sorted((key, one) for key, one in changed.items() if one.and_later)
        for key, wall, over in _places(core, since - _reach(events), until):
            found = _name(key, changed)
            if found is not None:
                met.add(found)
                yield _own(changed[found], key)
            else:
                yield _shifted(
                    core, key, wall, over, [one for at, one in later if _before(at, key)]
                )
    for key, one in changed.items():
        if key not in met:
            yield _own(one, key)


def superseded(events: list[Event]) -> list[tuple[Event, Event]]:
    """Return the events of one UID that a later copy in the same file replaces, with that copy."""
    kept = _newest(events)
    return [(one, kept[_place(one)]) for one in events if kept[_place(one)] is not one]


def _newest(events: list[Event]) -> dict[Key, Event]:
    """Return the event with the highest SEQUENCE, else the latest stamp, for each turn that is named."""
    found: dict[Key, Event] = {}
    for event in events:
        other = found.get(_place(event))
        if other is None or (event.sequence, event.stamp) >= (other.sequence, other.stamp):
            found[_place(event)] = event
    return found


def _place(event: Event) -> Key:
    return event.key(event.changes) if event.changes else date.min


def _own(event: Event, key: Key) -> Turn:
    return Turn(key, *event.span(event.start.wall), event)


def _name(key: Key, changed: dict[Key, Event]) -> Key | None:
    """Return under which name a turn was changed: its instant, or its day on its own wall."""
    if key in changed:
        return key
    if isinstance(key, datetime):
        days = {_day_of(key, one): name for name, one in changed.items() if _is_day(name)}
        return next((name for day, name in days.items() if day == name), None)
    days = {one.day(one.changes): name for name, one in changed.items() if one.changes}
    return days.get(key)


def _day_of(key: datetime, event: Event) -> date:
    return zones.wall_of(key, event.zone).date()


def _is_day(key: Key) -> bool:
    return not isinstance(key, datetime)


def _before(at: Key, key: Key) -> bool:
    """Return whether a change of this turn and later ones, named ``at``, covers ``key``."""
    if _is_day(at) != _is_day(key):
        at, key = (one.date() if isinstance(one, datetime) else one for one in (at, key))
    return at <= key  # type: ignore[operator]


def _shifted(
    core: Event, key: Key, wall: datetime, over: Moment | Length | None, later: list[Event]
) -> Turn:
    """Return a turn as the last change of this and later ones has it, if there is one before."""
    if not later:
        return Turn(key, *core.span(wall, over), core)
    event = later[-1]
    assert event.changes
    moved = event.start.wall - event.wall(event.changes)
    return Turn(key, *event.span(wall + moved), event)


def _reach(events: list[Event]) -> timedelta:
    """Return how long before the window a turn may begin and still touch it."""
    longest = max(until - since for since, until in (one.span(one.start.wall) for one in events))
    return longest + 2 * DAY


def _places(
    core: Event, since: datetime, until: datetime
) -> Iterator[tuple[Key, datetime, Moment | Length | None]]:
    """Yield each turn that the series itself has between two instants: key, wall, and a period's end."""
    left_out = {core.key(one) for one in core.exdates}
    for rule, over in core.exrules:
        left_out |= {_key_at(core, wall) for wall in _walls(core, rule, over, since, until)}
    given: dict[Key, tuple[datetime, Moment | Length | None]] = {}
    for wall in _by_rule(core, since, until):
        if zones.instant(wall, core.zone) >= since:
            given.setdefault(_key_at(core, wall), (wall, None))
        if len(given) > MOST_TURNS:
            break
    for moment, over in core.rdates:
        given[_key_at(core, core.wall(moment))] = core.wall(moment), over
    for key, (wall, over) in sorted(given.items()):
        day = wall.date()
        if not {key, day} & left_out and since <= zones.instant(wall, core.zone) < until:
            yield key, wall, over


def _key_at(core: Event, wall: datetime) -> Key:
    return wall.date() if core.start.is_day else zones.instant(wall, core.zone)


def _by_rule(core: Event, since: datetime, until: datetime) -> Iterator[datetime]:
    """Yield DTSTART, and the walls that the rule adds, up to ``until``."""
    yield core.start.wall
    if core.rule is None:
        return
    for wall in _walls(core, core.rule, core.until, since, until, count=1):
        if wall != core.start.wall:
            yield wall


def _walls(
    core: Event,
    rule: Rule,
    over: Moment | None,
    since: datetime,
    until: datetime,
    count: int = 0,
) -> Iterator[datetime]:
    """Yield the walls that a rule gives from DTSTART on; ``count`` 1: DTSTART has been counted."""
    first = core.start.wall
    if (
        rule.count is None and rule.frequency in STEPS
    ):  # a rule of long ago is entered near the window
        step = rule.interval * STEPS[rule.frequency]
        first += max(0, (zones.wall_of(since, core.zone) - first) // step - 1) * step
    for wall in rrulestr(rule.text, dtstart=first):
        if not core.start.is_day and not zones.exists(wall, core.zone) and wall != core.start.wall:
            continue
        count += not (count and wall == core.start.wall)
        if (rule.count and count > rule.count) or _is_over(core, over, wall, until):
            return
        yield wall


def _is_over(core: Event, over: Moment | None, wall: datetime, until: datetime) -> bool:
    at = zones.instant(wall, core.zone)
    if at >= until:
        return True
    if over is None:
        return False
    if core.start.is_day or over.is_day:
        return wall.date() > core.day(over)
    return at > core.at(over)
