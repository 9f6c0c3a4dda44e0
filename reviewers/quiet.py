"""When a person is told: not in their quiet hours, and news of low stakes at the time of their digest.

Pure: wall-clock times are those of the person's own zone, so that a span of 22:00 to 07:00 is that on
the nights on which the clock changes too. A span belongs to the day on which it begins.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from escalation.fields import DAY
from escalation.wallclock import instant, wall

ONE_DAY = timedelta(days=1)
LONGEST = 9  # days that are looked at: every span begins again within a week


@dataclass(frozen=True)
class Span:
    """Quiet from ``begins`` to ``ends``, minutes after midnight; ends <= begins: on the next day."""

    weekdays: frozenset[int]  # 0 is Monday
    begins: int
    ends: int


def over_at(at: datetime, spans: Iterable[Span], zone: ZoneInfo) -> datetime | None:
    """Return the first instant from ``at`` on that lies in no span; None where it is always quiet."""
    first = wall(at, zone).date() - ONE_DAY  # last night's may still run
    quiet = sorted(
        held
        for n in range(LONGEST)
        for span in spans
        for held in _on(first + n * ONE_DAY, span, zone)
    )
    free = at
    for begins, ends in quiet:
        if begins <= free < ends:
            free = ends
    return None if wall(free, zone).date() >= first + (LONGEST - 1) * ONE_DAY else free


def _on(day: date, span: Span, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    if day.weekday() not in span.weekdays:
        return []
    midnight = datetime.combine(day, time())
    ends = span.ends + (DAY if span.ends <= span.begins else 0)
    return [
        (
            instant(midnight + timedelta(minutes=span.begins), zone),
            instant(midnight + timedelta(minutes=ends), zone),
        )
    ]


def digest_at(at: datetime, minute: int, zone: ZoneInfo) -> datetime:
    """Return when the next digest is due, at ``at`` or later; ``minute`` is one of the person's day."""
    day = wall(at, zone).date()
    coming = [
        instant(datetime.combine(day + n * ONE_DAY, time()) + timedelta(minutes=minute), zone)
        for n in range(3)  # on a day that the zone skips both of the first may be the same instant
    ]
    return next(due for due in coming if due >= at)
