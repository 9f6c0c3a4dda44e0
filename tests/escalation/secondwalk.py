"""Deadlines told second by second from the wall clock of whoever is on turn: slow, and hard to get wrong.

Shares nothing with ``escalation/deadlines.py`` and ``escalation/hours.py`` but the facts they are given.
Minutes in which no fact changes are taken whole; hours open and close on the minute in every zone here.
"""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


def elapsed(start, end, segments, pauses):
    return sum((length for _, length in counting(start, end, segments, pauses)), timedelta())


def due_at(start, within, segments, pauses, until):
    """Return the first instant at which ``within`` is used up, None if that is not before ``until``."""
    used, due = timedelta(), start.replace(microsecond=0)
    seconds = counting(start, until, segments, pauses)
    while used < within:
        at, length = next(seconds, (None, None))
        if at is None:
            return None
        due, used = at + min(length, within - used), used + length
    return due


def counting(start, end, segments, pauses):
    """Yield each second, or whole minute, that counts."""
    facts = [start, end, *(segment.since for segment in segments)]
    facts += [at for pause in pauses for at in pause if at]
    busy = {at.replace(second=0, microsecond=0) for at in facts}
    at, end = start.replace(microsecond=0), end.replace(microsecond=0)
    while at < end:
        whole = at.second == 0 and at not in busy
        length = MINUTE if whole else SECOND
        if counts(at, segments, pauses):
            yield at, length
        at += length


def counts(at, segments, pauses):
    """Return whether the second from ``at`` on counts."""
    for since, until in pauses:
        if floor(since) <= at and (until is None or at < floor(until)):
            return False
    turn = segments[0]
    for segment in segments:
        if floor(segment.since) <= at:
            turn = segment
    return turn.hours is None or stands_open(turn.hours, at)


def stands_open(hours, at):
    local = at.astimezone(ZoneInfo(hours.zone))
    clock = local.hour * 60 + local.minute
    for opens, closes in listed(hours, local.date()):
        if opens <= clock and (clock < closes or closes <= opens):
            return True
    return any(
        closes <= opens and clock < closes for opens, closes in listed(hours, local.date() - DAY)
    )


def listed(hours, day):
    """Return what opens on a day, told as its manager would."""
    if day in hours.special:
        return hours.special[day]
    if day in hours.holidays:
        return []
    return [(opens, closes) for weekday, opens, closes in hours.spans if weekday == day.weekday()]


def floor(at):
    return at.astimezone(UTC).replace(microsecond=0)
