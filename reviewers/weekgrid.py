"""Stretches of time as a table: a lane a row, a day a column, in each cell what is drawn and said.

Places in a cell are in percent of that day's true length, which is 23 or 25 hours where the clock
changes. What runs over midnight is a piece in both days and looks like one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from escalation.wallclock import instant, wall

DAY = timedelta(days=1)
LETTER = 7.2  # pixels, about, of a letter in a bar
PADDING = 12
ROOM = 1030  # pixels that the days of a row share on a desk
COMPACT = 26  # of a shift, where many weeks are shown
HEIGHTS = {"held": 40, "layer": 18, "override": 22, "absence": 22}  # pixels, of a track
MARGINS = {
    "held": 6,
    "layer": 10,
    "override": 8,
    "absence": 8,
}  # above the first and below the last
GAP = 3


@dataclass(frozen=True)
class Day:
    """One day of a zone; its instants are in UTC."""

    date: date
    since: datetime
    until: datetime
    is_today: bool = False
    hours: tuple[tuple[float, str], ...] = ()  # where o'clocks stand, and what they are called

    @property
    def odd_hours(self) -> str:
        """How long it is, in hours, where that is not 24."""
        hours = (self.until - self.since) / timedelta(hours=1)
        return "" if hours == 24 else f"{hours:g}"

    def share(self, at: datetime) -> float:
        """Where an instant stands in the day, in percent of it."""
        return round((at - self.since) / (self.until - self.since) * 100, 3)


@dataclass(frozen=True)
class Mark:
    """Something that lasts. ``labels`` are what may be written into it, the longest first."""

    since: datetime
    until: datetime
    kind: str  # a class: held, layer, override, absence, gap, vacant
    said: str  # all of it, for those who do not see it
    labels: tuple[str, ...] = ()
    tone: str = ""
    url: str = ""
    act: str = ""  # what the link does
    note: str = ""
    is_forecast: bool = False


@dataclass(frozen=True)
class Piece:
    """What of a mark lies in one day."""

    mark: Mark
    since: datetime
    until: datetime
    x: float
    width: float
    clock: str  # as in 09:00 to 18:00
    y: int = 0  # pixels
    height: int = 0
    label: str = ""

    @property
    def middle(self) -> int:
        return self.height // 2 + 4

    @property
    def bottom(self) -> float:
        return self.height - 0.5

    @property
    def begins(self) -> bool:
        return self.since == self.mark.since

    @property
    def ends(self) -> bool:
        return self.until == self.mark.until


@dataclass(frozen=True)
class Cell:
    day: Day
    pieces: tuple[Piece, ...]
    now: float | None = None  # where the line of now stands, in percent


@dataclass(frozen=True)
class Lane:
    """A row: ``marks`` that overlap lie on tracks of their own."""

    name: str
    kind: str  # layer, override, absence, held
    marks: tuple[Mark, ...]
    under: str = ""
    height: int = 0
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Grid:
    zone: str
    days: tuple[Day, ...]
    lanes: tuple[Lane, ...]

    @property
    def since(self) -> datetime:
        return self.days[0].since

    @property
    def until(self) -> datetime:
        return self.days[-1].until

    def by_day(self) -> Iterator[tuple[Day, list[tuple[Lane, Cell]]]]:
        """Yield each day with the lanes that have something in it, for a list of days."""
        for place, day in enumerate(self.days):
            cells = [(lane, lane.cells[place]) for lane in self.lanes if lane.kind != "layer"]
            yield day, [(lane, cell) for lane, cell in cells if cell.pieces]


def days(
    first: date, count: int, zone: ZoneInfo, *, at: datetime, every: int = 12
) -> tuple[Day, ...]:
    """Return days in a row as a clock in ``zone`` has them, with a tick ``every`` so many hours."""
    dates = [first + n * DAY for n in range(count + 1)]
    edges = [instant(datetime.combine(each, time()), zone) for each in dates]
    return tuple(
        _ticked(Day(each, since, until, since <= at < until), zone, every)
        for each, since, until in zip(dates, edges, edges[1:], strict=False)
    )


def _ticked(day: Day, zone: ZoneInfo, every: int) -> Day:
    midnight = datetime.combine(day.date, time())
    clocks = [
        (hour, instant(midnight + timedelta(hours=hour), zone)) for hour in range(every, 24, every)
    ]
    return replace(day, hours=tuple((day.share(at), f"{hour:02}:00") for hour, at in clocks))


def draw(
    lanes: Iterable[Lane],
    over: Sequence[Day],
    zone: ZoneInfo,
    *,
    at: datetime,
    compact: bool = False,
) -> Grid:
    """Cut the marks of lanes to days; what is not of these days is left out."""
    heights = HEIGHTS | ({"held": COMPACT} if compact else {})
    drawn = (_drawn(lane, over, zone, at, heights[lane.kind]) for lane in lanes)
    return Grid(zone.key, tuple(over), tuple(drawn))


def _drawn(lane: Lane, over: Sequence[Day], zone: ZoneInfo, at: datetime, height: int) -> Lane:
    since, until = over[0].since, over[-1].until
    inside = [mark for mark in lane.marks if mark.since < until and mark.until > since]
    tracks = _on_tracks(inside)
    found: dict[date, list[Piece]] = {day.date: [] for day in over}
    room, margin = ROOM / len(over), MARGINS[lane.kind]
    for mark, track in tracks:
        for piece in _labelled(list(_pieces(mark, over, zone)), room):
            day = wall(piece.since, zone).date()
            y = margin + track * (height + GAP)
            found[day].append(replace(piece, y=y, height=height))
    cells = tuple(
        Cell(day, tuple(found[day.date]), day.share(at) if day.is_today else None) for day in over
    )
    count = max((track for _, track in tracks), default=0) + 1
    return replace(lane, cells=cells, height=count * (height + GAP) - GAP + 2 * margin)


def _on_tracks(marks: Iterable[Mark]) -> list[tuple[Mark, int]]:
    """Put each mark on the first track that is free when it begins."""
    ends: list[datetime] = []
    found = []
    for mark in sorted(marks, key=lambda mark: mark.since):
        track = next((n for n, end in enumerate(ends) if end <= mark.since), len(ends))
        ends[track : track + 1] = [mark.until]
        found.append((mark, track))
    return found


def _pieces(mark: Mark, over: Sequence[Day], zone: ZoneInfo) -> Iterator[Piece]:
    for day in over:
        since, until = max(mark.since, day.since), min(mark.until, day.until)
        if since < until:
            x = day.share(since)
            width = round(day.share(until) - x, 3)
            clock = _clock(mark, day, zone)
            yield Piece(mark, since, until, x, width, clock)


def _clock(mark: Mark, day: Day, zone: ZoneInfo) -> str:
    """Return when in the day it is: ``09:00 to 18:00``, ``from 18:00``, ``until 09:00``, ``all day``."""
    starts = f"{wall(mark.since, zone):%H:%M}"
    stops = f"{wall(mark.until, zone):%H:%M}" if mark.until < day.until else "24:00"
    if mark.since > day.since:
        return f"{starts} to {stops}" if mark.until <= day.until else f"from {starts}"
    return f"until {stops}" if mark.until < day.until else "all day"


def _labelled(pieces: list[Piece], room: float) -> list[Piece]:
    """Write the label into the first piece that holds all of it, else what fits into the widest.

    ``room`` is the width of a day, in pixels.
    """
    labels = pieces[0].mark.labels if pieces else ()
    holds = [n for n, one in enumerate(pieces) if labels and _fits(labels[0], one, room)]
    place = holds[0] if holds else max(range(len(pieces)), key=lambda n: pieces[n].width, default=0)
    for label in labels:
        if _fits(label, pieces[place], room):
            pieces[place] = replace(pieces[place], label=label)
            break
    return pieces


def _fits(label: str, piece: Piece, room: float) -> bool:
    return len(label) * LETTER + PADDING <= piece.width / 100 * room
