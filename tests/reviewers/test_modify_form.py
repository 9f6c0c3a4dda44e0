"""The form of what an answer takes, on the page of its case: rows, and what is changed, as it is typed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from escalation.models import Case, Draft, User
from tests.factories import handed_off_case, make_reviewer, make_role, package
from tests.reviewers import browserform

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
LINES: dict[str, Any] = {
    "type": "object",
    "required": ["amount"],
    "properties": {
        "amount": {"type": "string", "title": "Amount (USD)", "pattern": r"^[0-9]+\.[0-9]{2}$"},
        "lines": {
            "type": "array",
            "title": "Lines",
            "items": {
                "type": "object",
                "properties": {"sku": {"type": "string", "title": "Article"}},
            },
        },
    },
}


@pytest.fixture
def role():
    return make_role()


@pytest.fixture
def case(role):
    sent = package(stakes="low")
    option = next(one for one in sent["question"]["options"] if one["key"] == "modify")
    option["parameters"] = LINES
    return handed_off_case(role, sent)


@pytest.fixture
def browser(role, as_user: Browser) -> Client:
    return as_user(make_reviewer(role))


def typed(case: Case, **more: str) -> dict[str, str]:
    rows = {"p2-1-count": "1", "p2-1-0-0": "TINDE"}
    return {"option": "modify", "digest": case.digest, "p2-0": "1,200", "rationale": "So."} | rows | {
        name.replace("_", "-"): text for name, text in more.items()
    }  # fmt: skip


def test_a_row_more_keeps_all_that_was_typed_and_decides_nothing(case: Case, browser: Client):
    address = f"/cases/{case.reference}/decision/"

    page = browser.post(address, typed(case, row="add:p2-1"))
    html = page.content.decode()

    assert page.status_code == 200
    assert 'name="p2-1-1-0"' in html and 'value="TINDE"' in html and 'value="1,200"' in html
    assert "Not recorded yet" not in html
    assert not case.decisions.exists()
    assert Draft.objects.get().fields["p2-1-count"] == ["2"]


def test_a_row_less_is_gone(case: Case, browser: Client):
    html = browser.post(
        f"/cases/{case.reference}/decision/", typed(case, row="remove:p2-1-0")
    ).content.decode()

    assert "TINDE" not in html and 'name="p2-1-count" value="0"' in html


def test_a_row_button_signs_nothing_whatever_else_is_posted(case: Case, browser: Client):
    browser.post(f"/cases/{case.reference}/decision/", typed(case, row="x", step="sign"))

    assert not case.decisions.exists()


def test_what_is_typed_is_compared_with_what_was_proposed(case: Case, browser: Client):
    answer = browser.post(f"/cases/{case.reference}/difference/", typed(case))
    html = answer.content.decode()

    assert answer.status_code == 200
    assert '<del class="inert">$412.50</del><ins class="inert">$1,200.00</ins>' in html
    assert "+$787.50 of proposed" in html
    assert not Draft.objects.exists()


def test_an_answer_that_takes_nothing_has_nothing_to_compare(case: Case, browser: Client):
    address = f"/cases/{case.reference}/difference/"

    assert browser.post(address, {"option": "approve"}).status_code == 204
    assert browser.post(address).status_code == 204


def test_the_summary_says_what_is_changed(case: Case, browser: Client):
    html = browser.post(
        f"/cases/{case.reference}/decision/", typed(case, step="summary")
    ).content.decode()

    assert "Before you sign" in html and "+$787.50 of proposed" in html


# Through the page and back ----------------------------------------------------------------------------


def asking(role, parameters: dict[str, Any], arguments: dict[str, Any]) -> Case:
    sent = package(stakes="low")
    sent["proposal"] = {"action": "reply", "arguments": arguments}
    option = next(one for one in sent["question"]["options"] if one["key"] == "modify")
    option["parameters"] = {"type": "object", "properties": parameters}
    return handed_off_case(role, sent)


def as_drawn(case: Case, browser: Client, **headers: str) -> dict[str, str]:
    """Return what a browser sends of the panel with the answer that takes input, as it was drawn."""
    page = browser.get(f"/cases/{case.reference}/", headers=headers).content.decode()
    fill = page.partition('<div class="fill"')[2].partition('<section class="difference"')[0]
    return browserform.posted(f'<div class="fill"{fill}') | {
        "option": "modify", "digest": case.digest, "rationale": "So.",
    }  # fmt: skip


def test_an_answer_that_nobody_touched_is_signed_as_it_was_proposed(role, browser: Client):
    arguments = {
        "body": "Dear customer,\r\n\r\nwe refund you.\r\n", "n": 0.30000000000000004, "flag": "true",
        "at": "2026-12-01T10:00:00.5+05:30", "note": None, "empty": "", "items": ["", " a "],
    }  # fmt: skip
    text = {"type": "string"}
    case = asking(
        role,
        {
            "body": text, "n": {"type": "number"}, "flag": text, "empty": text, "absent": text,
            "at": {"type": "string", "format": "date-time"}, "note": {"type": ["string", "null"]},
            "items": {"type": "array", "items": text},
        },
        arguments,
    )  # fmt: skip

    answer = browser.post(
        f"/cases/{case.reference}/decision/", as_drawn(case, browser) | {"step": "sign"}
    )

    assert answer.status_code == 302
    assert case.decisions.get().parameters == arguments


def test_what_fits_no_field_is_in_sight_and_asked_for_and_nothing_of_it_is_lost(
    role, browser: Client
):
    case = asking(
        role, {"region": {"enum": ["eu", "us"]}, "dry_run": {"type": "boolean"}},
        {"region": "ap", "dry_run": "true"},
    )  # fmt: skip
    data = as_drawn(case, browser)

    refused = browser.post(f"/cases/{case.reference}/decision/", data | {"step": "sign"})
    html = refused.content.decode()

    assert refused.status_code == 422 and not case.decisions.exists()
    assert "ap (as proposed)" in html and "true (as proposed)" in html
    assert 'id="p2-0-error"' in html and 'id="p2-1-error"' in html


def test_a_form_is_read_by_the_clock_and_the_numerals_that_it_was_drawn_with(role, browser: Client):
    case = asking(
        role,
        {"amount": {"type": "string"}, "currency": {"const": "EUR"}},
        {"amount": "1250.50", "currency": "EUR"},
    )
    data = as_drawn(case, browser, **{"Accept-Language": "de-DE"})
    name = next(key for key, text in data.items() if text == "1.250,50")

    browser.post(  # by now the browser asks for English
        f"/cases/{case.reference}/decision/", data | {name: "1.300", "step": "sign"},
        headers={"Accept-Language": "en"},
    )  # fmt: skip

    assert case.decisions.get().parameters == {"amount": "1300", "currency": "EUR"}


def test_how_a_number_was_read_is_said_while_it_is_typed(case: Case, browser: Client):
    address = f"/cases/{case.reference}/difference/"
    html = browser.post(address, typed(case, p2_0="1.250,5")).content.decode()
    unread = browser.post(address, typed(case, p2_0="0,500")).content.decode()

    assert "Read as $1,250.50: one thousand two hundred fifty point five zero US dollars" in html
    assert "Enter an amount, e.g. 1,250.00" in unread.partition('id="p2-0-heard"')[2]
