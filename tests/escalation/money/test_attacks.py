"""The attack table through the real doors: posted over HTTP, dispatched, answered on the page and past it."""

from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from escalation import lifecycle
from escalation.errors import EscalationError
from escalation.models import Agent, Case, Decision, Limit, Role, User
from reviewers import schemaform
from routing.dispatch import dispatch
from tests.escalation.money.attacks import ANYTHING, ATTACKS, LIMITS, Attack
from tests.factories import NINE, as_json, make_agent, make_key, make_reviewer, make_role, package

pytestmark = pytest.mark.django_db
OPTIONS = {option["key"]: option for option in package()["question"]["options"]}


def sent(attack: Attack) -> dict[str, Any]:
    modify = deepcopy(OPTIONS["modify"]) | {"parameters": attack.schema or ANYTHING}
    money = attack.declared and {"amount": attack.declared[0], "currency": attack.declared[1]}
    return package(
        role="refunds",
        proposal={
            "action": "issue_refund",
            "arguments": attack.arguments,
            "categories": list(attack.categories),
            "amount": money,
        },
        question={
            "text": attack.name,
            "options": [OPTIONS["approve"], modify, OPTIONS["reject"]],
        },
    )


@pytest.fixture
def role() -> Role:
    role = make_role("refunds")
    for currency, amount in LIMITS.items():
        Limit.objects.create(role=role, currency=currency, amount=Decimal(amount))
    return role


@pytest.fixture
def reviewer(role: Role) -> User:
    return make_reviewer(role)


def posted(attack: Attack, role: Role) -> Case:
    agent = make_agent()
    Agent.objects.filter(pk=agent.pk).update(**attack.registration)
    answer = Client().post(
        "/api/v1/cases",
        as_json(sent(attack)),
        content_type="application/json",
        headers={"Authorization": f"Bearer {make_key(agent)}", "Idempotency-Key": "one"},
    )
    assert answer.status_code == 201, answer.content
    case = Case.objects.get()
    dispatch([case.pk], at=NINE)
    # where nobody else may let it through, it stays with whoever decides everything by default
    Case.objects.filter(pk=case.pk).update(role=role)
    return Case.objects.get(pk=case.pk)


def by_form(attack: Attack, case: Case, client: Client) -> str:
    """Sign the answer on the page; return what it says."""
    key = "approve" if attack.filled is None else "modify"
    data = {"option": key, "rationale": "Right.", "digest": case.digest, "step": "sign"}
    if attack.filled is not None:
        inputs = schemaform.build(
            attack.schema or ANYTHING, "p2", attack.filled, zone=ZoneInfo("UTC")
        )
        data |= schemaform.posted(inputs)
    return client.post(f"/cases/{case.reference}/decision/", data).content.decode()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_no_role_lets_through_more_than_its_limit(
    attack: Attack, role: Role, reviewer: User, as_user: Callable[[User], Client]
) -> None:
    case = posted(attack, role)
    key = "approve" if attack.filled is None else "modify"

    page = by_form(attack, case, as_user(reviewer))
    by_page = Decision.objects.count()
    try:
        made: Any = by_page or lifecycle.decide(
            case.pk, key, filled=attack.filled, digest=case.digest, by=reviewer, at=NINE
        )
        refusal = ""
    except EscalationError as refused:
        made, refusal = None, str(refused)

    assert (bool(by_page), bool(made)) == (not attack.over, not attack.over), (page[:0], refusal)
    assert attack.says in refusal


def test_the_table_is_a_table() -> None:
    names = [attack.name for attack in ATTACKS]
    assert len(set(names)) == len(names) >= 80
