"""How much time counts between two instants, and by when enough of it has passed.

Pure, and one pair: ``due_at`` and ``elapsed`` are worked out anew from the same facts each time,
never from one another's answers, so that no order of pauses, handoffs and looks adds an error up.

A second counts when the hours in force are open in it and no pause runs. All instants are aware and
floored to the second they lie in; spans hold their first instant and not their last; answers are in UTC.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from escalation.hours import Hours, next_open, open_spans
from escalation.spans import Span, minus, total

NOTHING, SECOND = timedelta(), timedelta(seconds=1)
HORIZON = timedelta(days=3653)  # ten years: what is due later than that is never due
FIRST_LOOK = timedelta(days=2)  # most targets are reached within a closed day; each look is longer

Pause = tuple[datetime, datetime | None]  # [since, until); None: it still runs


@dataclass(frozen=True)
class Segment:
    """From ``since`` on, until the next segment, these hours count; None: around the clock.

    Whatever lies before the first segment counts by its hours as well.
    """

    since: datetime
    hours: Hours | None


def elapsed(
    start: datetime, end: datetime, segments: Sequence[Segment], pauses: Sequence[Pause]
) -> timedelta:
    """Return the time that counts from ``start`` until ``end``, in whole seconds.

    Segments are in order of their ``since``; pauses in any order, and may overlap. Nothing has
    elapsed where ``end`` is not after ``start``, nor where there are no segments.
    """
    return total(counted(segments, pauses, start, end))


def due_at(
    start: datetime, within: timedelta, segments: Sequence[Segment], pauses: Sequence[Pause]
) -> datetime | None:
    """Return the earliest instant at which ``within`` has elapsed since ``start``.

    That is the time of closing, not of the next opening, where the two are the same to the count,
    and ``start`` itself when there is nothing to wait for. None when a pause that still runs begins
    before then, and when no ten years from ``start`` hold as much open time.
    """
    due, left = _second(start), within // SECOND * SECOND
    if left <= NOTHING:
        return due
    for begins, ends in _ahead(segments, pauses, due):
        if left <= ends - begins:
            return begins + left
        left -= ends - begins
    return None


def counted(
    segments: Sequence[Segment], pauses: Sequence[Pause], since: datetime, until: datetime
) -> list[Span]:
    """Return the time that counts between two instants: in order, apart, cut to them."""
    since, until = _second(since), _second(until)
    opened = [
        span
        for hours, begins, ends in _stretches(segments, since, until)
        for span in (open_spans(hours, begins, ends) if hours else [(begins, ends)])
    ]
    return minus(opened, [(_second(began), _second(ended or until)) for began, ended in pauses])


def _ahead(segments: Sequence[Segment], pauses: Sequence[Pause], start: datetime) -> Iterator[Span]:
    """Yield the time that counts from ``start`` on, up to a pause that still runs or the horizon.

    Looks are twice as long each time and skip to the next opening, so that a year of holidays, and
    a calendar that opens for a minute a week, cost few of them.
    """
    last = min([start + HORIZON, *(_second(began) for began, ended in pauses if ended is None)])
    look, since = FIRST_LOOK, _next_open(segments, start, last)
    while since is not None:
        until = min(since + look, last)
        yield from counted(segments, pauses, since, until)
        look, since = 2 * look, _next_open(segments, until, last)


def _next_open(segments: Sequence[Segment], since: datetime, until: datetime) -> datetime | None:
    """Return the first instant between the two at which the hours in force are open."""
    for hours, begins, ends in _stretches(segments, since, until):
        opens = next_open(hours, begins) if hours else begins
        if opens is not None and opens < ends:
            return opens
    return None


def _stretches(
    segments: Sequence[Segment], since: datetime, until: datetime
) -> Iterator[tuple[Hours | None, datetime, datetime]]:
    """Yield which hours are in force when between two instants; empty stretches are left out."""
    changes = [_second(segment.since) for segment in segments[1:]]
    for segment, begins, ends in zip(segments, [since, *changes], [*changes, until], strict=False):
        begins, ends = max(begins, since), min(ends, until)
        if begins < ends:
            yield segment.hours, begins, ends


def _second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
