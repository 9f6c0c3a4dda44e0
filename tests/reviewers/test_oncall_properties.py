"""Any roster at any instant: what the resolver computes is what a walk by the minute finds."""

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from reviewers.enums import Kind
from reviewers.oncall import Facts, Hole, Plan, Stretch, resolve
from tests.laws import law
from tests.reviewers.anyroster import ZONES, rosters, rules, times
from tests.reviewers.minutewalk import MINUTE, MinuteWalk

Time = tuple[datetime, datetime]


@st.composite
def asked(draw: st.DrawFn, **given: Any) -> tuple[Facts, Time]:
    about = draw(times())
    return draw(rosters(about, **given)), about


def on(plan: Plan, at: datetime) -> dict[int, frozenset[str]]:
    """Return who is in each position at an instant; a hole is a position with nobody."""
    found: dict[int, frozenset[str]] = {}
    for one in plan.holes:
        if one.since <= at < one.until:
            found[one.position] = frozenset()
    for one in plan.stretches:
        if one.since <= at < one.until:
            found[one.position] = found.get(one.position, frozenset()) | {one.person}
    return found


def instants(plan: Plan, facts: Facts, about: Time, seed: int) -> list[datetime]:
    """Return the edges of plan and facts with the minutes beside them, and minutes by chance."""
    items = (*plan.stretches, *plan.holes, *facts.rules, *facts.overrides, *facts.absences)
    edges = {edge for one in items for edge in (one.since, one.until) if edge}
    chance = random.Random(seed)
    few = chance.sample(sorted(edges), min(len(edges), 12))
    near = {edge + step for edge in few for step in (-MINUTE, 0 * MINUTE, MINUTE)}
    minutes = (about[1] - about[0]) // MINUTE
    near |= {about[0] + chance.randrange(minutes) * MINUTE for _ in range(12)} | {about[0]}
    return sorted(at for at in near if about[0] <= at < about[1])


def walked_alike(facts: Facts, about: Time, seed: int) -> None:
    plan, walk = resolve(facts, *about), MinuteWalk(facts, about[1])
    for at in instants(plan, facts, about, seed):
        found = {position: post.people for position, post in walk.at(at).items()}
        assert on(plan, at) == found, at


@law(300)
@given(asked(), st.integers(0, 99))
def test_the_same_people_as_a_walk_by_the_minute(asked: tuple[Facts, Time], seed: int):
    walked_alike(*asked, seed)


@law(12)
@given(asked(most=2, years=10), st.integers(0, 99))
def test_the_same_people_after_ten_years(asked: tuple[Facts, Time], seed: int):
    walked_alike(*asked, seed)


@law(150)
@given(asked())
def test_nobody_stands_twice_and_no_two_in_one_slot(asked: tuple[Facts, Time]):
    facts, (since, until) = asked
    plan = resolve(facts, since, until)

    for one in (*plan.stretches, *plan.holes):
        assert since <= one.since < one.until <= until
    for one, other in combinations(plan.stretches, 2):
        if one.position == other.position and _overlap(one, other):
            assert one.slot != other.slot
            assert one.person != other.person
    for hole in plan.holes:
        beside = [one for one in (*plan.stretches, *plan.holes) if one.position == hole.position]
        assert [one for one in beside if _overlap(one, hole)] == [hole]


@law(150)
@given(asked())
def test_equal_neighbours_are_one(asked: tuple[Facts, Time]):
    facts, about = asked
    plan = resolve(facts, *about)

    ends = {(one.until, *_what(one)) for one in (*plan.stretches, *plan.holes)}

    assert [one for one in (*plan.stretches, *plan.holes) if (one.since, *_what(one)) in ends] == []


@law(200)
@given(asked(), st.integers(1, 999))
def test_a_plan_in_two_parts_is_the_plan(asked: tuple[Facts, Time], part: int):
    facts, (since, until) = asked
    cut = since + (until - since) * part / 1000

    first, second = resolve(facts, since, cut), resolve(facts, cut, until)

    assert _joined(first, second, cut) == _sorted(resolve(facts, since, until))


@law(100)
@given(asked())
def test_the_zone_in_which_instants_are_given_changes_nothing(asked: tuple[Facts, Time]):
    facts, (since, until) = asked
    plan = resolve(facts, since, until)

    for zone in (*ZONES, "Asia/Tokyo"):
        there = ZoneInfo(zone)
        assert resolve(facts, since.astimezone(there), until.astimezone(there)) == plan
    assert resolve(_at_offset(facts, timedelta(hours=-9, minutes=-30)), since, until) == plan


@law(25)
@given(asked())
def test_the_zone_of_the_machine_changes_nothing(asked: tuple[Facts, Time]):
    facts, about = asked
    plan = resolve(facts, *about)

    for zone in ("America/New_York", "Australia/Lord_Howe"):
        with machine_in(zone):
            assert resolve(facts, *about) == plan


@law(100)
@given(asked(), st.randoms(use_true_random=False))
def test_the_order_in_which_things_are_given_changes_nobody(
    asked: tuple[Facts, Time], chance: random.Random
):
    facts, about = asked
    plan, other = resolve(facts, *about), resolve(_shuffled(facts, chance), *about)

    for at in instants(plan, facts, about, 0):
        assert on(other, at) == on(plan, at)


@law(100)
@given(asked(), st.randoms(use_true_random=False))
def test_the_order_changes_nothing_at_all_where_priorities_differ(
    asked: tuple[Facts, Time], chance: random.Random
):
    facts, about = asked
    facts = replace(
        facts, rules=tuple(replace(rule, priority=n) for n, rule in enumerate(facts.rules))
    )

    assert resolve(_shuffled(facts, chance), *about) == resolve(facts, *about)


@law(60)
@given(st.data())
def test_hand_offs_leave_no_gap_and_no_double(data: st.DataObject):
    about = data.draw(times(longest=timedelta(days=200)))
    one_by_one = (("kim",), ("lou",), ("max",))
    rule = data.draw(
        rules(
            about,
            kind=Kind.HANDOFF,
            groups=one_by_one,
            windows=(),
            since=None,
            until=None,
            length=None,
        )
    )
    anchor = rule.first.replace(tzinfo=ZoneInfo(rule.zone)).astimezone(UTC)

    stretches = resolve(Facts((rule,)), *about).stretches

    assert [one.since for one in stretches[1:]] == [one.until for one in stretches[:-1]]
    whole = (max(anchor, about[0]), about[1])
    assert [(stretches[0].since, stretches[-1].until)] == [whole] if whole[0] < whole[1] else True


def _overlap(one: Stretch | Hole, other: Stretch | Hole) -> bool:
    return one.since < other.until and other.since < one.until


def _what(one: Stretch | Hole) -> tuple[Any, ...]:
    """Return all of a stretch but its time."""
    if isinstance(one, Hole):
        return one.position, one.away
    return one.position, one.slot, one.person, one.layer, one.override


def _joined(first: Plan, second: Plan, cut: datetime) -> list[tuple[Any, ...]]:
    before, after = _sorted(first), _sorted(second)
    ends = {key[2:]: key for key in before if key[1] == cut}
    starts = {key[2:]: key for key in after if key[0] == cut}
    both = ends.keys() & starts.keys()
    whole = [(ends[key][0], starts[key][1], *key) for key in both]
    apart = [key for key in before if key[1] != cut or key[2:] not in both]
    apart += [key for key in after if key[0] != cut or key[2:] not in both]
    return sorted(whole + apart, key=repr)


def _sorted(plan: Plan) -> list[tuple[Any, ...]]:
    found = [(one.since, one.until, *_what(one)) for one in (*plan.stretches, *plan.holes)]
    return sorted(found, key=repr)


def _shuffled(facts: Facts, chance: random.Random) -> Facts:
    def some(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(chance.sample(items, len(items)))

    return replace(
        facts,
        rules=some(facts.rules),
        overrides=some(facts.overrides),
        absences=some(facts.absences),
    )


def _at_offset(facts: Facts, offset: timedelta) -> Facts:
    there = timezone(offset)

    def moved(one: Any) -> Any:
        bounds = {key: getattr(one, key) for key in ("since", "until")}
        return replace(one, **{key: at and at.astimezone(there) for key, at in bounds.items()})

    return replace(
        facts,
        rules=tuple(map(moved, facts.rules)),
        overrides=tuple(map(moved, facts.overrides)),
        absences=tuple(map(moved, facts.absences)),
    )


@contextmanager
def machine_in(zone: str) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        time.tzset()
