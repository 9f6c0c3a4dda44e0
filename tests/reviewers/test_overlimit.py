"""What is over a limit, said at its field while it is typed, with the way up beside it."""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.test import Client

from escalation.models import Agent, Case, Decision, Limit, User
from tests.factories import handed_off_case, make_agent, make_reviewer, make_role, package

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
CENTS = {
    "type": "object",
    "properties": {"amount": {"type": "integer", "title": "Amount in cents"}},
}


def opened(
    as_user: Browser, sent: dict[str, Any] | None = None, by: Agent | None = None
) -> tuple[Case, Client]:
    role = make_role("refunds", higher_role=make_role("managers"))
    Limit.objects.create(role=role, currency="USD", amount=5000)
    case = handed_off_case(role, sent, by=by)
    return case, as_user(make_reviewer(role))


def typed(browser: Client, case: Case, amount: str, step: str = "summary") -> Any:
    where = "decision" if step != "difference" else "difference"
    data = {"option": "modify", "p2-0": amount, "digest": case.digest, "step": step}
    return browser.post(f"/cases/{case.reference}/{where}/", data | {"rationale": "Right."})


def slot(html: str, name: str = "p2-0") -> str:
    """Return what stands in the place for what is over the limit at a field."""
    inner = re.search(rf'id="{name}-over"\s+role="status"\s*>(.*?)</div>', html, re.DOTALL)
    assert inner, f"no place at {name}"
    return " ".join(re.sub(r"<[^>]+>", " ", inner[1]).split())


def test_the_limit_stands_at_the_field_and_nothing_is_over_it_yet(as_user: Browser):
    case, browser = opened(as_user)

    page = browser.get(f"/cases/{case.reference}/").content.decode()

    assert "Your limit is $5,000.00." in page
    assert slot(page) == ""


def test_while_it_is_typed_the_field_says_that_it_is_over_and_offers_the_way_up(as_user: Browser):
    case, browser = opened(as_user)

    over = typed(browser, case, "99999.00", "difference").content.decode()
    within = typed(browser, case, "5000.00", "difference").content.decode()

    assert slot(over) == "Your limit is $5,000.00; this is $99,999.00. Escalate to Managers"
    assert 'href="#id_up-note"' in over
    assert slot(within) == ""


def test_it_is_refused_at_the_form_before_anything_is_signed(as_user: Browser):
    case, browser = opened(as_user)

    for step in ("summary", "sign"):
        answer = typed(browser, case, "99999.00", step)
        assert answer.status_code == 422
        assert slot(answer.content.decode()).startswith(
            "Your limit is $5,000.00; this is $99,999.00."
        )
    assert not Decision.objects.exists()


def test_what_cannot_be_read_elsewhere_hides_nothing_and_a_draft_says_it_at_once(as_user: Browser):
    sent = deepcopy(package())
    form = sent["question"]["options"][1]["parameters"]
    form["required"] = ["amount", "why"]
    form["properties"]["why"] = {"type": "string", "title": "Why", "minLength": 1}
    case, browser = opened(as_user, sent)
    said = "Your limit is $5,000.00; this is $99,999.00. Escalate to Managers"

    live = typed(browser, case, "99999.00", "difference").content.decode()
    refused = typed(browser, case, "99999.00").content.decode()
    unread = typed(browser, case, "about half", "difference").content.decode()
    data = {"option": "modify", "p2-0": "99999.00", "digest": case.digest}
    browser.post(f"/cases/{case.reference}/draft/", data)
    restored = browser.get(f"/cases/{case.reference}/").content.decode()

    assert [slot(page) for page in (live, refused, unread, restored)] == [said, said, "", said]


def with_cents(amount: int, schema: dict[str, Any]) -> dict[str, Any]:
    sent = deepcopy(package())
    sent["proposal"]["arguments"] = {"amount": amount, "currency": "usd"}
    sent["proposal"]["amount"] = {"amount": "41.25", "currency": "USD"}
    sent["question"]["options"][1]["parameters"] = schema
    return sent


def test_minor_units_are_known_where_the_schema_declares_them(as_user: Browser):
    case, browser = opened(as_user, with_cents(4125, CENTS))

    page = browser.get(f"/cases/{case.reference}/").content.decode()
    over = typed(browser, case, "500001", "difference").content.decode()
    answer = typed(browser, case, "5125", "sign")

    assert "4,125.00" not in page
    assert "its argument" not in page
    assert slot(over).startswith("Your limit is $5,000.00; this is $5,000.01.")
    assert answer.status_code == 302
    assert Decision.objects.get().parameters == {"amount": 5125}


def test_and_where_the_agent_registered_them(as_user: Browser):
    agent = make_agent()
    Agent.objects.update(minor_units=["amount"])
    plain = {"type": "object", "properties": {"amount": {"type": "integer", "title": "Amount"}}}
    sent = with_cents(4125, plain)

    case, browser = opened(as_user, sent, Agent.objects.get(pk=agent.pk))
    page = browser.get(f"/cases/{case.reference}/").content.decode()

    assert "4,125.00" not in page
    assert "In minor units; your limit is $5,000.00." in page
    assert typed(browser, case, "5125", "sign").status_code == 302


def test_else_they_are_never_guessed(as_user: Browser):
    plain = {"type": "object", "properties": {"amount": {"type": "integer", "title": "Amount"}}}
    case, browser = opened(as_user, with_cents(4125, plain))

    page = browser.get(f"/cases/{case.reference}/").content.decode()

    assert "The proposal is given as $41.25; its argument amount says $4,125.00." in page


def test_money_that_moves_without_an_amount_is_said_aloud(as_user: Browser):
    sent = deepcopy(package())
    sent["proposal"] |= {"arguments": {"order": "W88"}, "amount": None}
    sent["question"]["options"][1]["parameters"] = {"type": "object"}
    role = make_role("refunds")
    Limit.objects.create(role=role, currency="USD", amount=5000)
    case = handed_off_case(role, sent)
    Limit.objects.create(role=case.role, currency="EUR", amount=1)

    page = as_user(make_reviewer(case.role)).get(f"/cases/{case.reference}/").content.decode()

    assert "This moves money, and no amount can be read" in page
    assert "No role above may let it through either" in page
