"""Between instants and the wall clock of a zone. The one place where either becomes the other.

A wall-clock time that occurs twice is its first pass; one that does not exist is read with the
offset from before the change (``fold=0``). Whoever types such a time is asked again: ``typed``.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class NoSuchTime(ValueError):
    """A typed time that a clock change skips, or shows twice; the text says which."""


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant, in UTC, of a naive wall-clock time in ``zone``."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def wall(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the naive wall-clock time that a clock in ``zone`` shows at an instant."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def typed(wall_time: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant of a time that a person typed.

    Raises NoSuchTime, with the sentence for them, when it does not exist or occurs twice.
    """
    first, second = (wall_time.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    named = f"{wall_time:%d %B %Y %H:%M} in {zone.key}"
    if wall(first.astimezone(UTC), zone) != wall_time:
        raise NoSuchTime(f"{named} does not exist: the clock is put forward then. Choose another.")
    apart = _apart(second.astimezone(UTC) - first.astimezone(UTC))
    raise NoSuchTime(
        f"{named} occurs twice, {apart} apart: the clock is put back then. Choose another."
    )


def said(since: datetime, until: datetime, zone: str) -> str:
    """Return a span as people of a zone say it, such as Mon 2 Nov 09:00 to 17:00."""
    begins, ends = wall(since, ZoneInfo(zone)), wall(until, ZoneInfo(zone))
    day = "" if ends.date() == begins.date() else f"{ends:%a %-d %b} "
    return f"{begins:%a %-d %b %H:%M} to {day}{ends:%H:%M}"


def _apart(gap: timedelta) -> str:
    minutes = int(gap.total_seconds()) // 60
    return "an hour" if minutes == 60 else f"{minutes} minutes"
