"""How much time counts between two instants, and by when enough of it has passed.

Pure, and one pair: ``due_at`` and ``elapsed`` are worked out anew from the same facts each time,
never from one another's answers, so that no order of pauses, handoffs and looks adds an error up.

A second counts when the hours in force are open in it and no pause runs. All instants are aware and
floored to the second they lie in; spans hold their first instant and not their last; answers are in UTC.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from escalation.hours import Hours, open_spans
from escalation.spans import Span, minus, total

NOTHING, SECOND = timedelta(), timedelta(seconds=1)
HORIZON = timedelta(days=3653)  # ten years: what is due later than that is never due
FIRST_LOOK = timedelta(days=2)  # reaches most targets, and over most nights

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
    changes = [_second(segment.since) for segment in segments[1:]]
    opened: list[Span] = []
    # a segment that lies outside ends before it begins: such a span is empty, and dropped
    for segment, begins, ends in zip(segments, [since, *changes], [*changes, until], strict=False):
        opened += _open(segment.hours, max(begins, since), min(ends, until))
    return minus(opened, [(_second(began), _second(ended or until)) for began, ended in pauses])


def _open(hours: Hours | None, since: datetime, until: datetime) -> list[Span]:
    return open_spans(hours, since, until) if hours else [(since, until)]


def _ahead(segments: Sequence[Segment], pauses: Sequence[Pause], start: datetime) -> Iterator[Span]:
    """Yield the time that counts from ``start`` on, up to a pause that still runs or the horizon.

    Each look ahead is twice as long as the one before: a target of hours costs a look at a few
    days, and hours that never come are given up after a dozen looks.
    """
    last = min([start + HORIZON, *(_second(began) for began, ended in pauses if ended is None)])
    since, look = start, FIRST_LOOK
    while since < last:
        until = min(since + look, last)
        yield from counted(segments, pauses, since, until)
        since, look = until, 2 * look


def _second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
