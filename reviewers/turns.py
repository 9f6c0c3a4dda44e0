"""One layer's rule on the wall clock of its zone, and its turns as spans of instants.

Turn k is found by arithmetic from the anchor, never by counting up to it, so that a rule which has
run for ten years costs what a new one costs. Months are cut to their length from the anchor (31
January, 28 February, 31 March), never from the turn before.
"""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count, islice, takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

from escalation.wallclock import instant, wall
from reviewers.enums import Advance, Kind, Unit

DAY = timedelta(days=1)
STEPS = {Unit.HOURS: timedelta(hours=1), Unit.DAYS: DAY, Unit.WEEKS: timedelta(weeks=1)}
SLACK = timedelta(days=2)  # more than any clock change, so that no turn is looked for too late


class Span(NamedTuple):
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Window:
    """When a layer is on duty, by the day on which it opens (0 is Monday) and minutes after midnight.

    ``closes`` no later than ``opens`` is on the next day; 1440 is the end of the day.
    """

    weekdays: frozenset[int]
    opens: int
    closes: int


@dataclass(frozen=True)
class Rule:
    """One version of one layer: whose turn it is, on the wall clock of ``zone``."""

    layer: str
    position: int  # 1 is primary
    priority: int  # the highest that has somebody left wins
    kind: Kind
    zone: str
    first: datetime  # naive: the start of turn 0; nobody is on before it
    every: int
    unit: Unit
    groups: tuple[tuple[str, ...], ...]  # the people of each turn, in order
    offset: int = 0  # turn n is that of groups[(n + offset) % len(groups)]
    length: timedelta | None = None  # of a shift
    weekdays: frozenset[int] = frozenset()  # shifts by week; none: the anchor's weekday
    month_days: tuple[int, ...] = ()  # shifts by month, cut to its end; none: the anchor's day
    advance: Advance = Advance.OCCURRENCE
    windows: tuple[Window, ...] = ()  # none: always on duty
    since: datetime | None = None  # in force, in UTC
    until: datetime | None = None


def occurrences(
    rule: Rule, since: datetime, until: datetime
) -> Iterator[tuple[Span, int, datetime]]:
    """Yield each span on duty between two instants, cut to them: its turn, and when that began."""
    if since >= until:
        return
    turns = _handoffs if rule.kind == Kind.HANDOFF else _shifts
    found = [(_cut(span, since, until), n, span.since) for span, n in turns(rule, since, until)]
    on = [(span, turn, began) for span, turn, began in found if span.since < span.until]
    if not rule.windows:
        yield from on
        return
    duty = list(on_duty(rule.windows, ZoneInfo(rule.zone), since, until))
    closes = [window.until for window in duty]
    for span, turn, began in on:
        for window in islice(duty, bisect_right(closes, span.since), None):
            if window.since >= span.until:
                break
            yield _cut(window, span.since, span.until), turn, began


def turn_at(rule: Rule, at: datetime) -> int:
    """Return the number of the turn in progress at ``at``, or of the next one to come.

    A rule that has not begun is at turn 0; duty windows and dates in force do not matter.
    """
    bare = _handoffs if rule.kind == Kind.HANDOFF else _shifts
    return next(turn for span, turn in bare(rule, at, datetime.max.replace(tzinfo=at.tzinfo))
                if span.until > at)  # fmt: skip


def _cut(span: Span, since: datetime, until: datetime) -> Span:
    return Span(max(span.since, since), min(span.until, until))


# Turns that follow one another -------------------------------------------------------------------


def _handoffs(rule: Rule, since: datetime, until: datetime) -> Iterator[tuple[Span, int]]:
    zone = ZoneInfo(rule.zone)
    begin = _boundary_before(rule, wall(since, zone) - SLACK)
    start = instant(_boundary(rule, begin), zone)
    for turn in count(begin):
        if start >= until:
            return
        end = instant(_boundary(rule, turn + 1), zone)
        if end > start and end > since:
            yield Span(start, end), turn
        start = end


def _boundary(rule: Rule, turn: int) -> datetime:
    """Return when a turn begins, on the wall."""
    if rule.unit == Unit.MONTHS:
        return _months_on(rule.first, turn * rule.every)
    return rule.first + turn * rule.every * STEPS[rule.unit]


def _boundary_before(rule: Rule, at: datetime) -> int:
    """Return the last turn that begins no later than a wall-clock time; 0 before the anchor."""
    if rule.unit == Unit.MONTHS:
        turn = _months_between(rule.first, at) // rule.every
        turn -= _boundary(rule, max(turn, 0)) > at
    else:
        turn = (at - rule.first) // (rule.every * STEPS[rule.unit])
    return max(turn, 0)


def _months_between(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _months_on(first: datetime, months: int) -> datetime:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    day = min(first.day, monthrange(year, month + 1)[1])
    return first.replace(year=year, month=month + 1, day=day)


# Shifts that repeat -------------------------------------------------------------------------------


def _shifts(rule: Rule, since: datetime, until: datetime) -> Iterator[tuple[Span, int]]:
    assert rule.length is not None
    zone = ZoneInfo(rule.zone)
    latest = wall(since, zone) - rule.length - SLACK
    for begins, turn in REPEATS[rule.unit](rule, latest):
        start = instant(begins, zone)
        if start - SLACK >= until:  # by the wall later ones may still begin before it
            return
        end = instant(begins + rule.length, zone)
        if start < end and end > since and start < until:
            yield Span(start, end), turn


def _by_day(rule: Rule, at: datetime) -> Iterator[tuple[datetime, int]]:
    step = rule.every * DAY
    for turn in count(max((at - rule.first) // step, 0)):
        yield rule.first + turn * step, turn


def _by_week(rule: Rule, at: datetime) -> Iterator[tuple[datetime, int]]:
    monday = rule.first.date() - rule.first.weekday() * DAY
    days = sorted(rule.weekdays) or [rule.first.weekday()]
    before = sum(day < rule.first.weekday() for day in days)  # of the anchor's week
    for week in count(max((at.date() - monday).days // 7 // rule.every, 0)):
        start = monday + week * rule.every * 7 * DAY
        dates = [start + day * DAY for day in days]
        yield from _of_period(rule, week, dates, before)


def _by_month(rule: Rule, at: datetime) -> Iterator[tuple[datetime, int]]:
    days = sorted(rule.month_days) or [rule.first.day]
    first = rule.first.date().replace(day=1)
    before = sum(_day_of(first, day) < rule.first.date() for day in days)
    for period in count(max(_months_between(first, at) // rule.every, 0)):
        month = _months_on(datetime.combine(first, time()), period * rule.every).date()
        yield from _of_period(rule, period, [_day_of(month, day) for day in days], before)


def _day_of(month: date, day: int) -> date:
    return month.replace(day=min(day, monthrange(month.year, month.month)[1]))


def _of_period(
    rule: Rule, period: int, dates: list[date], before: int
) -> Iterator[tuple[datetime, int]]:
    """Yield the shifts of one week or month; those before the anchor do not use up turns."""
    for place, day in enumerate(dates):
        begins = datetime.combine(day, rule.first.time())
        if begins >= rule.first:
            nth = period * len(dates) + place - before
            yield begins, (period if rule.advance == Advance.PERIOD else nth)


REPEATS = {Unit.DAYS: _by_day, Unit.WEEKS: _by_week, Unit.MONTHS: _by_month}


# Duty windows -------------------------------------------------------------------------------------


def on_duty(
    windows: Iterable[Window], zone: ZoneInfo, since: datetime, until: datetime
) -> Iterator[Span]:
    """Yield the spans in which any window is open, in order and joined where they meet."""
    opened = sorted(span for window in windows for span in _opened(window, zone, since, until))
    joined: Span | None = None
    for span in opened:
        if joined and span.since <= joined.until:
            joined = Span(joined.since, max(joined.until, span.until))
            continue
        if joined:
            yield joined
        joined = span
    if joined:
        yield joined


def _opened(window: Window, zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[Span]:
    last = wall(until, zone).date() + DAY
    closes = window.closes + (24 * 60 if window.closes <= window.opens else 0)
    first = wall(since, zone).date() - SLACK
    for day in takewhile(lambda day: day <= last, (first + n * DAY for n in count())):
        if day.weekday() in window.weekdays:
            midnight = datetime.combine(day, time())
            opens = instant(midnight + timedelta(minutes=window.opens), zone)
            shuts = instant(midnight + timedelta(minutes=closes), zone)
            if opens < shuts:
                yield Span(opens, shuts)
