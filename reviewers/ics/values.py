"""The values of an event as RFC 5545 writes them: days, times, durations, rules. Nothing is expanded.

``Odd`` carries what a person is told of an event that cannot be read; the rest of the file goes on.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import NamedTuple

MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z?))?", re.ASCII | re.IGNORECASE)
DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?",
    re.ASCII | re.IGNORECASE,
)
OFFSET = re.compile(r"([+-]?)(\d\d?)(?::?(\d\d))?", re.ASCII)
YEARS = 1900, 2200
MOST_TIMES = 10_000  # COUNT of one rule
TIMES = {"SECONDLY": "second", "MINUTELY": "minute", "HOURLY": "hour"}
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WITHIN_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
NUMBERS = {"INTERVAL": 1000, "COUNT": MOST_TIMES}


class Odd(ValueError):
    """What is wrong with one event; ``line`` is where, or 0 for the line where it begins."""

    def __init__(self, said: str, line: int = 0) -> None:
        super().__init__(said)
        self.line = line


class Moment(NamedTuple):
    """A value as written: a whole day (at its midnight), or a time on the wall of ``zone``.

    ``zone`` None: floating, on whatever wall the reader looks at.
    """

    wall: datetime
    is_day: bool
    zone: tzinfo | None = None


class Length(NamedTuple):
    """Days go by the calendar, hours by the clock: a day may have 23 hours, PT24H has 24."""

    days: int
    exact: timedelta


class Rule(NamedTuple):
    text: str  # without UNTIL and COUNT
    frequency: str
    interval: int
    count: int | None
    until: str  # as written; empty: without end


def moment(text: str, zone: tzinfo | None, name: str, line: int) -> Moment:
    """Return a DATE or DATE-TIME; ``zone`` is that of its TZID. Raises Odd."""
    found = MOMENT.fullmatch(text.strip())
    if found is None:
        raise Odd(f"{name} cannot be read: “{text.strip()[:40]}”.", line)
    year, month, day, hour, minute, second, utc = found.groups()
    if not YEARS[0] <= int(year) <= YEARS[1]:
        raise Odd(f"{name} is in the year {int(year)}.", line)
    try:
        midnight = datetime.combine(date(int(year), int(month), int(day)), time())
        if hour is None:
            return Moment(midnight, True)
        wall = midnight.replace(
            hour=int(hour), minute=int(minute), second=min(int(second or 0), 59)
        )
    except ValueError:
        raise Odd(f"{name} cannot be read: “{text.strip()[:40]}” is no time.", line) from None
    return Moment(wall, False, UTC if utc else zone)


def offset(text: str, line: int) -> tzinfo:
    """Return the zone of an offset such as +01:00, -0530 or -05. Raises Odd."""
    found = OFFSET.fullmatch(text.strip())
    if found is None or int(found[2]) > 14 or int(found[3] or 0) > 59:
        raise Odd(f"the offset TZ cannot be read: “{text.strip()[:40]}”.", line)
    east = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(-east if found[1] == "-" else east)


def length(text: str, line: int = 0) -> Length:
    """Return a DURATION, which may be negative. Raises Odd."""
    found = DURATION.fullmatch(text.strip())
    if found is None or not any(found.groups()[1:]):
        raise Odd(f"DURATION cannot be read: “{text.strip()[:40]}”.", line)
    sign = -1 if found[1] == "-" else 1
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    exact = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return Length(sign * (7 * weeks + days), sign * exact)


def rule(text: str, line: int, name: str = "RRULE") -> Rule:
    """Return an RRULE, or EXRULE, that repeats at most once a day. Raises Odd."""
    pairs = [part.partition("=") for part in text.strip().upper().split(";") if part.strip()]
    parts = {key.strip(): value.strip() for key, _, value in pairs}
    if len(parts) < len(pairs):
        raise Odd(f"{name} says the same twice.", line)
    frequency = parts.get("FREQ", "")
    if frequency in TIMES:
        every = TIMES[frequency]
        raise Odd(f"{name} repeats every {every}; once a day is the most that is read.", line)
    if frequency not in FREQUENCIES:
        raise Odd(f"{name} has no FREQ that is known ({', '.join(FREQUENCIES)}).", line)
    if found := [key for key in WITHIN_A_DAY if "," in parts.get(key, "")]:
        raise Odd(f"{name} repeats within a day ({found[0]}); write an event for each.", line)
    for key, most in NUMBERS.items():
        value = parts.get(key, "1")
        if not (value.isascii() and value.isdecimal()) or not 1 <= int(value[:9]) <= most:
            raise Odd(f"{key} of {name} is a number from 1 to {most:,}.", line)
    if "COUNT" in parts and "UNTIL" in parts:
        raise Odd(f"{name} has both COUNT and UNTIL; it takes one of them.", line)
    kept = {key: value for key, value in parts.items() if key not in ("COUNT", "UNTIL")}
    kept = {key: value for key, value in kept.items() if not key.startswith("X-")}
    return Rule(
        text=";".join(f"{key}={value}" for key, value in kept.items()),
        frequency=frequency,
        interval=int(parts.get("INTERVAL", "1")),
        count=int(parts["COUNT"]) if "COUNT" in parts else None,
        until=parts.get("UNTIL", ""),
    )


def day_meant(at: datetime, zone: tzinfo) -> date:
    """Return the day that an instant in UTC means for an event of whole days.

    Programs write the midnight, or the last second, of the zone that they are in. Where that is
    neither in ``zone``, it is a midnight of the zone in which it is one.
    """
    there = at.astimezone(zone)
    if (there.hour, there.minute, there.second) in ((0, 0, 0), (23, 59, 59)):
        return there.date()
    if at.second == 59:
        return day_meant(at + timedelta(seconds=1), zone) - timedelta(days=1)
    if at.second or at.minute % 15 or 10 < at.hour < 14:  # no midnight that is a likely one
        return there.date()
    return at.date() + timedelta(days=at.hour >= 14)
