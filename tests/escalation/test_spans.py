from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from escalation.spans import both, minus, total, union

START = datetime(2026, 11, 20, tzinfo=UTC)


def span(a, b):
    return START + timedelta(hours=a), START + timedelta(hours=b)


def hours(spans):
    """Return the hours that spans hold, counted one by one."""
    return {
        hour for hour in range(25) if any(a <= START + timedelta(hours=hour) < b for a, b in spans)
    }


SPANS = st.lists(st.tuples(st.integers(0, 24), st.integers(0, 24)).map(lambda ab: span(*ab)))


def test_spans_that_meet_or_overlap_are_one_and_empty_ones_none():
    assert union([span(3, 5), span(1, 3), span(4, 6), span(8, 8)]) == [span(1, 6)]


def test_a_length_counts_what_overlaps_once():
    assert total([span(0, 4), span(2, 6)]) == timedelta(hours=6)


@given(SPANS, SPANS)
def test_sets_of_spans_are_sets_of_their_hours(one, other):
    assert hours(union(one)) == hours(one)
    assert hours(both(one, other)) == hours(one) & hours(other)
    assert hours(minus(one, other)) == hours(one) - hours(other)
