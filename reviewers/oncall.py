"""Who is on call: a pure function from rules, overrides, absences and availability to stretches of time.

Instants are in UTC and spans half-open. Rules are on the wall clock of their own zone and become
instants in ``turns``; from there on everything is arithmetic on instants. Nothing
here asks a database or a clock, and no loop counts up from an anchor: turn k is computed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from reviewers.enums import Advance, Kind, OverrideKind, Unit
from reviewers.turns import Rule, Window, occurrences

__all__ = [
    "Absence",
    "Advance",
    "Facts",
    "Hole",
    "Kind",
    "Override",
    "OverrideKind",
    "Plan",
    "Rule",
    "Stretch",
    "Unit",
    "Window",
    "resolve",
]


@dataclass(frozen=True)
class Override:
    id: str
    kind: OverrideKind
    since: datetime
    until: datetime
    position: int | None = None  # None: every position; for an added person, the first
    out: str | None = None
    stand_in: str | None = None


@dataclass(frozen=True)
class Absence:
    person: str
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Facts:
    """All that decides who is on call in one role.

    ``available`` says in which spans a person may be on call at all (in the role, active, trained);
    whoever is not in it never may. None: everybody always.
    """

    rules: tuple[Rule, ...]
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()
    available: Mapping[str, tuple[tuple[datetime, datetime | None], ...]] | None = None


@dataclass(frozen=True)
class Stretch:
    """One person on call in one position; ``slot`` numbers those who hold it together."""

    position: int
    slot: int
    person: str
    since: datetime
    until: datetime
    layer: str | None
    override: str | None


@dataclass(frozen=True)
class Hole:
    """Somebody was planned for a position and nobody is left: the people that it was planned for."""

    position: int
    since: datetime
    until: datetime
    away: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    stretches: tuple[Stretch, ...]
    holes: tuple[Hole, ...]


def resolve(facts: Facts, since: datetime, until: datetime) -> Plan:
    """Return who is on call from ``since`` until ``until``, and where nobody is who was planned."""
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    placed = list(_placed(facts))
    stages = [
        _Stage(duty for rule in facts.rules for duty in _duties(rule, since, until)),
        _Stage(_within(placed, since, until)),
        _Stage(_within(facts.absences, since, until)),
        _Stage(_within(_presences(facts, until), since, until)),
    ]
    edges = {since, until}.union(*(stage.edges for stage in stages))
    positions = sorted({one.position for one in (*facts.rules, *placed)})
    drawing = _Drawing()
    for start, end in pairwise(sorted(edge for edge in edges if since <= edge <= until)):
        duties, overrides, absences, presences = (stage.at(start) for stage in stages)
        away = {absence.person for absence in absences}
        here = None if facts.available is None else {one.person for one in presences}
        for position in positions:
            wanted = _wanted(position, duties, overrides)
            drawing.draw(position, start, end, wanted, _left(wanted, away, here))
    return drawing.plan()


# What holds at one instant -----------------------------------------------------------------------


class _Duty(NamedTuple):
    """A turn of a rule, cut to its duty windows and to the time asked for."""

    since: datetime
    until: datetime
    rule: Rule
    people: tuple[str, ...]
    began: datetime  # the whole turn, whatever time is asked for


class _Placed(NamedTuple):
    """An override in one position."""

    since: datetime
    until: datetime
    position: int
    override: Override


class _Standing(NamedTuple):
    person: str
    layer: str | None
    override: str | None


class _Stage:
    """Things with a ``since`` and an ``until``, asked in the order of time which of them hold."""

    def __init__(self, items: Iterable[Any]) -> None:
        self._coming = sorted(items, key=lambda item: item.since, reverse=True)
        self.edges = {edge for item in self._coming for edge in (item.since, item.until)}
        self._on: list[Any] = []

    def at(self, at: datetime) -> list[Any]:
        self._on = [item for item in self._on if item.until > at]
        while self._coming and self._coming[-1].since <= at:
            item = self._coming.pop()
            if item.until > at:
                self._on.append(item)
        return self._on


def _within(items: Iterable[Any], since: datetime, until: datetime) -> Iterator[Any]:
    return (item for item in items if item.since < until and item.until > since)


def _duties(rule: Rule, since: datetime, until: datetime) -> Iterator[_Duty]:
    since, until = max(since, rule.since or since), min(until, rule.until or until)
    if not rule.groups:
        return
    for span, turn, began in occurrences(rule, since, until):
        group = rule.groups[(turn + rule.offset) % len(rule.groups)]
        yield _Duty(*span, rule, group, began)


def _presences(facts: Facts, until: datetime) -> Iterator[Absence]:
    """Yield availability in the shape of its opposite: spans of one person."""
    for person, spans in (facts.available or {}).items():
        for begins, ends in spans:
            yield Absence(person, begins, ends or until)


def _placed(facts: Facts) -> Iterator[_Placed]:
    """Yield the overrides by position; one for every position means those that the layers have."""
    everywhere = {rule.position for rule in facts.rules} or {1}
    for one in facts.overrides:
        anywhere = {1} if one.kind == OverrideKind.ADD else everywhere
        for position in anywhere if one.position is None else {one.position}:
            yield _Placed(one.since, one.until, position, one)


# Who stands where ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Wanted:
    """Who a position is planned for: levels of layers, the highest first, and whoever is added."""

    levels: list[list[_Standing]]
    added: list[_Standing]
    removed: list[str]


def _wanted(position: int, duties: list[_Duty], overrides: list[_Placed]) -> _Wanted:
    meant = [one.override for one in overrides if one.position == position]
    meant.sort(key=lambda override: override.id)
    added = [_Standing(o.stand_in or "", None, o.id) for o in meant if o.kind == OverrideKind.ADD]
    cover = [_Standing(o.stand_in or "", None, o.id) for o in meant if o.kind == OverrideKind.COVER]
    if cover:
        return _Wanted([cover], added, [])
    out = {o.out: o for o in meant if o.kind in (OverrideKind.REMOVE, OverrideKind.REPLACE)}
    levels: dict[int, list[_Standing]] = defaultdict(list)
    removed = []
    # the turn that began first keeps the first slot
    for duty in sorted(duties, key=lambda duty: (duty.began, duty.rule.layer)):
        if duty.rule.position == position:
            levels[-duty.rule.priority] += _swapped(duty, out)
            removed += [one for one in duty.people if one in out and not out[one].stand_in]
    return _Wanted([levels[level] for level in sorted(levels)], added, removed)


def _swapped(duty: _Duty, out: dict[str | None, Override]) -> Iterator[_Standing]:
    """Yield the people of a duty: without those who are out, with whoever stands in for them."""
    for person in duty.people:
        override = out.get(person)
        if override is None:
            yield _Standing(person, duty.rule.layer, None)
        elif override.stand_in:
            yield _Standing(override.stand_in, duty.rule.layer, override.id)


def _left(wanted: _Wanted, away: set[str], here: set[str] | None) -> dict[int, _Standing]:
    """Return who is there, by slot. A level with nobody left yields to the next."""

    def there(people: list[_Standing], slot: int) -> dict[int, _Standing]:
        return {
            slot + place: one
            for place, one in enumerate(people)
            if one.person not in away and (here is None or one.person in here)
        }

    level = next((found for people in wanted.levels if (found := there(people, 0))), {})
    beside = max((len(people) for people in wanted.levels), default=0)
    seen: set[str] = set()
    return {
        slot: one
        for slot, one in (level | there(wanted.added, beside)).items()
        if not (one.person in seen or seen.add(one.person))  # type: ignore[func-returns-value]
    }


class _Drawing:
    """Joins what is the same on both sides of an edge."""

    def __init__(self) -> None:
        self._open: dict[tuple[Any, ...], datetime] = {}  # what is being drawn, and since when
        self._drawn: list[tuple[datetime, datetime, tuple[Any, ...]]] = []
        self._last: dict[int, set[tuple[Any, ...]]] = defaultdict(set)  # by position

    def draw(
        self,
        position: int,
        start: datetime,
        end: datetime,
        wanted: _Wanted,
        left: dict[int, _Standing],
    ) -> None:
        now = {(position, slot, *one) for slot, one in left.items()}
        if not left and (planned := _planned(wanted)):
            now = {(position, planned)}
        for key in self._last[position] - now:
            self._drawn.append((self._open.pop(key), start, key))
        for key in now - self._last[position]:
            self._open[key] = start
        self._last[position], self._end = now, end

    def plan(self) -> Plan:
        drawn = self._drawn + [(since, self._end, key) for key, since in self._open.items()]
        stretches = [
            Stretch(key[0], key[1], key[2], since, until, key[3], key[4])
            for since, until, key in drawn
            if len(key) == 5
        ]
        holes = [Hole(key[0], since, until, key[1]) for since, until, key in drawn if len(key) == 2]
        stretches.sort(key=lambda one: (one.since, one.position, one.slot))
        holes.sort(key=lambda one: (one.since, one.position))
        return Plan(tuple(stretches), tuple(holes))


def _planned(wanted: _Wanted) -> tuple[str, ...]:
    people = [one.person for level in (*wanted.levels, wanted.added) for one in level]
    return tuple(dict.fromkeys(people + wanted.removed))
