from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from reviewers import quiet
from reviewers.quiet import Span

OSLO = ZoneInfo("Europe/Oslo")  # in 2026 put forward on 29 March, back on 25 October
EVERY = frozenset(range(7))
NIGHT = Span(EVERY, 22 * 60, 7 * 60)
NOON = Span(EVERY, 12 * 60, 13 * 60)
WEEKEND = Span(frozenset({5, 6}), 0, 24 * 60)
FRIDAY_NIGHT = Span(frozenset({4}), 20 * 60, 8 * 60)
GAP = Span(EVERY, 2 * 60 + 30, 6 * 60)  # begins at a time that is skipped, or comes twice


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("spans", "at", "free"),
    [
        ([], "2026-11-20 09:00", "2026-11-20 09:00"),
        ([NOON], "2026-11-20 10:59", "2026-11-20 10:59"),
        ([NOON], "2026-11-20 11:00", "2026-11-20 12:00"),
        ([NOON], "2026-11-20 11:59", "2026-11-20 12:00"),
        ([NOON], "2026-11-20 12:00", "2026-11-20 12:00"),  # half open
        ([NIGHT], "2026-11-20 21:00", "2026-11-21 06:00"),  # from the evening
        ([NIGHT], "2026-11-21 05:59", "2026-11-21 06:00"),  # and from after midnight
        ([NIGHT], "2026-07-10 23:00", "2026-07-11 05:00"),  # summer time
        # over the night in which an hour is skipped, and the one in which an hour comes twice
        ([NIGHT], "2026-03-28 22:00", "2026-03-29 05:00"),
        ([NIGHT], "2026-10-24 21:00", "2026-10-25 06:00"),
        ([GAP], "2026-03-29 01:29", "2026-03-29 01:29"),
        ([GAP], "2026-03-29 01:30", "2026-03-29 04:00"),
        ([GAP], "2026-10-25 00:30", "2026-10-25 05:00"),  # from the first pass on
        ([GAP], "2026-10-25 01:15", "2026-10-25 05:00"),
        # a span belongs to the day on which it begins
        ([FRIDAY_NIGHT], "2026-11-20 20:00", "2026-11-21 07:00"),
        ([FRIDAY_NIGHT], "2026-11-21 20:00", "2026-11-21 20:00"),
        ([FRIDAY_NIGHT], "2026-11-21 03:00", "2026-11-21 07:00"),
        # spans that meet or overlap are one
        ([WEEKEND], "2026-11-21 12:00", "2026-11-22 23:00"),
        ([WEEKEND, NIGHT], "2026-11-20 21:30", "2026-11-23 06:00"),
        ([NOON, Span(EVERY, 13 * 60, 14 * 60)], "2026-11-20 11:30", "2026-11-20 13:00"),
        ([Span(EVERY, 9 * 60, 9 * 60)], "2026-11-20 11:30", None),  # a whole day, every day
        ([Span(EVERY, 0, 24 * 60)], "2026-11-20 11:30", None),
        ([Span(EVERY - {3}, 0, 24 * 60)], "2026-11-20 11:30", "2026-11-25 23:00"),
    ],
)
def test_quiet_hours_end_on_the_persons_own_wall(spans, at, free):
    assert quiet.over_at(utc(at), spans, OSLO) == (free and utc(free))


@pytest.mark.parametrize(
    ("at", "minute", "due"),
    [
        ("2026-11-20 09:00", 17 * 60, "2026-11-20 16:00"),
        ("2026-11-20 16:00", 17 * 60, "2026-11-20 16:00"),
        ("2026-11-20 16:01", 17 * 60, "2026-11-21 16:00"),
        ("2026-11-20 22:30", 8 * 60, "2026-11-21 07:00"),
        ("2026-11-20 23:30", 8 * 60, "2026-11-21 07:00"),  # the next day has begun there
        ("2026-11-20 09:00", 24 * 60, "2026-11-20 23:00"),
        ("2026-03-28 20:00", 8 * 60, "2026-03-29 06:00"),
        ("2026-03-28 20:00", 2 * 60 + 30, "2026-03-29 01:30"),  # skipped: as if the clock had not
        ("2026-10-24 20:00", 2 * 60 + 30, "2026-10-25 00:30"),  # the first pass
        ("2026-10-25 01:00", 2 * 60 + 30, "2026-10-26 01:30"),  # not at the second too
    ],
)
def test_a_digest_comes_at_its_time_on_the_persons_own_wall(at, minute, due):
    assert quiet.digest_at(utc(at), minute, OSLO) == utc(due)


def test_a_day_that_a_zone_skips_has_no_digest_of_its_own():
    apia = ZoneInfo("Pacific/Apia")  # went from 29 to 31 December 2011

    assert quiet.digest_at(utc("2011-12-30 08:00"), 17 * 60, apia) == utc("2011-12-31 03:00")
