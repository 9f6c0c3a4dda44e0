"""When a calendar is open, between instants. Pure: what it needs is in ``Hours``.

A span belongs to the day on which it opens, also where it runs past midnight: a holiday cancels the
spans that open on it and leaves Friday night's alone, which reaches into it. A special day's hours
stand in place of its weekday's and go before a holiday. Instants are half-open, in UTC, exact.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Self
from zoneinfo import ZoneInfo

from escalation import canonical
from escalation.fields import DAY
from escalation.wallclock import instant, wall

ONE_DAY = timedelta(days=1)
SLACK = 2 * ONE_DAY  # a span reaches a day on at most; no clock change is as long as the other

Minutes = tuple[int, int]  # opens, closes after midnight; closes <= opens: on the next day
Open = tuple[datetime, datetime]  # [since, until)


@dataclass(frozen=True)
class Hours:
    """A calendar as plain values; wall-clock times are those of ``zone``."""

    zone: str
    spans: tuple[tuple[int, int, int], ...]  # weekday (0 is Monday), opens, closes
    holidays: frozenset[date] = frozenset()
    special: Mapping[date, tuple[Minutes, ...]] = field(default_factory=dict, hash=False)

    @property
    def facts(self) -> dict[str, Any]:
        """Return these hours as JSON; the same hours give the same."""
        return {
            "zone": self.zone,
            "spans": sorted(list(span) for span in self.spans),
            "holidays": sorted(day.isoformat() for day in self.holidays),
            "special": {
                day.isoformat(): sorted(list(span) for span in spans)
                for day, spans in self.special.items()
            },
        }

    @classmethod
    def of(cls, facts: dict[str, Any]) -> Self:
        """Return the hours that ``facts`` were made of."""
        return cls(
            zone=facts["zone"],
            spans=tuple((weekday, opens, closes) for weekday, opens, closes in facts["spans"]),
            holidays=frozenset(date.fromisoformat(day) for day in facts["holidays"]),
            special={
                date.fromisoformat(day): tuple((opens, closes) for opens, closes in spans)
                for day, spans in facts["special"].items()
            },
        )

    @cached_property
    def version(self) -> str:
        """Name these hours by what they are: the same hours have the same version."""
        return hashlib.sha256(canonical.encode(self.facts)).hexdigest()

    def on(self, day: date) -> tuple[Minutes, ...]:
        """Return the spans that open on a day."""
        if day in self.special:
            return self.special[day]
        if day in self.holidays:
            return ()
        return tuple(
            (opens, closes) for weekday, opens, closes in self.spans if weekday == day.weekday()
        )


def open_spans(hours: Hours, since: datetime, until: datetime) -> list[Open]:
    """Return the spans that are open between two instants: in order, apart, cut to them."""
    if since >= until:
        return []
    zone, since, until = ZoneInfo(hours.zone), since.astimezone(UTC), until.astimezone(UTC)
    first, last = wall(since, zone).date() - SLACK, wall(until, zone).date() + ONE_DAY
    days = (first + n * ONE_DAY for n in range((last - first).days + 1))
    found = sorted(span for day in days for span in _opened(hours, zone, day))
    cut = [(max(begins, since), min(ends, until)) for begins, ends in found]
    return _joined([span for span in cut if span[0] < span[1]])


def _opened(hours: Hours, zone: ZoneInfo, day: date) -> Iterator[Open]:
    """Yield what opens on a day; a clock put forward may leave nothing of a short span."""
    midnight = datetime.combine(day, time())
    for opens, closes in hours.on(day):
        until = closes + (DAY if closes <= opens else 0)
        begins = instant(midnight + timedelta(minutes=opens), zone)
        ends = instant(midnight + timedelta(minutes=until), zone)
        if begins < ends:
            yield begins, ends


def _joined(spans: list[Open]) -> list[Open]:
    joined: list[Open] = []
    for begins, ends in spans:
        if joined and begins <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], ends)
        else:
            joined.append((begins, ends))
    return joined
