"""The form of what an answer takes, on the page of its case: rows, and what is changed, as it is typed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from escalation.models import Case, Draft, User
from tests.factories import handed_off_case, make_reviewer, make_role, package

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
