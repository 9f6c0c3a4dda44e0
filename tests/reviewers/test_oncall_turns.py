"""Whose turn it is: hand-offs and shifts, by hours to months, from an anchor."""

from datetime import datetime

import pytest

from reviewers.oncall import Facts, Rule
from reviewers.turns import turn_at
from tests.reviewers.rosterwords import WORKDAYS, case, handoff, instant, planned, shifts

HANDOFFS = [
    case(
        "a turn of a day is from hand-off to hand-off",
        "Mon 2 Nov 09:00 - Thu 5 Nov 09:00",
        handoff("kim lou", "Mon 2 Nov 09:00", "1 day"),
        says="""
            Mon 2 Nov 09:00 - Tue 3 Nov 09:00 kim
            Tue 3 Nov 09:00 - Wed 4 Nov 09:00 lou
            Wed 4 Nov 09:00 - Thu 5 Nov 09:00 kim""",
    ),
    case(
        "turns of twelve hours",
        "Mon 2 Nov 08:00 - Tue 3 Nov 20:00",
        handoff("kim lou", "Mon 2 Nov 08:00", "12 hours"),
        says="""
            Mon 2 Nov 08:00 - 20:00 kim
            Mon 2 Nov 20:00 - Tue 3 Nov 08:00 lou
            Tue 3 Nov 08:00 - 20:00 kim""",
    ),
    case(
        "turns of 36 hours hand off by day and by night",
        "Mon 2 Nov 08:00 - Thu 5 Nov 08:00",
        handoff("kim lou", "Mon 2 Nov 08:00", "36 hours"),
        says="""
            Mon 2 Nov 08:00 - Tue 3 Nov 20:00 kim
            Tue 3 Nov 20:00 - Thu 5 Nov 08:00 lou""",
    ),
    case(
        "turns of a week",
        "Mon 2 Nov 09:00 - Mon 23 Nov 09:00",
        handoff("kim lou max", "Mon 2 Nov 09:00"),
        says="""
            Mon 2 Nov 09:00 - Mon 9 Nov 09:00 kim
            Mon 9 Nov 09:00 - Mon 16 Nov 09:00 lou
            Mon 16 Nov 09:00 - Mon 23 Nov 09:00 max""",
    ),
    case(
        "turns of two weeks are counted from the anchor and not from the time asked about",
        "Mon 9 Nov - Mon 7 Dec",
        handoff("kim lou", "Mon 2 Nov 09:00", "2 weeks"),
        says="""
            Mon 9 Nov 00:00 - Mon 16 Nov 09:00 kim
            Mon 16 Nov 09:00 - Mon 30 Nov 09:00 lou
            Mon 30 Nov 09:00 - Mon 7 Dec 00:00 kim""",
    ),
    case(
        "nobody before the anchor",
        "Mon 2 Nov - Mon 9 Nov",
        handoff("kim lou", "Wed 4 Nov 09:00"),
        says="Wed 4 Nov 09:00 - Mon 9 Nov 00:00 kim",
    ),
    case(
        "nobody at all where the anchor is still to come",
        "Mon 2 Nov - Mon 9 Nov",
        handoff("kim lou", "Mon 9 Nov"),
        says="",
    ),
    case(
        "a time within one turn is that person's from its start to its end",
        "Tue 3 Nov 10:15 - 10:45",
        handoff("kim lou", "Mon 2 Nov 09:00"),
        says="Tue 3 Nov 10:15 - 10:45 kim",
    ),
    case(
        "a rotation of one is one stretch without end",
        "Mon 2 Nov 09:00 - Mon 30 Nov",
        handoff("kim", "Mon 2 Nov 09:00", "1 day"),
        says="Mon 2 Nov 09:00 - Mon 30 Nov 00:00 kim",
    ),
    case(
        "a group of two shares a turn",
        "Mon 2 Nov 09:00 - Mon 16 Nov 09:00",
        handoff("kim+lou max", "Mon 2 Nov 09:00"),
        says="""
            Mon 2 Nov 09:00 - Mon 9 Nov 09:00 kim
            Mon 2 Nov 09:00 - Mon 9 Nov 09:00 lou
            Mon 9 Nov 09:00 - Mon 16 Nov 09:00 max""",
    ),
    case(
        "who is in two groups running stays on while the other changes",
        "Mon 2 Nov 09:00 - Mon 16 Nov 09:00",
        handoff("kim+lou kim+max", "Mon 2 Nov 09:00"),
        says="""
            Mon 2 Nov 09:00 - Mon 16 Nov 09:00 kim
            Mon 2 Nov 09:00 - Mon 9 Nov 09:00 lou
            Mon 9 Nov 09:00 - Mon 16 Nov 09:00 max""",
    ),
    case(
        "who is twice in a rotation has two turns of it",
        "Mon 2 Nov - Fri 6 Nov",
        handoff("kim lou kim max", "Mon 2 Nov", "1 day"),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 kim
            Tue 3 Nov 00:00 - Wed 4 Nov 00:00 lou
            Wed 4 Nov 00:00 - Thu 5 Nov 00:00 kim
            Thu 5 Nov 00:00 - Fri 6 Nov 00:00 max""",
    ),
    case(
        "two turns running of one person are one stretch",
        "Mon 2 Nov - Thu 5 Nov",
        handoff("kim kim lou", "Mon 2 Nov", "1 day"),
        says="""
            Mon 2 Nov 00:00 - Wed 4 Nov 00:00 kim
            Wed 4 Nov 00:00 - Thu 5 Nov 00:00 lou""",
    ),
    case(
        "an offset begins further down the rotation and goes round",
        "Mon 2 Nov - Thu 5 Nov",
        handoff("kim lou max", "Mon 2 Nov", "1 day", offset=2),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 max
            Tue 3 Nov 00:00 - Wed 4 Nov 00:00 kim
            Wed 4 Nov 00:00 - Thu 5 Nov 00:00 lou""",
    ),
    case(
        "a negative offset goes round the other way",
        "Mon 2 Nov - Wed 4 Nov",
        handoff("kim lou max", "Mon 2 Nov", "1 day", offset=-1),
        says="""
            Mon 2 Nov 00:00 - Tue 3 Nov 00:00 max
            Tue 3 Nov 00:00 - Wed 4 Nov 00:00 kim""",
    ),
]

EDITS = [  # on Tuesday 10 November, in the second turn, which is lou's
    case(
        "removing a person from before the current turn leaves the turn with who has it",
        "Mon 2 Nov - Mon 30 Nov",
        handoff("kim lou max", "Mon 2 Nov", until="Tue 10 Nov 12:00"),
        handoff("lou max", "Mon 2 Nov", since="Tue 10 Nov 12:00", offset=1),
        says="""
            Mon 2 Nov 00:00 - Mon 9 Nov 00:00 kim
            Mon 9 Nov 00:00 - Mon 16 Nov 00:00 lou
            Mon 16 Nov 00:00 - Mon 23 Nov 00:00 max
            Mon 23 Nov 00:00 - Mon 30 Nov 00:00 lou""",
    ),
    case(
        "removing a person from after the current turn leaves the turn with who has it",
        "Mon 2 Nov - Mon 30 Nov",
        handoff("kim lou max", "Mon 2 Nov", until="Tue 10 Nov 12:00"),
        handoff("kim lou", "Mon 2 Nov", since="Tue 10 Nov 12:00"),
        says="""
            Mon 2 Nov 00:00 - Mon 9 Nov 00:00 kim
            Mon 9 Nov 00:00 - Mon 16 Nov 00:00 lou
            Mon 16 Nov 00:00 - Mon 23 Nov 00:00 kim
            Mon 23 Nov 00:00 - Mon 30 Nov 00:00 lou""",
    ),
    case(
        "removing the person whose turn it is gives the rest of it to the next",
        "Mon 2 Nov - Mon 23 Nov",
        handoff("kim lou max", "Mon 2 Nov", until="Tue 10 Nov 12:00"),
        handoff("kim max", "Mon 2 Nov", since="Tue 10 Nov 12:00"),
        says="""
            Mon 2 Nov 00:00 - Mon 9 Nov 00:00 kim
            Mon 9 Nov 00:00 - Tue 10 Nov 12:00 lou
            Tue 10 Nov 12:00 - Mon 16 Nov 00:00 max
            Mon 16 Nov 00:00 - Mon 23 Nov 00:00 kim""",
    ),
    case(
        "a person who joins the end of a rotation waits for the others",
        "Mon 2 Nov - Mon 30 Nov",
        handoff("kim lou", "Mon 2 Nov", until="Tue 10 Nov 12:00"),
        handoff("kim lou max", "Mon 2 Nov", since="Tue 10 Nov 12:00"),
        says="""
            Mon 2 Nov 00:00 - Mon 9 Nov 00:00 kim
            Mon 9 Nov 00:00 - Mon 16 Nov 00:00 lou
            Mon 16 Nov 00:00 - Mon 23 Nov 00:00 max
            Mon 23 Nov 00:00 - Mon 30 Nov 00:00 kim""",
    ),
    case(
        "an earlier hand-off from now on leaves the past as it was",
        "Mon 2 Nov - Mon 16 Nov 12:00",
        handoff("kim lou", "Mon 2 Nov 09:00", until="Tue 10 Nov 12:00"),
        handoff("kim lou", "Mon 2 Nov 06:00", since="Tue 10 Nov 12:00"),
        says="""
            Mon 2 Nov 09:00 - Mon 9 Nov 09:00 kim
            Mon 9 Nov 09:00 - Mon 16 Nov 06:00 lou
            Mon 16 Nov 06:00 - 12:00 kim""",
    ),
]

LONG_AGO = [
    case(
        "turns of a day after ten years: the 3,652nd of three",
        "Mon 2 Nov 09:00 - Wed 4 Nov 09:00",
        handoff("kim lou max", "Wed 2 Nov 2016 09:00", "1 day"),
        says="""
            Mon 2 Nov 09:00 - Tue 3 Nov 09:00 lou
            Tue 3 Nov 09:00 - Wed 4 Nov 09:00 max""",
    ),
    case(
        "turns of an hour after ten years: the 87,648th of five",
        "Mon 2 Nov 09:00 - 11:00",
        handoff("kim lou max nia oto", "Wed 2 Nov 2016 09:00", "1 hour"),
        says="""
            Mon 2 Nov 09:00 - 10:00 nia
            Mon 2 Nov 10:00 - 11:00 oto""",
    ),
    case(
        "turns of a week after ten years: the 521st of three",
        "Mon 2 Nov - Mon 9 Nov",
        handoff("kim lou max", "Wed 2 Nov 2016 09:00"),
        says="""
            Mon 2 Nov 00:00 - Wed 4 Nov 09:00 max
            Wed 4 Nov 09:00 - Mon 9 Nov 00:00 kim""",
    ),
    case(
        "turns of a month after ten years: the 120th of seven",
        "Mon 2 Nov - Fri 4 Dec",
        handoff("a b c d e f g", "Wed 2 Nov 2016", "1 month"),
        says="""
            Mon 2 Nov 00:00 - Wed 2 Dec 00:00 b
            Wed 2 Dec 00:00 - Fri 4 Dec 00:00 c""",
    ),
    case(
        "shifts on working days after ten years: the 2,610th of four",
        "Mon 2 Nov - Wed 4 Nov",
        shifts("kim lou max nia", "Mon 31 Oct 2016 09:00", "8:00", "1 week", days=WORKDAYS),
        says="""
            Mon 2 Nov 09:00 - 17:00 max
            Tue 3 Nov 09:00 - 17:00 nia""",
    ),
]

MONTHS = [
    case(
        "a month from the 31st is cut to the month's end and comes back",
        "Sat 31 Jan - Sun 31 May",
        handoff("kim lou", "Sat 31 Jan", "1 month"),
        says="""
            Sat 31 Jan 00:00 - Sat 28 Feb 00:00 kim
            Sat 28 Feb 00:00 - Tue 31 Mar 00:00 lou
            Tue 31 Mar 00:00 - Thu 30 Apr 00:00 kim
            Thu 30 Apr 00:00 - Sun 31 May 00:00 lou""",
    ),
    case(
        "a month from the 31st in a leap year",
        "Mon 31 Jan 2028 - Fri 31 Mar 2028",
        handoff("kim lou", "Mon 31 Jan 2028", "1 month"),
        says="""
            Mon 31 Jan 2028 00:00 - Tue 29 Feb 2028 00:00 kim
            Tue 29 Feb 2028 00:00 - Fri 31 Mar 2028 00:00 lou""",
    ),
    case(
        "a month from the 30th",
        "Fri 30 Jan - Thu 30 Apr",
        handoff("kim lou", "Fri 30 Jan", "1 month"),
        says="""
            Fri 30 Jan 00:00 - Sat 28 Feb 00:00 kim
            Sat 28 Feb 00:00 - Mon 30 Mar 00:00 lou
            Mon 30 Mar 00:00 - Thu 30 Apr 00:00 kim""",
    ),
    case(
        "a month from the 29th in a plain year",
        "Thu 29 Jan - Sun 29 Mar",
        handoff("kim lou", "Thu 29 Jan", "1 month"),
        says="""
            Thu 29 Jan 00:00 - Sat 28 Feb 00:00 kim
            Sat 28 Feb 00:00 - Sun 29 Mar 00:00 lou""",
    ),
    case(
        "a month from the 29th in a leap year",
        "Sat 29 Jan 2028 - Wed 29 Mar 2028",
        handoff("kim lou", "Sat 29 Jan 2028", "1 month"),
        says="""
            Sat 29 Jan 2028 00:00 - Tue 29 Feb 2028 00:00 kim
            Tue 29 Feb 2028 00:00 - Wed 29 Mar 2028 00:00 lou""",
    ),
    case(
        "three months from 30 November pass February",
        "Mon 30 Nov - Mon 30 Aug 2027",
        handoff("kim lou max", "Mon 30 Nov", "3 months"),
        says="""
            Mon 30 Nov 00:00 - Sun 28 Feb 2027 00:00 kim
            Sun 28 Feb 2027 00:00 - Sun 30 May 2027 00:00 lou
            Sun 30 May 2027 00:00 - Mon 30 Aug 2027 00:00 max""",
    ),
    case(
        "a year from the leap day comes back to it after four",
        "Tue 29 Feb 2028 - Sun 29 Feb 2032",
        handoff("kim lou max nia", "Tue 29 Feb 2028", "12 months"),
        says="""
            Tue 29 Feb 2028 00:00 - Wed 28 Feb 2029 00:00 kim
            Wed 28 Feb 2029 00:00 - Thu 28 Feb 2030 00:00 lou
            Thu 28 Feb 2030 00:00 - Fri 28 Feb 2031 00:00 max
            Fri 28 Feb 2031 00:00 - Sun 29 Feb 2032 00:00 nia""",
    ),
]


@pytest.mark.parametrize(
    ("given", "since", "until", "zone", "says"), HANDOFFS + EDITS + LONG_AGO + MONTHS
)
def test_turns(given: Facts, since: datetime, until: datetime, zone: str, says: list[str]):
    assert planned(given, since, until, zone) == says


@pytest.mark.parametrize(
    ("rule", "at", "turn"),
    [
        (handoff("kim lou", "Mon 2 Nov 09:00"), "Mon 26 Oct", 0),
        (handoff("kim lou", "Mon 2 Nov 09:00"), "Mon 9 Nov 08:59", 0),
        (handoff("kim lou", "Mon 2 Nov 09:00"), "Mon 9 Nov 09:00", 1),
        (handoff("kim lou", "Sat 31 Jan", "1 month"), "Sun 1 Mar", 1),
        (shifts("kim lou", "Mon 2 Nov 09:00", "8:00"), "Mon 26 Oct", 0),
        (shifts("kim lou", "Mon 2 Nov 09:00", "8:00"), "Tue 3 Nov 12:00", 1),
        (shifts("kim lou", "Mon 2 Nov 09:00", "8:00"), "Tue 3 Nov 20:00", 2),
    ],
)
def test_the_turn_in_progress_or_the_next(rule: Rule, at: str, turn: int):
    assert turn_at(rule, instant(at)) == turn
