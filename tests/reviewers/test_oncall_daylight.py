"""Clocks that change: turns keep the wall clock, on both halves of the earth, by an hour and by half.

A time that occurs twice is written with its offset, as in ``01:30+0100``.
"""

from datetime import datetime, timedelta

import pytest

from reviewers.oncall import Facts, resolve
from tests.reviewers.rosterwords import (
    WORKDAYS,
    absent,
    case,
    facts,
    handoff,
    instant,
    planned,
    shifts,
)

LONDON = "Europe/London"  # Sunday 29 March 01:00 to 02:00; Sunday 25 October 02:00 to 01:00
NEW_YORK = "America/New_York"  # Sunday 8 March 02:00 to 03:00; Sunday 1 November 02:00 to 01:00
LORD_HOWE = "Australia/Lord_Howe"  # Sunday 5 April 02:00 to 01:30; Sunday 4 October 02:00 to 02:30
KATHMANDU = "Asia/Kathmandu"  # never; 05:45 ahead of UTC
HAVANA = "America/Havana"  # Sunday 8 March 00:00 to 01:00; Sunday 1 November 01:00 to 00:00
APIA = "Pacific/Apia"  # had no Friday 30 December 2011

WALL_CLOCK = [
    case(
        "London in spring: hand-offs stay at nine",
        "Fri 27 Mar 09:00 - Mon 30 Mar 09:00",
        handoff("kim lou", "Fri 27 Mar 09:00", "1 day"),
        says="""
            Fri 27 Mar 09:00 - Sat 28 Mar 09:00 kim
            Sat 28 Mar 09:00 - Sun 29 Mar 09:00 lou
            Sun 29 Mar 09:00 - Mon 30 Mar 09:00 kim""",
    ),
    case(
        "London in spring, told in UTC: hand-offs move from nine to eight",
        "Fri 27 Mar 09:00 - Mon 30 Mar 08:00",
        handoff("kim lou", "Fri 27 Mar 09:00", "1 day"),
        zone="UTC",
        says="""
            Fri 27 Mar 09:00 - Sat 28 Mar 09:00 kim
            Sat 28 Mar 09:00 - Sun 29 Mar 08:00 lou
            Sun 29 Mar 08:00 - Mon 30 Mar 08:00 kim""",
    ),
    case(
        "London in autumn: a week of turns is an hour longer and ends on the hour",
        "Mon 19 Oct 09:00 - Mon 2 Nov 09:00",
        handoff("kim lou", "Mon 19 Oct 09:00"),
        says="""
            Mon 19 Oct 09:00 - Mon 26 Oct 09:00 kim
            Mon 26 Oct 09:00 - Mon 2 Nov 09:00 lou""",
    ),
    case(
        "New York in spring",
        "Sat 7 Mar 09:00 - Mon 9 Mar 09:00",
        handoff("kim lou", "Sat 7 Mar 09:00", "1 day", zone=NEW_YORK),
        zone=NEW_YORK,
        says="""
            Sat 7 Mar 09:00 - Sun 8 Mar 09:00 kim
            Sun 8 Mar 09:00 - Mon 9 Mar 09:00 lou""",
    ),
    case(
        "New York in autumn",
        "Sat 31 Oct 09:00 - Mon 2 Nov 09:00",
        handoff("kim lou", "Sat 31 Oct 09:00", "1 day", zone=NEW_YORK),
        zone=NEW_YORK,
        says="""
            Sat 31 Oct 09:00 - Sun 1 Nov 09:00 kim
            Sun 1 Nov 09:00 - Mon 2 Nov 09:00 lou""",
    ),
    case(
        "Lord Howe in autumn, told in UTC: half an hour later, and that is in April",
        "Fri 3 Apr 22:00 - Sun 5 Apr 22:30",
        handoff("kim lou", "Sat 4 Apr 09:00", "1 day", zone=LORD_HOWE),
        zone="UTC",
        says="""
            Fri 3 Apr 22:00 - Sat 4 Apr 22:30 kim
            Sat 4 Apr 22:30 - Sun 5 Apr 22:30 lou""",
    ),
    case(
        "Lord Howe in spring, told in UTC: half an hour earlier, and that is in October",
        "Fri 2 Oct 22:30 - Sun 4 Oct 22:00",
        handoff("kim lou", "Sat 3 Oct 09:00", "1 day", zone=LORD_HOWE),
        zone="UTC",
        says="""
            Fri 2 Oct 22:30 - Sat 3 Oct 22:00 kim
            Sat 3 Oct 22:00 - Sun 4 Oct 22:00 lou""",
    ),
    case(
        "Kathmandu, told in UTC: always at a quarter past",
        "Sat 28 Mar 03:15 - Mon 30 Mar 03:15",
        handoff("kim lou", "Sat 28 Mar 09:00", "1 day", zone=KATHMANDU),
        zone="UTC",
        says="""
            Sat 28 Mar 03:15 - Sun 29 Mar 03:15 kim
            Sun 29 Mar 03:15 - Mon 30 Mar 03:15 lou""",
    ),
    case(
        "a night shift over the missing hour ends at six",
        "Sat 28 Mar 12:00 - Mon 30 Mar 12:00",
        shifts("kim lou", "Sat 28 Mar 22:00", "8:00"),
        says="""
            Sat 28 Mar 22:00 - Sun 29 Mar 06:00 kim
            Sun 29 Mar 22:00 - Mon 30 Mar 06:00 lou""",
    ),
    case(
        "a night shift over the repeated hour ends at six",
        "Sat 24 Oct 12:00 - Mon 26 Oct 12:00",
        shifts("kim lou", "Sat 24 Oct 22:00", "8:00"),
        says="""
            Sat 24 Oct 22:00 - Sun 25 Oct 06:00 kim
            Sun 25 Oct 22:00 - Mon 26 Oct 06:00 lou""",
    ),
    case(
        "a night of duty over the change, with the hand-off after it",
        "Sat 28 Mar 12:00 - Mon 30 Mar",
        handoff("kim lou", "Sun 22 Mar 12:00", windows="SA SU 22:00-06:00"),
        says="""
            Sat 28 Mar 22:00 - Sun 29 Mar 06:00 kim
            Sun 29 Mar 22:00 - Mon 30 Mar 00:00 lou""",
    ),
]

MISSING_AND_REPEATED = [
    case(
        "a hand-off in the missing hour comes as if the clock had not changed",
        "Sat 28 Mar 01:30 - Mon 30 Mar 01:30",
        handoff("kim lou", "Sat 28 Mar 01:30", "1 day"),
        says="""
            Sat 28 Mar 01:30 - Sun 29 Mar 02:30 kim
            Sun 29 Mar 02:30 - Mon 30 Mar 01:30 lou""",
    ),
    case(
        "a hand-off in the repeated hour comes at the first pass, once",
        "Sat 24 Oct 01:30 - Mon 26 Oct 01:30",
        handoff("kim lou", "Sat 24 Oct 01:30", "1 day"),
        says="""
            Sat 24 Oct 01:30 - Sun 25 Oct 01:30+0100 kim
            Sun 25 Oct 01:30+0100 - Mon 26 Oct 01:30 lou""",
    ),
    case(
        "a hand-off in the missing half-hour",
        "Sat 3 Oct 02:15 - Mon 5 Oct 02:15",
        handoff("kim lou", "Sat 3 Oct 02:15", "1 day", zone=LORD_HOWE),
        zone=LORD_HOWE,
        says="""
            Sat 3 Oct 02:15 - Sun 4 Oct 02:45 kim
            Sun 4 Oct 02:45 - Mon 5 Oct 02:15 lou""",
    ),
    case(
        "a hand-off in the repeated half-hour",
        "Sat 4 Apr 01:45 - Mon 6 Apr 01:45",
        handoff("kim lou", "Sat 4 Apr 01:45", "1 day", zone=LORD_HOWE),
        zone=LORD_HOWE,
        says="""
            Sat 4 Apr 01:45 - Sun 5 Apr 01:45+1100 kim
            Sun 5 Apr 01:45+1100 - Mon 6 Apr 01:45 lou""",
    ),
    case(
        "turns of an hour: the turn of the missing hour does not exist",
        "Sat 28 Mar 23:00 - Sun 29 Mar 04:00",
        handoff("kim lou max", "Sat 28 Mar 23:00", "1 hour"),
        says="""
            Sat 28 Mar 23:00 - Sun 29 Mar 00:00 kim
            Sun 29 Mar 00:00 - 02:00 lou
            Sun 29 Mar 02:00 - 03:00 kim
            Sun 29 Mar 03:00 - 04:00 lou""",
    ),
    case(
        "turns of an hour: the turn of the repeated hour lasts for both",
        "Sat 24 Oct 23:00 - Sun 25 Oct 03:00",
        handoff("kim lou max", "Sat 24 Oct 23:00", "1 hour"),
        says="""
            Sat 24 Oct 23:00 - Sun 25 Oct 00:00 kim
            Sun 25 Oct 00:00 - 01:00+0100 lou
            Sun 25 Oct 01:00+0100 - 02:00 max
            Sun 25 Oct 02:00 - 03:00 kim""",
    ),
    case(
        "turns of an hour: the turn of the missing half-hour has the other half",
        "Sun 4 Oct 01:00 - 04:00",
        handoff("kim lou max", "Sun 4 Oct 01:00", "1 hour", zone=LORD_HOWE),
        zone=LORD_HOWE,
        says="""
            Sun 4 Oct 01:00 - 02:30 kim
            Sun 4 Oct 02:30 - 03:00 lou
            Sun 4 Oct 03:00 - 04:00 max""",
    ),
    case(
        "a shift within the missing hour is held after it",
        "Sat 28 Mar - Tue 31 Mar",
        shifts("kim lou", "Sat 28 Mar 01:15", "0:30"),
        says="""
            Sat 28 Mar 01:15 - 01:45 kim
            Sun 29 Mar 02:15 - 02:45 lou
            Mon 30 Mar 01:15 - 01:45 kim""",
    ),
    case(
        "a shift that would end before it starts is not held, and has had its turn",
        "Sat 28 Mar - Tue 31 Mar",
        shifts("kim lou max", "Sat 28 Mar 01:30", "0:30"),
        says="""
            Sat 28 Mar 01:30 - 02:00 kim
            Mon 30 Mar 01:30 - 02:00 max""",
    ),
    case(
        "a shift within the repeated hour is held at the first pass only",
        "Sat 24 Oct - Mon 26 Oct",
        shifts("kim lou", "Sat 24 Oct 01:15", "0:30"),
        says="""
            Sat 24 Oct 01:15 - 01:45 kim
            Sun 25 Oct 01:15+0100 - 01:45+0100 lou""",
    ),
    case(
        "a shift that begins in the repeated hour lasts an hour longer",
        "Sun 25 Oct - Mon 26 Oct",
        shifts("kim", "Sun 25 Oct 01:30", "2:00"),
        says="Sun 25 Oct 01:30+0100 - 03:30 kim",
    ),
    case(
        "hours of duty that close in the repeated hour close at the first pass",
        "Sun 25 Oct - Mon 26 Oct",
        handoff("kim", "Mon 19 Oct", windows="SU 00:00-01:30"),
        says="Sun 25 Oct 00:00 - 01:30+0100 kim",
    ),
    case(
        "hours of duty that meet in the repeated hour leave nothing out",
        "Sun 25 Oct - Mon 26 Oct",
        handoff("kim", "Mon 19 Oct", windows="SU 00:00-01:30, SU 01:30-24:00"),
        says="Sun 25 Oct 00:00 - Mon 26 Oct 00:00 kim",
    ),
    case(
        "hours of duty that meet in the missing hour leave nothing out",
        "Sun 29 Mar - Mon 30 Mar",
        handoff("kim", "Mon 23 Mar", windows="SU 00:00-01:30, SU 01:30-24:00"),
        says="Sun 29 Mar 00:00 - Mon 30 Mar 00:00 kim",
    ),
    case(
        "a month's turn that begins in the missing hour",
        "Thu 29 Jan 01:30 - Wed 29 Apr 01:30",
        handoff("kim lou max", "Thu 29 Jan 01:30", "1 month"),
        says="""
            Thu 29 Jan 01:30 - Sat 28 Feb 01:30 kim
            Sat 28 Feb 01:30 - Sun 29 Mar 02:30 lou
            Sun 29 Mar 02:30 - Wed 29 Apr 01:30 max""",
    ),
    case(
        "a midnight that does not exist",
        "Sat 7 Mar - Mon 9 Mar",
        handoff("kim lou", "Sat 7 Mar", "1 day", zone=HAVANA),
        zone=HAVANA,
        says="""
            Sat 7 Mar 00:00 - Sun 8 Mar 01:00 kim
            Sun 8 Mar 01:00 - Mon 9 Mar 00:00 lou""",
    ),
    case(
        "days of duty meet at a midnight that does not exist",
        "Sat 7 Mar - Mon 9 Mar",
        handoff("kim", "Sat 7 Mar", windows="SA SU 00:00-24:00", zone=HAVANA),
        zone=HAVANA,
        says="Sat 7 Mar 00:00 - Mon 9 Mar 00:00 kim",
    ),
    case(
        "a midnight that comes twice",
        "Sat 31 Oct - Mon 2 Nov",
        handoff("kim lou", "Sat 31 Oct", "1 day", zone=HAVANA),
        zone=HAVANA,
        says="""
            Sat 31 Oct 00:00 - Sun 1 Nov 00:00-0400 kim
            Sun 1 Nov 00:00-0400 - Mon 2 Nov 00:00 lou""",
    ),
    case(
        "a whole day that does not exist takes its turn with it",
        "Wed 28 Dec 2011 09:00 - Sun 1 Jan 2012 09:00",
        handoff("kim lou max nia", "Wed 28 Dec 2011 09:00", "1 day", zone=APIA),
        zone=APIA,
        says="""
            Wed 28 Dec 2011 09:00 - Thu 29 Dec 2011 09:00 kim
            Thu 29 Dec 2011 09:00 - Sat 31 Dec 2011 09:00 lou
            Sat 31 Dec 2011 09:00 - Sun 1 Jan 2012 09:00 nia""",
    ),
]

ZONES = [
    case(
        "each layer is on its own clock: after New York's change two layers overlap by an hour",
        "Sat 7 Mar - Mon 9 Mar",
        shifts("kim", "Sat 7 Mar 09:00", "8:00", layer="London"),
        shifts("lou", "Fri 6 Mar 12:00", "8:00", layer="New York", zone=NEW_YORK),
        says="""
            Sat 7 Mar 00:00 - 01:00 lou
            Sat 7 Mar 09:00 - 17:00 kim
            Sat 7 Mar 17:00 - Sun 8 Mar 01:00 lou
            Sun 8 Mar 09:00 - 17:00 kim
            Sun 8 Mar 16:00 - Mon 9 Mar 00:00 lou""",
    ),
    case(
        "a working day is that of the roster's zone, wherever people live",
        "Sun 1 Nov - Tue 3 Nov",
        handoff("kim", "Sun 1 Nov", windows=f"{WORKDAYS} 09:00-17:00", zone=KATHMANDU),
        says="Mon 2 Nov 03:15 - 11:15 kim",
    ),
    case(
        "a day off in the person's own zone takes a piece out of the roster's day",
        "Mon 2 Nov 09:00 - Wed 4 Nov 09:00",
        handoff("kim lou", "Mon 2 Nov 09:00", "1 day"),
        absent("lou", "Tue 3 Nov - Wed 4 Nov", zone=KATHMANDU),
        says="""
            Mon 2 Nov 09:00 - Tue 3 Nov 09:00 kim
            Tue 3 Nov 09:00 - 18:15 nobody, lou away
            Tue 3 Nov 18:15 - Wed 4 Nov 09:00 lou""",
    ),
]


@pytest.mark.parametrize(
    ("given", "since", "until", "zone", "says"), WALL_CLOCK + MISSING_AND_REPEATED + ZONES
)
def test_clock_changes(given: Facts, since: datetime, until: datetime, zone: str, says: list[str]):
    assert planned(given, since, until, zone) == says


@pytest.mark.parametrize(
    ("zone", "first", "hours"),
    [
        (LONDON, "Sat 28 Mar 09:00", 23),
        (LONDON, "Sat 24 Oct 09:00", 25),
        (NEW_YORK, "Sat 7 Mar 09:00", 23),
        (NEW_YORK, "Sat 31 Oct 09:00", 25),
        (LORD_HOWE, "Sat 4 Apr 09:00", 24.5),
        (LORD_HOWE, "Sat 3 Oct 09:00", 23.5),
        (KATHMANDU, "Sat 28 Mar 09:00", 24),
    ],
)
def test_a_day_of_change_is_shorter_or_longer(zone: str, first: str, hours: float):
    given = facts(handoff("kim lou", first, "1 day", zone=zone))

    plan = resolve(given, instant(first, zone), instant(first, zone) + timedelta(days=2))

    assert plan.stretches[0].until - plan.stretches[0].since == timedelta(hours=hours)
