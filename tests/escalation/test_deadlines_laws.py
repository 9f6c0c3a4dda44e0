"""Laws of deadlines, for any facts at all: against a walk through every second, and one another."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from escalation.deadlines import Segment, counted, due_at, elapsed
from escalation.hours import Hours
from tests.escalation import secondwalk
from tests.escalation.slacases import (
    DAY,
    DAYS,
    LUNCH,
    MON,
    NEVER,
    NOTHING,
    OFFICE,
    SUN,
    S,
    hours,
    utc,
)
from tests.laws import law

DAYLIGHT = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
FIRST = st.sampled_from(["2026-03-06", "2026-03-27", "2026-04-03", "2026-10-02", "2026-10-30"])
WINDOW = 6 * DAY
SECONDS = st.integers(0, WINDOW // S)
WITHIN = st.integers(0, 40 * 3600) | st.sampled_from([0, 1, 3600])
# off the hours in which clocks change, where the wall says nothing of which pass is meant
ENDS = st.integers(4 * 60, 24 * 60)
OPENS = st.just(0) | st.integers(4 * 60, 24 * 60 - 1)


@st.composite
def calendars(draw, first):
    days = st.integers(-1, 8).map(lambda n: first.date() + n * DAY)
    weekly = st.lists(st.tuples(st.integers(MON, SUN), OPENS, ENDS), max_size=5)
    windows = st.lists(st.tuples(OPENS, ENDS), max_size=2).map(tuple)
    return Hours(
        draw(st.sampled_from(DAYLIGHT)),
        tuple(draw(weekly)),
        draw(st.frozensets(days, max_size=2)),
        draw(st.dictionaries(days, windows, max_size=2)),
    )


@dataclass
class Facts:
    """What a case may have been through in some days around a change of clocks."""

    first: datetime
    start: datetime
    segments: list
    pauses: list

    @property
    def last(self):
        return self.first + WINDOW


@st.composite
def worlds(draw, paused=True):
    first = utc(draw(FIRST))
    on = calendars(first) | st.sampled_from([None, OFFICE, LUNCH, NEVER, hours((DAYS, 0, 24))])
    split = st.integers(0, 999_999).map(lambda part: timedelta(microseconds=part))

    def instant(latest=WINDOW):
        return first + draw(st.integers(0, latest // S)) * S + draw(split)

    turns = sorted(instant(4 * DAY) for _ in range(draw(st.integers(1, 3))))
    pauses = []
    for _ in range(draw(st.integers(0, 4)) if paused else 0):
        since = instant()
        lasts = draw(st.none() | st.integers(0, 30 * 3600) | st.integers(0, 30 * 3600))
        pauses.append((since, None if lasts is None else since + lasts * S + draw(split)))
    return Facts(first, instant(2 * DAY), [Segment(turn, draw(on)) for turn in turns], pauses)


@law(50)
@given(worlds(), WITHIN)
def test_a_walk_through_every_second_finds_the_same(world, within):
    facts = world.segments, world.pauses

    walked = secondwalk.due_at(world.start, within * S, *facts, world.last)
    due = due_at(world.start, within * S, *facts)

    assert due == walked or (walked is None and due > world.last)
    assert elapsed(world.start, world.last, *facts) == secondwalk.elapsed(
        world.start, world.last, *facts
    )


@law(80)
@given(worlds(), WITHIN)
def test_due_is_the_first_instant_at_which_the_target_has_elapsed(world, within):
    facts = world.segments, world.pauses
    due = due_at(world.start, within * S, *facts)

    if due is None:
        assert elapsed(world.start, world.start + 100 * DAY, *facts) < within * S
    elif within:
        assert elapsed(world.start, due, *facts) == within * S
        assert elapsed(world.start, due - S, *facts) == (within - 1) * S
    else:
        assert due == world.start.replace(microsecond=0)


@law(80)
@given(worlds(), SECONDS, SECONDS)
def test_elapsed_adds_up_and_never_falls(world, one, other):
    facts = world.segments, world.pauses
    cut, end = sorted([world.start + one * S, world.start + other * S])

    first, both = elapsed(world.start, cut, *facts), elapsed(world.start, end, *facts)

    assert first + elapsed(cut, end, *facts) == both
    assert NOTHING <= first <= both <= end - world.start.replace(microsecond=0)


@law(60)
@given(worlds(), WITHIN, WITHIN)
def test_a_longer_target_is_never_due_earlier(world, one, other):
    facts, (less, more) = (world.segments, world.pauses), sorted([one, other])

    sooner, later = (due_at(world.start, within * S, *facts) for within in (less, more))

    assert later is None or sooner <= later
    assert less == more or sooner != later or later is None


@law(60)
@given(worlds(), WITHIN)
def test_the_time_used_and_the_rest_make_the_whole(world, within):
    """What is left on a change of hands is due when the whole was: recomputing is not adding."""
    facts = world.segments, world.pauses
    due = due_at(world.start, within * S, *facts)
    assume(due is not None)

    for look in (world.start + n * WINDOW / 5 for n in range(1, 5)):
        left = within * S - elapsed(world.start, look, *facts)
        if left > NOTHING:
            assert due_at(look, left, *facts) == due


@law(60)
@given(worlds(), WITHIN, SECONDS)
def test_pausing_and_resuming_at_once_changes_nothing(world, within, later):
    at = world.first + later * S
    pauses = [*world.pauses, (at, at)]

    assert due_at(world.start, within * S, world.segments, pauses) == due_at(
        world.start, within * S, world.segments, world.pauses
    )
    assert elapsed(world.start, world.last, world.segments, pauses) == elapsed(
        world.start, world.last, world.segments, world.pauses
    )


@law(60)
@given(worlds(), WITHIN, st.randoms(use_true_random=False))
def test_the_order_of_pauses_changes_nothing_nor_do_pauses_within_them(world, within, chance):
    shuffled = [*world.pauses, *((since + S, until) for since, until in world.pauses)]
    chance.shuffle(shuffled)

    assert due_at(world.start, within * S, world.segments, shuffled) == due_at(
        world.start, within * S, world.segments, world.pauses
    )


@law(60)
@given(
    worlds(), WITHIN, st.sampled_from(["Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"])
)
def test_whose_clock_asks_changes_nothing(world, within, zone):
    def seen(at):
        return at and at.astimezone(ZoneInfo(zone))

    segments = [Segment(seen(one.since), one.hours) for one in world.segments]
    pauses = [(seen(since), seen(until)) for since, until in world.pauses]

    assert due_at(seen(world.start), within * S, segments, pauses) == due_at(
        world.start, within * S, world.segments, world.pauses
    )
    assert counted(segments, pauses, seen(world.start), seen(world.last)) == counted(
        world.segments, world.pauses, world.start, world.last
    )


@law(60)
@given(worlds(), WITHIN, SECONDS)
def test_handing_on_to_the_same_hours_changes_nothing(world, within, later):
    """Also where the case comes back within the role, and where a calendar has a new version."""
    at = world.first + later * S
    turn = max((n for n, one in enumerate(world.segments) if one.since <= at), default=0)
    whole, following = world.segments[turn], world.segments[turn + 1 :]
    at = max(at, whole.since)
    split = [*world.segments[: turn + 1], Segment(at, whole.hours), *following]

    assert due_at(world.start, within * S, split, world.pauses) == due_at(
        world.start, within * S, world.segments, world.pauses
    )
    assert elapsed(world.start, world.last, split, world.pauses) == elapsed(
        world.start, world.last, world.segments, world.pauses
    )


@law(60)
@given(worlds(), WITHIN, SECONDS)
def test_what_comes_after_it_was_due_changes_nothing(world, within, later):
    due = due_at(world.start, within * S, world.segments, world.pauses)
    assume(due is not None and all(one.since <= due for one in world.segments))
    at = due + later * S

    assert due == due_at(
        world.start,
        within * S,
        [*world.segments, Segment(at, NEVER)],
        [*world.pauses, (at, None)],
    )


@law(60)
@given(worlds(paused=False), st.integers(1, 40 * 3600), st.integers(1, 30 * 3600), SECONDS)
def test_a_pause_in_which_nothing_would_have_counted_is_free_and_any_other_costs_what_it_takes(
    world, within, lasts, later
):
    began = world.start.replace(microsecond=0) + later * S
    pause = (began, began + lasts * S)
    without = due_at(world.start, within * S, world.segments, [])
    assume(without is not None)

    paused = due_at(world.start, within * S, world.segments, [pause])

    lost = elapsed(began, min(max(without, began), pause[1]), world.segments, [])
    if not lost:
        assert paused == without
    else:
        assert paused is None or paused > without
        assert paused is None or elapsed(world.start, paused, world.segments, []) == (
            within * S + elapsed(*pause, world.segments, [])
        )
