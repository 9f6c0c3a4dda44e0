"""People who stand in: four kinds of override, alone, one on another, and against each other."""

from dataclasses import replace as changed
from datetime import datetime
from itertools import permutations

import pytest

from reviewers.oncall import Facts, resolve
from tests.reviewers.rosterwords import (
    add,
    case,
    cover,
    facts,
    handoff,
    planned,
    remove,
    replace,
    shifts,
    span,
)

DAYS = handoff("kim lou", "Mon 2 Nov", "1 day", layer="days")
PAIR = handoff("kim+lou", "Mon 2 Nov", layer="pair")
OFFICE = shifts("kim lou", "Mon 2 Nov 09:00", "8:00", layer="office")
BELOW = handoff("max", "Mon 2 Nov", priority=-1, layer="below")
SECOND = handoff("lou kim", "Mon 2 Nov", "1 day", position=2, layer="second")
MONDAY, TWO_DAYS = "Mon 2 Nov - Tue 3 Nov", "Mon 2 Nov - Wed 4 Nov"
LUNCH = "Mon 2 Nov 12:00 - 13:00"

REPLACE = [
    case(
        "a stand-in takes a piece out of a turn",
        MONDAY,
        DAYS,
        replace("kim", "sam", LUNCH),
        says="""
            Mon 2 Nov 00:00 - 12:00 kim
            Mon 2 Nov 12:00 - 13:00 sam
            Mon 2 Nov 13:00 - Tue 3 Nov 00:00 kim""",
    ),
    case(
        "a stand-in ends with the turn of the person replaced",
        TWO_DAYS,
        DAYS,
        replace("kim", "sam", "Mon 2 Nov 12:00 - Tue 3 Nov 12:00"),
        says="""
            Mon 2 Nov 00:00 - 12:00 kim
            Mon 2 Nov 12:00 - Tue 3 Nov 00:00 sam
            Tue 3 Nov 00:00 - Wed 4 Nov 00:00 lou""",
    ),
    case(
        "over several shifts each keeps its own ends, and the nights stay empty",
        "Mon 2 Nov - Sat 7 Nov",
        OFFICE,
        replace("kim", "sam", "Mon 2 Nov - Fri 6 Nov 12:00"),
        says="""
            Mon 2 Nov 09:00 - 17:00 sam
            Tue 3 Nov 09:00 - 17:00 lou
            Wed 4 Nov 09:00 - 17:00 sam
            Thu 5 Nov 09:00 - 17:00 lou
            Fri 6 Nov 09:00 - 12:00 sam
            Fri 6 Nov 12:00 - 17:00 kim""",
    ),
    case(
        "replacing a person who is not on does nothing",
        MONDAY,
        DAYS,
        replace("lou", "sam", LUNCH),
        says="Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim",
    ),
    case(
        "replacing a person whom nobody knows does nothing",
        MONDAY,
        DAYS,
        replace("zoe", "sam", LUNCH),
        says="Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim",
    ),
    case(
        "a stand-in is not replaced in turn",
        MONDAY,
        DAYS,
        replace("kim", "sam", LUNCH),
        replace("sam", "zoe", LUNCH),
        says="""
            Mon 2 Nov 00:00 - 12:00 kim
            Mon 2 Nov 12:00 - 13:00 sam
            Mon 2 Nov 13:00 - Tue 3 Nov 00:00 kim""",
    ),
    case(
        "two who stand in for each other change places",
        TWO_DAYS,
        DAYS,
        replace("kim", "lou", TWO_DAYS),
        replace("lou", "kim", TWO_DAYS),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 lou
            Tue 3 Nov 00:00 - Wed 4 Nov 00:00 kim""",
    ),
    case(
        "two of a pair who stand in for each other leave the pair as it was",
        MONDAY,
        PAIR,
        replace("kim", "lou", MONDAY),
        replace("lou", "kim", MONDAY),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 lou""",
    ),
    case(
        "one of a pair who stands in for the other is there once",
        MONDAY,
        PAIR,
        replace("kim", "lou", LUNCH),
        says="""
            Mon 2 Nov 00:00 - 12:00 kim
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 lou
            Mon 2 Nov 13:00 - Tue 3 Nov 00:00 kim""",
    ),
    case(
        "one stand-in for both of a pair is there once",
        MONDAY,
        PAIR,
        replace("kim", "sam", MONDAY),
        replace("lou", "sam", MONDAY),
        says="Mon 2 Nov 00:00 - Tue 3 Nov 00:00 sam",
    ),
    case(
        "stand-ins one after the other for one person",
        MONDAY,
        DAYS,
        replace("kim", "sam", "Mon 2 Nov 08:00 - 12:00"),
        replace("kim", "zoe", "Mon 2 Nov 12:00 - 16:00"),
        says="""
            Mon 2 Nov 00:00 - 08:00 kim
            Mon 2 Nov 08:00 - 12:00 sam
            Mon 2 Nov 12:00 - 16:00 zoe
            Mon 2 Nov 16:00 - Tue 3 Nov 00:00 kim""",
    ),
    case(
        "a stand-in may have a turn of their own in the same rotation",
        TWO_DAYS,
        DAYS,
        replace("kim", "lou", "Mon 2 Nov 18:00 - Tue 3 Nov"),
        says="""
            Mon 2 Nov 00:00 - 18:00 kim
            Mon 2 Nov 18:00 - Wed 4 Nov 00:00 lou""",
    ),
    case(
        "replacing in one position leaves the other alone",
        TWO_DAYS,
        DAYS,
        SECOND,
        replace("kim", "sam", TWO_DAYS, position=2),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim
            Tue 3 Nov 00:00 - Wed 4 Nov 00:00 lou
            2: Mon 2 Nov 00:00 - Tue 3 Nov 00:00 lou
            2: Tue 3 Nov 00:00 - Wed 4 Nov 00:00 sam""",
    ),
    case(
        "replacing without a position is in every one",
        TWO_DAYS,
        DAYS,
        SECOND,
        replace("kim", "sam", TWO_DAYS),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 sam
            Tue 3 Nov 00:00 - Wed 4 Nov 00:00 lou
            2: Mon 2 Nov 00:00 - Tue 3 Nov 00:00 lou
            2: Tue 3 Nov 00:00 - Wed 4 Nov 00:00 sam""",
    ),
    case(
        "replacing the person of a lower level shows nothing while a higher one stands",
        MONDAY,
        DAYS,
        BELOW,
        replace("max", "sam", MONDAY),
        says="Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim",
    ),
    case(
        "a stand-in outside the hours of duty is not on",
        MONDAY,
        OFFICE,
        replace("kim", "sam", "Mon 2 Nov 16:00 - 20:00"),
        says="""
            Mon 2 Nov 09:00 - 16:00 kim
            Mon 2 Nov 16:00 - 17:00 sam""",
    ),
]

REMOVE = [
    case(
        "removing the only person leaves a hole",
        MONDAY,
        DAYS,
        remove("kim", LUNCH),
        says="""
            Mon 2 Nov 00:00 - 12:00 kim
            Mon 2 Nov 12:00 - 13:00 nobody, kim away
            Mon 2 Nov 13:00 - Tue 3 Nov 00:00 kim""",
    ),
    case(
        "removing the only person of a level yields to the next level",
        MONDAY,
        DAYS,
        BELOW,
        remove("kim", LUNCH),
        says="""
            Mon 2 Nov 00:00 - 12:00 kim
            Mon 2 Nov 12:00 - 13:00 max
            Mon 2 Nov 13:00 - Tue 3 Nov 00:00 kim""",
    ),
    case(
        "removing one of a pair leaves the other",
        MONDAY,
        PAIR,
        remove("kim", LUNCH),
        says="""
            Mon 2 Nov 00:00 - 12:00 kim
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 lou
            Mon 2 Nov 13:00 - Tue 3 Nov 00:00 kim""",
    ),
    case(
        "removing a stand-in does nothing: they do not stand there by a layer",
        MONDAY,
        DAYS,
        replace("kim", "sam", MONDAY),
        remove("sam", MONDAY),
        says="Mon 2 Nov 00:00 - Tue 3 Nov 00:00 sam",
    ),
]

ADD = [
    case(
        "an added person stands beside whoever is on",
        TWO_DAYS,
        DAYS,
        add("sam", "Mon 2 Nov 12:00 - Tue 3 Nov 12:00"),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim
            Mon 2 Nov 12:00 - Tue 3 Nov 12:00 sam
            Tue 3 Nov 00:00 - Wed 4 Nov 00:00 lou""",
    ),
    case(
        "an added person is on where no layer has anybody",
        MONDAY,
        OFFICE,
        add("sam", "Mon 2 Nov 16:00 - 20:00"),
        says="""
            Mon 2 Nov 09:00 - 17:00 kim
            Mon 2 Nov 16:00 - 20:00 sam""",
    ),
    case(
        "a person is on by an addition alone, in a roster without layers",
        MONDAY,
        add("sam", LUNCH),
        says="Mon 2 Nov 12:00 - 13:00 sam",
    ),
    case(
        "adding whoever is on already changes nothing",
        MONDAY,
        DAYS,
        add("kim", LUNCH),
        says="Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim",
    ),
    case(
        "adding without a position is to the first",
        MONDAY,
        DAYS,
        SECOND,
        add("sam", LUNCH),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim
            Mon 2 Nov 12:00 - 13:00 sam
            2: Mon 2 Nov 00:00 - Tue 3 Nov 00:00 lou""",
    ),
    case(
        "adding to a position that no layer has",
        MONDAY,
        DAYS,
        add("sam", LUNCH, position=3),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim
            3: Mon 2 Nov 12:00 - 13:00 sam""",
    ),
    case(
        "an added person is neither removed nor replaced",
        MONDAY,
        add("sam", LUNCH),
        remove("sam", LUNCH),
        replace("sam", "zoe", LUNCH),
        says="Mon 2 Nov 12:00 - 13:00 sam",
    ),
    case(
        "an added person does not keep a removed one on, nor fill a level",
        MONDAY,
        DAYS,
        BELOW,
        remove("kim", LUNCH),
        add("sam", LUNCH),
        says="""
            Mon 2 Nov 00:00 - 12:00 kim
            Mon 2 Nov 12:00 - 13:00 max
            Mon 2 Nov 12:00 - 13:00 sam
            Mon 2 Nov 13:00 - Tue 3 Nov 00:00 kim""",
    ),
]


@pytest.mark.parametrize(("given", "since", "until", "zone", "says"), REPLACE + REMOVE + ADD)
def test_overrides(given: Facts, since: datetime, until: datetime, zone: str, says: list[str]):
    assert planned(given, since, until, zone) == says


def test_contradictory_overrides_say_the_same_in_any_order():
    """The desk refuses such; where they came in by another way the plan must at least stand still."""
    overrides = (
        remove("kim", LUNCH, id="a"),
        replace("kim", "sam", LUNCH, id="b"),
        replace("kim", "zoe", LUNCH, id="c"),
        cover("lou", "Mon 2 Nov 12:30 - 13:00", id="d"),
        cover("max", "Mon 2 Nov 12:45 - 13:30", id="e"),
    )
    given = facts(DAYS, BELOW)

    plans = [
        resolve(changed(given, overrides=one), *span(MONDAY)) for one in permutations(overrides)
    ]

    assert all(plan == plans[0] for plan in plans)
    assert "kim" not in {
        one.person for one in resolve(changed(given, overrides=overrides), *span(LUNCH)).stretches
    }


def test_a_stretch_says_by_which_layer_and_which_override():
    given = facts(
        DAYS,
        replace("kim", "sam", "Mon 2 Nov 08:00 - 09:00", id="r"),
        add("zoe", "Mon 2 Nov 09:00 - 10:00", id="a"),
        cover("max", "Mon 2 Nov 10:00 - 11:00", id="c"),
    )

    plan = resolve(given, *span("Mon 2 Nov 07:00 - 11:00"))

    assert [(one.person, one.layer, one.override) for one in plan.stretches] == [
        ("kim", "days", None),
        ("sam", "days", "r"),
        ("kim", "days", None),
        ("zoe", None, "a"),
        ("max", None, "c"),
    ]


def test_two_stand_ins_running_are_two_stretches_and_one_rule_in_two_versions_is_one():
    versions = (
        changed(DAYS, until=span(LUNCH)[0]),
        changed(DAYS, since=span(LUNCH)[0]),
    )
    overrides = (
        replace("lou", "sam", "Tue 3 Nov - Tue 3 Nov 12:00", id="a"),
        replace("lou", "sam", "Tue 3 Nov 12:00 - Wed 4 Nov", id="b"),
    )

    plan = resolve(facts(*versions, *overrides), *span(TWO_DAYS))

    assert [(one.person, one.override) for one in plan.stretches] == [
        ("kim", None),
        ("sam", "a"),
        ("sam", "b"),
    ]
