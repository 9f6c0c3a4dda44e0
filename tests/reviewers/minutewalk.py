"""Who is on call at one instant, found in the slowest way that is plainly right.

It counts every turn one after the other from the anchor, looks at one instant at a time, and
shares nothing with ``reviewers.oncall`` but the types. What it says is what the rules say.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from reviewers.enums import Advance, Kind, OverrideKind, Unit
from reviewers.oncall import Facts, Override, Rule, Window

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Post:
    """A position at an instant: who holds it, and whether anybody was meant to."""

    people: frozenset[str] = frozenset()
    planned: bool = False


@dataclass(frozen=True)
class Turn:
    since: datetime
    until: datetime
    group: tuple[str, ...]


class MinuteWalk:
    """The answers for one role, at any instant before ``end``."""

    def __init__(self, facts: Facts, end: datetime) -> None:
        self.facts = facts
        self.turns = {rule: list(_turns(rule, end)) for rule in facts.rules}
        self.positions = {rule.position for rule in facts.rules} | {1}
        self.positions |= {one.position for one in facts.overrides if one.position is not None}

    def at(self, instant: datetime) -> dict[int, Post]:
        """Return the positions that somebody was meant to hold."""
        posts = {position: self.post(position, instant) for position in self.positions}
        return {position: post for position, post in posts.items() if post.planned}

    def post(self, position: int, at: datetime) -> Post:
        overrides = [one for one in self.facts.overrides if one.since <= at < one.until]
        covers = {one.stand_in for one in overrides if self._covers(one, position)}
        added = {one.stand_in for one in overrides if _adds(one, position)}
        levels: list[set[str]] = [covers] if covers else self._levels(position, at)
        planned = any(levels) or bool(added)
        if not covers:
            levels = [_overridden(people, overrides, position) for people in levels]
        left = [{one for one in people if self._here(one, at)} for people in levels]
        highest = next((people for people in left if people), set())
        beside = {one for one in added if self._here(one, at)}
        return Post(frozenset(highest | beside), planned)

    def _covers(self, override: Override, position: int) -> bool:
        if override.kind != OverrideKind.COVER:
            return False
        if override.position is None:
            return position in ({rule.position for rule in self.facts.rules} or {1})
        return override.position == position

    def _levels(self, position: int, at: datetime) -> list[set[str]]:
        """Return whom the layers put here, a set for each priority, the highest first."""
        rules = [rule for rule in self.facts.rules if rule.position == position]
        priorities = sorted({rule.priority for rule in rules}, reverse=True)
        return [
            {person for rule in rules if rule.priority == priority for person in self.on(rule, at)}
            for priority in priorities
        ]

    def on(self, rule: Rule, at: datetime) -> set[str]:
        """Return whom this layer alone puts on duty."""
        if (rule.since and at < rule.since) or (rule.until and rule.until <= at):
            return set()
        if rule.windows and not any(_open(one, rule.zone, at) for one in rule.windows):
            return set()
        on = [turn for turn in self.turns[rule] if turn.since <= at < turn.until]
        return {person for turn in on for person in turn.group}

    def _here(self, person: str, at: datetime) -> bool:
        """Say whether this person can be on call at all: not away, and available."""
        absences = [one for one in self.facts.absences if one.person == person]
        if any(one.since <= at < one.until for one in absences):
            return False
        if self.facts.available is None:
            return True
        spans = self.facts.available.get(person, ())
        return any(since <= at and (until is None or at < until) for since, until in spans)


def _adds(override: Override, position: int) -> bool:
    at = 1 if override.position is None else override.position
    return override.kind == OverrideKind.ADD and at == position


def _overridden(standing: set[str], overrides: list[Override], position: int) -> set[str]:
    """Take out and put in at once, so that nobody who was put in is taken out again."""
    out, put_in = set(), set()
    for one in overrides:
        here = one.position is None or one.position == position
        if here and one.out in standing:
            if one.kind in (OverrideKind.REMOVE, OverrideKind.REPLACE):
                out.add(one.out)
            if one.kind == OverrideKind.REPLACE:
                put_in.add(one.stand_in)
    return (standing - out) | put_in


# Turns, one after the other. Wall-clock arithmetic is done on naive values alone.


def instant(wall: datetime, zone: str) -> datetime:
    """Read a wall clock: the first pass of a repeated time, and for a missing one the old offset."""
    return wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def _turns(rule: Rule, end: datetime) -> Iterator[Turn]:
    if not rule.groups:
        return
    numbered = _handoffs(rule) if rule.kind == Kind.HANDOFF else _occurrences(rule)
    for number, since, until in numbered:
        if since > end + DAY * 2:
            return
        if since < until:
            group = rule.groups[(number + rule.offset) % len(rule.groups)]
            yield Turn(since, until, group)


def _handoffs(rule: Rule) -> Iterator[tuple[int, datetime, datetime]]:
    for number in count():
        since = _starts(rule, number)
        until = _starts(rule, number + 1)
        yield number, instant(since, rule.zone), instant(until, rule.zone)


def _starts(rule: Rule, number: int) -> datetime:
    if rule.unit == Unit.MONTHS:
        day = _month_later(rule.first.date(), number * rule.every)
        return datetime.combine(_clamped(day, rule.first.day), rule.first.time())
    lengths = {Unit.HOURS: timedelta(hours=1), Unit.DAYS: DAY, Unit.WEEKS: DAY * 7}
    return rule.first + number * rule.every * lengths[rule.unit]


def _occurrences(rule: Rule) -> Iterator[tuple[int, datetime, datetime]]:
    ordinal = 0
    for period in count():
        for day in sorted(_days(rule, period)):
            starts = datetime.combine(day, rule.first.time())
            if starts >= rule.first:
                number = ordinal if rule.advance == Advance.OCCURRENCE else period
                ends = starts + rule.length
                yield number, instant(starts, rule.zone), instant(ends, rule.zone)
                ordinal += 1


def _days(rule: Rule, period: int) -> set[date]:
    """Return the days on which shifts begin in a period: days, weeks or months, every n of them."""
    anchor = rule.first.date()
    if rule.unit == Unit.DAYS:
        return {anchor + period * rule.every * DAY}
    if rule.unit == Unit.WEEKS:
        monday = anchor - anchor.weekday() * DAY + period * rule.every * 7 * DAY
        return {monday + weekday * DAY for weekday in rule.weekdays or {anchor.weekday()}}
    month = _month_later(anchor, period * rule.every)
    return {_clamped(month, day) for day in rule.month_days or (anchor.day,)}


def _month_later(day: date, months: int) -> date:
    """Return the first of the month that many months on, counted one by one."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, 1)


def _clamped(month: date, day: int) -> date:
    return month.replace(day=min(day, monthrange(month.year, month.month)[1]))


def _open(window: Window, zone: str, at: datetime) -> bool:
    """Look at the days around: a window over midnight is its first day's."""
    today = at.astimezone(ZoneInfo(zone)).date()
    for day in (today - 2 * DAY, today - DAY, today, today + DAY):
        midnight = datetime.combine(day, time())
        last = midnight + DAY if window.closes <= window.opens else midnight
        opens = instant(midnight + window.opens * MINUTE, zone)
        closes = instant(last + window.closes * MINUTE, zone)
        if day.weekday() in window.weekdays and opens <= at < closes:
            return True
    return False
