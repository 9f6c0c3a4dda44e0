"""Acting as a reviewer or as an auditor: one session, one hat, on the record."""

import pytest
from django.contrib.auth.models import Permission

from escalation import ledger
from escalation.models import Event
from tests.factories import handed_off_case, make_auditor, make_reviewer, make_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def both():
    user = make_reviewer(make_role())
    user.user_permissions.add(Permission.objects.get(codename="audit_desk"))
    return user


def act_as(browser, hat):
    return browser.post("/account/acting-as/", {"acting_as": hat})


def test_somebody_with_both_rights_begins_as_a_reviewer(both, as_user):
    browser = as_user(both)

    assert browser.get("/audit/").status_code == 403
    assert browser.get("/queue/").status_code == 200
    assert b"Act as auditor" in browser.get("/account/").content


def test_acting_as_an_auditor_opens_the_audit_and_closes_everything_else(both, as_user):
    browser = as_user(both)
    case = handed_off_case(both.memberships.get().role)

    answer = act_as(browser, "auditor")

    assert (answer.status_code, answer["Location"]) == (302, "/audit/")
    assert browser.get("/audit/").status_code == 200
    tried = browser.post(
        f"/cases/{case.reference}/decision/",
        {"option": "approve", "digest": case.digest, "step": "sign"},
    )
    assert tried.status_code == 403
    assert b"an auditor changes nothing" in tried.content
    case.refresh_from_db()
    assert case.status == "awaiting"
    assert b"Review and sign" not in browser.get(f"/cases/{case.reference}/").content


def test_going_back_makes_a_reviewer_again(both, as_user):
    browser = as_user(both)
    act_as(browser, "auditor")

    answer = act_as(browser, "reviewer")

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert browser.get("/audit/").status_code == 403


def test_each_change_gives_the_session_another_name_and_is_on_the_record(both, as_user):
    browser = as_user(both)
    names = [browser.session.session_key]

    for hat in ("auditor", "reviewer"):
        act_as(browser, hat)
        names.append(browser.session.session_key)

    assert len(set(names)) == 3
    events = Event.objects.filter(action="user.acting_as", actor=f"user:{both.pk}").order_by("id")
    assert [ledger.Line.of(event).facts for event in events] == [
        {"acting_as": "auditor"},
        {"acting_as": "reviewer"},
    ]


def test_the_session_of_before_is_worth_nothing(both, as_user):
    browser, old = as_user(both), as_user(both)
    before = browser.cookies["sessionid"].value

    act_as(browser, "auditor")
    old.cookies["sessionid"] = before

    assert old.get("/queue/").status_code == 302


def test_another_session_of_the_same_person_keeps_its_own_hat(both, as_user):
    one, other = as_user(both), as_user(both)

    act_as(one, "auditor")

    assert (one.get("/audit/").status_code, other.get("/audit/").status_code) == (200, 403)


@pytest.mark.parametrize("hat", ["", "admin", "AUDITOR", "auditor\x00"])
def test_a_hat_that_is_none_is_refused(both, as_user, hat):
    assert act_as(as_user(both), hat).status_code == 403
    assert not Event.objects.filter(action="user.acting_as").exists()


@pytest.mark.parametrize("person", [make_auditor, lambda: make_reviewer(make_role())])
@pytest.mark.parametrize("hat", ["reviewer", "auditor"])
def test_who_has_one_hat_has_nothing_to_choose(person, hat, as_user):
    browser = as_user(person())

    assert act_as(browser, hat).status_code == 403
    assert b"Acting as" not in browser.get("/account/").content


def test_an_auditor_whose_right_was_taken_meanwhile_has_none_and_can_go_back(both, as_user):
    browser = as_user(both)
    act_as(browser, "auditor")
    both.user_permissions.clear()

    assert browser.get("/audit/").status_code == 403
    assert act_as(browser, "reviewer").status_code == 302
    assert browser.get("/queue/").status_code == 200
