"""Layers over layers, positions, and people who are away or may not be on call at all."""

from dataclasses import replace as changed
from datetime import datetime

import pytest

from reviewers.oncall import Facts, resolve
from tests.reviewers.rosterwords import (
    WORKDAYS,
    absent,
    add,
    available,
    case,
    cover,
    facts,
    handoff,
    planned,
    replace,
    shifts,
    span,
)

DAYS = handoff("kim lou", "Mon 2 Nov", "1 day", layer="days")
ALWAYS = handoff("max", "Mon 2 Nov", priority=-1, layer="always")
SECOND = handoff("lou kim", "Mon 2 Nov", "1 day", position=2, layer="second")
MONDAY, TWO_DAYS = "Mon 2 Nov - Tue 3 Nov", "Mon 2 Nov - Wed 4 Nov"
LUNCH = "Mon 2 Nov 12:00 - 13:00"

LAYERS = [
    case(
        "a layer of office hours over one that is always there",
        MONDAY,
        shifts("kim", "Mon 2 Nov 09:00", "8:00", priority=1),
        handoff("max", "Mon 2 Nov"),
        says="""
            Mon 2 Nov 00:00 - 09:00 max
            Mon 2 Nov 09:00 - 17:00 kim
            Mon 2 Nov 17:00 - Tue 3 Nov 00:00 max""",
    ),
    case(
        "a level whose people are away yields to the next",
        MONDAY,
        DAYS,
        ALWAYS,
        absent("kim", LUNCH),
        says="""
            Mon 2 Nov 00:00 - 12:00 kim
            Mon 2 Nov 12:00 - 13:00 max
            Mon 2 Nov 13:00 - Tue 3 Nov 00:00 kim""",
    ),
    case(
        "two levels empty, the third steps up",
        MONDAY,
        DAYS,
        ALWAYS,
        handoff("nia", "Mon 2 Nov", priority=-2),
        absent("kim", LUNCH),
        absent("max", "Mon 2 Nov 12:30 - 14:00"),
        says="""
            Mon 2 Nov 00:00 - 12:00 kim
            Mon 2 Nov 12:00 - 12:30 max
            Mon 2 Nov 12:30 - 13:00 nia
            Mon 2 Nov 13:00 - Tue 3 Nov 00:00 kim""",
    ),
    case(
        "two layers of one level are both on",
        MONDAY,
        shifts("kim", "Mon 2 Nov 08:00", "8:00", layer="early"),
        shifts("lou", "Mon 2 Nov 14:00", "8:00", layer="late"),
        says="""
            Mon 2 Nov 08:00 - 16:00 kim
            Mon 2 Nov 14:00 - 22:00 lou""",
    ),
    case(
        "a level with one of two people left does not yield",
        MONDAY,
        handoff("kim+lou", "Mon 2 Nov"),
        ALWAYS,
        absent("kim", LUNCH),
        says="""
            Mon 2 Nov 00:00 - 12:00 kim
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 lou
            Mon 2 Nov 13:00 - Tue 3 Nov 00:00 kim""",
    ),
    case(
        "a person in two layers of one level is on once",
        MONDAY,
        handoff("kim", "Mon 2 Nov", layer="one"),
        shifts("kim+lou", "Mon 2 Nov 09:00", "8:00", layer="two"),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim
            Mon 2 Nov 09:00 - 17:00 lou""",
    ),
    case(
        "a layer is in force from one instant until another, its turns counted from its anchor",
        "Mon 2 Nov - Sun 8 Nov",
        handoff("kim lou", "Mon 2 Nov", "1 day", since="Tue 3 Nov 12:00", until="Thu 5 Nov 12:00"),
        says="""
            Tue 3 Nov 12:00 - Wed 4 Nov 00:00 lou
            Wed 4 Nov 00:00 - Thu 5 Nov 00:00 kim
            Thu 5 Nov 00:00 - 12:00 lou""",
    ),
    case(
        "a layer for the holidays goes over the usual one while it is in force",
        "Mon 2 Nov - Mon 9 Nov",
        handoff("kim", "Mon 2 Nov"),
        handoff("nia", "Mon 2 Nov", priority=9, since="Wed 4 Nov", until="Fri 6 Nov"),
        says="""
            Mon 2 Nov 00:00 - Wed 4 Nov 00:00 kim
            Wed 4 Nov 00:00 - Fri 6 Nov 00:00 nia
            Fri 6 Nov 00:00 - Mon 9 Nov 00:00 kim""",
    ),
    case(
        "a shift running when its layer ends is cut",
        MONDAY,
        shifts("kim", "Mon 2 Nov 09:00", "8:00", until="Mon 2 Nov 12:00"),
        says="Mon 2 Nov 09:00 - 12:00 kim",
    ),
    case(
        "nobody planned is no hole",
        "Sat 7 Nov - Mon 9 Nov",
        handoff("kim", "Mon 2 Nov", windows=f"{WORKDAYS} 00:00-24:00"),
        says="",
    ),
    case("a roster without layers plans nothing", MONDAY, says=""),
]

POSITIONS = [
    case(
        "two positions, two people",
        TWO_DAYS,
        DAYS,
        SECOND,
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim
            Tue 3 Nov 00:00 - Wed 4 Nov 00:00 lou
            2: Mon 2 Nov 00:00 - Tue 3 Nov 00:00 lou
            2: Tue 3 Nov 00:00 - Wed 4 Nov 00:00 kim""",
    ),
    case(
        "the primary is away: a hole in the first position, and the secondary is first in line",
        MONDAY,
        DAYS,
        SECOND,
        absent("kim", MONDAY),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 nobody, kim away
            2: Mon 2 Nov 00:00 - Tue 3 Nov 00:00 lou""",
    ),
    case(
        "priority is within a position: a high one of the second does not touch the first",
        MONDAY,
        DAYS,
        handoff("max", "Mon 2 Nov", priority=9, position=2),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim
            2: Mon 2 Nov 00:00 - Tue 3 Nov 00:00 max""",
    ),
    case(
        "one person may hold both positions",
        MONDAY,
        DAYS,
        handoff("kim", "Mon 2 Nov", position=2),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim
            2: Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim""",
    ),
]

AWAY = [
    case(
        "a person away for a while comes back into the same turn",
        MONDAY,
        DAYS,
        absent("kim", LUNCH),
        says="""
            Mon 2 Nov 00:00 - 12:00 kim
            Mon 2 Nov 12:00 - 13:00 nobody, kim away
            Mon 2 Nov 13:00 - Tue 3 Nov 00:00 kim""",
    ),
    case(
        "an absence moves nobody's turn",
        "Mon 2 Nov - Fri 6 Nov",
        handoff("kim lou max", "Mon 2 Nov", "1 day"),
        absent("lou", "Tue 3 Nov - Wed 4 Nov"),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim
            Tue 3 Nov 00:00 - Wed 4 Nov 00:00 nobody, lou away
            Wed 4 Nov 00:00 - Thu 5 Nov 00:00 max
            Thu 5 Nov 00:00 - Fri 6 Nov 00:00 kim""",
    ),
    case(
        "an absence acts in every position",
        TWO_DAYS,
        DAYS,
        SECOND,
        absent("kim", TWO_DAYS),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 nobody, kim away
            Tue 3 Nov 00:00 - Wed 4 Nov 00:00 lou
            2: Mon 2 Nov 00:00 - Tue 3 Nov 00:00 lou
            2: Tue 3 Nov 00:00 - Wed 4 Nov 00:00 nobody, kim away""",
    ),
    case(
        "absences that overlap are not more than one",
        "Mon 2 Nov 08:00 - 16:00",
        DAYS,
        absent("kim", "Mon 2 Nov 10:00 - 13:00"),
        absent("kim", "Mon 2 Nov 12:00 - 14:00"),
        says="""
            Mon 2 Nov 08:00 - 10:00 kim
            Mon 2 Nov 10:00 - 14:00 nobody, kim away
            Mon 2 Nov 14:00 - 16:00 kim""",
    ),
    case(
        "an absence of somebody who is not on changes nothing",
        MONDAY,
        DAYS,
        absent("lou", MONDAY),
        says="Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim",
    ),
    case(
        "everyone away: each turn a hole with its name",
        TWO_DAYS,
        DAYS,
        absent("kim", TWO_DAYS),
        absent("lou", TWO_DAYS),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 nobody, kim away
            Tue 3 Nov 00:00 - Wed 4 Nov 00:00 nobody, lou away""",
    ),
    case(
        "everyone away in every level: one hole with all the names",
        MONDAY,
        handoff("kim+lou", "Mon 2 Nov"),
        ALWAYS,
        absent("kim", MONDAY),
        absent("lou", MONDAY),
        absent("max", MONDAY),
        says="Mon 2 Nov 00:00 - Tue 3 Nov 00:00 nobody, kim and lou and max away",
    ),
    case(
        "outside the hours of duty an absence is no hole",
        MONDAY,
        shifts("kim", "Mon 2 Nov 09:00", "8:00"),
        absent("kim", MONDAY),
        says="Mon 2 Nov 09:00 - 17:00 nobody, kim away",
    ),
    case(
        "an absence that ends where a turn begins does not touch it",
        TWO_DAYS,
        DAYS,
        absent("lou", MONDAY),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim
            Tue 3 Nov 00:00 - Wed 4 Nov 00:00 lou""",
    ),
]

AVAILABLE = [
    case(
        "a leaver is never on again, and it shows",
        "Mon 2 Nov - Fri 6 Nov",
        DAYS,
        available(kim="Mon 2 Nov - Mon 2 Nov 17:00", lou="Mon 2 Nov"),
        says="""
            Mon 2 Nov 00:00 - 17:00 kim
            Mon 2 Nov 17:00 - Tue 3 Nov 00:00 nobody, kim away
            Tue 3 Nov 00:00 - Wed 4 Nov 00:00 lou
            Wed 4 Nov 00:00 - Thu 5 Nov 00:00 nobody, kim away
            Thu 5 Nov 00:00 - Fri 6 Nov 00:00 lou""",
    ),
    case(
        "a person who joins in the middle of their turn is on from then",
        MONDAY,
        DAYS,
        available(kim="Mon 2 Nov 09:00"),
        says="""
            Mon 2 Nov 00:00 - 09:00 nobody, kim away
            Mon 2 Nov 09:00 - Tue 3 Nov 00:00 kim""",
    ),
    case(
        "training that lapses in the middle of a shift ends it",
        MONDAY,
        shifts("kim lou", "Mon 2 Nov 09:00", "8:00"),
        ALWAYS,
        available(kim="Mon 2 Nov - Mon 2 Nov 12:00", max="Mon 2 Nov 13:00"),
        says="""
            Mon 2 Nov 00:00 - 09:00 nobody, max away
            Mon 2 Nov 09:00 - 12:00 kim
            Mon 2 Nov 12:00 - 13:00 nobody, kim and max away
            Mon 2 Nov 13:00 - Tue 3 Nov 00:00 max""",
    ),
    case(
        "a person of whom nothing is known is never on",
        TWO_DAYS,
        DAYS,
        available(lou="Mon 2 Nov"),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 nobody, kim away
            Tue 3 Nov 00:00 - Wed 4 Nov 00:00 lou""",
    ),
    case(
        "a person available twice, and away between",
        "Mon 2 Nov 08:00 - 20:00",
        DAYS,
        {"kim": (span("Mon 2 Nov 08:00 - 10:00"), span("Mon 2 Nov 12:00 - 20:00"))},
        says="""
            Mon 2 Nov 08:00 - 10:00 kim
            Mon 2 Nov 10:00 - 12:00 nobody, kim away
            Mon 2 Nov 12:00 - 20:00 kim""",
    ),
    case(
        "a person who is available may be absent all the same",
        LUNCH,
        DAYS,
        available(kim="Mon 2 Nov"),
        absent("kim", "Mon 2 Nov 12:30 - 14:00"),
        says="""
            Mon 2 Nov 12:00 - 12:30 kim
            Mon 2 Nov 12:30 - 13:00 nobody, kim away""",
    ),
    case(
        "nobody stands in, is added or covers who may not be on call",
        "Mon 2 Nov 08:00 - 11:00",
        DAYS,
        available(kim="Mon 2 Nov"),
        replace("kim", "sam", "Mon 2 Nov 08:00 - 09:00"),
        add("sam", "Mon 2 Nov 09:00 - 10:00"),
        cover("sam", "Mon 2 Nov 10:00 - 11:00"),
        says="""
            Mon 2 Nov 08:00 - 09:00 nobody, sam away
            Mon 2 Nov 09:00 - 10:00 kim
            Mon 2 Nov 10:00 - 11:00 nobody, sam away""",
    ),
]


@pytest.mark.parametrize(
    ("given", "since", "until", "zone", "says"), LAYERS + POSITIONS + AWAY + AVAILABLE
)
def test_who_is_left(given: Facts, since: datetime, until: datetime, zone: str, says: list[str]):
    assert planned(given, since, until, zone) == says


def test_no_time_at_all_has_no_plan():
    monday = span(MONDAY)[0]

    plan = resolve(facts(DAYS), monday, monday)

    assert (plan.stretches, plan.holes) == ((), ())


def test_a_rotation_without_people_plans_nobody():
    given = facts(changed(DAYS, groups=()), ALWAYS)

    assert planned(given, *span(MONDAY)) == ["Mon 2 Nov 00:00 - Tue 3 Nov 00:00 max"]


def test_a_turn_of_nobody_yields_to_the_next_level_and_is_no_hole():
    given = changed(DAYS, groups=(("kim",), ()))

    assert planned(facts(given), *span(TWO_DAYS)) == ["Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim"]
    assert planned(facts(given, ALWAYS), *span(TWO_DAYS)) == [
        "Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim",
        "Tue 3 Nov 00:00 - Wed 4 Nov 00:00 max",
    ]
