from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import durations

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("90m", 90 * MINUTE),
        ("1h30m", 90 * MINUTE),
        ("1h 30m", 90 * MINUTE),
        ("1 h 30 min", 90 * MINUTE),
        ("1 hour 30 minutes", 90 * MINUTE),
        ("2d", 2 * DAY),
        ("2 days", 2 * DAY),
        ("1d12h", 36 * HOUR),
        ("45s", timedelta(seconds=45)),
        ("45 sec", timedelta(seconds=45)),
        (" 4H ", 4 * HOUR),
        ("90", timedelta(seconds=90)),
        ("0", timedelta()),
        ("0m", timedelta()),
        (14_400, 4 * HOUR),
        (0, timedelta()),
        ("1d2h3m4s", DAY + 2 * HOUR + 3 * MINUTE + timedelta(seconds=4)),
    ],
)
def test_a_duration_is_read_as_people_write_it(written, means):
    assert durations.read(written) == means


@pytest.mark.parametrize(
    "written",
    ["", " ", "soon", "1.5h", "1,5h", "30m1h", "1h1h", "4 weeks", "h", "1h30", "١h", "1e3", "m5"],
)
def test_what_is_no_duration_is_shown_back_with_an_example(written):
    with pytest.raises(ValueError) as refusal:
        durations.read(written)

    assert str(refusal.value) == (
        f"“{written.strip()}” is no length of time; write a duration such as 90m, 1h30m or 2d, "
        "or whole seconds."
    )


@pytest.mark.parametrize("written", [None, 1.5, True, [], {"within": 3}])
def test_what_is_neither_text_nor_a_whole_number_is_refused(written):
    with pytest.raises(ValueError, match="^This is no length of time; "):
        durations.read(written)


@pytest.mark.parametrize("written", [-1, "-5m", "- 5m", "−5m", "-1h30m"])
def test_nothing_is_negative(written):
    with pytest.raises(ValueError, match="^A length of time is never negative.$"):
        durations.read(written)


@pytest.mark.parametrize("written", [10**30, "9999999d", "999999999999"])
def test_a_hundred_years_is_too_long_to_be_counted(written):
    with pytest.raises(ValueError, match="^This is longer than a hundred years.$"):
        durations.read(written)


def test_a_long_text_is_not_shown_back_whole():
    with pytest.raises(ValueError) as refusal:
        durations.read("x" * 100_000)

    assert len(str(refusal.value)) < 140


@pytest.mark.parametrize(
    ("span", "words", "in_hours", "short"),
    [
        (timedelta(), "0 min", "0 min", "0s"),
        (timedelta(seconds=45), "45 s", "45 s", "45s"),
        (90 * MINUTE, "1 h 30 min", "1 h 30 min", "1h30m"),
        (DAY, "1 day", "24 h", "1d"),
        (52 * HOUR, "2 days 4 h", "52 h", "2d4h"),
    ],
)
def test_a_duration_is_said_back(span, words, in_hours, short):
    assert (durations.said(span), durations.said(span, days=False), durations.short(span)) == (
        words,
        in_hours,
        short,
    )


@given(st.integers(min_value=0, max_value=40_000_000), st.booleans())
def test_what_is_said_and_written_is_read_back(seconds, days):
    span = timedelta(seconds=seconds)

    assert durations.read(durations.said(span, days=days)) == span
    assert durations.read(durations.short(span, days=days)) == span
