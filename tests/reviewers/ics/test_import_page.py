"""Importing an .ics file on its page: what it would change is chosen row by row, then saved whole."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from escalation import access
from escalation.models import Event as Recorded
from reviewers import absences
from reviewers.ics.lines import MOST_BYTES
from reviewers.models import Absence, Override
from tests.factories import make_reviewer, make_role, make_user
from tests.reviewers.ics.files import event, file, one

pytestmark = pytest.mark.django_db
PAGE = "/on-call/import/"
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START, END = "DTSTART:20261201T090000Z", "DTEND:20261201T100000Z"


def hour(day, *lines, uid=None, at=12):
    """Return an event of an hour at a time of a day from today on."""
    start = (NOON + timedelta(days=day)).replace(hour=at)
    return event(f"DTSTART:{start:%Y%m%dT%H%M%SZ}", "DURATION:PT1H", *lines, uid=uid or str(day))


def stamp(name, at):
    return f"{name}:{at:%Y%m%dT%H%M%SZ}"


def coming(days):
    """Return a file with an hour at noon on each of some days from today."""
    return file(*(line for day in days for line in hour(day)))


def chosen(preview):
    """Return what a browser sends of a preview as it stands: the boxes that the page shows ticked."""
    boxes = re.findall(r'<input type="checkbox" name="row"[^<>]*>', preview.content.decode())
    assert len(boxes) == len(preview.context["compared"].rows)
    ticked = [re.search(r'value="(\d+)"', box)[1] for box in boxes if " checked" in box]
    assert not any(" disabled" in box and " checked" in box for box in boxes)
    return {"plan": preview.context["plan"], "row": ticked}


def acts(preview):
    """Return of each row what it would do, on which day from today, and whether it is ticked."""
    return [
        (row.act.value, (row.since.date() - NOON.date()).days, row.is_chosen)
        for row in preview.context["compared"].rows
    ]


def days(user):
    """Return the days from today on which an absence of a user stands."""
    rows = Absence.objects.standing().filter(user=user).order_by("during")
    return [(one.during.lower.date() - NOON.date()).days for one in rows]


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


def test_a_file_is_looked_at_before_it_is_saved(as_user, kim):
    browser = as_user(kim)

    preview = browser.post(PAGE, upload(coming([3, 5]), note="Winter"))
    assert preview.status_code == 200
    assert Absence.objects.count() == 0
    saved = browser.post(PAGE, chosen(preview))

    assert saved["Location"] == PAGE
    assert [a.note for a in Absence.objects.filter(user=kim)] == ["Winter", "Winter"]
    assert "2 absences are saved" in browser.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"x" * (10 * MOST_BYTES), "at most 1"),
        (b"", "empty"),
        (b"PK\x03\x04", "Line 1: a character that no text holds; is this an .ics file?"),
        (file(), "There is no event (VEVENT) in this file."),
        (
            one("DTSTART:20190101T090000Z"),
            "No event in this file lies between now and a year from now.",
        ),
    ],
)
def test_a_file_without_anything_is_refused_at_its_field(data, said, as_user, kim):
    answer = as_user(kim).post(PAGE, upload(data, note="Winter"))

    assert answer.status_code == 422
    (told,) = answer.context["absence_form"].errors["file"]
    assert said in told
    assert "Winter" in answer.content.decode()
    assert Absence.objects.count() == 0


def test_what_is_odd_is_shown_with_its_line_and_the_rest_is_saved(as_user, kim):
    browser = as_user(kim)
    odd = [
        *event("SUMMARY:<b>Odd</b>"),
        *event("DTSTART;TZID=Mars/Base:20261201T090000", uid="mars"),
    ]

    preview = browser.post(PAGE, upload(file(*odd, *hour(3))))
    browser.post(PAGE, chosen(preview))

    page = preview.content.decode()
    assert preview.status_code == 200
    assert "2 events left out" in page
    assert (
        'Line 3:</span> the event has no DTSTART. <span class="quiet">&lt;b&gt;Odd&lt;/b&gt;'
        in page
    )
    assert "the time zone Mars/Base is not known." in page
    assert days(kim) == [3]


def test_a_file_of_odd_events_only_says_so_and_saves_nothing(as_user, kim):
    preview = as_user(kim).post(PAGE, upload(one("SUMMARY:Odd")))

    assert (preview.status_code, preview.context["plan"]) == (200, "")
    assert "Nothing here can be saved" in preview.content.decode()
    assert "1 event left out" in preview.content.decode()


def test_what_overlaps_an_absence_that_stands_cannot_be_chosen_and_the_rest_can(as_user, kim):
    since = NOON + timedelta(days=2)
    absences.note(kim, since=since, until=since + timedelta(days=2), by=kim, at=datetime.now(UTC))
    browser = as_user(kim)

    preview = browser.post(PAGE, upload(coming([3, 6])))
    saved = browser.post(PAGE, chosen(preview) | {"row": ["0", "1"]})

    assert [bool(row.problem) for row in preview.context["compared"].rows] == [True, False]
    assert "Kim Vu is already away" in preview.content.decode()
    assert saved.status_code == 302
    assert days(kim) == [2, 6]


def test_of_what_is_partly_taken_the_parts_that_are_free_may_be_chosen(as_user, kim):
    """Known again as one event: not gone, and when it moves or is cancelled all of it goes along."""
    browser, noted = as_user(kim), NOON + timedelta(days=3)
    absences.note(kim, since=noted, until=noted + HOUR, by=kim, at=datetime.now(UTC))
    week = [stamp("DTSTART", NOON + 2 * DAY), stamp("DTEND", NOON + 5 * DAY)]
    data = file(*event(*week), *hour(9, uid="other"))

    preview = browser.post(PAGE, upload(data))
    saved = browser.post(PAGE, chosen(preview) | {"row": ["0", "1"]})
    again = browser.post(PAGE, upload(data))
    later = [stamp("DTSTART", NOON + 6 * DAY), stamp("DTEND", NOON + 7 * DAY), "SEQUENCE:1"]
    moved = browser.post(PAGE, upload(file(*event(*later))))
    gone = browser.post(PAGE, upload(file(*event(*week, "STATUS:CANCELLED"))))

    assert acts(preview) == [("add", 2, False), ("add", 3, False), ("add", 9, True)]
    assert "Only what is still free of it is saved." in preview.content.decode()
    assert saved.status_code == 302
    standing = Absence.objects.standing().filter(user=kim).order_by("during")
    assert [(one.during.lower, one.during.upper) for one in standing] == [
        (NOON + 2 * DAY, noted),
        (noted, noted + HOUR),
        (noted + HOUR, NOON + 5 * DAY),
    ]
    assert (acts(again), again.context["compared"].same) == ([("add", 9, True)], 1)
    assert acts(moved) == [("withdraw", 3, True), ("move", 6, True)]
    assert acts(gone) == [("withdraw", 2, True), ("withdraw", 3, True)]


def test_of_two_events_that_overlap_the_first_is_chosen_and_either_may_be(as_user, kim):
    browser = as_user(kim)
    data = file(*hour(3), *hour(3, uid="other"))

    preview = browser.post(PAGE, upload(data))
    both = browser.post(PAGE, chosen(preview) | {"row": ["0", "1"]})
    second = browser.post(PAGE, chosen(preview) | {"row": ["1"]})

    assert acts(preview) == [("add", 3, True), ("add", 3, False)]
    assert "It overlaps the event of line 3" in preview.content.decode()
    assert (both.status_code, second.status_code) == (422, 302)
    assert "Line 8: Kim Vu is already away" in both.content.decode()
    assert "Nothing was saved" in both.content.decode()
    assert days(kim) == [3]


def test_a_preview_is_saved_by_whom_it_was_made_for_and_unchanged(as_user, kim, role):
    preview = as_user(kim).post(PAGE, upload(coming([3])))
    plan = preview.context["plan"]
    other = as_user(make_reviewer(role))

    for browser, sent in ((other, plan), (as_user(kim), plan + "x"), (as_user(kim), "x")):
        answer = browser.post(PAGE, {"plan": sent, "row": ["0"]})
        assert answer.status_code == 422
        assert "Choose the file again" in answer.content.decode()
    assert Absence.objects.count() == 0


def test_saving_a_preview_twice_is_refused_the_second_time(as_user, kim):
    browser = as_user(kim)
    preview = browser.post(PAGE, upload(coming([3, 4])))
    browser.post(PAGE, chosen(preview))

    again = browser.post(PAGE, chosen(preview))

    assert again.status_code == 422
    assert "Line 3: Kim Vu is already away" in again.content.decode()
    assert Absence.objects.count() == 2


def test_a_manager_brings_in_overrides(as_user, boss, kim, role):
    browser = as_user(boss)
    given = {"what": "overrides", "role": role.pk, "person": kim.pk, "kind": "cover"}
    given |= {"position": "1", "reason": "Winter rota"}

    preview = browser.post(PAGE, upload(coming([3, 5]), **given))
    saved = browser.post(PAGE, chosen(preview))

    assert saved["Location"] == PAGE
    assert [(o.in_user, o.reason, o.made_by) for o in Override.objects.all()] == [
        (kim, "Winter rota", boss)
    ] * 2


def test_an_override_that_stands_is_named_and_one_outside_of_the_role_cannot_be_chosen(
    as_user, boss, kim, role
):
    browser = as_user(boss)
    given = {"what": "overrides", "role": role.pk, "person": kim.pk, "kind": "add", "reason": "Why"}
    browser.post(PAGE, chosen(browser.post(PAGE, upload(coming([3]), **given))))
    role.memberships.filter(user=kim).update(left_at=NOON + timedelta(days=5))
    other = file(*hour(3, uid="other"), *hour(6))

    same = browser.post(PAGE, upload(coming([3]), **given))
    problems = browser.post(PAGE, upload(other.replace(b"PT1H", b"PT2H"), **given))

    assert (same.context["compared"].same, same.context["compared"].rows) == (1, [])
    assert [
        row.problem.partition(" compliance ")[0] for row in problems.context["compared"].rows
    ] == [
        "",  # what is gone
        "Kim Vu already has an override in Refunds",
        "Kim Vu is not in Refunds",
    ]


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


def test_a_plan_made_before_the_right_was_lost_is_not_saved(as_user, boss, kim, role):
    browser = as_user(boss)
    given = {"what": "overrides", "role": role.pk, "person": kim.pk, "kind": "add", "reason": "Why"}
    sent = chosen(browser.post(PAGE, upload(coming([3]), **given)))
    access.revoke(access.MANAGE, boss, role)
    access.grant(access.MANAGE, boss, make_role())

    assert browser.post(PAGE, sent).status_code == 422
    assert Override.objects.count() == 0


def test_the_page_is_for_people_with_a_role(as_user, boss, kim, client):
    assert [as_user(each).get(PAGE).status_code for each in (kim, boss, make_user())] == [
        200,
        200,
        403,
    ]
    assert client.get(PAGE).status_code == 302
    assert "Somebody stands in" not in as_user(kim).get(PAGE).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_a_preview_of_overrides_costs_the_same_queries_however_many_there_are(
    count, as_user, boss, kim, role, django_assert_num_queries
):
    browser = as_user(boss)
    given = {"what": "overrides", "role": role.pk, "person": kim.pk, "kind": "add", "reason": "Why"}

    with django_assert_num_queries(18):
        browser.post(PAGE, upload(coming(range(3, 3 + count)), **given))


@pytest.mark.parametrize("count", [1, 3])
def test_a_preview_costs_the_same_queries_however_many_events_it_has(
    count, as_user, kim, django_assert_num_queries
):
    browser = as_user(kim)

    with django_assert_num_queries(8):
        browser.post(PAGE, upload(coming(range(3, 3 + count))))


# Importing again ---------------------------------------------------------------------------------


@pytest.fixture
def browser(as_user, kim):
    return as_user(kim)


def bring(browser, *lines, **given):
    """Import a file, take what is ticked, and return the preview."""
    preview = browser.post(PAGE, upload(file(*lines), **given))
    if preview.context["plan"] and chosen(preview)["row"]:
        assert browser.post(PAGE, chosen(preview)).status_code == 302
    return preview


def test_the_monthly_export_with_one_event_more_adds_that_one(browser, kim):
    bring(browser, *hour(3), *hour(5))

    again = bring(browser, *hour(3), *hour(5), *hour(9))

    assert (again.context["compared"].same, acts(again)) == (2, [("add", 9, True)])
    assert days(kim) == [3, 5, 9]
    assert "2 saved already, which stay as they are." in " ".join(again.content.decode().split())


def test_the_same_file_again_changes_nothing(browser, kim):
    series = hour(3, "RRULE:FREQ=WEEKLY;COUNT=4")
    bring(browser, *series)

    again = bring(browser, *series)

    assert (again.context["compared"].same, acts(again), again.context["plan"]) == (4, [], "")
    assert "Nothing has changed" in again.content.decode()
    assert days(kim) == [3, 10, 17, 24]


def test_an_export_with_new_names_for_the_same_times_is_known_by_the_times(browser, kim):
    bring(browser, *hour(3, uid="a1"), *hour(5, uid="a2"))

    again = bring(browser, *hour(3, uid="b1"), *hour(5, uid="b2"), *hour(9, uid="b3"))

    assert (again.context["compared"].same, acts(again)) == (2, [("add", 9, True)])


def test_what_moved_is_moved_in_one_step_and_stands_on_the_record(browser, kim):
    bring(browser, *hour(3, "SEQUENCE:1"), *hour(5))

    again = bring(browser, *hour(4, "SEQUENCE:2", uid="3"), *hour(5))

    assert acts(again) == [("move", 4, True)]
    assert "It was " in again.content.decode()
    assert days(kim) == [4, 5]
    recorded = Recorded.objects.filter(action__startswith="absence.").order_by("id")
    assert list(recorded.values_list("action", flat=True)) == [
        "absence.noted",
        "absence.noted",
        "absence.withdrawn",
        "absence.noted",
    ]


def test_two_that_change_places_both_move(browser, kim):
    bring(browser, *hour(3, uid="a"), *hour(5, uid="b"))

    again = bring(browser, *hour(5, "SEQUENCE:1", uid="a"), *hour(3, "SEQUENCE:1", uid="b"))

    assert acts(again) == [("move", 3, True), ("move", 5, True)]
    assert days(kim) == [3, 5]
    assert Absence.objects.count() == 4


def test_an_older_file_moves_nothing_unless_it_is_chosen(browser, kim):
    bring(browser, *hour(4, "SEQUENCE:2", uid="a"))

    again = bring(browser, *hour(3, "SEQUENCE:1", uid="a"))

    assert acts(again) == [("move", 3, False)]
    assert "The file is older than what is saved (SEQUENCE 1 after 2)." in again.content.decode()
    assert days(kim) == [4]


def test_a_series_that_moved_by_a_day_moves_turn_by_turn(browser, kim):
    bring(browser, *hour(3, "RRULE:FREQ=WEEKLY;COUNT=3", uid="a"))

    again = bring(browser, *hour(4, "RRULE:FREQ=WEEKLY;COUNT=3", "SEQUENCE:1", uid="a"))

    assert acts(again) == [("move", 4, True), ("move", 11, True), ("move", 18, True)]
    assert days(kim) == [4, 11, 18]


def test_one_turn_that_moved_is_known_by_its_recurrence_id(browser, kim):
    series = hour(3, "RRULE:FREQ=WEEKLY;COUNT=3", uid="a")
    bring(browser, *series)
    was = NOON + timedelta(days=10)

    again = bring(browser, *series, *hour(12, f"RECURRENCE-ID:{was:%Y%m%dT%H%M%SZ}", uid="a"))

    assert (again.context["compared"].same, acts(again)) == (2, [("move", 12, True)])
    assert days(kim) == [3, 12, 17]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(hour(3, "STATUS:CANCELLED", "SEQUENCE:1", uid="a"), id="by its status"),
        pytest.param(["METHOD:CANCEL", *hour(3, uid="a")], id="by the method"),
    ],
)
def test_what_was_cancelled_is_withdrawn(lines, browser, kim):
    bring(browser, *hour(3, uid="a"), *hour(5, uid="b"))

    again = browser.post(PAGE, upload(file(*lines)))
    browser.post(PAGE, chosen(again))

    assert acts(again)[0] == ("withdraw", 3, True)
    assert "Cancelled in the file." in again.content.decode()
    assert days(kim) == [5]


def test_a_message_that_cancels_a_whole_series_withdraws_all_its_turns_and_nothing_else(
    browser, kim
):
    bring(browser, *hour(3, "RRULE:FREQ=WEEKLY;COUNT=3", uid="a"), *hour(5, uid="b"))

    again = bring(browser, "METHOD:CANCEL", *hour(3, uid="a"))

    assert [(act, ticked) for act, _, ticked in acts(again)] == [("withdraw", True)] * 3
    assert days(kim) == [5]


def test_a_turn_that_was_cancelled_is_withdrawn_alone(browser, kim):
    series = hour(3, "RRULE:FREQ=WEEKLY;COUNT=3", uid="a")
    bring(browser, *series)
    was = f"RECURRENCE-ID:{NOON + timedelta(days=10):%Y%m%dT%H%M%SZ}"

    again = bring(browser, *series, *hour(10, was, "STATUS:CANCELLED", uid="a"))

    assert acts(again) == [("withdraw", 10, True)]
    assert days(kim) == [3, 17]


def test_what_is_gone_from_the_calendar_is_offered_and_withdrawn_when_it_is_chosen(browser, kim):
    named = ["PRODID:-//Desk//Leave 7.1//EN", "X-WR-CALNAME:Kim"]
    bring(browser, *named, *hour(3), *hour(5))

    preview = browser.post(PAGE, upload(file(named[0].replace("7.1", "7.2"), named[1], *hour(5))))
    untouched = browser.post(PAGE, chosen(preview))
    browser.post(PAGE, chosen(preview) | {"row": ["0"]})

    assert acts(preview) == [("withdraw", 3, False)]
    assert "No longer in the file." in preview.content.decode()
    assert untouched.status_code == 422
    assert "Choose at least one row" in untouched.content.decode()
    assert days(kim) == [5]


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["X-WR-CALNAME:Another", *hour(5)], id="another calendar"),
        pytest.param(["METHOD:REQUEST", *hour(5)], id="a message about one event"),
        pytest.param([*hour(5), *event("DTSTART:soon", uid="3")], id="an event that is odd by now"),
    ],
)
def test_what_a_file_does_not_speak_of_is_not_gone(lines, browser, kim):
    bring(browser, *hour(3), *hour(5))

    assert acts(bring(browser, *lines)) == []
    assert days(kim) == [3, 5]


def test_what_a_person_has_withdrawn_is_not_ticked_again(browser, kim):
    bring(browser, *hour(3), *hour(5))
    absences.withdraw(Absence.objects.first(), by=kim, at=datetime.now(UTC))

    again = bring(browser, *hour(3), *hour(5))

    assert acts(again) == [("add", 3, False)]
    assert "Saved before and withdrawn" in again.content.decode()


def test_what_was_withdrawn_since_the_preview_refuses_all_of_it(browser, kim):
    bring(browser, *hour(3, uid="a"))
    preview = browser.post(PAGE, upload(file(*hour(4, "SEQUENCE:1", uid="a"), *hour(7))))
    absences.withdraw(Absence.objects.get(), by=kim, at=datetime.now(UTC))

    answer = browser.post(PAGE, chosen(preview))

    assert answer.status_code == 422
    assert (
        "was changed meanwhile. Choose the file again. Nothing was saved."
        in answer.content.decode()
    )
    assert days(kim) == []


def test_nobody_withdraws_by_a_file_what_is_not_theirs(as_user, kim, role):
    lena = make_reviewer(role)
    bring(as_user(lena), *hour(3, uid="a"))

    again = bring(as_user(kim), *hour(3, "STATUS:CANCELLED", uid="a"))

    assert acts(again) == [("add", 3, False)]
    assert days(lena) == [3]


# How firmly --------------------------------------------------------------------------------------


def test_only_what_makes_somebody_absent_is_ticked_and_each_row_says_why(browser, kim):
    lines = [
        *hour(1, "TRANSP:TRANSPARENT"),
        *hour(2, "STATUS:TENTATIVE"),
        *hour(3, "STATUS:CANCELLED"),
        *hour(4, "X-MICROSOFT-CDO-BUSYSTATUS:OOF"),
        *hour(5, "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"),
        *hour(6, "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"),
        *hour(7, "TRANSP:OPAQUE", "STATUS:CONFIRMED"),
        *hour(8),
    ]

    preview = bring(browser, *lines)

    assert [(row.says, row.is_chosen) for row in preview.context["compared"].rows] == [
        ("Free", False),
        ("Tentative", False),
        ("Cancelled", False),
        ("Out of office", True),
        ("Working elsewhere", False),
        ("Tentative", False),
        ("Busy", True),
        ("", True),
    ]
    assert days(kim) == [4, 7, 8]


def test_what_is_not_ticked_may_be_chosen(browser, kim):
    preview = browser.post(PAGE, upload(file(*hour(1, "TRANSP:TRANSPARENT"), *hour(2))))

    browser.post(PAGE, chosen(preview) | {"row": ["0"]})

    assert days(kim) == [1]


def test_being_a_stand_in_is_ticked_for_a_roster_though_it_is_shown_as_free(
    as_user, boss, kim, role
):
    given = {"what": "overrides", "role": role.pk, "person": kim.pk, "kind": "add", "reason": "Why"}
    lines = [*hour(1, "TRANSP:TRANSPARENT"), *hour(2, "STATUS:TENTATIVE")]

    preview = bring(as_user(boss), *lines, **given)
    again = bring(as_user(boss), *lines[:5], "STATUS:CANCELLED", *lines[5:], **given)

    assert acts(preview) == [("add", 1, True), ("add", 2, False)]
    assert acts(again) == [("withdraw", 1, True), ("add", 2, False)]
    assert Override.objects.standing().count() == 0


def test_an_absence_that_began_long_ago_is_counted_from_when_it_still_can_be(browser, kim):
    since, until = NOON - timedelta(days=200), NOON + timedelta(days=200)
    data = event(f"DTSTART:{since:%Y%m%dT%H%M%SZ}", f"DTEND:{until:%Y%m%dT%H%M%SZ}")

    preview = bring(browser, *data)
    again = bring(browser, *data)

    assert "It has begun; counted from" in preview.content.decode()
    absence = Absence.objects.get()
    assert (absence.during.lower, absence.during.upper) == (
        preview.context["compared"].rows[0].since, until
    )  # fmt: skip
    assert (again.context["compared"].same, acts(again)) == (1, [])
