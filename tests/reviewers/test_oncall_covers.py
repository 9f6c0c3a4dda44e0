"""A person who covers a position, whatever the layers say; and stand-ins who are away themselves."""

from datetime import datetime

import pytest

from reviewers.oncall import Facts
from tests.reviewers.rosterwords import (
    absent,
    add,
    case,
    cover,
    handoff,
    planned,
    remove,
    replace,
    shifts,
)

DAYS = handoff("kim lou", "Mon 2 Nov", "1 day", layer="days")
PAIR = handoff("kim+lou", "Mon 2 Nov", layer="pair")
OFFICE = shifts("kim lou", "Mon 2 Nov 09:00", "8:00", layer="office")
BELOW = handoff("max", "Mon 2 Nov", priority=-1, layer="below")
SECOND = handoff("lou kim", "Mon 2 Nov", "1 day", position=2, layer="second")
MONDAY, TWO_DAYS = "Mon 2 Nov - Tue 3 Nov", "Mon 2 Nov - Wed 4 Nov"
LUNCH = "Mon 2 Nov 12:00 - 13:00"

COVER = [
    case(
        "a cover takes the place of everybody, in every level",
        MONDAY,
        PAIR,
        BELOW,
        cover("sam", LUNCH),
        says="""
            Mon 2 Nov 00:00 - 12:00 kim
            Mon 2 Nov 00:00 - 12:00 lou
            Mon 2 Nov 12:00 - 13:00 sam
            Mon 2 Nov 13:00 - Tue 3 Nov 00:00 kim
            Mon 2 Nov 13:00 - Tue 3 Nov 00:00 lou""",
    ),
    case(
        "a cover over several shifts is one, and holds the nights between",
        "Mon 2 Nov - Thu 5 Nov",
        OFFICE,
        cover("sam", "Mon 2 Nov 12:00 - Wed 4 Nov 12:00"),
        says="""
            Mon 2 Nov 09:00 - 12:00 kim
            Mon 2 Nov 12:00 - Wed 4 Nov 12:00 sam
            Wed 4 Nov 12:00 - 17:00 kim""",
    ),
    case(
        "a cover without a position holds every position of the roster",
        MONDAY,
        DAYS,
        SECOND,
        cover("sam", MONDAY),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 sam
            2: Mon 2 Nov 00:00 - Tue 3 Nov 00:00 sam""",
    ),
    case(
        "a cover of one position leaves the other alone",
        MONDAY,
        DAYS,
        SECOND,
        cover("sam", MONDAY, position=2),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim
            2: Mon 2 Nov 00:00 - Tue 3 Nov 00:00 sam""",
    ),
    case(
        "a cover holds a position that no layer has",
        MONDAY,
        DAYS,
        cover("sam", LUNCH, position=2),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim
            2: Mon 2 Nov 12:00 - 13:00 sam""",
    ),
    case(
        "whoever replaces a person waits while another covers",
        MONDAY,
        DAYS,
        cover("sam", LUNCH),
        replace("kim", "zoe", "Mon 2 Nov 11:00 - 14:00"),
        says="""
            Mon 2 Nov 00:00 - 11:00 kim
            Mon 2 Nov 11:00 - 12:00 zoe
            Mon 2 Nov 12:00 - 13:00 sam
            Mon 2 Nov 13:00 - 14:00 zoe
            Mon 2 Nov 14:00 - Tue 3 Nov 00:00 kim""",
    ),
    case(
        "a cover is neither removed nor replaced",
        MONDAY,
        DAYS,
        cover("kim", LUNCH),
        remove("kim", LUNCH),
        says="Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim",
    ),
    case(
        "an added person stands beside a cover",
        LUNCH,
        DAYS,
        cover("sam", LUNCH),
        add("zoe", LUNCH),
        says="""
            Mon 2 Nov 12:00 - 13:00 sam
            Mon 2 Nov 12:00 - 13:00 zoe""",
    ),
    case(
        "two who cover at once are both on",
        "Mon 2 Nov 08:00 - 16:00",
        DAYS,
        cover("sam", "Mon 2 Nov 08:00 - 13:00"),
        cover("zoe", "Mon 2 Nov 12:00 - 16:00"),
        says="""
            Mon 2 Nov 08:00 - 13:00 sam
            Mon 2 Nov 12:00 - 16:00 zoe""",
    ),
]

ABSENT_STAND_INS = [
    case(
        "an absent stand-in leaves a hole, never the person replaced",
        MONDAY,
        DAYS,
        replace("kim", "sam", "Mon 2 Nov 08:00 - 16:00"),
        absent("sam", "Mon 2 Nov 10:00 - 12:00"),
        says="""
            Mon 2 Nov 00:00 - 08:00 kim
            Mon 2 Nov 08:00 - 10:00 sam
            Mon 2 Nov 10:00 - 12:00 nobody, sam away
            Mon 2 Nov 12:00 - 16:00 sam
            Mon 2 Nov 16:00 - Tue 3 Nov 00:00 kim""",
    ),
    case(
        "an absent stand-in empties the level, which yields to the next",
        LUNCH,
        DAYS,
        BELOW,
        replace("kim", "sam", LUNCH),
        absent("sam", LUNCH),
        says="Mon 2 Nov 12:00 - 13:00 max",
    ),
    case(
        "an absent cover leaves a hole, whatever the layers say",
        MONDAY,
        PAIR,
        BELOW,
        cover("sam", LUNCH),
        absent("sam", MONDAY),
        says="""
            Mon 2 Nov 00:00 - 12:00 kim
            Mon 2 Nov 00:00 - 12:00 lou
            Mon 2 Nov 12:00 - 13:00 nobody, sam away
            Mon 2 Nov 13:00 - Tue 3 Nov 00:00 kim
            Mon 2 Nov 13:00 - Tue 3 Nov 00:00 lou""",
    ),
    case(
        "an absent person who was added leaves a hole where nobody else is",
        "Mon 2 Nov 16:00 - 20:00",
        OFFICE,
        add("sam", "Mon 2 Nov 16:00 - 20:00"),
        absent("sam", MONDAY),
        says="""
            Mon 2 Nov 16:00 - 17:00 kim
            Mon 2 Nov 17:00 - 20:00 nobody, sam away""",
    ),
    case(
        "a person replaced may be absent: that is what stand-ins are for",
        LUNCH,
        DAYS,
        replace("kim", "sam", LUNCH),
        absent("kim", MONDAY),
        says="Mon 2 Nov 12:00 - 13:00 sam",
    ),
]


@pytest.mark.parametrize(("given", "since", "until", "zone", "says"), COVER + ABSENT_STAND_INS)
def test_covers(given: Facts, since: datetime, until: datetime, zone: str, says: list[str]):
    assert planned(given, since, until, zone) == says
