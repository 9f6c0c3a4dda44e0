"""Who may be called next. Each of these is a crowd that would like to keep somebody else waiting."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from escalation.delivery.deliveries import DELIVERIES
from escalation.delivery.lanes import Due, Limits, Place, UnderWay
from reviewers.notifications.sending import DIGESTS, NOTICES

LIMITS = Limits(total=100, lane=20, receiver=8)
EVERYBODYS = [LIMITS, DELIVERIES.limits, NOTICES.limits, DIGESTS.limits]


def start_all(under_way, places):
    """Start each that may; return how many there are."""
    count = 0
    for place in places:
        if under_way.may_start(place):
            under_way.start(place)
            count += 1
    return count


CROWDS = {
    "one agent's at one host": lambda n: Place("bad", "bad:80", True),
    "one agent's at as many hosts": lambda n: Place("bad", f"bad-{n}:80", True),
    "as many agents' at one host": lambda n: Place(f"bad-{n}", "bad:80", True),
    "a few agents' at as many hosts": lambda n: Place(f"bad-{n % 5}", f"bad-{n}:80", True),
    "what is tried again": lambda n: Place(f"bad-{n % 50}", f"bad-{n}:80", False),
    "a few agents' at a few hosts": lambda n: Place(f"bad-{n % 7}", f"bad-{n % 3}:80", n % 2 == 0),
}


@pytest.mark.parametrize("limits", EVERYBODYS)
@pytest.mark.parametrize("size", [100, 1000, 100_000])
@pytest.mark.parametrize("crowd", CROWDS)
def test_a_crowd_that_hangs_leaves_room_for_somebody_else(crowd, size, limits):
    under_way = UnderWay(limits)
    start_all(under_way, (CROWDS[crowd](n) for n in range(size)))

    assert under_way.may_start(Place("good", "good:80", True))
    assert under_way.count < limits.total


@pytest.mark.parametrize("size", [100, 1000])
def test_even_at_the_host_where_a_crowd_hangs_another_agent_is_called(size):
    for crowd in ("one agent's at one host", "a few agents' at a few hosts"):
        under_way = UnderWay(DELIVERIES.limits)
        start_all(under_way, (CROWDS[crowd](n) for n in range(size)))

        assert under_way.may_start(Place("good", "bad:80", True))


def test_the_same_agents_other_host_is_called_while_one_hangs():
    under_way = UnderWay(LIMITS)
    start_all(under_way, [Place("agent", f"bad-{n % 10}:80", True) for n in range(1000)])

    assert under_way.may_start(Place("agent", "good:80", True))


def test_a_first_try_finds_room_where_retries_wait():
    under_way = UnderWay(LIMITS)
    retries = start_all(under_way, [Place("agent", "host:80", False)] * 100)

    assert retries == LIMITS.receiver // 2
    assert under_way.may_start(Place("agent", "host:80", True))


patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
places = st.builds(
    Place,
    st.sampled_from(["a", "b", "c", "d", "e"]),
    st.sampled_from(["x:80", "y:80", "z:80"]),
    st.booleans(),
)


@patient
@given(st.lists(st.tuples(places, st.booleans()), max_size=400))
def test_no_limit_is_ever_passed_and_what_ends_gives_its_room_back(acts):
    limits = Limits(total=24, lane=6, receiver=4)
    under_way, going = UnderWay(limits), []
    for place, ends in acts:
        if ends and going:
            under_way.end(going.pop())
        elif under_way.may_start(place):
            under_way.start(place)
            going.append(place)
        assert under_way.count == len(going) <= limits.total
        assert max(Counter(one.lane for one in going).values(), default=0) <= 2 * limits.lane
        pairs = Counter((one.lane, one.receiver) for one in going)
        assert max(pairs.values(), default=0) <= limits.receiver
        there = Counter(one.receiver for one in going)
        assert max(there.values(), default=0) <= limits.total // 2
        assert sum(not one.first for one in going) <= limits.total // 2
    for place in going:
        under_way.end(place)
    assert vars(under_way) == vars(UnderWay(limits))


@patient
@given(st.lists(places, max_size=200), places)
def test_what_is_said_to_be_full_could_not_start(started, asked):
    under_way = UnderWay(Limits(total=24, lane=6, receiver=4))
    start_all(under_way, started)
    full, both = under_way.full(), f"{asked.lane} {asked.receiver}"

    if asked.lane in full.lanes or both in full.pairs or asked.receiver in full.receivers:
        assert not under_way.may_start(asked)
    if not asked.first and (asked.lane in full.lanes_of_retries or both in full.pairs_of_retries):
        assert not under_way.may_start(asked)


def due(place):
    return Due(uuid7(), uuid7(), place)


def test_those_that_can_start_are_admitted_in_their_order_and_nothing_is_started():
    under_way = UnderWay(Limits(total=100, lane=20, receiver=2))
    waiting = [due(Place("a", "x:80", True)) for _ in range(3)] + [due(Place("b", "x:80", True))]

    assert under_way.admit(waiting) == [waiting[0], waiting[1], waiting[3]]
    assert under_way.admit(waiting, one_each=True) == [waiting[0], waiting[3]]
    assert under_way.count == 0
