"""What an agent's registration and a route declare of money, and what follows from it."""

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client

from escalation.models import Agent, Case, Event, Limit, Role, User
from escalation.money.currencies import plain
from routing.dispatch import dispatch
from tests.factories import (
    NINE,
    as_json,
    handed_off_case,
    make_agent,
    make_key,
    make_role,
    make_user,
    open_case,
    package,
    publish_routes,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> User:
    user = make_user()
    user.user_permissions.add(Permission.objects.get(codename="change_agent"))
    return user


def proposing(arguments: dict[str, Any], **more: Any) -> dict[str, Any]:
    proposal = {"action": "issue_refund", "arguments": arguments, "amount": None} | more
    return package(proposal=proposal)


def limited(slug: str, amount: int, **fields: Any) -> Role:
    role = make_role(slug, **fields)
    Limit.objects.create(role=role, currency="USD", amount=amount)
    return role


def registered(agent: Agent) -> tuple[list[str], list[str], list[str]]:
    agent.refresh_from_db()
    return agent.moves_money, agent.minor_units, agent.minor_decimals


def test_the_page_of_agents_declares_what_money_an_agent_moves(as_user, manager):
    agent = make_agent("refunds")
    browser: Client = as_user(manager)
    typed = {"moves_money": "issue_refund, pay", "minor_units": "amount", "minor_decimals": "ISK 2"}

    answer = browser.post("/agents/refunds/money/", typed)
    again = browser.post("/agents/refunds/money/", typed)
    page = browser.get("/agents/").content.decode()

    assert (answer.status_code, again.status_code) == (302, 302)
    assert registered(agent) == (["issue_refund", "pay"], ["amount"], ["ISK 2"])
    assert "issue_refund, pay" in page
    assert [event.action for event in Event.objects.all()] == ["agent.money_registered"]


@pytest.mark.parametrize("decimals", ["ISK", "ISK two", "FOO 2", "ISK 19", "2 ISK"])
def test_a_declaration_that_is_none_is_refused_at_its_field(as_user, manager, decimals):
    agent = make_agent("refunds")

    answer = as_user(manager).post("/agents/refunds/money/", {"minor_decimals": decimals})

    assert answer.status_code == 422
    html = answer.content.decode()
    assert "is no currency with its decimals" in html
    assert registered(agent) == ([], [], [])


def test_the_command_declares_it_too():
    call_command("issue_agent_key", "bot", moves_money="*", minor_units="amount", stdout=StringIO())
    call_command("issue_agent_key", "bot", minor_decimals="ISK 2", stdout=StringIO())

    assert registered(Agent.objects.get()) == (["*"], ["amount"], ["ISK 2"])
    with pytest.raises(CommandError):
        call_command("issue_agent_key", "bot", minor_decimals="all", stdout=StringIO())


def test_a_case_keeps_what_was_read_of_it_when_it_came():
    agent = make_agent()
    before = open_case(proposing({"amount": 4125, "currency": "USD"}), by=agent)
    Agent.objects.update(minor_units=["amount"])
    after = open_case(proposing({"amount": 4125, "currency": "USD"}), by=Agent.objects.get())

    amounts = Case.objects.order_by("number").values_list("amount", "currency")

    assert (before.pk, after.pk) == tuple(
        Case.objects.order_by("number").values_list("pk", flat=True)
    )
    assert list(amounts) == [(Decimal("4125"), "USD"), (Decimal("41.25"), "USD")]


def test_a_route_says_that_what_it_takes_moves_money():
    """Without an amount that is over every limit, and goes to the first role up that has none."""
    above = make_role("treasury")
    limited("refunds", 5000, higher_role=limited("payments", 10**6, higher_role=above))
    refunds = {"field": "action", "operator": "==", "value": "issue_refund"}
    publish_routes(
        {"name": "Refunds", "when": {"all": [refunds]}, "role": "refunds", "moves_money": True}
    )
    case = open_case(proposing({"order": "W88"}))

    [handoff] = dispatch([case.pk], at=NINE)

    case.refresh_from_db()
    assert (case.moves_money, case.role, handoff.note) == (
        True,
        above,
        "Refunds sends it to Refunds. Refunds decides amounts up to a limit; this moves money, and "
        "no amount can be read. Treasury is the next tier that may.",
    )


def test_where_nobody_may_it_stays_and_that_is_said():
    refunds = limited("refunds", 5000)
    limit = {"role": Role.objects.get(slug="operations"), "currency": "EUR", "amount": 1}
    Limit.objects.create(**limit)

    case = handed_off_case(refunds, proposing({"amount": "9000.00", "currency": "USD"}))

    note = case.handoffs.get().note
    assert note.endswith("No role above may let it through: it can only be refused there.")


@pytest.mark.parametrize(
    ("amount", "currency", "status"),
    [
        ("0.000000000000000001", "ETH", 201),
        ("99999999999999999999.999999999999999999", "USDC", 201),
        ("1.0000000000000000001", "ETH", 422),
        ("100000000000000000000", "JPY", 422),
        ("1.00", "dollars", 422),
    ],
)
def test_any_currency_is_expressed_or_refused_with_a_sentence(
    agent_caller, amount, currency, status
):
    answer = agent_caller(package(proposal={
        "action": "pay", "arguments": {}, "amount": {"amount": amount, "currency": currency},
    }))  # fmt: skip

    assert answer.status_code == status
    if status == 201:
        assert plain(Case.objects.get().amount, currency) == amount
    else:
        [error] = answer.json()["errors"]
        assert error["message"].startswith(("must be a decimal string", "must be the code"))


@pytest.fixture
def agent_caller() -> Any:
    agent = make_agent()
    headers = {"Authorization": f"Bearer {make_key(agent)}", "Idempotency-Key": "one"}

    def post(sent: dict[str, Any]) -> Any:
        return Client().post(
            "/api/v1/cases", as_json(sent), content_type="application/json", headers=headers
        )

    return post
