"""Stretches of time as lanes on one axis, ready to be drawn; every bar also has its sentence.

Places on the axis are shares of the whole, so that a day of a clock change is as wide as it is long.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from escalation import spans, wallclock
from escalation.models import User
from escalation.spans import Span
from escalation.values import durations
from reviewers.oncall import Plan, Stretch

DAY = timedelta(days=1)
TONES = 6
# pixels that an axis is about wide: a name that does not fit is shortened, then left out
AXIS = 900
SHORT = timedelta(hours=36)  # turns shorter than this need an axis for each week
LETTER = 6.6
POSITIONS = {1: "Primary", 2: "Secondary", 3: "Third"}


@dataclass(frozen=True)
class Bar:
    """One stretch. ``words`` fit into it; ``said`` is all of it, for those who do not see it."""

    since: datetime
    until: datetime
    words: str
    said: str
    tone: str  # its class: layer, override, absence, gap, moved, or who-1 to who-6
    brief: str = ""  # instead of words, where there is little room
    x: str = "0%"
    width: str = "0%"
    row: int = 0
    top: int = 0


@dataclass(frozen=True)
class Lane:
    name: str
    kind: str  # layer, override, absence, final, moved
    bars: tuple[Bar, ...]
    under: str = ""
    url: str = ""
    pair: str = ""  # before and after of one thing, drawn once where they are the same
    height: int = 0


@dataclass(frozen=True)
class Tick:
    x: str
    label: str
    name: str
    number: str
    starts_week: bool
    is_today: bool


@dataclass(frozen=True)
class Panel:
    """One axis: all four weeks, or one of them where turns are too short to be read in less."""

    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    now: str  # where the line stands, as a share; empty: not on this axis


@dataclass(frozen=True)
class Timeline:
    since: datetime
    until: datetime
    zone: str
    panels: tuple[Panel, ...]
    lanes: tuple[Lane, ...]  # uncut, for the table behind it

    def rows(self) -> Iterator[tuple[Lane, Bar, str]]:
        """Yield everything on it in words, for the table behind it."""
        for lane in self.lanes:
            for bar in lane.bars:
                if bar.since < self.until and bar.until > self.since:
                    yield lane, bar, wallclock.said(bar.since, bar.until, self.zone)


def hours(given: timedelta) -> str:
    """Return how much of something there is in hours, however much: ``159 h``."""
    return f"{round(given / timedelta(hours=1))} h"


def length(given: timedelta) -> str:
    """Return how long something lasts on a roster, where hours tell more than days: ``28 h``."""
    minutes = int(given.total_seconds()) // 60
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 72 * 60:
        return f"{minutes // 60} h" + (f" {minutes % 60:02}" if minutes % 60 else "")
    days, hours = divmod(minutes // 60, 24)
    return f"{days} days" + (f" {hours} h" if hours else "")


def exact_length(minutes: int) -> str:
    """Return how long a shift lasts, to the minute: ``9 h 20 min``, ``28 h``, ``7 days``."""
    return durations.said(timedelta(minutes=minutes), days=minutes >= 72 * 60)


def position(number: int) -> str:
    return POSITIONS.get(number, f"Position {number}")


def window(at: datetime, zone: str, weeks: int = 4) -> Span:
    """Return the weeks from the Monday before ``at``, on the wall of the zone."""
    today = wallclock.wall(at, ZoneInfo(zone)).date()
    monday = datetime.combine(today - today.weekday() * DAY, time())
    return tuple(wallclock.instant(each, ZoneInfo(zone))
                 for each in (monday, monday + weeks * 7 * DAY))  # fmt: skip


class Cast:
    """How the people of a roster are shown: a short name, and a quiet colour beside it."""

    def __init__(self, users: Iterable[User]) -> None:
        self.users = {str(user.pk): user for user in users}
        firsts = Counter(self._first(user) for user in self.users.values())
        self._short = {
            who: first if firsts[first := self._first(user)] == 1 else user.name
            for who, user in self.users.items()
        }
        ordered = sorted(self.users, key=lambda who: (self.users[who].name, who))
        self._tones = {who: f"who-{n % TONES + 1}" for n, who in enumerate(ordered)}

    @staticmethod
    def _first(user: User) -> str:
        return user.first_name or user.username

    def short(self, who: str) -> str:
        return self._short.get(who, "somebody")

    def initials(self, who: str) -> str:
        words = self.name(who).split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    def name(self, who: str) -> str:
        return self.users[who].name if who in self.users else "somebody who is gone"

    def tone(self, who: str) -> str:
        return self._tones.get(who, "who-1")


# Lanes -------------------------------------------------------------------------------------------


def final_lanes(
    plan: Plan, cast: Cast, wanted: Iterable[Span], *, prefix: str = "", under: str = ""
) -> list[Lane]:
    """Return what routing will use, a lane for each position, with what nobody holds.

    ``wanted`` is when the role works; the first position is to be held all of that time.
    """
    numbers = {1} | {one.position for one in (*plan.stretches, *plan.holes)}
    lanes = []
    for number in sorted(numbers):
        held = [one for one in plan.stretches if one.position == number]
        away = {(one.since, one.until): one.away for one in plan.holes if one.position == number}
        bars = [_final(one, cast) for one in held]
        bars += [_gap(*span, ", ".join(map(cast.name, who))) for span, who in away.items()]
        if number == 1:
            taken = [(one.since, one.until) for one in held] + list(away)
            bars += [_gap(*span) for span in spans.minus(wanted, taken)]
        name = position(number)
        lanes.append(Lane(f"{prefix}{name}" if prefix else name, "final", tuple(bars), under))
    return lanes


def _final(one: Stretch, cast: Cast) -> Bar:
    tone = cast.tone(one.person) + (" overridden" if one.override else "")
    said = f"{cast.name(one.person)}{', standing in' if one.override else ''}"
    return Bar(one.since, one.until, cast.short(one.person), said, tone, cast.initials(one.person))


def _gap(since: datetime, until: datetime, away: str = "") -> Bar:
    lasts = length(until - since)
    why = f": {away} would be on and cannot" if away else ""
    return Bar(since, until, f"nobody, {lasts}", f"Nobody for {lasts}{why}", "gap", "nobody")


def layer_lane(plan: Plan, layer: str, cast: Cast, name: str, under: str, url: str = "") -> Lane:
    bars = tuple(
        Bar(
            one.since,
            one.until,
            cast.short(one.person),
            cast.name(one.person),
            "layer",
            cast.initials(one.person),
        )
        for one in plan.stretches
        if one.layer == layer
    )
    return Lane(name, "layer", bars, under, url)


# The axis ----------------------------------------------------------------------------------------


def draw(lanes: Iterable[Lane], window: Span, zone: str, *, at: datetime) -> Timeline:
    """Place lanes on one axis, or on one for each week where turns are short."""
    lanes = tuple(lanes)
    weeks = _weeks(window, zone) if _is_fine(lanes) else [window]
    panels = [_panel(lanes, week, zone, at, first=n == 0) for n, week in enumerate(weeks)]
    return Timeline(*window, zone, tuple(panels), lanes)


def _is_fine(lanes: tuple[Lane, ...]) -> bool:
    lengths = [
        bar.until - bar.since
        for lane in lanes
        for bar in lane.bars
        if lane.kind == "final" and bar.tone != "gap"
    ]
    return len(lengths) > 4 and median(lengths) < SHORT


def _weeks(window: Span, zone: str) -> list[Span]:
    """Return the weeks of a window, on the wall of the zone."""
    monday, edges = wallclock.wall(window[0], ZoneInfo(zone)), []
    while (edge := wallclock.instant(monday, ZoneInfo(zone))) < window[1]:
        edges.append(edge)
        monday += 7 * DAY
    return list(pairwise([*edges, window[1]]))


def _panel(lanes: tuple[Lane, ...], span: Span, zone: str, at: datetime, *, first: bool) -> Panel:
    """Return one axis. After the first, lanes that are empty or are only a rule are left out."""
    since, until = span
    placed = [_placed(lane, since, until) for lane in lanes]
    same = _unchanged(placed)
    kept = [
        replace(lane, under="stays as it is") if lane.pair in same else lane
        for lane in placed
        if not (lane.pair in same and lane.under == "with this edit")
        and (
            lane.kind == "final" or (first and lane.kind == "layer") or (lane.bars and not lane.url)
        )
    ]
    now = _share(at, since, until) if since <= at < until else ""
    return Panel(tuple(_ticks(since, until, zone, at)), tuple(kept), now)


def _unchanged(lanes: list[Lane]) -> set[str]:
    """Return the pairs of which nothing differs here."""
    differing = {lane.pair for lane in lanes if lane.kind == "moved" and lane.bars}
    return {lane.pair for lane in lanes if lane.pair} - differing


def _share(at: datetime, since: datetime, until: datetime) -> str:
    return f"{(at - since) / (until - since):.4%}"


def _ticks(since: datetime, until: datetime, zone: str, at: datetime) -> Iterator[Tick]:
    day = wallclock.wall(since, ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    today = wallclock.wall(at, ZoneInfo(zone)).date()
    while (begins := wallclock.instant(day, ZoneInfo(zone))) < until:
        monday = day.weekday() == 0
        yield Tick(
            x=_share(max(begins, since), since, until),
            label=f"{day:%-d %b}, week {day:%V}" if monday else "",
            name=f"{day:%a}",
            number=f"{day:%-d}",
            starts_week=monday,
            is_today=day.date() == today,
        )
        day += DAY


HEIGHTS: Mapping[str, int] = {"final": 28, "layer": 18, "override": 20, "absence": 20, "moved": 8}


def _placed(lane: Lane, since: datetime, until: datetime) -> Lane:
    """Cut bars to the axis, and stack those that overlap."""
    height = HEIGHTS[lane.kind]
    ends: list[datetime] = []  # of the last bar in each row
    bars = []
    for bar in sorted(lane.bars, key=lambda bar: (bar.since, bar.until)):
        begins, ends_at = max(bar.since, since), min(bar.until, until)
        if begins >= ends_at:
            continue
        row = next((n for n, end in enumerate(ends) if end <= begins), len(ends))
        ends[row : row + 1] = [ends_at]
        share = (ends_at - begins) / (until - since)
        bars.append(
            replace(
                bar,
                words=_fitting(bar, share * AXIS),
                x=_share(begins, since, until),
                width=f"{share:.4%}",
                row=row,
                top=row * (height + 4) + 4,
            )
        )
    return replace(lane, bars=tuple(bars), height=max(len(ends), 1) * (height + 4) + 4)


def _fitting(bar: Bar, room: float) -> str:
    for words in (bar.words, bar.brief):
        if words and len(words) * LETTER + 10 <= room:
            return words
    return ""
