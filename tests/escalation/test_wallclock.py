from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from escalation.wallclock import NoSuchTime, instant, said, typed, wall

clock = datetime.fromisoformat  # naive: what a clock on the wall shows
LONDON = ZoneInfo("Europe/London")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")


def test_a_wall_clock_time_is_an_instant_and_back():
    at = instant(clock("2026-07-01T09:00"), LONDON)

    assert at == datetime(2026, 7, 1, 8, tzinfo=UTC)
    assert wall(at, LONDON) == clock("2026-07-01T09:00")


def test_a_repeated_time_is_its_first_pass():
    assert instant(clock("2026-10-25T01:30"), LONDON) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_missing_time_is_read_with_the_offset_from_before():
    assert instant(clock("2026-03-29T01:30"), LONDON) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_what_a_person_types_is_taken_when_it_exists_once():
    assert typed(clock("2026-11-20T09:00"), LONDON) == datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "sentence"),
    [
        ("2026-03-29T01:30", LONDON, "29 March 2026 01:30 in Europe/London does not exist"),
        (
            "2026-10-25T01:30",
            LONDON,
            "25 October 2026 01:30 in Europe/London occurs twice, an hour",
        ),
        ("2026-04-05T01:45", LORD_HOWE, "occurs twice, 30 minutes apart"),
        ("2026-10-04T02:15", LORD_HOWE, "does not exist: the clock is put forward then"),
    ],
)
def test_a_typed_time_that_is_none_or_two_is_asked_again(text, zone, sentence):
    with pytest.raises(NoSuchTime, match=sentence):
        typed(datetime.fromisoformat(text), zone)


def test_a_span_is_said_on_the_wall_of_a_zone():
    nine, five = datetime(2026, 11, 20, 9, tzinfo=UTC), datetime(2026, 11, 20, 17, tzinfo=UTC)

    assert said(nine, five, "Europe/London") == "Fri 20 Nov 09:00 to 17:00"
    assert said(nine, five, "Asia/Tokyo") == "Fri 20 Nov 18:00 to Sat 21 Nov 02:00"
