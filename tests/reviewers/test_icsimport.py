"""An .ics as absences or overrides: what is read, and that a bad one is refused with its line."""

import random
from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation import access
from escalation.models import Event as Recorded
from reviewers import absences, icsimport, rosters
from reviewers.deadline import TooLong, within
from reviewers.enums import AbsenceKind, OverrideKind
from reviewers.errors import ImportRefused
from reviewers.icslines import MOST_BYTES
from reviewers.models import Absence, Override
from tests.factories import make_reviewer, make_role, make_user

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
VIENNA = "\r\n".join(
    [
        "BEGIN:VTIMEZONE",
        "TZID:Office",
        "BEGIN:STANDARD",
        "DTSTART:19701025T030000",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "BEGIN:DAYLIGHT",
        "DTSTART:19700329T020000",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "END:VTIMEZONE",
    ]
)


def event(*lines, uid="1"):
    return ["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT"]


def file(*lines):
    """Return a file; its events begin in line 3."""
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""]).encode()


def one(*lines):
    """Return a file of one event: BEGIN:VEVENT is line 3, UID line 4, ``lines`` from line 5."""
    return file(*event(*lines))


def read(data, zone="Europe/London", at=AT):
    return icsimport.read(data, zone, at)


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

    reading = read(file(*series, *moved, *off))

    assert [(each.line, each.since.day, each.since.hour) for each in reading.found] == [
        (3, 1, 9),
        (9, 2, 15),
    ]
    assert reading.cancelled == 1


def test_what_lies_outside_of_the_year_ahead_is_left_out_and_counted():
    past = event("DTSTART:20261101T090000Z", "DTEND:20261101T100000Z", uid="past")
    late = event("DTSTART:20280101T090000Z", "DTEND:20280101T100000Z", uid="late")
    good = event("DTSTART:20261201T090000Z", "DTEND:20261201T100000Z", "SUMMARY:Leave\\, paid")

    reading = read(file(*past, *late, *good))

    assert [(each.line, each.summary) for each in reading.found] == [(13, "Leave, paid")]
    assert (reading.outside, reading.cancelled) == (2, 0)


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


def test_line_ends_and_a_byte_order_mark_of_other_systems_are_taken():
    data = one("DTSTART:20261201T090000Z", "DTEND:20261201T100000Z")

    assert spans(b"\xef\xbb\xbf" + data.replace(b"\r\n", b"\n")) == spans(data) != []


# What is refused, with the line ------------------------------------------------------------------

START, END = "DTSTART:20261201T090000Z", "DTEND:20261201T100000Z"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty."),
        (file(), "There is no event (VEVENT) in this file."),
        (b"PK\x03\x04", "Line 1: a character that no text holds; is this an .ics file?"),
        (b"Name,From,To", "Line 1: “Name,From,To” is not a line of a calendar."),
        (b"HELLO:1", "Line 1: a calendar begins with BEGIN:VCALENDAR, not with “HELLO:1”."),
        (one("SUMMARY:\xe6".encode("latin-1").decode("latin-1")).replace("æ".encode(), b"\xe6"),
         "Line 5: these bytes are not UTF-8."),
        (one("nonsense"), "Line 5: “nonsense” is not a line of a calendar."),
        (one("SUMMARY:Leave"), "Line 3: the event has no DTSTART."),
        (one("DTSTART:soon", END), "Line 5: DTSTART cannot be read: "),
        (one(START, "DTEND:20261201T080000Z"), "Line 6: DTEND is before DTSTART."),
        (one(START, "DTEND:20261201T090000Z"), "Line 6: DTEND is at DTSTART: the event has no"),
        (one(START), "Line 5: the end is at DTSTART: the event has no length."),
        (one(START, "DURATION:-PT1H"), "Line 6: the end is before DTSTART."),
        (one(START, "DURATION:P9000000D"), "Line 6: the event lasts more than a year."),
        (one(START, END, "DURATION:PT1H"), "Line 7: the event has both DTEND and DURATION."),
        (one(START, "DTEND;VALUE=DATE:20261202"), "Line 6: DTSTART and DTEND are not both days"),
        (one("DTSTART:20261201T090000", END), "Line 6: only one of DTSTART and DTEND has a time"),
        (one("DTSTART;TZID=Mars/Base:20261201T090000", END),
         "Line 5: the time zone Mars/Base is not known."),
        (one("DTSTART:00010101T000000Z", END), "Line 5: DTSTART is in the year 1."),
        (one(START, END, START), "Line 7: a second DTSTART; the first is in line 5."),
        (one("DTSTART:20270328T013000", "DTEND:20270328T040000"),
         "Line 5: 28 March 2027 01:30 in Europe/London does not exist: the clock is put forward"),
        (one("DTSTART:20271031T010000", "DTEND:20271031T040000"),
         "Line 5: 31 October 2027 01:00 in Europe/London occurs twice, an hour apart"),
        (file(*event(START, END), *event(START, END)),
         "Line 9: this UID is already that of the event in line 3."),
        (one(START, END).partition(b"END:VEVENT")[0], "Line 3: VEVENT begins here and has no end."),
        (one(START, END, "END:VALARM"), "Line 7: “END:VALARM” does not end the VEVENT of line 3."),
        (one(START, END, *["BEGIN:A"] * 40, *["END:A"] * 40),
         "Line 8: components are nested too deeply."),
        # series
        (one(START, END, "RRULE:FREQ=SECONDLY"),
         "Line 7: RRULE repeats every second; once a day is the most that is read."),
        (one(START, END, "RRULE:FREQ=MINUTELY;COUNT=2"), "Line 7: RRULE repeats every minute;"),
        (one(START, END, "RRULE:INTERVAL=1;FREQ=HOURLY"), "Line 7: RRULE repeats every hour;"),
        (one(START, END, "RRULE:FREQ=DAI", " LY;BYSECOND=1,2,3"),
         "Line 7: RRULE repeats within a day (BYSECOND)"),
        (one(START, END, "RRULE:FREQ=DAILY;BYHOUR=1,2"), "Line 7: RRULE repeats within a day"),
        (one(START, END, "RRULE:FREQ=DAILY;COUNT=100000000"), "Line 7: COUNT of RRULE is a number"),
        (one(START, END, "RRULE:FREQ=DAILY;COUNT=" + "9" * 5000), "Line 7: COUNT of RRULE is a"),
        (one(START, END, "RRULE:FREQ=DAILY;INTERVAL=0"), "Line 7: INTERVAL of RRULE is a number"),
        (one(START, END, "RRULE:FREQ=FORTNIGHTLY"), "Line 7: RRULE has no FREQ that is known"),
        (one(START, END, "RRULE:FREQ=DAILY;FREQ=SECONDLY"), "Line 7: RRULE says the same twice."),
        (one(START, END, "RRULE:FREQ=DAILY;UNTIL=later"), "Line 7: RRULE cannot be read: "),
        (one(START, END, "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101T000000Z"),
         "Line 7: RRULE has both COUNT and UNTIL"),
        (one(START, END, "EXRULE:FREQ=DAILY"), "Line 7: EXRULE is not read; write EXDATE."),
        (one(START, END, "RDATE:" + ",".join(["20261205T090000Z"] * 1001)),
         "Line 7: RDATE brings more than 1000 dates."),
        (file(VIENNA.replace("YEARLY", "SECONDLY"), *event(START, END)),
         "Line 7: RRULE repeats every second;"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_the_line(data, said):
    with pytest.raises(ImportRefused) as refusal:
        read(data)

    assert str(refusal.value).startswith(said)


def test_more_events_than_a_person_has_are_refused():
    many = [
        line
        for n in range(501)
        for line in event(f"DTSTART:20261201T{n % 24:02}0000Z", "DURATION:PT1H", uid=str(n))
    ]
    daily = [
        line
        for n in range(2)
        for line in event(START, END, "RRULE:FREQ=DAILY", uid=str(n))
    ]  # fmt: skip

    with pytest.raises(ImportRefused, match="Line 2503: at most 500 events"):
        read(file(*many))
    with pytest.raises(ImportRefused, match="Line 9: more than 500 events in a year"):
        read(file(*daily))


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
def test_series_that_never_come_end_all_the_same(monkeypatch, rule):
    assert icsimport.SECONDS <= 3
    monkeypatch.setattr(icsimport, "SECONDS", 0.5)  # what ends a series is not how long it may take
    several = [
        line for n in range(30) for line in event(START, END, f"RRULE:{rule}", uid=str(n))
    ]  # of which each alone is looked for until the year 9999

    with pytest.raises(ImportRefused, match="take too long to work out"):
        read(file(*several))


def test_a_flood_of_lines_is_refused_at_once():
    for data in (
        file("X:1\r\n" * 60_000),
        file(*event("SUMMARY:" + "\r\n ".join("x" * 10 for _ in range(45_000)))),
        file(*["BEGIN:VTIMEZONE", "TZID:A", "END:VTIMEZONE"] * 1000),
    ):
        with pytest.raises(ImportRefused):
            read(data)


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


@settings(max_examples=250, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=12), st.booleans())
def test_whatever_the_file_it_is_read_or_refused(lines, whole):
    data = file(*event(*lines)) if whole else "\r\n".join(lines).encode("utf-8", "replace")

    try:
        reading = read(data)
    except ImportRefused:
        return
    assert all(each.since < each.until for each in reading.found)
    assert all(each.until > AT for each in reading.found)


# What is saved -----------------------------------------------------------------------------------

TWO = file(
    *event(START, END, uid="1"),
    *event("DTSTART:20261208T090000Z", "DTEND:20261208T100000Z", uid="2"),
)


@pytest.mark.django_db
def test_absences_are_saved_all_together():
    kim = make_reviewer(make_role())

    icsimport.save_absences(
        kim, read(TWO).found, kind=AbsenceKind.LEAVE, note="Winter", by=kim, at=AT
    )

    assert [(a.during.lower, a.note) for a in Absence.objects.all()] == [
        (datetime(2026, 12, 1, 9, tzinfo=UTC), "Winter"),
        (datetime(2026, 12, 8, 9, tzinfo=UTC), "Winter"),
    ]
    assert Recorded.objects.filter(action="absence.noted").count() == 2


@pytest.mark.django_db
def test_one_absence_that_is_refused_refuses_all_and_names_its_line():
    kim = make_reviewer(make_role())
    day = datetime(2026, 12, 8, tzinfo=UTC)
    held = absences.note(kim, since=day, until=day + timedelta(days=1), by=kim, at=AT)

    with pytest.raises(ImportRefused, match="^Line 8: .* is already away"):
        icsimport.save_absences(
            kim, read(TWO).found, kind=AbsenceKind.LEAVE, note="", by=kim, at=AT
        )

    assert list(Absence.objects.all()) == [held]


@pytest.mark.django_db
def test_overrides_are_saved_all_together_or_not_at_all():
    role = make_role()
    kim, boss = make_reviewer(role), make_user()
    roster = rosters.roster_of(role)
    given = {"position": 1, "reason": "Winter rota", "by": boss, "at": AT}

    icsimport.save_overrides(roster, OverrideKind.COVER, kim, read(TWO).found, **given)
    with pytest.raises(ImportRefused, match="^Line 3: .* already has an override then"):
        icsimport.save_overrides(roster, OverrideKind.ADD, kim, read(TWO).found, **given)

    assert [(o.kind, o.in_user, o.position) for o in Override.objects.all()] == [
        ("cover", kim, 1)
    ] * 2


# On the page -------------------------------------------------------------------------------------

PAGE = "/on-call/import/"


def coming(days):
    """Return a file with an hour on each of some days from today."""
    today = datetime.now(UTC)
    lines = []
    for n in days:
        start = today + timedelta(days=n)
        lines += event(f"DTSTART:{start:%Y%m%d}T120000Z", "DURATION:PT1H", uid=str(n))
    return file(*lines)


def upload(data, **given):
    return {"what": "absences", "kind": "leave", "file": SimpleUploadedFile("a.ics", data)} | given


@pytest.fixture
def role():
    return make_role("refunds-compliance")


@pytest.fixture
def kim(role):
    return make_reviewer(role, username="kim", first_name="Kim", last_name="Vu")


@pytest.fixture
def boss(role):
    user = make_user("boss")
    access.grant(access.MANAGE, user, role)
    return user


@pytest.mark.django_db
def test_a_file_is_looked_at_before_it_is_saved(as_user, kim):
    browser = as_user(kim)

    preview = browser.post(PAGE, upload(coming([3, 5]), note="Winter"))
    assert preview.status_code == 200
    assert Absence.objects.count() == 0
    saved = browser.post(PAGE, {"plan": preview.context["plan"]})

    assert saved["Location"] == PAGE
    assert [a.note for a in Absence.objects.filter(user=kim)] == ["Winter", "Winter"]
    assert "2 absences are saved" in browser.get(PAGE).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (one(START, "DTEND:20261201T080000Z"), "Line 6: DTEND is before DTSTART."),
        (one(START, END, "RRULE:FREQ=SECONDLY"), "Line 7: RRULE repeats every second"),
        (b"x" * (10 * MOST_BYTES), "at most 1"),
        (b"", "empty"),
    ],
)
def test_a_bad_file_is_refused_at_its_field(data, said, as_user, kim):
    answer = as_user(kim).post(PAGE, upload(data, note="Winter"))

    assert answer.status_code == 422
    (told,) = answer.context["absence_form"].errors["file"]
    assert said in told
    assert "Winter" in answer.content.decode()
    assert Absence.objects.count() == 0


@pytest.mark.django_db
def test_what_overlaps_is_named_with_its_line_and_cannot_be_saved(as_user, kim):
    since = datetime.now(UTC) + timedelta(days=2)
    absences.note(kim, since=since, until=since + timedelta(days=2), by=kim, at=datetime.now(UTC))

    answer = as_user(kim).post(PAGE, upload(coming([3, 6])))

    assert answer.status_code == 422
    assert "plan" not in answer.context or not answer.context["plan"]
    assert [bool(row.problem) for row in answer.context["rows"]] == [True, False]
    assert "is already away" in answer.content.decode()


@pytest.mark.django_db
def test_a_preview_is_saved_by_whom_it_was_made_for_and_unchanged(as_user, kim, role):
    plan = as_user(kim).post(PAGE, upload(coming([3]))).context["plan"]
    other = as_user(make_reviewer(role))

    for browser, sent in ((other, plan), (as_user(kim), plan + "x"), (as_user(kim), "x")):
        answer = browser.post(PAGE, {"plan": sent})
        assert answer.status_code == 422
        assert "Choose the file again" in answer.content.decode()
    assert Absence.objects.count() == 0


@pytest.mark.django_db
def test_saving_a_preview_twice_is_refused_the_second_time(as_user, kim):
    browser = as_user(kim)
    plan = browser.post(PAGE, upload(coming([3, 4]))).context["plan"]
    browser.post(PAGE, {"plan": plan})

    again = browser.post(PAGE, {"plan": plan})

    assert again.status_code == 422
    assert "Line 3: Kim Vu is already away" in again.content.decode()
    assert Absence.objects.count() == 2


@pytest.mark.django_db
def test_a_manager_brings_in_overrides(as_user, boss, kim, role):
    browser = as_user(boss)
    given = {"what": "overrides", "role": role.pk, "person": kim.pk, "kind": "cover"}
    given |= {"position": "1", "reason": "Winter rota"}

    preview = browser.post(PAGE, upload(coming([3, 5]), **given))
    saved = browser.post(PAGE, {"plan": preview.context["plan"]})

    assert saved["Location"] == PAGE
    assert [(o.in_user, o.reason, o.made_by) for o in Override.objects.all()] == [
        (kim, "Winter rota", boss)
    ] * 2


@pytest.mark.django_db
def test_an_override_that_stands_is_named_before_anything_is_saved(as_user, boss, kim, role):
    browser = as_user(boss)
    given = {"what": "overrides", "role": role.pk, "person": kim.pk, "kind": "add", "reason": "Why"}
    plan = browser.post(PAGE, upload(coming([3]), **given)).context["plan"]
    browser.post(PAGE, {"plan": plan})

    answer = browser.post(PAGE, upload(coming([3, 6]), **given))

    assert answer.status_code == 422
    assert [bool(row.problem) for row in answer.context["rows"]] == [True, False]
    assert "Kim Vu already has an override in Refunds compliance" in answer.content.decode()


@pytest.mark.django_db
def test_overrides_are_for_managers_of_the_role_and_people_in_it(as_user, boss, kim, role):
    given = {"what": "overrides", "role": role.pk, "person": kim.pk, "kind": "add", "reason": "Why"}
    elsewhere = make_role()
    stranger = make_reviewer(elsewhere)

    assert as_user(kim).post(PAGE, upload(coming([3]), **given)).status_code == 403
    for wrong in (
        {"role": elsewhere.pk},
        {"person": stranger.pk},
        {"reason": ""},
        {"kind": "remove"},
    ):
        answer = as_user(boss).post(PAGE, upload(coming([3]), **given | wrong))
        assert (answer.status_code, "plan" in answer.context) == (422, False)
    assert Override.objects.count() == 0


@pytest.mark.django_db
def test_a_plan_made_before_the_right_was_lost_is_not_saved(as_user, boss, kim, role):
    browser = as_user(boss)
    given = {"what": "overrides", "role": role.pk, "person": kim.pk, "kind": "add", "reason": "Why"}
    plan = browser.post(PAGE, upload(coming([3]), **given)).context["plan"]
    access.revoke(access.MANAGE, boss, role)
    access.grant(access.MANAGE, boss, make_role())

    assert browser.post(PAGE, {"plan": plan}).status_code == 422
    assert Override.objects.count() == 0


@pytest.mark.django_db
def test_the_page_is_for_people_with_a_role(as_user, boss, kim, client):
    assert [as_user(each).get(PAGE).status_code for each in (kim, boss, make_user())] == [
        200,
        200,
        403,
    ]
    assert client.get(PAGE).status_code == 302
    assert "Somebody stands in" not in as_user(kim).get(PAGE).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_a_preview_of_overrides_costs_the_same_queries_however_many_there_are(
    count, as_user, boss, kim, role, django_assert_num_queries
):
    browser = as_user(boss)
    given = {"what": "overrides", "role": role.pk, "person": kim.pk, "kind": "add", "reason": "Why"}

    with django_assert_num_queries(16):
        browser.post(PAGE, upload(coming(range(3, 3 + count)), **given))


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_a_preview_costs_the_same_queries_however_many_events_it_has(
    count, as_user, kim, django_assert_num_queries
):
    browser = as_user(kim)

    with django_assert_num_queries(7):
        browser.post(PAGE, upload(coming(range(3, 3 + count))))
