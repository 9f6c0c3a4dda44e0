from collections.abc import Callable

import pytest
from django.test import Client
from django.utils.timezone import now

from escalation import ledger, lifecycle
from escalation.models import Case, Event, User
from tests.factories import (
    ABSENT,
    case_under,
    make_auditor,
    make_reviewer,
    make_role,
    package,
    package_with,
)

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
OPEN = {"high": {"protocol": "open"}, "medium": {"protocol": "evidence_first"}}
DELIVERED = '<dt dir="auto">status</dt>'


@pytest.fixture
def case() -> Case:
    return case_under(make_role(), package(stakes="high"), review=OPEN)


@pytest.fixture
def reviewer(case: Case) -> User:
    assert case.role
    return make_reviewer(case.role)


def page(case: Case, browser: Client) -> str:
    return browser.get(f"/cases/{case.reference}/").content.decode()


def test_a_step_that_must_be_read_comes_when_it_is_opened_and_once_on_the_record(
    case: Case, reviewer: User, as_user: Browser
):
    browser, there = as_user(reviewer), f"/cases/{case.reference}/steps/1/open/"
    before = page(case, browser)

    opened = browser.post(there, headers={"HX-Request": "true"})
    again = browser.post(there)
    after = page(case, browser)

    assert DELIVERED not in before and "must be read before you answer" in before
    assert DELIVERED in opened.content.decode() and "autofocus" in opened.content.decode()
    assert 'id="required"' in opened.content.decode()
    assert (again.status_code, again["Location"]) == (302, f"/cases/{case.reference}/#step-1")
    assert DELIVERED in after and "opened" in after
    [line] = [line for line in ledger.history(case) if line.action == "evidence.opened"]
    assert (line.facts["position"], line.facts["digest"]) == (1, case.digest)


def test_who_does_not_answer_has_nothing_to_open(case: Case, as_user: Browser):
    assert DELIVERED in page(case, as_user(make_auditor()))


def test_nothing_has_to_be_opened_at_medium_stakes(as_user: Browser):
    role = make_role()
    case = case_under(role, package(stakes="medium"), review=OPEN)

    assert DELIVERED in page(case, as_user(make_reviewer(role)))


def test_a_step_that_is_not_there_cannot_be_opened(case: Case, reviewer: User, as_user: Browser):
    assert as_user(reviewer).post(f"/cases/{case.reference}/steps/9/open/").status_code == 404


def test_reasoning_waits_behind_a_summary_where_the_evidence_comes_first(as_user: Browser):
    role = make_role()
    case = case_under(role, package(stakes="medium"), review=OPEN)

    shown = page(case, as_user(make_reviewer(role)))

    assert shown.index('id="chain"') < shown.index('id="proposal"')
    assert '<details class="reasoning">' in shown


def test_what_does_not_match_stands_above_the_request_with_links_to_it(as_user: Browser):
    role = make_role()
    case = case_under(role, package_with("/proposal/arguments/amount", "12.00"), review=OPEN)

    shown = page(case, as_user(make_reviewer(role)))

    assert shown.index("its argument amount says $12.00") < shown.index('id="request"')
    assert 'href="#proposal"' in shown


def test_the_roles_policy_and_its_limit_stand_on_the_case(as_user: Browser):
    role = make_role(guidance="Two hundred at most.")
    role.limits.create(currency="USD", amount=200)
    shown = page(case_under(role, package(), review=OPEN), as_user(make_reviewer(role)))

    assert "Two hundred at most." in shown
    assert "$212.50 over" in shown


def test_a_package_that_names_nobody_says_what_is_missing(as_user: Browser):
    role = make_role()
    sent = package(identity={"credentials": []}, steps=ABSENT)

    shown = page(case_under(role, sent, review=OPEN), as_user(make_reviewer(role)))

    assert "The package names nobody for whom the agent acts" in shown
    assert "There are no steps" in shown


def test_the_print_has_the_options_the_digest_and_room_to_sign(
    case: Case, reviewer: User, as_user: Browser
):
    shown = page(case, as_user(reviewer))

    dossier = shown[shown.index('class="dossier print-only"') : shown.index('id="decision"')]
    assert "Not decided when this was printed" in dossier
    assert "Refund another amount" in dossier and "Signature" in dossier
    assert f"{case.reference} · package version 1" in dossier  # its digest once it is answered
    assert "not ended when this was printed: the record goes on" in dossier


def test_the_foot_of_a_print_names_the_event_that_ended_the_case(
    case: Case, reviewer: User, as_user: Browser
):
    lifecycle.withdraw(case.pk, "The parcel was found.", by=case.agent, at=now())
    ended = Event.objects.get(action="case.withdrawn")

    shown = page(case, as_user(reviewer))

    assert f"event {ended.pk} of the record, leaf {bytes(ended.leaf).hex()}" in shown
