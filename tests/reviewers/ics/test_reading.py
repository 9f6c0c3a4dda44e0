"""What is read of an .ics file; that what is odd is counted with its line and refuses nothing else."""

import random
from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewers.deadline import TooLong, within
from reviewers.errors import ImportRefused
from reviewers.ics import reading
from reviewers.ics.lines import MOST_BYTES
from tests.laws import law
from tests.reviewers.ics.files import VIENNA, event, file, one

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
START, END = "DTSTART:20261201T090000Z", "DTEND:20261201T100000Z"


def read(data, zone="Europe/London", at=AT):
    return reading.read(data, zone, at)


def spans(data, zone="Europe/London", at=AT):
    return [
        f"{each.since:%Y-%m-%d %H:%M}/{each.until:%Y-%m-%d %H:%M}"
        for each in read(data, zone, at).found
    ]


# What is read ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "zone", "found"),
    [
        pytest.param(
            ["DTSTART:20261201T090000Z", "DTEND:20261201T170000Z"],
            "Asia/Kathmandu",
            ["2026-12-01 09:00/2026-12-01 17:00"],
            id="in UTC, whatever the person's zone",
        ),
        pytest.param(
            ["DTSTART:20261201T090000", "DTEND:20261201T170000"],
            "Asia/Kathmandu",
            ["2026-12-01 03:15/2026-12-01 11:15"],
            id="floating, on the person's wall clock",
        ),
        pytest.param(
            ["DTSTART;TZID=America/New_York:20261201T090000", "DURATION:PT8H"],
            "Europe/London",
            ["2026-12-01 14:00/2026-12-01 22:00"],
            id="in a zone of its own, with a duration",
        ),
        pytest.param(
            [
                "DTSTART;TZID=W. Europe Standard Time:20261201T090000",
                "DTEND;TZID=W. Europe Standard Time:20261201T100000",
            ],
            "Europe/London",
            ["2026-12-01 08:00/2026-12-01 09:00"],
            id="in a zone by its name in Windows",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261227"],
            "America/New_York",
            ["2026-12-24 05:00/2026-12-27 05:00"],
            id="whole days, from midnight to midnight there",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20270328"],
            "Europe/London",
            ["2027-03-28 00:00/2027-03-28 23:00"],
            id="one whole day, of 23 hours",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261204", "RRULE:FREQ=WEEKLY;COUNT=3"],
            "UTC",
            [
                "2026-12-04 00:00/2026-12-05 00:00",
                "2026-12-11 00:00/2026-12-12 00:00",
                "2026-12-18 00:00/2026-12-19 00:00",
            ],
            id="a series of days",
        ),
        pytest.param(
            [
                "DTSTART:20270315T090000",
                "DTEND:20270315T100000",
                "RRULE:FREQ=WEEKLY;COUNT=3",
                "EXDATE:20270322T090000",
            ],
            "Europe/London",
            ["2027-03-15 09:00/2027-03-15 10:00", "2027-03-29 08:00/2027-03-29 09:00"],
            id="a floating series keeps the wall clock over the change, less its exceptions",
        ),
        pytest.param(
            ["DTSTART:20261201T090000Z", "DTEND:20261201T100000Z", "RDATE:20261203T090000Z"],
            "UTC",
            ["2026-12-01 09:00/2026-12-01 10:00", "2026-12-03 09:00/2026-12-03 10:00"],
            id="further dates",
        ),
        pytest.param(
            ["DTSTART:20261120T090000Z", "DTEND:20261122T090000Z"],
            "UTC",
            ["2026-11-20 09:00/2026-11-22 09:00"],
            id="one that has begun",
        ),
    ],
)
def test_events_are_read(lines, zone, found):
    assert spans(one(*lines), zone) == found


def test_a_zone_that_the_file_brings_is_kept_to():
    lines = ["DTSTART;TZID=Office:20261201T090000", "DTEND;TZID=Office:20261201T100000"]

    assert spans(file(VIENNA, *event(*lines))) == ["2026-12-01 08:00/2026-12-01 09:00"]


def test_a_turn_that_was_moved_or_called_off_is_read_so():
    series = event("DTSTART:20261201T090000Z", "DTEND:20261201T100000Z", "RRULE:FREQ=DAILY;COUNT=3")
    moved = event(
        "RECURRENCE-ID:20261202T090000Z", "DTSTART:20261202T150000Z", "DTEND:20261202T160000Z"
    )
    off = event(
        "RECURRENCE-ID:20261203T090000Z",
        "DTSTART:20261203T090000Z",
        "DTEND:20261203T100000Z",
        "STATUS:CANCELLED",
    )

    found = read(file(*series, *moved, *off)).found

    assert [(each.line, each.since.day, each.since.hour, each.is_cancelled) for each in found] == [
        (3, 1, 9, False),
        (9, 2, 15, False),
        (15, 3, 9, True),
    ]


def test_what_lies_outside_of_the_year_ahead_is_left_out_and_counted():
    past = event("DTSTART:20261101T090000Z", "DTEND:20261101T100000Z", uid="past")
    late = event("DTSTART:20280101T090000Z", "DTEND:20280101T100000Z", uid="late")
    good = event("DTSTART:20261201T090000Z", "DTEND:20261201T100000Z", "SUMMARY:Leave\\, paid")

    result = read(file(*past, *late, *good))

    assert [(each.line, each.summary) for each in result.found] == [(13, "Leave, paid")]
    assert (result.outside, result.odd) == (2, [])


def test_a_series_without_end_is_read_for_a_year():
    found = read(one("DTSTART:20100101T090000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY")).found

    assert len(found) == 52
    assert found[0].since > AT and found[-1].since < AT + timedelta(days=366)


def test_what_says_nothing_of_when_is_not_read():
    alarm = ["BEGIN:VALARM", "TRIGGER:-PT15M", "ACTION:DISPLAY", "END:VALARM"]
    lines = [
        "DTSTART:20261201T090000Z",
        "ATTACH;ENCODING=BASE64:" + "A" * 5000,
        "DTEND:20261201T10",
    ]
    folded = [*lines, " 0000Z", *alarm, "X-ODD:;;;"]

    assert spans(one(*folded)) == ["2026-12-01 09:00/2026-12-01 10:00"]


@pytest.mark.parametrize(
    ("lines", "zone", "found"),
    [
        pytest.param(
            ["DTSTART;VALUE=DATE:20261204", "RRULE:FREQ=WEEKLY;BYDAY=FR;UNTIL=20261217T230000Z"],
            "Europe/Berlin",
            ["2026-12-03 23:00", "2026-12-10 23:00", "2026-12-17 23:00"],
            id="UNTIL of whole days is the midnight of the reader's zone",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261204", "RRULE:FREQ=WEEKLY;BYDAY=FR;UNTIL=20261217T230000Z"],
            "Europe/London",
            ["2026-12-04 00:00", "2026-12-11 00:00", "2026-12-18 00:00"],
            id="or a midnight elsewhere",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261204", "RRULE:FREQ=DAILY;UNTIL=20261205T045959Z"],
            "Europe/London",
            ["2026-12-04 00:00"],
            id="or the last second of a day elsewhere",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261204", "RRULE:FREQ=DAILY;UNTIL=20261205T235959Z"],
            "UTC",
            ["2026-12-04 00:00", "2026-12-05 00:00"],
            id="or the last second of a day here",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261204", "RRULE:FREQ=DAILY;UNTIL=20261205"],
            "UTC",
            ["2026-12-04 00:00", "2026-12-05 00:00"],
            id="UNTIL as a day",
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20261204T090000", "DURATION:PT1H",
             "RRULE:FREQ=DAILY;UNTIL=20261205"],
            "UTC",
            ["2026-12-04 08:00", "2026-12-05 08:00"],
            id="UNTIL as a day of timed turns holds the whole day",
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20261204T090000", "DURATION:PT1H",
             "RRULE:FREQ=DAILY;UNTIL=20261205T090000"],
            "UTC",
            ["2026-12-04 08:00", "2026-12-05 08:00"],
            id="UNTIL without a zone is on the wall of DTSTART",
        ),
        pytest.param(
            ["DTSTART:20261204T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;UNTIL=20261205T080000Z"],
            "Europe/Berlin",
            ["2026-12-04 08:00", "2026-12-05 08:00"],
            id="UNTIL in UTC of floating turns",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261204", "RRULE:FREQ=WEEKLY;COUNT=1"],
            "UTC", ["2026-12-04 00:00"], id="a series of one",
        ),
        pytest.param(
            ["DTSTART:20261204T090000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=1;WKST=MO"],
            "UTC", ["2026-12-04 09:00"], id="a timed series of one",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261204", "RRULE:FREQ=WEEKLY;COUNT=3",
             "EXDATE:20261210T230000Z", "RDATE:20261218T120000", "RDATE;VALUE=DATE:20261220"],
            "Europe/Berlin",
            ["2026-12-03 23:00", "2026-12-17 23:00", "2026-12-19 23:00"],
            id="EXDATE and RDATE as times of a series of days, no day twice",
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20261204T090000", "DURATION:PT1H",
             "RRULE:FREQ=DAILY;COUNT=5", "EXDATE;VALUE=DATE:20261205",
             "EXDATE;TZID=America/New_York:20261206T030000,20261207T030000"],
            "UTC",
            ["2026-12-04 08:00", "2026-12-08 08:00"],
            id="EXDATE as days and in another zone of timed turns",
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20261204T090000", "DURATION:PT1H",
             "RDATE;VALUE=PERIOD:20261205T080000Z/PT2H,20261206T080000Z/20261206T110000Z",
             "RDATE;VALUE=DATE:20261207"],
            "UTC",
            ["2026-12-04 08:00", "2026-12-05 08:00", "2026-12-06 08:00", "2026-12-07 08:00"],
            id="RDATE as periods and as a day",
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20270326T023000", "DURATION:PT1H",
             "RRULE:FREQ=DAILY;COUNT=3"],
            "UTC",
            ["2027-03-26 01:30", "2027-03-27 01:30", "2027-03-29 00:30"],
            id="a turn of a rule in a skipped hour does not take place and does not count",
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20270328T023000", "DURATION:PT1H"],
            "UTC", ["2027-03-28 01:30"], id="DTSTART in a skipped hour has the offset from before",
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20271031T023000", "DURATION:PT1H"],
            "UTC", ["2027-10-31 00:30"], id="DTSTART in a doubled hour is the first",
        ),
        pytest.param(
            ["DTSTART:20261231T090000Z", "DURATION:PT1H",
             "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3"],
            "UTC",
            ["2026-12-31 09:00", "2027-01-29 09:00", "2027-02-26 09:00"],
            id="the last working day of a month",
        ),
        pytest.param(
            ["DTSTART:20061204T090000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;INTERVAL=26"],
            "UTC", ["2027-05-10 09:00", "2027-11-08 09:00"], id="an old rule keeps its step",
        ),
        pytest.param(
            ["DTSTART:20261204T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYHOUR=9;COUNT=2"],
            "UTC", ["2026-12-04 09:00", "2026-12-05 09:00"], id="one hour of a day is no flood",
        ),
    ],
)  # fmt: skip
def test_what_a_series_says_is_brought_to_the_kind_and_zone_of_its_start(lines, zone, found):
    result = read(one(*lines), zone)

    assert [f"{each.since:%Y-%m-%d %H:%M}" for each in result.found] == found
    assert (result.odd, result.outside) == ([], 0)


@pytest.mark.parametrize(
    ("lines", "hours"),
    [
        (["DTSTART;TZID=Europe/Berlin:20270327T120000", "DURATION:PT24H"], 24),
        (["DTSTART;TZID=Europe/Berlin:20270327T120000", "DURATION:P1D"], 23),
        (["DTSTART;TZID=Europe/Berlin:20271030T120000", "DURATION:P1D"], 25),
        (["DTSTART;TZID=Europe/Berlin:20271030T120000", "DURATION:P1DT1H"], 26),
        (["DTSTART;TZID=Europe/Berlin:20270324T120000", "DURATION:P1W"], 7 * 24 - 1),
        (["DTSTART;VALUE=DATE:20270328", "DURATION:PT24H"], 23),
        (["DTSTART;VALUE=DATE:20270328", "DTEND;VALUE=DATE:20270328"], 23),
        (["DTSTART;VALUE=DATE:20270328", "DTEND:20270330T000000"], 47),
        (["DTSTART;TZID=Europe/Berlin:20270327T120000", "DTEND:20270328T100000Z"], 23),
        (["DTSTART;TZID=Europe/Berlin:20270327T120000", "DTEND;TZID=Asia/Tokyo:20270328T190000"], 23),
        (["DTSTART:20270327T120000", "DTEND:20270328T100000Z"], 23),
        (["DTSTART;TZID=Europe/Berlin:20270327T120000", "DTEND:20270328T120000"], 23),
    ],
)  # fmt: skip
def test_days_go_by_the_calendar_and_hours_by_the_clock(lines, hours):
    (found,) = read(one(*lines), "Europe/Berlin").found

    assert found.until - found.since == timedelta(hours=hours)


@pytest.mark.parametrize(
    "zone",
    [
        "W. Europe Standard Time",
        '"W. Europe Standard Time"',
        "europe/berlin",
        "/Europe/Berlin",
        "/mozilla.org/20050126_1/Europe/Berlin",
        "/freeassociation.sourceforge.net/Tzfile/Europe/Berlin",
        '"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"',
        "(UTC+01:00) Amsterdam, Berlin, Bern",
    ],
)
def test_zones_are_known_by_the_names_that_programs_give_them(zone):
    given = f"TZID={zone}:20261201T"

    found = spans(one(f"DTSTART;{given}090000", f'DTEND;X-ODD="a;b:c";{given}100000'))

    assert found == ["2026-12-01 08:00/2026-12-01 09:00"]


def test_a_zone_with_a_colon_in_its_name_is_read_from_the_file():
    own = VIENNA.replace("TZID:Office", "TZID:tzone://Microsoft/Custom")
    lines = ["DTSTART;TZID=tzone://Microsoft/Custom:20261201T090000", "DURATION:PT1H"]

    assert spans(file(own, *event(*lines))) == ["2026-12-01 08:00/2026-12-01 09:00"]


def test_a_skipped_hour_of_a_zone_in_the_file_has_the_offset_from_before():
    lines = ["DTSTART;TZID=Office:20270328T023000", "DURATION:PT1H"]

    assert spans(file(VIENNA, *event(*lines))) == ["2027-03-28 01:30/2027-03-28 02:30"]


def test_a_zone_whose_rules_make_no_sense_leaves_out_what_is_in_it_only():
    own = VIENNA.replace("YEARLY", "SECONDLY").replace("TZOFFSETFROM:+0200", "TZOFFSETFROM:soon")
    odd = event("DTSTART;TZID=Office:20261201T090000", "DURATION:PT1H", uid="odd")

    result = read(file(own, *odd, *event(START, END)))

    assert [each.said for each in result.odd] == ["the time zone Office is not known."]
    assert len(result.found) == 1


def test_this_and_later_turns_move_together_until_the_next_such_change():
    series = event("DTSTART:20261201T090000Z", "DTEND:20261201T100000Z", "RRULE:FREQ=DAILY;COUNT=5")
    later = event("RECURRENCE-ID;RANGE=THISANDFUTURE:20261202T090000Z",
                  "DTSTART:20261202T140000Z", "DURATION:PT2H")  # fmt: skip
    single = event("RECURRENCE-ID;VALUE=DATE:20261204", "DTSTART:20261204T060000Z", "DURATION:PT1H")

    assert spans(file(*series, *later, *single)) == [
        "2026-12-01 09:00/2026-12-01 10:00",
        "2026-12-02 14:00/2026-12-02 16:00",
        "2026-12-03 14:00/2026-12-03 16:00",
        "2026-12-04 06:00/2026-12-04 07:00",
        "2026-12-05 14:00/2026-12-05 16:00",
    ]


def test_a_changed_turn_is_found_by_its_instant_in_whatever_zone_and_stands_without_its_series():
    series = event("DTSTART;TZID=Europe/Berlin:20261201T090000", "DURATION:PT1H",
                   "RRULE:FREQ=DAILY;COUNT=2")  # fmt: skip
    moved = event("RECURRENCE-ID:20261202T080000Z", "DTSTART:20261202T150000Z", "DURATION:PT1H")

    together, alone = read(file(*series, *moved)).found, read(file(*moved)).found

    assert [(each.since.day, each.since.hour) for each in together] == [(1, 8), (2, 15)]
    assert [each.turn for each in together] == ["20261201T080000Z", "20261202T080000Z"]
    assert [(each.uid, each.turn) for each in alone] == [(together[1].uid, together[1].turn)]


def test_a_changed_day_of_a_series_of_days_is_found_by_its_day():
    series = event("DTSTART;VALUE=DATE:20261204", "RRULE:FREQ=WEEKLY;COUNT=2")
    moved = event("RECURRENCE-ID:20261210T230000Z", "DTSTART;VALUE=DATE:20261212")

    assert spans(file(*series, *moved), "Europe/Berlin") == [
        "2026-12-03 23:00/2026-12-04 23:00",
        "2026-12-11 23:00/2026-12-12 23:00",
    ]


@pytest.mark.parametrize(
    ("lines", "busy"),
    [
        ([], ""),
        (["TRANSP:TRANSPARENT"], "free"),
        (["TRANSP:opaque"], "busy"),
        (["X-MICROSOFT-CDO-BUSYSTATUS:OOF"], "oof"),
        (["X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE", "TRANSP:OPAQUE"], "workingelsewhere"),
        (["X-MICROSOFT-CDO-INTENDEDSTATUS:FREE", "TRANSP:OPAQUE"], "free"),
        (["X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "X-MICROSOFT-CDO-INTENDEDSTATUS:FREE"], "busy"),
        (["X-MICROSOFT-CDO-BUSYSTATUS:ODD", "TRANSP:TRANSPARENT"], "free"),
    ],
)
def test_each_event_says_how_it_is_shown(lines, busy):
    (found,) = read(one(START, END, *lines)).found

    assert found.busy == busy


def test_each_calendar_of_a_file_has_its_own_method_and_zones():
    first = [
        "METHOD:CANCEL",
        VIENNA,
        *event("DTSTART;TZID=Office:20261201T090000", "DURATION:PT1H"),
    ]
    second = [*event("DTSTART;TZID=Office:20261203T090000", "DURATION:PT1H", uid="2"),
              *event("DTSTART:20261204T090000Z", "DURATION:PT1H", "STATUS:TENTATIVE", uid="3")]  # fmt: skip

    result = read(file(*first) + file(*second))

    assert [(each.since.day, each.is_cancelled, each.is_tentative) for each in result.found] == [
        (1, True, False),
        (4, False, True),
    ]
    assert [each.said for each in result.odd] == ["the time zone Office is not known."]
    assert not result.is_whole


def test_an_event_without_a_uid_is_the_same_in_the_next_export():
    data = file("BEGIN:VEVENT", START, END, "SUMMARY:Leave", "END:VEVENT")
    again = file(*event("DTSTART:20261203T090000Z", "DURATION:PT1H"),
                 "BEGIN:VEVENT", START, END, "SUMMARY:Leave", "END:VEVENT")  # fmt: skip

    assert read(data).found[0].uid in {each.uid for each in read(again).found}


ENGLISH = one("DTSTART:20261201T090000Z", "DTEND:20261201T100000Z", "SUMMARY:Blåbær, 休み")


@pytest.mark.parametrize(
    ("data", "title"),
    [
        pytest.param(ENGLISH.replace(b"\r\n", b"\r"), "Blåbær, 休み", id="CR alone"),
        pytest.param(ENGLISH.replace(b"\r\n", b"\r\r\n"), "Blåbær, 休み", id="CR CR LF"),
        pytest.param(ENGLISH.replace("æ".encode(), b"\xc3\r\n \xa6"), "Blåbær, 休み",
                     id="folded in a character"),
        pytest.param(ENGLISH.replace("æ".encode(), b"\xc3\n\t\xa6"), "Blåbær, 休み",
                     id="folded with a tab"),
        pytest.param(ENGLISH.decode().encode("utf-16"), "Blåbær, 休み", id="UTF-16 with its mark"),
        pytest.param(ENGLISH.decode().encode("utf-16-le"), "Blåbær, 休み", id="UTF-16 without"),
        pytest.param(ENGLISH.decode().encode("utf-16-be"), "Blåbær, 休み", id="big endian"),
        pytest.param(one("DTSTART:20261201T090000Z", "DTEND:20261201T100000Z",
                         "SUMMARY:Blåbær – fri").decode().encode("cp1252"),
                     "Blåbær – fri", id="as Windows writes it"),
        pytest.param(ENGLISH.replace(b"Bl", b"B\x00l\x1b"), "Blåbær, 休み", id="control characters"),
        pytest.param(b"\n\n" + ENGLISH, "Blåbær, 休み", id="after blank lines"),
        pytest.param(ENGLISH.replace(b"SUMMARY", b"X-BROKEN\r\nno line at all\r\nSUMMARY"),
                     "Blåbær, 休み", id="beside lines that are none"),
        pytest.param(ENGLISH.replace(b"SUMMARY:", b"summary;LANGUAGE=no;X=\"a:b;c\":"),
                     "Blåbær, 休み", id="with quoted parameters"),
        pytest.param(ENGLISH.replace(b"SUMMARY:", b"DESCRIPTION:" + b"x" * 100_000 + b"\r\nSUMMARY:"),
                     "Blåbær, 休み", id="beside a huge line"),
    ],
)  # fmt: skip
def test_text_is_read_as_programs_write_it(data, title):
    result = read(data)

    assert [(each.since.hour, each.summary) for each in result.found] == [(9, title)]
    assert result.odd == []


def test_line_ends_and_a_byte_order_mark_of_other_systems_are_taken():
    data = one("DTSTART:20261201T090000Z", "DTEND:20261201T100000Z")

    assert spans(b"\xef\xbb\xbf" + data.replace(b"\r\n", b"\n")) == spans(data) != []


# What is odd, with the line -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty."),
        (b"\r\n\r\n", "The file is empty."),
        (file(), "There is no event (VEVENT) in this file."),
        (file("BEGIN:VTODO", "DTSTART:20261201T090000Z", "END:VTODO", "BEGIN:VFREEBUSY",
              "FREEBUSY:20261201T090000Z/PT1H", "END:VFREEBUSY"),
         "There is no event (VEVENT) in this file."),
        (b"PK\x03\x04", "Line 1: a character that no text holds; is this an .ics file?"),
        (b"Name,From,To", "Line 1: a calendar begins with BEGIN:VCALENDAR, not with “Name,From,To”."),
        (b"HELLO:1", "Line 1: a calendar begins with BEGIN:VCALENDAR, not with “HELLO:1”."),
    ],
)  # fmt: skip
def test_what_is_no_calendar_is_refused(data, said):
    with pytest.raises(ImportRefused) as refusal:
        read(data)

    assert str(refusal.value) == said


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        (["SUMMARY:Leave"], 3, "the event has no DTSTART."),
        (["DTSTART"], 3, "the event has no DTSTART."),
        (["DTSTART:soon", END], 5, "DTSTART cannot be read: “soon”."),
        (["DTSTART:20261301T090000Z"], 5, "DTSTART cannot be read: “20261301T090000Z” is no time."),
        (["DTSTART:20261201T250000Z"], 5, "DTSTART cannot be read: “20261201T250000Z” is no time."),
        ([START, "DTEND:20261201T080000Z"], 6, "DTEND is before DTSTART."),
        ([START, "DTEND:20261201T090000Z"], 6,
         "DTEND is at DTSTART: the event has no length."),
        ([START], 3, "the end is at DTSTART: the event has no length."),
        ([START, "DURATION:-PT1H"], 6, "the end is before DTSTART."),
        ([START, "DURATION:PT"], 6, "DURATION cannot be read: “PT”."),
        ([START, "DURATION:P9000D"], 6, "the event lasts more than two years."),
        ([START, "DURATION:P900000D"], 6, "the event lasts more than two years."),
        (["DTSTART:21990101T000000Z", "DURATION:P999999W"], 3, "its times lie beyond all calendars."),
        ([START, END, "DURATION:PT1H"], 7, "the event has both DTEND and DURATION."),
        ([START, "DTEND;VALUE=DATE:20261202"], 6, "DTSTART and DTEND are not both days or both times."),
        (["DTSTART;TZID=Mars/Base:20261201T090000", END], 5, "the time zone Mars/Base is not known."),
        (["DTSTART:00010101T000000Z", END], 5, "DTSTART is in the year 1."),
        ([START, END, START], 7, "a second DTSTART; the first is in line 5."),
        ([START, END, "RRULE:FREQ=SECONDLY"], 7,
         "RRULE repeats every second; once a day is the most that is read."),
        ([START, END, "RRULE:FREQ=MINUTELY;COUNT=2"], 7,
         "RRULE repeats every minute; once a day is the most that is read."),
        ([START, END, "RRULE:INTERVAL=1;FREQ=HOURLY"], 7,
         "RRULE repeats every hour; once a day is the most that is read."),
        ([START, END, "RRULE:FREQ=DAI", " LY;BYSECOND=1,2,3"], 7,
         "RRULE repeats within a day (BYSECOND); write an event for each."),
        ([START, END, "RRULE:FREQ=DAILY;COUNT=100000000"], 7, "COUNT of RRULE is a number from 1 to 10,000."),
        ([START, END, "RRULE:FREQ=DAILY;COUNT=" + "9" * 5000], 7,
         "COUNT of RRULE is a number from 1 to 10,000."),
        ([START, END, "RRULE:FREQ=DAILY;INTERVAL=0"], 7, "INTERVAL of RRULE is a number from 1 to 1,000."),
        ([START, END, "RRULE:FREQ=FORTNIGHTLY"], 7,
         "RRULE has no FREQ that is known (DAILY, WEEKLY, MONTHLY, YEARLY)."),
        ([START, END, "RRULE:FREQ=DAILY;FREQ=SECONDLY"], 7, "RRULE says the same twice."),
        ([START, END, "RRULE:FREQ=DAILY;UNTIL=later"], 7, "UNTIL cannot be read: “LATER”."),
        ([START, END, "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101T000000Z"], 7,
         "RRULE has both COUNT and UNTIL; it takes one of them."),
        ([START, END, "EXRULE:FREQ=HOURLY"], 7,
         "EXRULE repeats every hour; once a day is the most that is read."),
        ([START, END, *["EXRULE:FREQ=DAILY"] * 11], 17, "the event has more than 10 EXRULE."),
        ([START, END, "RECURRENCE-ID;RANGE=THISANDPRIOR:20261201T090000Z"], 7,
         "RANGE=THISANDPRIOR is not read; only THISANDFUTURE is."),
        (["DTSTART;VALUE=DATE:20261201", "DURATION:PT8H"], 3,
         "the event begins with a day and lasts part of one."),
        ([START, END, "RDATE:" + ",".join(["20261205T090000Z"] * 1001)], 7,
         "RDATE brings more than 1000 dates."),
        ([START, END, "RRULE:FREQ=WEEKLY;BYDAY=XX"], 3,
         "this series cannot be worked out: invalid 'BYDAY': XX."),
        ([START, END, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"], 3,
         "this series takes too long to work out. Write a simpler one."),
    ],
)  # fmt: skip
def test_an_odd_event_is_counted_with_its_line_and_refuses_no_other(lines, line, said):
    good = event("DTSTART:20261203T090000Z", "DTEND:20261203T100000Z", uid="good")

    result = read(file(*event(*lines, "SUMMARY:Odd"), *good))

    assert [(each.line, each.said) for each in result.odd] == [(line, said)]
    assert [each.since.day for each in result.found] == [3]


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART:20190101T090000Z"],
        ["DTSTART:20190101T090000Z", "DTEND:20190101T090000Z"],
        ["DTSTART:20190101T090000Z", "DTEND:20190101T080000Z"],
        ["DTSTART:20190101T090000Z", "DURATION:-PT1H"],
        ["DTSTART;TZID=Europe/London:20190331T013000", "DURATION:PT1H"],
        ["DTSTART;TZID=Europe/London:20190331T010000", "DTEND;TZID=Europe/London:20190331T013000"],
        ["DTSTART:20150101T000000Z", "DTEND:20190101T000000Z"],
    ],
)
def test_what_has_passed_is_outside_whatever_is_odd_about_it(lines):
    result = read(file(*event(*lines), *event(START, END, uid="good")))

    assert ([each.line for each in result.found], result.odd, result.outside) == (
        [len(lines) + 6],
        [],
        1,
    )


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        (["EXRULE:FREQ=DAILY;INTERVAL=2"], [2, 4]),
        (["EXRULE:FREQ=DAILY;INTERVAL=2;COUNT=2"], [2, 4, 5]),
        (["EXRULE:FREQ=WEEKLY;BYDAY=FR"], [1, 2, 3, 5]),
        (["EXRULE:FREQ=DAILY;UNTIL=20261202T090000Z", "EXRULE:FREQ=WEEKLY;BYDAY=FR"], [3, 5]),
        (["EXRULE:FREQ=DAILY"], []),
    ],
)
@pytest.mark.parametrize("start", [[START, END], ["DTSTART;VALUE=DATE:20261201"]])
def test_a_rule_of_exceptions_takes_away_what_it_gives(start, lines, days):
    found = read(one(*start, "RRULE:FREQ=DAILY;COUNT=5", *lines), "UTC")

    assert ([each.since.day for each in found.found], found.odd) == (days, [])


def test_vcalendar_of_before_is_read_by_its_offset_and_its_quoted_words():
    """TZ stands for all times; EXDATE and rules had a grammar of their own, and are odd."""
    times = ["DTSTART:20261201T090000", "DTEND:20261201T100000"]
    words = [
        "SUMMARY;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Bl=C3=A5b=",
        "=C3=A6r, on=",
        "e=0D=0Atwo",
    ]
    data = [*event(*times, *words), *event(*times, "RRULE:W1 MO #10", uid="2")]
    old = [line.replace(b"VERSION:2.0", b"VERSION:1.0") for line in (
        file("TZ:-0530", *data), file("TZ:+01", "DAYLIGHT:TRUE;+02", *data), file(*data))]  # fmt: skip

    found = [read(each) for each in old]

    assert [[f"{one.since:%H:%M} {one.summary}" for one in each.found] for each in found] == [
        ["14:30 Blåbær, one\ntwo"], [], ["09:00 Blåbær, one\ntwo"]]  # fmt: skip
    ruled = "RRULE has no FREQ that is known (DAILY, WEEKLY, MONTHLY, YEARLY)."
    clocks = "the clock changes of vCalendar 1.0 (DAYLIGHT) are not read."
    assert [{one.said for one in each.odd} for each in found] == [{ruled}, {clocks}, {ruled}]


def test_a_short_name_is_that_of_the_rules_in_the_file_where_it_brings_some():
    """EST of IANA has no summer; without rules it is that."""
    hour = event("DTSTART;TZID=EST:20270701T090000", "DTEND;TZID=EST:20270701T100000")
    rules = [line.replace("Office", "EST") for line in VIENNA.split("\r\n")]

    assert spans(file(*rules, *hour)) == ["2027-07-01 07:00/2027-07-01 08:00"]
    assert spans(file(*hour)) == ["2027-07-01 14:00/2027-07-01 15:00"]


def test_an_event_that_is_not_closed_is_odd_and_the_next_is_read():
    lines = [
        "BEGIN:VEVENT",
        "UID:9",
        START,
        END,
        *event("DTSTART:20261203T090000Z", "DURATION:PT1H"),
    ]

    result = read(file(*lines))
    cut = read(file(*event(START, END), *lines[:4]).partition(b"END:VCALENDAR")[0])

    assert [(each.line, each.said) for each in result.odd] == [
        (3, "the event has no end (END:VEVENT).")
    ]
    assert [each.since.day for each in result.found] == [3]
    assert [each.line for each in cut.odd] == [8]
    assert [each.since.day for each in cut.found] == [1]


def test_of_two_copies_the_one_with_the_higher_sequence_is_read():
    later = event("DTSTART:20261203T090000Z", "DURATION:PT1H", "SEQUENCE:2")
    data = file(*later, *event(START, END, "SEQUENCE:1"), *event(START, END, "SEQUENCE:soon"))

    result = read(data)

    assert [(each.line, each.since.day, each.sequence) for each in result.found] == [(3, 3, 2)]
    assert [(each.line, each.said) for each in result.odd] == [
        (line, "an older copy of the event in line 3; that one is read.") for line in (9, 15)
    ]


def test_what_goes_beyond_as_many_as_are_shown_is_counted():
    daily = [
        line
        for n in range(2)
        for line in event(START, END, "RRULE:FREQ=DAILY", uid=str(n))
    ]  # fmt: skip
    many = [
        line
        for n in range(5_001)
        for line in ("BEGIN:VEVENT", START, f"UID:{n}", "END:VEVENT")
    ]  # fmt: skip

    result = read(file(*daily))

    assert (len(result.found), result.cut, result.last) == (500, 214, result.found[-1].since)
    with pytest.raises(ImportRefused, match="at most 5,000 events are read from one file"):
        read(file(*many))


def test_a_file_of_ten_megabytes_is_refused_before_it_is_looked_at():
    class Sealed(bytes):
        def __getattribute__(self, name):
            raise AssertionError(f"it was looked at: {name}")

    with pytest.raises(ImportRefused, match="10,485,760 bytes; at most 1,048,576 are read"):
        read(Sealed(10 * MOST_BYTES))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=WE",
        "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
        "FREQ=YEARLY;BYYEARDAY=1;BYMONTH=6",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=6",
    ],
)
def test_series_that_never_come_end_all_the_same_and_leave_the_rest(monkeypatch, rule):
    assert reading.SECONDS <= 3
    monkeypatch.setattr(reading, "SECONDS", 0.5)  # what ends a series is not how long it may take
    good = event("DTSTART:20261203T090000Z", "DTEND:20261203T100000Z", uid="good")
    several = [
        line for n in range(30) for line in event(START, END, f"RRULE:{rule}", uid=str(n))
    ]  # of which each alone is looked for until the year 9999
    result = read(file(*good, *several))

    assert [each.since.day for each in result.found if each.line == 3] == [3]
    assert result.odd[-1].said == "this series takes too long to work out. Write a simpler one."


def test_a_flood_of_lines_is_refused_at_once():
    with pytest.raises(ImportRefused, match="at most 50,000 lines"):
        read(file("X:1\r\n" * 60_000))
    for flood in (
        event("SUMMARY:" + "\r\n ".join("x" * 10 for _ in range(45_000))),
        ["BEGIN:VTIMEZONE", "TZID:A", "END:VTIMEZONE"] * 1000,
        [*["BEGIN:A"] * 20_000, *["END:A"] * 20_000],
        [*["BEGIN:VEVENT", "BEGIN:A"] * 4_000],
    ):
        assert [each.line for each in read(file(*event(START, END), *flood)).found] == [3]


def test_a_deadline_ends_a_loop_that_would_not():
    def forever():
        while True:
            perf_counter()

    with pytest.raises(TooLong), within(0.05):
        forever()
    with within(5):
        assert len(str(random.random())) > 2


PIECES = st.sampled_from(
    [
        "BEGIN:VEVENT", "END:VEVENT", "BEGIN:VCALENDAR", "END:VCALENDAR", "UID:1", "UID:2", START,
        END, "DTSTART;VALUE=DATE:20261205", "DTSTART;TZID=Europe/London:20270328T013000",
        "DURATION:P1D", "DURATION:-P1W", "RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=YEARLY;BYDAY=6MO",
        "RRULE:FREQ=WEEKLY;BYDAY=XX", "RDATE;VALUE=PERIOD:20261201T090000Z/PT1H", "EXDATE:2026",
        "RDATE;VALUE=DATE:20261224", "RECURRENCE-ID:20261201T090000Z", "STATUS:CANCELLED", " folded",
        "DTSTART:99991231T235959Z", "SEQUENCE:x", "RRULE:FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU",
        "RRULE:FREQ=DAILY;UNTIL=20261224", "DTEND;VALUE=DATE:20261206", "DTSTART:20261201T090000",
        "BEGIN:VTIMEZONE", "TZID:X", "END:VTIMEZONE", "DTSTART;TZID=X:20261201T090000", "é;:",
    ]
)  # fmt: skip


@law(250)
@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=12), st.booleans())
def test_whatever_the_file_it_is_read_or_refused(lines, whole):
    data = file(*event(*lines)) if whole else "\r\n".join(lines).encode("utf-8", "replace")

    try:
        result = read(data)
    except ImportRefused:
        assert not whole
        return
    assert all(each.since < each.until for each in result.found)
    assert all(each.until > AT for each in result.found)
