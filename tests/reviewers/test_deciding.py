import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from escalation import intake, lifecycle
from escalation.models import Case, Decision, User
from escalation.withholding import opaque_name
from tests.factories import (
    NINE,
    PASS_UP,
    decide,
    handed_off_case,
    make_auditor,
    make_reviewer,
    make_role,
    options,
    package,
    step,
)

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
AMOUNT = "p2-0"  # the first input of the second option
HTMX = {"HX-Request": "true"}


@pytest.fixture
def case() -> Case:
    return handed_off_case(make_role("refunds-compliance", higher_role=make_role("managers")))


@pytest.fixture
def reviewer(case: Case) -> User:
    assert case.role
    return make_reviewer(case.role, first_name="Lena", last_name="Moe")


@pytest.fixture
def browser(reviewer: User, as_user: Browser) -> Client:
    return as_user(reviewer)


def answer(
    browser: Client, case: Case, headers: dict[str, str] | None = None, **given: Any
) -> HttpResponse:
    data = {
        "option": "approve",
        "rationale": "Right.",
        "digest": case.digest,
        "step": "sign",
    } | given
    return browser.post(f"/cases/{case.reference}/decision/", data, headers=headers or {})


def field(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"no field {name}"
    return found[1]


def decisions() -> list[tuple[str, Any, str]]:
    return [(d.outcome, d.parameters, d.rationale) for d in Decision.objects.all()]


def test_an_answer_is_recorded_and_the_page_shows_it(case: Case, browser: Client):
    answered = answer(browser, case)
    page = browser.get(answered["Location"]).content.decode()

    assert (answered.status_code, answered["Location"]) == (302, f"/cases/{case.reference}/")
    assert decisions() == [("approve", None, "Right.")]
    assert "Lena Moe for Refunds compliance" in page


def test_with_htmx_the_panel_and_the_history_are_swapped(case: Case, browser: Client):
    answered = answer(browser, case, HTMX)
    html = answered.content.decode()

    assert answered.status_code == 200
    assert html.startswith('<div class="stay" id="answer">')
    assert "Recorded" in html and 'id="history"' in html and "<html" not in html


def test_a_modified_amount_is_filled_in_with_what_was_proposed(case: Case, browser: Client):
    page = browser.get(f"/cases/{case.reference}/").content.decode()

    assert field(page, AMOUNT) == "412.50"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_a_wrong_amount_is_refused_at_its_field_and_kept(
    headers: dict[str, str], case: Case, browser: Client
):
    refused = answer(browser, case, headers, option="modify", **{AMOUNT: 'two "hundred"'})
    html = refused.content.decode()

    assert refused.status_code == 422
    assert field(html, AMOUNT) == "two &quot;hundred&quot;"
    assert f'id="{AMOUNT}-error"' in html and "Enter an amount, e.g. 1,250.00" in html
    assert ">Right.</textarea>" in html
    assert 'value="modify" checked' in html
    assert decisions() == []


def test_then_a_right_amount_is_recorded(case: Case, browser: Client):
    answer(browser, case, option="modify", **{AMOUNT: "200.00"})

    assert decisions() == [("modify", {"amount": "200.00"}, "Right.")]


def test_a_reason_is_the_reviewers_to_give(case: Case, browser: Client):
    assert answer(browser, case, rationale="").status_code == 302
    assert decisions() == [("approve", None, "")]


@pytest.mark.parametrize("option", ["", "no-such-option"])
def test_an_answer_that_is_not_offered_is_refused(option: str, case: Case, browser: Client):
    refused = answer(browser, case, option=option)

    assert refused.status_code == 422
    assert b">Right.</textarea>" in refused.content


@pytest.mark.parametrize("digest", ["", "sha256:0", "x" * 5000])
def test_an_answer_that_names_no_package_is_refused(digest: str, case: Case, browser: Client):
    assert answer(browser, case, digest=digest).status_code == 422
    assert decisions() == []


def test_a_nul_in_the_reason_is_refused(case: Case, browser: Client):
    assert answer(browser, case, rationale="a\x00b").status_code == 422


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_evidence_that_came_meanwhile_refuses_the_answer_and_keeps_it(
    headers: dict[str, str], case: Case, browser: Client
):
    intake.add_steps(
        case, {"steps": [step("late", text="The parcel was found")]}, by=case.agent, at=NINE
    )

    refused = answer(browser, case, headers, option="modify", **{AMOUNT: "200.00"})
    html = refused.content.decode()
    case.refresh_from_db()

    assert refused.status_code == 409
    assert "The agent added 1 step after you opened the case" in html
    assert "The parcel was found" in html
    assert (field(html, AMOUNT), field(html, "digest")) == (
        "200.00",
        opaque_name(case, case.digest),
    )
    assert ">Right.</textarea>" in html
    assert decisions() == []


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_who_comes_second_is_told_who_decided_what_and_keeps_the_draft(
    headers: dict[str, str], case: Case, browser: Client
):
    assert case.role
    decide(case, "reject", by=make_reviewer(case.role, first_name="Kim", last_name="Osei"))

    refused = answer(browser, case, headers, rationale="My own reason")
    html = refused.content.decode()

    assert refused.status_code == 409
    assert "Kim Osei decided" in html and "“Refuse”" in html
    assert "What you had written" in html and "My own reason" in html
    assert [outcome for outcome, _, _ in decisions()] == ["reject"]


def test_a_withdrawn_case_takes_no_answer(case: Case, browser: Client):
    lifecycle.withdraw(case.pk, "Solved", by=case.agent, at=NINE)

    refused = answer(browser, case)

    assert refused.status_code == 409
    assert b"Right." in refused.content


def test_an_outsider_finds_nothing_to_answer(case: Case, as_user: Browser):
    assert answer(as_user(make_reviewer(make_role())), case).status_code == 404
    assert decisions() == []


def test_an_auditor_cannot_answer(case: Case, as_user: Browser):
    assert answer(as_user(make_auditor()), case).status_code == 403
    assert decisions() == []


def test_the_person_acted_for_cannot_answer(as_user: Browser):
    role = make_role()
    person = make_reviewer(role, username="cus_19")
    case = handed_off_case(role)

    refused = answer(as_user(person), case)

    assert refused.status_code == 403
    assert b"The agent acts for" in refused.content


def test_passing_up_leaves_the_case_to_the_higher_role(as_user: Browser):
    role = make_role(higher_role=make_role())
    case = handed_off_case(role, package(question=options(PASS_UP)))

    passed = answer(as_user(make_reviewer(role)), case, HTMX, option="pass-up")

    assert passed.status_code == 200
    assert b"Passed up" in passed.content
    assert decisions() == []


def test_an_answer_without_its_token_is_refused(case: Case, reviewer: User):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(reviewer, backend="django.contrib.auth.backends.ModelBackend")

    assert answer(strict, case).status_code == 403


def test_the_address_of_a_refused_answer_leads_back_to_the_case(case: Case, browser: Client):
    found = browser.get(f"/cases/{case.reference}/decision/")

    assert (found.status_code, found["Location"]) == (302, f"/cases/{case.reference}/")
