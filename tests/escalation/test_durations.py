from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.values import durations

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
        ("1.5h", 90 * MINUTE),
        ("1,5 h", 90 * MINUTE),
        ("0.25 hours", 15 * MINUTE),
        ("1.5d", 36 * HOUR),
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
    [
        "",
        " ",
        "soon",
        "1.5",
        "1.5m",
        "1h1.5m",
        "1.5.2h",
        "30m1h",
        "1h1h",
        "4 weeks",
        "h",
        "1h30",
        "١h",
        "1e3",
        "m5",
    ],
)
def test_what_is_no_duration_is_shown_back_with_an_example(written):
    with pytest.raises(ValueError) as refusal:
        durations.read(written)

    assert str(refusal.value) == (
        f"“{written.strip()}” is no length of time; write a duration such as 90m, 1h30m or 2d, "
        "or whole seconds."
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("9.33h", "9.33 h falls between two minutes: write 9 h 19 min or 9 h 20 min."),
        ("0,01 h", "0.01 h falls between two minutes: write 0 min or 1 min."),
        ("1.0001d", "1.0001 day falls between two minutes: write 24 h or 24 h 1 min."),
    ],
)
def test_a_fraction_that_is_no_whole_minute_is_refused_with_those_beside_it(written, said):
    with pytest.raises(ValueError) as refusal:
        durations.read(written)

    assert str(refusal.value) == said


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("9", 540),
        ("9.5", 570),
        ("9,25", 555),
        ("9:20", 560),
        (" 9h20 ", 560),
        ("9 h 20", 560),
        ("9 h 20 min", 560),
        ("560m", 560),
        ("560 min", 560),
        ("0:45", 45),
        ("9.5h", 570),
        ("2d", 2880),
        ("744", 44_640),
        ("120s", 2),
    ],
)
def test_hours_and_minutes_are_read_as_people_write_them(typed, minutes):
    assert durations.read_hours(typed) == minutes * MINUTE


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("9.33", "9.33 h falls between two minutes: write 9 h 19 min or 9 h 20 min."),
        ("9.33333333333333", "9.33333333333333 h falls between two minutes: write 9 h 19 min or 9 h 20"),
        ("9:60", "“9:60” has more than 59 minutes; write hours and minutes, e.g. 9 h 20 min or 9:20."),
        ("9:2", "“9:2” is no length of time; write hours and minutes, e.g. 9 h 20 min or 9:20."),
        ("9:20:30", "“9:20:30” is no length of time; write hours and minutes,"),
        ("90s", "“90s” is no whole number of minutes; write hours and minutes,"),
        ("-9", "A length of time is never negative."),
        ("nine", "“nine” is no length of time; write hours and minutes,"),
        ("1e3", "“1e3” is no length of time; write hours and minutes,"),
        ("٩", "“٩” is no length of time; write hours and minutes,"),
        ("", "“” is no length of time; write hours and minutes,"),
        ("9" * 100_000, "“9999"),
    ],
)  # fmt: skip
def test_hours_that_are_not_exact_to_the_minute_are_refused(typed, said):
    with pytest.raises(ValueError) as refusal:
        durations.read_hours(typed)

    assert str(refusal.value).startswith(said)
    assert len(str(refusal.value)) < 160


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


@given(st.integers(min_value=0, max_value=60 * 24 * 366))
def test_a_length_in_minutes_is_typed_again_as_it_is_shown(minutes):
    span = minutes * MINUTE

    for shown in (durations.said(span, days=False), durations.said(span), durations.short(span)):
        assert durations.read_hours(shown) == span
    assert durations.read_hours(f"{minutes // 60}:{minutes % 60:02}") == span
