"""Time zones as calendar programs name them, and instants as RFC 5545 reads wall-clock times.

A time that a clock change skips is read with the offset from before it, one that occurs twice is its
first pass. IANA and Windows names go before the rules that a file brings, which are often old.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, partial
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from reviewers.ics.lines import Source

WIDEST = timedelta(hours=3)  # no clock change is as wide
SHORT = re.compile(r"[A-Za-z]{1,5}(?:\d[A-Za-z]{1,4})?", re.ASCII)
UTC_NAMES = {"z", "utc", "gmt", "etc/utc", "coordinated universal time", "tzone://microsoft/utc"}


@cache
def _known() -> dict[str, str]:
    names = {name.casefold(): name for name in available_timezones() if name != "localtime"}
    return {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()} | names


@cache
def _cities() -> dict[str, str]:
    """Return the zones by their city: Outlook says (UTC+01:00) Amsterdam, Berlin, Bern."""
    return {name.rpartition("/")[2].casefold(): name for name in sorted(available_timezones())}


def named(tzid: str) -> tzinfo | None:
    """Return the zone that a name says by itself, by IANA, Windows or with a program's own prefix."""
    text = re.sub(r"\s+", " ", tzid).strip().strip("\"'").strip().casefold()
    if text in UTC_NAMES:
        return UTC
    parts = text.strip("/").split("/")
    for each in ("/".join(parts[n:]) for n in range(len(parts))):
        if each in _known():
            return ZoneInfo(_known()[each])
    cities = text.partition(")")[2].split(",") if text.startswith("(") else []
    places = (_cities().get(city.strip().replace(" ", "_")) for city in cities)
    return next((ZoneInfo(place) for place in places if place), None)


class Zones:
    """The zones of a file, each worked out once; None is one that nobody knows."""

    def __init__(self, bounded: Callable[[Callable[[], tzinfo]], tzinfo | None]) -> None:
        self._bounded = bounded  # how the rules of a stranger are worked out within some time
        self._found: dict[tuple[int, str], tzinfo | None] = {}

    def of(self, source: Source, tzid: str) -> tzinfo | None:
        key = id(source), tzid
        if key not in self._found:
            first, second = named, partial(self._brought, source)
            if _is_short(tzid):  # EST of a file may have a summer, EST of IANA has none
                first, second = second, first
            self._found[key] = first(tzid) or second(tzid)
        return self._found[key]

    def own(self, source: Source) -> tzinfo | None:
        """Return the zone that a calendar is in: what it says, or the only one that it brings."""
        if said := source.facts.get("X-WR-TIMEZONE"):
            return self.of(source, said)
        return self.of(source, next(iter(source.zones))) if len(source.zones) == 1 else None

    def _brought(self, source: Source, tzid: str) -> tzinfo | None:
        lines = source.zones.get(tzid.strip())
        if lines is None:
            return None
        for line in lines:
            if line.upper().startswith("X-LIC-LOCATION") and (
                place := named(line.partition(":")[2])
            ):
                return place
        return self._bounded(lambda: _worked_out(lines))


def _is_short(tzid: str) -> bool:
    return bool(SHORT.fullmatch(tzid.strip()))


def _worked_out(lines: list[str]) -> tzinfo:
    text = "\r\n".join(
        ["BEGIN:VTIMEZONE", *[each for each in lines if "VTIMEZONE" not in each.upper()]]
    )
    zone = Timezone.from_ical(f"{text}\r\nEND:VTIMEZONE\r\n").to_tz(lookup_tzid=False)
    if datetime(2026, 1, 1, tzinfo=zone).utcoffset() is None:
        raise ValueError("no offset")
    return zone


def instant(wall: datetime, zone: tzinfo) -> datetime:
    """Return the instant, in UTC, of a naive wall-clock time in any zone."""
    found = _less(wall, wall.replace(tzinfo=zone, fold=0).utcoffset())
    if wall_of(found, zone) == wall:
        return found
    return _less(wall, (wall - WIDEST).replace(tzinfo=zone, fold=0).utcoffset())


def exists(wall: datetime, zone: tzinfo) -> bool:
    """Return whether a clock in the zone ever shows this time."""
    return wall_of(instant(wall, zone), zone) == wall


def wall_of(at: datetime, zone: tzinfo) -> datetime:
    """Return the naive wall-clock time in the zone at an instant."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _less(wall: datetime, offset: timedelta | None) -> datetime:
    return (wall - (offset or timedelta())).replace(tzinfo=UTC)
