"""Rosters and plans in few words, so that a case can be read in a minute.

Times are wall clocks such as ``Mon 2 Nov 09:00``: 2026 unless a year is given, midnight unless a
time is, in London unless ``zone`` says otherwise. A weekday that is not the date's is refused.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reviewers.enums import Kind, OverrideKind, Unit
from reviewers.oncall import Absence, Facts, Override, Plan, Rule, Window, resolve

LONDON = "Europe/London"
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
WORKDAYS = "MO TU WE TH FR"
_numbers = count(1)


def wall(words: str) -> datetime:
    """Read ``Mon 2 Nov 09:00``, ``Mon 2 Nov`` or ``Wed 2 Nov 2016 09:00``."""
    weekday, day, month, *rest = words.split()
    year = rest.pop(0) if rest and ":" not in rest[0] else "2026"
    clock = rest.pop(0) if rest else "00:00"
    read = datetime.strptime(f"{day} {month} {year} {clock}", "%d %b %Y %H:%M")  # noqa: DTZ007
    assert f"{read:%a}" == weekday, f"{words} is a {read:%a}"
    return read


def instant(words: str, zone: str = LONDON) -> datetime:
    return wall(words).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def span(words: str, zone: str = LONDON) -> tuple[datetime, datetime]:
    """Read ``Mon 2 Nov 09:00 - Tue 3 Nov``; the end may be a time alone, on the same day."""
    since, until = words.split(" - ")
    if re.fullmatch(r"\d\d:\d\d", until):
        until = f"{since.rpartition(' ')[0]} {until}"
    return instant(since, zone), instant(until, zone)


def _groups(turns: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(group.split("+")) for group in turns.split())


def _every(words: str) -> dict[str, Any]:
    every, unit = words.split()
    return {"every": int(every), "unit": Unit(unit.rstrip("s") + "s")}


def _weekdays(words: str) -> frozenset[int]:
    return frozenset(DAYS.index(day) for day in words.split())


def _window(words: str) -> Window:
    days, _, hours = words.rpartition(" ")
    opens, closes = (int(at[:2]) * 60 + int(at[3:]) for at in hours.split("-"))
    return Window(_weekdays(days), opens, closes)


def _rule(kind: Kind, turns: str, first: str, every: str, **given: Any) -> Rule:
    zone = given.setdefault("zone", LONDON)
    bounds = {key: instant(given.pop(key), zone) for key in ("since", "until") if key in given}
    windows = tuple(_window(words) for words in given.pop("windows", "").split(", ") if words)
    named = {"layer": "one", "position": 1, "priority": 0} | given | bounds | _every(every)
    return Rule(kind=kind, first=wall(first), groups=_groups(turns), windows=windows, **named)


def handoff(turns: str, first: str, every: str = "1 week", **given: Any) -> Rule:
    """One layer of turns without a break; ``turns`` such as ``kim lou+max``."""
    return _rule(Kind.HANDOFF, turns, first, every, **given)


def shifts(
    turns: str, first: str, length: str, every: str = "1 day", *, days: str = "", **given: Any
) -> Rule:
    """One layer of shifts; ``length`` such as ``8:00``, ``days`` such as ``MO FR``."""
    hours, minutes = length.split(":")
    given["length"] = timedelta(hours=int(hours), minutes=int(minutes))
    return _rule(Kind.SHIFTS, turns, first, every, weekdays=_weekdays(days), **given)


def _override(kind: OverrideKind, words: str, zone: str = LONDON, **given: Any) -> Override:
    since, until = span(words, zone)
    given.setdefault("id", f"{kind.value} {next(_numbers)}")
    return Override(kind=kind, since=since, until=until, **given)


def replace(out: str, stand_in: str, words: str, **given: Any) -> Override:
    return _override(OverrideKind.REPLACE, words, out=out, stand_in=stand_in, **given)


def remove(out: str, words: str, **given: Any) -> Override:
    return _override(OverrideKind.REMOVE, words, out=out, **given)


def add(stand_in: str, words: str, **given: Any) -> Override:
    return _override(OverrideKind.ADD, words, stand_in=stand_in, **given)


def cover(stand_in: str, words: str, **given: Any) -> Override:
    return _override(OverrideKind.COVER, words, stand_in=stand_in, **given)


def absent(person: str, words: str, zone: str = LONDON) -> Absence:
    return Absence(person, *span(words, zone))


def available(**people: str) -> dict[str, tuple[tuple[datetime, datetime | None], ...]]:
    """Say when each may be on call: ``Mon 2 Nov - Tue 3 Nov`` or, without an end, ``Mon 2 Nov``."""
    return {
        person: (span(words) if " - " in words else (instant(words), None),)
        for person, words in people.items()
    }


def facts(*parts: Rule | Override | Absence | dict[str, Any]) -> Facts:
    mappings = [one for one in parts if isinstance(one, dict)]
    return Facts(
        rules=tuple(one for one in parts if isinstance(one, Rule)),
        overrides=tuple(one for one in parts if isinstance(one, Override)),
        absences=tuple(one for one in parts if isinstance(one, Absence)),
        available=mappings[0] if mappings else None,
    )


def case(name: str, during: str, *parts: Any, says: str, zone: str = LONDON) -> Any:
    """A named case: the facts, the time asked about, and the lines that the plan must say."""
    lines = [line.strip() for line in says.strip().splitlines()]
    return pytest.param(
        facts(*parts), *span(during, zone), zone, [one for one in lines if one], id=name
    )


def planned(given: Facts, since: datetime, until: datetime, zone: str = LONDON) -> list[str]:
    return said(resolve(given, since, until), zone)


def said(plan: Plan, zone: str = LONDON) -> list[str]:
    """Return who is on, line by line, each person's time in a position in one piece.

    ``2:`` stands before a position other than the first, and an offset after a time that occurs twice.
    """
    spans = [(one.position, one.since, one.until, one.person) for one in plan.stretches]
    for one in plan.holes:
        away = f", {' and '.join(sorted(one.away))} away" if one.away else ""
        spans.append((one.position, one.since, one.until, f"nobody{away}"))
    return [_line(*one, zone) for one in sorted(_joined(spans), key=lambda one: (*one[:2], one[3]))]


def _joined(spans: Sequence[tuple[int, datetime, datetime, str]]) -> list[Any]:
    joined: list[tuple[int, datetime, datetime, str]] = []
    for position, since, until, person in sorted(spans, key=lambda one: (one[0], one[3], one[1])):
        if joined and (joined[-1][0], joined[-1][3]) == (position, person):
            assert joined[-1][2] <= since, f"{person} stands twice in position {position}"
            if joined[-1][2] == since:
                since = joined.pop()[1]
        joined.append((position, since, until, person))
    return joined


def _line(position: int, since: datetime, until: datetime, who: str, zone: str) -> str:
    starts, ends = since.astimezone(ZoneInfo(zone)), until.astimezone(ZoneInfo(zone))
    end = _clock(ends) if starts.date() == ends.date() else _day(ends)
    return f"{'' if position == 1 else f'{position}: '}{_day(starts)} - {end} {who}"


def _day(local: datetime) -> str:
    year = "" if local.year == 2026 else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {_clock(local)}"


def _clock(local: datetime) -> str:
    twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    return f"{local:%H:%M}{local:%z}" if twice else f"{local:%H:%M}"
