"""By when, in working time: each named case, what counts, and how soon a search in vain ends."""

from datetime import UTC, date
from zoneinfo import ZoneInfo

import pytest

from escalation.deadlines import Segment, counted, due_at, elapsed
from escalation.hours import Hours
from tests.escalation.slacases import (
    DAY,
    LONDON,
    MON,
    NAMED,
    NEVER,
    NOTHING,
    OFFICE,
    H,
    M,
    S,
    hours,
    utc,
)


@pytest.mark.parametrize("case", NAMED, ids=lambda case: case.name)
def test_named(case):
    facts, start = case.facts(), utc(case.start)

    assert due_at(start, case.within, *facts) == (utc(case.due) if case.due else None)
    for at, used in case.used:
        assert elapsed(start, utc(at), *facts) == used
    if case.due is None:
        assert case.used
    else:
        least = max(case.within, NOTHING) // S * S
        assert elapsed(start, utc(case.due), *facts) == least
        assert elapsed(start, utc(case.due) - S, *facts) == max(least - S, NOTHING)


def test_without_segments_nothing_counts():
    start, later = utc("2026-11-16T10:00"), utc("2026-11-17T10:00")

    assert due_at(start, H, [], []) is None
    assert elapsed(start, later, [], []) == NOTHING


def test_nothing_has_elapsed_before_the_start():
    start, earlier = utc("2026-11-16T10:00"), utc("2026-11-16T09:00")

    assert elapsed(start, earlier, [Segment(start, None)], []) == NOTHING
    assert counted([Segment(start, None)], [(earlier, None)], start, earlier) == []


def test_what_counts_is_said_in_spans_in_utc():
    zone = ZoneInfo("Europe/London")
    since, until = utc("2026-10-23T16:00+01:00"), utc("2026-10-26T09:30+00:00")
    pauses = [(utc("2026-10-23T16:30+01:00"), utc("2026-10-23T16:45+01:00"))]

    spans = counted(
        [Segment(since, LONDON)], pauses, since.astimezone(zone), until.astimezone(zone)
    )

    assert spans == [
        (utc("2026-10-23T15:00"), utc("2026-10-23T15:30")),
        (utc("2026-10-23T15:45"), utc("2026-10-23T16:00")),
        (utc("2026-10-26T09:00"), utc("2026-10-26T09:30")),
    ]
    assert {at.tzinfo for span in spans for at in span} == {UTC}
    due = due_at(since.astimezone(zone), 70 * M, [Segment(since, LONDON)], pauses)
    assert (due, due.tzinfo) == (utc("2026-10-26T09:25"), UTC)


def test_hours_that_pass_are_hours_also_where_a_clock_of_their_own_zone_asks():
    """Python subtracts two times of one zone by what its clock shows, an hour off in that night."""
    zone = ZoneInfo("Europe/London")
    start, end = (utc(f"2026-{at}").astimezone(zone) for at in ("03-28T12:00", "03-29T12:00"))
    facts = [Segment(start, None)], [(start + 2 * H, start + 3 * H), (end, None)]

    assert elapsed(start, end, *facts) == 23 * H
    assert due_at(start, 23 * H, *facts) == utc("2026-03-29T12:00")
    assert due_at(start, 22 * H, [Segment(end, None)], [(start, start + H)]) == utc(
        "2026-03-29T11:00"
    )


EVERY_DAY = frozenset(date(2026, 1, 1) + n * DAY for n in range(20 * 366))


@pytest.mark.parametrize(
    "on",
    [
        pytest.param(NEVER, id="no open hour"),
        pytest.param(Hours("UTC", OFFICE.spans, EVERY_DAY), id="holidays for twenty years"),
        pytest.param(
            Hours("UTC", OFFICE.spans, special=dict.fromkeys(EVERY_DAY, ())),
            id="closed days for twenty years",
        ),
    ],
)
def test_a_search_in_which_nothing_opens_ends_at_once(on):
    segments, start = [Segment(utc("2026-01-01"), on)], utc("2026-11-16")

    assert due_at(start, H, segments, []) is None


@pytest.mark.parametrize(
    ("on", "within"),
    [
        pytest.param(hours((MON, 9, 9 + 1 / 60)), 100 * H, id="a minute a week"),
        pytest.param(hours(special={"2035-11-16": [(9, 10)]}), 2 * H, id="one hour in nine years"),
        pytest.param(OFFICE, 100_000 * H, id="more than ten years hold"),
    ],
)
def test_a_search_for_too_much_ends(on, within):
    segments, start = [Segment(utc("2026-01-01"), on)], utc("2026-11-16")

    assert due_at(start, within, segments, []) is None
