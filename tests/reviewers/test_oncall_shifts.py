"""Shifts: a start, a length and a repeat, and what moves the turn on; and the hours of duty."""

from datetime import datetime

import pytest

from reviewers.enums import Advance
from reviewers.oncall import Facts, resolve
from tests.reviewers.rosterwords import WORKDAYS, case, facts, handoff, instant, planned, shifts

PERIOD = Advance.PERIOD

REPEATS = [
    case(
        "a shift a day leaves the night to nobody, and that is no hole",
        "Mon 2 Nov - Wed 4 Nov",
        shifts("kim lou", "Mon 2 Nov 09:00", "8:00"),
        says="""
            Mon 2 Nov 09:00 - 17:00 kim
            Tue 3 Nov 09:00 - 17:00 lou""",
    ),
    case(
        "a shift every third day",
        "Mon 2 Nov - Mon 9 Nov",
        shifts("kim lou", "Mon 2 Nov 09:00", "8:00", "3 days"),
        says="""
            Mon 2 Nov 09:00 - 17:00 kim
            Thu 5 Nov 09:00 - 17:00 lou
            Sun 8 Nov 09:00 - 17:00 kim""",
    ),
    case(
        "a shift over midnight",
        "Mon 2 Nov - Wed 4 Nov",
        shifts("kim lou", "Mon 2 Nov 22:00", "8:00"),
        says="""
            Mon 2 Nov 22:00 - Tue 3 Nov 06:00 kim
            Tue 3 Nov 22:00 - Wed 4 Nov 00:00 lou""",
    ),
    case(
        "a shift over midnight is there for a time that begins after it",
        "Tue 3 Nov 01:00 - 07:00",
        shifts("kim lou", "Mon 2 Nov 22:00", "8:00"),
        says="Tue 3 Nov 01:00 - 06:00 kim",
    ),
    case(
        "a weekend from Friday evening to Monday morning",
        "Fri 6 Nov - Mon 16 Nov 12:00",
        shifts("kim lou", "Fri 6 Nov 18:00", "62:00", "1 week"),
        says="""
            Fri 6 Nov 18:00 - Mon 9 Nov 08:00 kim
            Fri 13 Nov 18:00 - Mon 16 Nov 08:00 lou""",
    ),
    case(
        "a shift of five days is there for a time within its last",
        "Fri 6 Nov 12:00 - Sat 7 Nov",
        shifts("kim lou", "Mon 2 Nov 09:00", "104:00", "1 week"),
        says="Fri 6 Nov 12:00 - 17:00 kim",
    ),
    case(
        "shifts of five days, one a day: five people are on",
        "Sun 8 Nov 12:00 - 13:00",
        shifts("kim lou max nia oto", "Mon 2 Nov 09:00", "120:00"),
        says="""
            Sun 8 Nov 12:00 - 13:00 kim
            Sun 8 Nov 12:00 - 13:00 lou
            Sun 8 Nov 12:00 - 13:00 max
            Sun 8 Nov 12:00 - 13:00 nia
            Sun 8 Nov 12:00 - 13:00 oto""",
    ),
    case(
        "shifts longer than their repeat overlap, and both are on",
        "Mon 2 Nov - Wed 4 Nov",
        shifts("kim lou", "Mon 2 Nov 08:00", "30:00"),
        says="""
            Mon 2 Nov 08:00 - Tue 3 Nov 14:00 kim
            Tue 3 Nov 08:00 - Wed 4 Nov 00:00 lou""",
    ),
    case(
        "shifts as long as their repeat meet without a break",
        "Mon 2 Nov 09:00 - Wed 4 Nov 09:00",
        shifts("kim lou", "Mon 2 Nov 09:00", "24:00"),
        says="""
            Mon 2 Nov 09:00 - Tue 3 Nov 09:00 kim
            Tue 3 Nov 09:00 - Wed 4 Nov 09:00 lou""",
    ),
]

OCCURRENCE_OR_PERIOD = [
    case(
        "turns per shift: the weekend uses up no turn",
        "Fri 6 Nov - Wed 11 Nov",
        shifts("kim lou max", "Mon 2 Nov 09:00", "8:00", "1 week", days=WORKDAYS),
        says="""
            Fri 6 Nov 09:00 - 17:00 lou
            Mon 9 Nov 09:00 - 17:00 max
            Tue 10 Nov 09:00 - 17:00 kim""",
    ),
    case(
        "hand-offs by day with hours of duty: the weekend burns two turns",
        "Fri 6 Nov - Wed 11 Nov",
        handoff("kim lou max", "Mon 2 Nov", "1 day", windows=f"{WORKDAYS} 09:00-17:00"),
        says="""
            Fri 6 Nov 09:00 - 17:00 lou
            Mon 9 Nov 09:00 - 17:00 lou
            Tue 10 Nov 09:00 - 17:00 max""",
    ),
    case(
        "turns per period: all shifts of a week are one person's",
        "Thu 5 Nov - Wed 11 Nov",
        shifts("kim lou", "Mon 2 Nov 09:00", "8:00", "1 week", days=WORKDAYS, advance=PERIOD),
        says="""
            Thu 5 Nov 09:00 - 17:00 kim
            Fri 6 Nov 09:00 - 17:00 kim
            Mon 9 Nov 09:00 - 17:00 lou
            Tue 10 Nov 09:00 - 17:00 lou""",
    ),
    case(
        "turns per period begin on Monday, however late in the week the anchor is",
        "Thu 5 Nov - Thu 12 Nov",
        shifts("kim lou", "Fri 6 Nov 09:00", "8:00", "1 week", days="MO FR SU", advance=PERIOD),
        says="""
            Fri 6 Nov 09:00 - 17:00 kim
            Sun 8 Nov 09:00 - 17:00 kim
            Mon 9 Nov 09:00 - 17:00 lou""",
    ),
    case(
        "a day by itself is a period",
        "Mon 2 Nov - Sat 7 Nov",
        shifts("kim lou", "Mon 2 Nov 09:00", "8:00", "2 days", advance=PERIOD),
        says="""
            Mon 2 Nov 09:00 - 17:00 kim
            Wed 4 Nov 09:00 - 17:00 lou
            Fri 6 Nov 09:00 - 17:00 kim""",
    ),
    case(
        "every second week, per shift",
        "Mon 2 Nov - Mon 30 Nov",
        shifts("kim lou max", "Mon 2 Nov 09:00", "8:00", "2 weeks", days="MO TH"),
        says="""
            Mon 2 Nov 09:00 - 17:00 kim
            Thu 5 Nov 09:00 - 17:00 lou
            Mon 16 Nov 09:00 - 17:00 max
            Thu 19 Nov 09:00 - 17:00 kim""",
    ),
    case(
        "every second week, per period: the weeks between are not counted",
        "Mon 2 Nov - Mon 30 Nov",
        shifts("kim lou", "Mon 2 Nov 09:00", "8:00", "2 weeks", days="MO TH", advance=PERIOD),
        says="""
            Mon 2 Nov 09:00 - 17:00 kim
            Thu 5 Nov 09:00 - 17:00 kim
            Mon 16 Nov 09:00 - 17:00 lou
            Thu 19 Nov 09:00 - 17:00 lou""",
    ),
    case(
        "every second week is counted from the anchor's own week",
        "Mon 2 Nov - Tue 24 Nov",
        shifts("kim lou max", "Thu 5 Nov 09:00", "8:00", "2 weeks", days="MO TH"),
        says="""
            Thu 5 Nov 09:00 - 17:00 kim
            Mon 16 Nov 09:00 - 17:00 lou
            Thu 19 Nov 09:00 - 17:00 max""",
    ),
    case(
        "an anchor on a Sunday is of the week that ends with it",
        "Sat 7 Nov - Mon 23 Nov",
        shifts("kim lou max", "Sun 8 Nov 09:00", "8:00", "2 weeks", days="MO SU"),
        says="""
            Sun 8 Nov 09:00 - 17:00 kim
            Mon 16 Nov 09:00 - 17:00 lou
            Sun 22 Nov 09:00 - 17:00 max""",
    ),
    case(
        "days of the anchor's week before it are nobody's and use up no turn",
        "Mon 2 Nov - Tue 10 Nov",
        shifts("kim lou max", "Wed 4 Nov 09:00", "8:00", "1 week", days="MO WE FR"),
        says="""
            Wed 4 Nov 09:00 - 17:00 kim
            Fri 6 Nov 09:00 - 17:00 lou
            Mon 9 Nov 09:00 - 17:00 max""",
    ),
    case(
        "an anchor on a day that is not of the shift begins with the next that is",
        "Mon 2 Nov - Wed 11 Nov",
        shifts("kim lou", "Wed 4 Nov 09:00", "8:00", "1 week", days="TU SA"),
        says="""
            Sat 7 Nov 09:00 - 17:00 kim
            Tue 10 Nov 09:00 - 17:00 lou""",
    ),
    case(
        "a week without any day left of it is still a period",
        "Mon 2 Nov - Wed 18 Nov",
        shifts("kim lou max", "Wed 4 Nov 09:00", "8:00", "1 week", days="TU", advance=PERIOD),
        says="""
            Tue 10 Nov 09:00 - 17:00 lou
            Tue 17 Nov 09:00 - 17:00 max""",
    ),
    case(
        "without days a weekly shift is on the anchor's",
        "Mon 2 Nov - Mon 16 Nov",
        shifts("kim lou", "Wed 4 Nov 09:00", "8:00", "1 week"),
        says="""
            Wed 4 Nov 09:00 - 17:00 kim
            Wed 11 Nov 09:00 - 17:00 lou""",
    ),
]

BY_MONTH = [
    case(
        "the first and the fifteenth",
        "Sun 1 Nov - Wed 16 Dec",
        shifts("kim lou max", "Sun 1 Nov 09:00", "8:00", "1 month", month_days=(1, 15)),
        says="""
            Sun 1 Nov 09:00 - 17:00 kim
            Sun 15 Nov 09:00 - 17:00 lou
            Tue 1 Dec 09:00 - 17:00 max
            Tue 15 Dec 09:00 - 17:00 kim""",
    ),
    case(
        "the 31st is the last day of every month",
        "Fri 30 Jan - Fri 1 May",
        shifts("kim lou", "Sat 31 Jan 09:00", "8:00", "1 month", month_days=(31,)),
        says="""
            Sat 31 Jan 09:00 - 17:00 kim
            Sat 28 Feb 09:00 - 17:00 lou
            Tue 31 Mar 09:00 - 17:00 kim
            Thu 30 Apr 09:00 - 17:00 lou""",
    ),
    case(
        "without days a monthly shift is on the anchor's, cut to the month",
        "Tue 29 Feb 2028 - Fri 31 Mar 2028",
        shifts("kim lou max", "Sun 30 Jan 2028 09:00", "8:00", "1 month"),
        says="""
            Tue 29 Feb 2028 09:00 - 17:00 lou
            Thu 30 Mar 2028 09:00 - 17:00 max""",
    ),
    case(
        "days of the anchor's month before it use up no turn",
        "Sun 1 Nov - Wed 16 Dec",
        shifts("kim lou max", "Tue 10 Nov 09:00", "8:00", "1 month", month_days=(1, 15)),
        says="""
            Sun 15 Nov 09:00 - 17:00 kim
            Tue 1 Dec 09:00 - 17:00 lou
            Tue 15 Dec 09:00 - 17:00 max""",
    ),
    case(
        "all shifts of a month are one person's, every second month",
        "Sun 1 Nov - Mon 1 Mar 2027",
        shifts(
            "kim lou", "Sun 1 Nov 09:00", "8:00", "2 months", month_days=(1, 31), advance=PERIOD
        ),
        says="""
            Sun 1 Nov 09:00 - 17:00 kim
            Mon 30 Nov 09:00 - 17:00 kim
            Fri 1 Jan 2027 09:00 - 17:00 lou
            Sun 31 Jan 2027 09:00 - 17:00 lou""",
    ),
]

WINDOWS = [
    case(
        "a turn of a week within office hours",
        "Fri 6 Nov - Wed 11 Nov",
        handoff("kim lou", "Mon 2 Nov", windows=f"{WORKDAYS} 09:00-17:00"),
        says="""
            Fri 6 Nov 09:00 - 17:00 kim
            Mon 9 Nov 09:00 - 17:00 lou
            Tue 10 Nov 09:00 - 17:00 lou""",
    ),
    case(
        "Friday night reaches Saturday morning",
        "Thu 5 Nov - Mon 9 Nov",
        handoff("kim", "Mon 2 Nov", windows="FR 22:00-06:00"),
        says="Fri 6 Nov 22:00 - Sat 7 Nov 06:00 kim",
    ),
    case(
        "no night of Sunday: Monday's small hours are nobody's",
        "Sat 7 Nov - Tue 10 Nov 12:00",
        handoff("kim", "Mon 2 Nov", windows="MO TU WE TH FR SA 22:00-06:00"),
        says="""
            Sat 7 Nov 00:00 - 06:00 kim
            Sat 7 Nov 22:00 - Sun 8 Nov 06:00 kim
            Mon 9 Nov 22:00 - Tue 10 Nov 06:00 kim""",
    ),
    case(
        "Sunday night reaches into the next week",
        "Mon 9 Nov - Tue 10 Nov",
        handoff("kim", "Mon 2 Nov", windows="SU 22:00-06:00"),
        says="Mon 9 Nov 00:00 - 06:00 kim",
    ),
    case(
        "days from 00:00 to 24:00 meet at midnight",
        "Sun 1 Nov - Sun 8 Nov",
        handoff("kim", "Sun 1 Nov", windows=f"{WORKDAYS} 00:00-24:00"),
        says="Mon 2 Nov 00:00 - Sat 7 Nov 00:00 kim",
    ),
    case(
        "an evening to 24:00 does not lose its last minute",
        "Mon 2 Nov 23:58 - Tue 3 Nov 00:01",
        handoff("kim", "Sun 1 Nov", windows="MO 18:00-24:00"),
        says="Mon 2 Nov 23:58 - Tue 3 Nov 00:00 kim",
    ),
    case(
        "hours with a break for lunch",
        "Mon 2 Nov - Tue 3 Nov",
        handoff("kim", "Mon 2 Nov", windows="MO 09:00-12:00, MO 13:00-17:30"),
        says="""
            Mon 2 Nov 09:00 - 12:00 kim
            Mon 2 Nov 13:00 - 17:30 kim""",
    ),
    case(
        "windows that overlap are not more than one",
        "Mon 2 Nov - Tue 3 Nov",
        handoff("kim", "Mon 2 Nov", windows="MO 09:00-13:00, MO 12:00-17:00, MO 12:00-17:00"),
        says="Mon 2 Nov 09:00 - 17:00 kim",
    ),
    case(
        "a window that closes as it opens is a day long",
        "Mon 2 Nov - Thu 5 Nov",
        handoff("kim", "Mon 2 Nov", windows="TU 08:00-08:00"),
        says="Tue 3 Nov 08:00 - Wed 4 Nov 08:00 kim",
    ),
    case(
        "a hand-off in the middle of a night: who has the turn has the duty",
        "Sun 8 Nov 12:00 - Mon 9 Nov 12:00",
        handoff("kim lou", "Mon 2 Nov", windows="SU 22:00-06:00"),
        says="""
            Sun 8 Nov 22:00 - Mon 9 Nov 00:00 kim
            Mon 9 Nov 00:00 - 06:00 lou""",
    ),
    case(
        "shifts are cut by windows as hand-offs are",
        "Mon 2 Nov - Wed 4 Nov",
        shifts("kim lou", "Mon 2 Nov 08:00", "12:00", windows="MO TU 09:00-12:00, MO 14:00-22:00"),
        says="""
            Mon 2 Nov 09:00 - 12:00 kim
            Mon 2 Nov 14:00 - 20:00 kim
            Tue 3 Nov 09:00 - 12:00 lou""",
    ),
]


@pytest.mark.parametrize(
    ("given", "since", "until", "zone", "says"),
    REPEATS + OCCURRENCE_OR_PERIOD + BY_MONTH + WINDOWS,
)
def test_shifts(given: Facts, since: datetime, until: datetime, zone: str, says: list[str]):
    assert planned(given, since, until, zone) == says


@pytest.mark.parametrize("asked", ["Mon 2 Nov 07:00", "Mon 2 Nov 15:00", "Mon 2 Nov 19:00"])
def test_who_came_first_has_the_first_slot_whatever_time_is_asked_about(asked: str):
    given = facts(
        shifts("kim", "Mon 2 Nov 08:00", "14:00", layer="z"),
        shifts("lou", "Mon 2 Nov 14:00", "14:00", layer="a"),
    )

    plan = resolve(given, instant(asked), instant("Tue 3 Nov"))

    slots = [(one.person, one.slot, one.until) for one in plan.stretches]
    assert (
        slots[-3:]
        == [
            ("kim", 0, instant("Mon 2 Nov 22:00")),
            ("lou", 1, instant("Mon 2 Nov 22:00")),
            ("lou", 0, instant("Tue 3 Nov")),
        ][-len(slots) :]
    )
