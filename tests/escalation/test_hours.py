"""When a calendar is open: every second counted once, over midnight, holidays and clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.hours import Hours, open_spans
from escalation.wallclock import instant
from tests.laws import law

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
WEEK = timedelta(weeks=1)
DAYLIGHT = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
NINE_TO_FIVE = tuple((day, 9 * 60, 17 * 60) for day in range(MON, SAT))


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(*spans, zone="UTC", holidays=(), special=None):
    days = {date.fromisoformat(day): tuple(found) for day, found in (special or {}).items()}
    return Hours(zone, tuple(spans), frozenset(map(date.fromisoformat, holidays)), days)


def opened(of, since, until):
    """Return the open spans as text on the wall clock of the calendar."""
    zone = ZoneInfo(of.zone)
    return [
        f"{begins.astimezone(zone):%a %H:%M}-{ends.astimezone(zone):%a %H:%M}"
        for begins, ends in open_spans(of, utc(since), utc(until))
    ]


def seconds(of, since, until):
    return sum((end - begin).total_seconds() for begin, end in open_spans(of, since, until))


# Named cases; 16 November 2026 is a Monday -------------------------------------------------------

WEEK_OF_16 = ("2026-11-16", "2026-11-23")


@pytest.mark.parametrize(
    ("of", "said"),
    [
        pytest.param(
            hours((MON, 540, 720), (MON, 780, 1020)),
            ["Mon 09:00-Mon 12:00", "Mon 13:00-Mon 17:00"],
            id="a lunch break",
        ),
        pytest.param(
            hours((FRI, 1320, 360)), ["Fri 22:00-Sat 06:00"], id="over midnight, from its start day"
        ),
        pytest.param(
            hours((FRI, 1320, 360), holidays=["2026-11-21"]),
            ["Fri 22:00-Sat 06:00"],
            id="Friday night reaches into a Saturday that is a holiday",
        ),
        pytest.param(
            hours((FRI, 1320, 360), (SAT, 540, 600), holidays=["2026-11-20"]),
            ["Sat 09:00-Sat 10:00"],
            id="a holiday on Friday cancels its night",
        ),
        pytest.param(
            hours((SUN, 1320, 360)),
            ["Mon 00:00-Mon 06:00", "Sun 22:00-Mon 00:00"],
            id="Sunday night from the week before and of this one, cut to the window",
        ),
        pytest.param(
            hours((MON, 540, 1440), (TUE, 0, 480)),
            ["Mon 09:00-Tue 08:00"],
            id="24:00 meets 00:00 of the next day",
        ),
        pytest.param(
            hours((MON, 540, 1440), (TUE, 1, 480)),
            ["Mon 09:00-Tue 00:00", "Tue 00:01-Tue 08:00"],
            id="a minute past midnight does not meet",
        ),
        pytest.param(
            hours((MON, 540, 720), (MON, 660, 780), (MON, 540, 600)),
            ["Mon 09:00-Mon 13:00"],
            id="overlaps are counted once",
        ),
        pytest.param(
            hours((MON, 1320, 600), (TUE, 540, 1020)),
            ["Mon 22:00-Tue 17:00"],
            id="a night that overlaps the morning",
        ),
        pytest.param(
            hours((WED, 540, 540)), ["Wed 09:00-Thu 09:00"], id="opens when it closes: a whole day"
        ),
        pytest.param(
            hours(*((day, 0, 1440) for day in range(7))),
            ["Mon 00:00-Mon 00:00"],
            id="around the clock is one span",
        ),
        pytest.param(
            hours((MON, 540, 1020), special={"2026-11-16": [(600, 720)]}),
            ["Mon 10:00-Mon 12:00"],
            id="a special day instead of its weekday",
        ),
        pytest.param(
            hours((MON, 540, 1020), holidays=["2026-11-16"], special={"2026-11-16": [(600, 720)]}),
            ["Mon 10:00-Mon 12:00"],
            id="a special day before a holiday",
        ),
        pytest.param(
            hours((MON, 540, 1020), special={"2026-11-16": []}),
            [],
            id="a special day that is closed",
        ),
        pytest.param(
            hours(special={"2026-11-21": [(1320, 120)]}),
            ["Sat 22:00-Sun 02:00"],
            id="only a special day, over midnight",
        ),
        pytest.param(hours(), [], id="nothing"),
    ],
)
def test_open_spans(of, said):
    assert opened(of, *WEEK_OF_16) == said


def test_the_last_second_before_midnight_counts():
    of = hours((MON, 0, 1440))

    assert seconds(of, utc("2026-11-16T00:00:00"), utc("2026-11-17T00:00:00")) == 24 * 3600
    assert seconds(of, utc("2026-11-16T23:59:59"), utc("2026-11-17T08:00:00")) == 1


def test_ends_are_half_open_to_the_microsecond():
    of = hours(*NINE_TO_FIVE)

    nine, five = utc("2026-11-16T09:00:00"), utc("2026-11-16T17:00:00")
    tick = timedelta.resolution
    assert open_spans(of, nine - tick, nine) == open_spans(of, five, five + tick) == []
    assert open_spans(of, nine, nine + tick) == [(nine, nine + tick)]
    assert open_spans(of, five - tick, five) == [(five - tick, five)]
    assert open_spans(of, utc("2026-11-16T10:00"), utc("2026-11-16T10:00")) == []
    assert open_spans(of, utc("2026-11-16T11:00"), utc("2026-11-16T10:00")) == []


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        ("Europe/London", "2026-03-29", 23),
        ("Europe/London", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Asia/Kathmandu", "2026-04-05", 24),
    ],
)
def test_a_day_around_the_clock_is_as_long_as_it_is(zone, day, length):
    of = hours((SUN, 0, 1440), zone=zone)
    at = datetime.combine(date.fromisoformat(day), time(12), tzinfo=UTC)

    assert seconds(of, at - 2 * WEEK / 7, at + 2 * WEEK / 7) == length * 3600


@pytest.mark.parametrize("zone", DAYLIGHT)
def test_the_wall_clock_is_kept_on_both_sides_of_a_change(zone):
    of = hours(*NINE_TO_FIVE, zone=zone)

    found = open_spans(of, utc("2026-01-03T12:00"), utc("2027-01-02T12:00"))  # Saturdays

    walls = {tuple(f"{end.astimezone(ZoneInfo(zone)):%H:%M}" for end in span) for span in found}
    assert walls == {("09:00", "17:00")}
    assert len(found) == 260


@pytest.mark.parametrize(
    ("span", "length"),
    [
        ((60, 120), 0),  # the hour that the clock skips is nobody's
        ((60, 180), 1),
        ((0, 180), 2),
        ((90, 1440), 21.5),  # half past one is read as it was before the change: half past two
    ],
)
def test_a_missing_hour_is_not_counted(span, length):
    of = hours((SUN, *span), zone="Europe/London")

    assert seconds(of, utc("2026-03-28"), utc("2026-03-31")) == length * 3600


@pytest.mark.parametrize(
    ("span", "length"),
    [((60, 120), 2), ((0, 120), 3), ((60, 90), 0.5), ((90, 120), 1.5)],  # an end: its first pass
)
def test_a_repeated_hour_is_counted_as_long_as_it_is(span, length):
    of = hours((SUN, *span), zone="Europe/London")

    assert seconds(of, utc("2026-10-24"), utc("2026-10-27")) == length * 3600


def test_the_version_names_what_the_hours_are():
    one = hours((MON, 540, 720), (TUE, 540, 720), holidays=["2026-12-25", "2026-12-26"])
    same = hours((TUE, 540, 720), (MON, 540, 720), holidays=["2026-12-26", "2026-12-25"])
    other = hours((MON, 540, 720), (TUE, 540, 721), holidays=["2026-12-25", "2026-12-26"])

    assert one.version == same.version
    assert one.version != other.version
    assert len(one.version) == 64


# Any calendar, against a walk by the minute ------------------------------------------------------

# off the hours in which clocks change, where the wall says nothing of which pass is meant
ENDS = st.integers(4 * 60, 24 * 60)
OPENS = st.one_of(st.just(0), st.integers(4 * 60, 24 * 60 - 1))
SPANS = st.lists(st.tuples(OPENS, ENDS), max_size=3).map(tuple)
FIRST = st.sampled_from(["2026-03-06", "2026-03-27", "2026-04-03", "2026-10-02", "2026-10-30"])


@st.composite
def calendars(draw):
    day = st.dates(date(2026, 3, 1), date(2026, 11, 10))
    weekly = draw(st.lists(st.tuples(st.integers(MON, SUN), OPENS, ENDS), max_size=8))
    return Hours(
        draw(st.sampled_from(DAYLIGHT)),
        tuple(weekly),
        draw(st.frozensets(day, max_size=40)),
        draw(st.dictionaries(day, SPANS, max_size=20)),
    )


def walked(of, at):
    """Return whether the wall clock stands within a span, told from the wall alone."""
    local = at.astimezone(ZoneInfo(of.zone))
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    clock = local.hour * 60 + local.minute
    return any(
        opens <= clock and (clock < closes or closes <= opens)
        for opens, closes in listed(of, today)
    ) or any(closes <= opens and clock < closes for opens, closes in listed(of, yesterday))


def listed(of, day):
    if day in of.special:
        return of.special[day]
    weekly = [(o, c) for weekday, o, c in of.spans if weekday == day.weekday()]
    return [] if day in of.holidays else weekly


@law(60)
@given(calendars(), FIRST, st.integers(0, 48 * 60))
def test_any_calendar_is_open_when_its_wall_clock_says_so(of, first, later):
    since = utc(first) + later * MINUTE
    until = since + timedelta(days=3)

    minutes = [since + n * MINUTE for n in range(3 * 1440)]
    found = {
        begins + n * MINUTE
        for begins, ends in open_spans(of, since, until)
        for n in range(int((ends - begins) / MINUTE))
    }

    assert found == {minute for minute in minutes if walked(of, minute)}


@law(100)
@given(calendars(), FIRST, st.integers(0, 10 * 86400))
def test_spans_are_apart_in_order_and_add_up(of, first, one):
    since, until = utc(first), utc(first) + 10 * timedelta(days=1)
    cut = since + one * SECOND

    whole = open_spans(of, since, until)

    assert all(begins < ends for begins, ends in whole)
    assert all(a[1] < b[0] for a, b in zip(whole, whole[1:], strict=False))
    assert seconds(of, since, cut) + seconds(of, cut, until) == seconds(of, since, until)


@law(40)
@given(calendars(), FIRST, st.sampled_from(DAYLIGHT))
def test_whose_clock_asks_changes_nothing(of, first, zone):
    since, until = utc(first), utc(first) + timedelta(days=4)
    theirs = ZoneInfo(zone)

    assert open_spans(of, since.astimezone(theirs), until.astimezone(theirs)) == open_spans(
        of, since, until
    )


def test_a_year_has_as_many_spans_as_days_of_work():
    of = hours(*NINE_TO_FIVE, zone="Europe/London")

    assert len(open_spans(of, utc("2026-01-01"), utc("2027-01-01"))) == 261


def test_instants_come_back_in_utc():
    of = hours((SUN, 0, 1440), zone="Australia/Lord_Howe")
    zone = ZoneInfo("Australia/Lord_Howe")

    ((begins, ends),) = open_spans(of, utc("2026-10-03"), utc("2026-10-06"))

    assert (begins.tzinfo, ends.tzinfo) == (UTC, UTC)
    assert begins == instant(datetime.combine(date(2026, 10, 4), time()), zone)
