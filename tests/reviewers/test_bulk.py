"""Several cases at once: moved, assigned or snoozed, each for itself, never decided."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils.timezone import localtime, now

from escalation import access, lifecycle
from escalation.errors import IllegalTransition, NotAuthorised, PauseRefused, RationaleMissing
from escalation.models import Case, Event, Handoff, Limit, Snooze
from reviewers.models import Notice
from tests.factories import (
    NINE,
    decided_case,
    handed_off_case,
    make_reviewer,
    make_role,
    package_with,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def role():
    return make_role("refunds")


@pytest.fixture
def payments():
    role = make_role("payments")
    make_reviewer(role, username="pia")
    return role


@pytest.fixture
def kim(role):
    return make_reviewer(role, first_name="Kim", username="kim")


def turn(case):
    current = case.handoffs.select_related("user", "role").get(ended_at=None)
    return current.role.slug, current.user and current.user.username, current.reason


def names(*cases):
    return [case.reference for case in cases]


# The doors -----------------------------------------------------------------------------------------


def test_a_case_is_moved_to_another_role_with_a_reason_and_the_time_it_used(role, payments, kim):
    case = handed_off_case(role)

    lifecycle.move_over(case.pk, payments, "It is a payment", by=kim, at=NINE + HOUR)

    fresh = Case.objects.get(pk=case.pk)
    assert (fresh.role, fresh.due_at, turn(case)) == (
        payments,
        case.due_at,
        ("payments", None, "moved"),
    )
    assert case.handoffs.first().end == "moved"
    event = Event.objects.get(action="case.moved")
    assert event.actor == f"user:{kim.pk}"


def test_what_is_a_colleagues_is_moved_by_who_supervises_only(role, payments, kim):
    case = handed_off_case(role)
    lena, boss = make_reviewer(role), make_reviewer()
    access.grant(access.SUPERVISE, boss, role)
    lifecycle.claim(case.pk, by=lena, at=NINE)

    with pytest.raises(NotAuthorised, match="only they or who supervises"):
        lifecycle.move_over(case.pk, payments, "x", by=kim, at=NINE)
    lifecycle.move_over(case.pk, payments, "x", by=boss, at=NINE)

    assert turn(case)[0] == "payments"


def test_a_case_is_not_moved_where_it_cannot_be_decided(role, payments, kim):
    case = handed_off_case(role)
    Limit.objects.create(role=payments, currency="USD", amount=10)

    with pytest.raises(NotAuthorised, match="decides up to"):
        lifecycle.move_over(case.pk, payments, "x", by=kim, at=NINE)
    with pytest.raises(IllegalTransition, match="Nobody decides for"):
        lifecycle.move_over(case.pk, make_role(), "x", by=kim, at=NINE)
    with pytest.raises(IllegalTransition, match="already"):
        lifecycle.move_over(case.pk, role, "x", by=kim, at=NINE)
    with pytest.raises(RationaleMissing):
        lifecycle.move_over(case.pk, payments, " ", by=kim, at=NINE)
    assert turn(case)[0] == "refunds"


def test_snoozing_is_one_persons_and_no_longer_than_until_later(role, kim):
    case = handed_off_case(role)

    with pytest.raises(PauseRefused):
        lifecycle.snooze(case.pk, "x", until=NINE, by=kim, at=NINE)
    with pytest.raises(NotAuthorised):
        lifecycle.snooze(case.pk, "x", until=NINE + HOUR, by=make_reviewer(), at=NINE)
    lifecycle.snooze(case.pk, "later", until=NINE + HOUR, by=kim, at=NINE)

    assert Event.objects.filter(action="case.snoozed").count() == 1
    assert Case.objects.get().due_at == case.due_at


# Several at once -----------------------------------------------------------------------------------


def test_the_answer_lists_what_was_done_and_what_was_refused_with_why(role, payments, kim, as_user):
    free, taken = handed_off_case(role), handed_off_case(role)
    over, hidden = decided_case(role), handed_off_case(payments)
    lifecycle.claim(taken.pk, by=make_reviewer(role, first_name="Lena"), at=NINE)
    chosen = [*names(free, taken, over, hidden), "ESC-9", "nonsense"]

    answer = as_user(kim).post(
        "/queue/acts/move/", {"case": chosen, "role": "payments", "reason": "A payment"}
    )

    told = {one.name: (one.is_done, one.said) for one in answer.context["told"]}
    assert list(told) == chosen
    assert told[free.reference] == (True, "Payments has it now.")
    assert "It is Lena's turn" in told[taken.reference][1]
    assert "decided" in told[over.reference][1]
    for name in (hidden.reference, "ESC-9", "nonsense"):
        assert told[name] == (False, "There is no such case in your roles.")
    assert [turn(case)[0] for case in (free, taken)] == ["payments", "refunds"]


def test_cases_are_assigned_to_a_colleague_who_can_decide_each(role, kim, as_user):
    lena = make_reviewer(role, first_name="Lena", username="lena", email="lena@desk.example")
    mine = handed_off_case(role)
    theirs = handed_off_case(role, package_with("/identity/user/id", "lena"))

    answer = as_user(kim).post(
        "/queue/acts/assign/",
        {"case": names(mine, theirs), "person": str(lena.pk), "reason": "You know them"},
    )

    assert [one.is_done for one in answer.context["told"]] == [True, False]
    assert turn(mine) == ("refunds", "lena", "handed_over")
    assert Notice.objects.filter(user=lena).exists()


def test_cases_are_snoozed_until_a_time_on_the_readers_clock(role, as_user):
    kim = make_reviewer(role, time_zone="Asia/Tokyo")
    case = handed_off_case(role)
    until = (localtime(now()) + HOUR).replace(second=0, microsecond=0)
    typed = f"{until.astimezone(ZoneInfo('Asia/Tokyo')):%Y-%m-%dT%H:%M}"

    answer = as_user(kim).post(
        "/queue/acts/snooze/", {"case": names(case), "until": typed, "reason": "Lunch"}
    )

    assert answer.status_code == 200
    assert Snooze.objects.get().until == until


@pytest.mark.parametrize(
    ("act", "given", "said"),
    [
        ("move", {"role": "", "reason": "x"}, "This field is required."),
        ("move", {"role": "refunds-x", "reason": "x"}, "Choose a role that can have them."),
        ("assign", {"person": "x", "reason": "x"}, "Choose somebody of the roles."),
        ("snooze", {"until": "2020-01-01T00:00", "reason": "x"}, "That has already passed."),
        ("snooze", {"until": "soon", "reason": "x"}, "Write a date and a time"),
        ("snooze", {"until": "2030-01-01T00:00", "reason": " "}, "Say why, in a few words."),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_what_was_typed_is_kept(
    act, given, said, role, payments, kim, as_user
):
    case = handed_off_case(role)

    answer = as_user(kim).post(f"/queue/acts/{act}/", {"case": names(case), **given})

    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page and case.reference in page
    assert Handoff.objects.count() == 1 and not Snooze.objects.exists()


def test_at_most_a_hundred_at_a_time_and_the_others_are_said(role, kim, as_user):
    chosen = [f"ESC-{n}" for n in range(103)]

    page = as_user(kim).get("/queue/acts/snooze/", {"case": chosen}).content.decode()

    assert "3 are left out" in page


def test_there_is_no_deciding_of_several(kim, as_user):
    browser = as_user(kim)

    assert browser.post("/queue/acts/decide/", {"case": "ESC-1"}).status_code == 404
    assert browser.get("/queue/acts/move/")["Location"] == "/queue/"


def test_a_snooze_is_ended_early_by_whose_it_is_on_the_record(role, kim, as_user):
    case = handed_off_case(role)
    lifecycle.snooze(case.pk, "Lunch", until=now() + HOUR, by=kim, at=now())
    browser, address = as_user(kim), f"/cases/{case.reference}/snooze/end/"
    assert address in browser.get("/queue/?view=snoozed").content.decode()
    assert "You put it aside until" in browser.get(f"/cases/{case.reference}/").content.decode()
    assert as_user(make_reviewer(role)).post(address).status_code == 409

    ended = as_user(kim).post(address, {"from": "queue"})

    assert (ended.status_code, ended["Location"]) == (302, "/queue/?view=snoozed")
    assert case.reference in as_user(kim).get("/queue/").content.decode()
    assert case.reference not in as_user(kim).get("/queue/?view=snoozed").content.decode()
    assert Event.objects.filter(action="case.snooze_ended").count() == 1
    with pytest.raises(IllegalTransition):
        lifecycle.end_snooze(case.pk, by=kim, at=now())
