"""Stretches of time as lanes on one axis, ready to be drawn; every bar also has its sentence.

Places on the axis are shares of the whole, so that a day of a clock change is as wide as it is long.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from escalation import spans, wallclock
from escalation.models import User
from escalation.spans import Span
from reviewers.oncall import Plan, Stretch

DAY = timedelta(days=1)
TONES = 6
AXIS = (
    1040  # pixels that an axis is about wide: a name that does not fit is shortened, then left out
)
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
    height: int = 0


@dataclass(frozen=True)
class Tick:
    x: str
    label: str
    number: str
    starts_week: bool
    is_today: bool


@dataclass(frozen=True)
class Timeline:
    since: datetime
    until: datetime
    zone: str
    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    now: str  # where the line stands, as a share; empty: not on this axis

    def rows(self) -> Iterator[tuple[Lane, Bar, str]]:
        """Yield everything on it in words, for the table behind it."""
        for lane in self.lanes:
            for bar in lane.bars:
                yield lane, bar, wallclock.said(bar.since, bar.until, self.zone)


def length(given: timedelta) -> str:
    """Return how long something lasts on a roster, where hours tell more than days: ``28 h``."""
    minutes = int(given.total_seconds()) // 60
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 72 * 60:
        return f"{minutes // 60} h" + (f" {minutes % 60:02}" if minutes % 60 else "")
    days, hours = divmod(minutes // 60, 24)
    return f"{days} days" + (f" {hours} h" if hours else "")


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
    return Bar(one.since, one.until, cast.short(one.person), said, tone)


def _gap(since: datetime, until: datetime, away: str = "") -> Bar:
    lasts = length(until - since)
    why = f": {away} would be on and cannot" if away else ""
    return Bar(since, until, f"nobody, {lasts}", f"Nobody for {lasts}{why}", "gap")


def layer_lane(plan: Plan, layer: str, cast: Cast, name: str, under: str, url: str = "") -> Lane:
    bars = tuple(
        Bar(one.since, one.until, cast.short(one.person), cast.name(one.person), "layer")
        for one in plan.stretches
        if one.layer == layer
    )
    return Lane(name, "layer", bars, under, url)


# The axis ----------------------------------------------------------------------------------------


def draw(lanes: Iterable[Lane], window: Span, zone: str, *, at: datetime) -> Timeline:
    """Place lanes on the axis of a window; what lies outside is cut."""
    since, until = window
    placed = tuple(_placed(lane, since, until) for lane in lanes)
    now = _share(at, since, until) if since <= at < until else ""
    return Timeline(since, until, zone, tuple(_ticks(since, until, zone, at)), placed, now)


def _share(at: datetime, since: datetime, until: datetime) -> str:
    return f"{(at - since) / (until - since):.4%}"


def _ticks(since: datetime, until: datetime, zone: str, at: datetime) -> Iterator[Tick]:
    day = wallclock.wall(since, ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    today = wallclock.wall(at, ZoneInfo(zone)).date()
    while (begins := wallclock.instant(day, ZoneInfo(zone))) < until:
        monday = day.weekday() == 0
        yield Tick(
            x=_share(max(begins, since), since, until),
            label=f"{day:%a %-d %b}" if monday else f"{day:%a}"[0],
            number=f"{day:%-d}",
            starts_week=monday,
            is_today=day.date() == today,
        )
        day += DAY


HEIGHTS: Mapping[str, int] = {"final": 32, "layer": 18, "override": 20, "absence": 20, "moved": 8}


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
                words=_fitting(bar.words, share * AXIS),
                x=_share(begins, since, until),
                width=f"{share:.4%}",
                row=row,
                top=row * (height + 4) + 4,
            )
        )
    return replace(lane, bars=tuple(bars), height=max(len(ends), 1) * (height + 4) + 4)


def _fitting(words: str, room: float) -> str:
    for candidate in (words, words.partition(",")[0], words[:2] if "," not in words else ""):
        if candidate and len(candidate) * LETTER + 10 <= room:
            return candidate
    return ""
