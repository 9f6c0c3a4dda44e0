"""What the agent acts with is in sight before it is signed, and on the page of what was decided."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from escalation import answers, lifecycle
from escalation.models import Case
from reviewers.comparing import differences
from tests.factories import handed_off_case, make_reviewer, make_role, package

pytestmark = pytest.mark.django_db

MAIL = {
    "to": "customer@shop.example",
    "bcc": "outside@other.example",
    "attachments": ["list.xlsx"],
    "notify": True,
}
TEXT = {"type": "string"}
ALL = {
    "type": "object",
    "required": ["to"],
    "properties": {
        "to": TEXT,
        "bcc": TEXT,
        "attachments": {"type": "array", "items": TEXT},
        "notify": {"type": "boolean"},
    },
}
ONLY_BCC = {"type": "object", "properties": {"bcc": {**TEXT, "format": "email"}}}
BRANCHES = {
    "type": "object",
    "oneOf": [
        {"required": ["iban"], "properties": {"iban": TEXT}, "additionalProperties": False},
        {"required": ["card"], "properties": {"card": TEXT}, "additionalProperties": False},
    ],
}


def asking(schema: dict[str, Any] | None, arguments: dict[str, Any] | None) -> dict[str, Any]:
    """Return a package that proposes those arguments and lets them be changed as the schema says."""
    sent = package()
    if arguments is None:
        sent["proposal"] = None
    else:
        sent["proposal"] = {"action": "send_email", "arguments": arguments}
    for option in sent["question"]["options"]:
        if option["outcome"] == "modify":
            option.pop("parameters", None)
            option |= {} if schema is None else {"parameters": schema}
    return sent


@pytest.fixture
def at_case(client: Client):
    role = make_role()
    reviewer = make_reviewer(role)
    client.force_login(reviewer)
    return role, reviewer, client


def summary_of(client: Client, case: Case, option: str, **typed: str) -> str:
    sent = {"digest": case.digest, "option": option, "step": "summary", **typed}
    page = client.post(f"/cases/{case.reference}/decision/", sent)
    assert page.status_code == 200
    return page.content.decode()


def acted_with(page: str) -> str:
    """Return the words under the heading that says what the agent acts with."""
    found = re.search(r'<details class="whole acts-with" open>(.*?)</details>', page, re.DOTALL)
    assert found, "the page does not say what the agent acts with"
    return " ".join(re.sub(r"<[^>]*>", " ", found[1]).split())


@pytest.mark.parametrize(
    ("schema", "arguments", "typed", "complete", "said"),
    [
        pytest.param(
            ALL, MAIL, {"p1-0": "customer@shop.example", "p1-1": "", "p1-2": "0", "p1-3": ""},
            {"to": "customer@shop.example", "notify": True}, "outside@other.example left out",
            id="clear-optional",
        ),
        pytest.param(
            ONLY_BCC, {"to": "a@b.example", "bcc": "outside@other.example"}, {"p1-0": ""},
            {"to": "a@b.example"}, "outside@other.example left out", id="clear-only-field",
        ),
        pytest.param(
            BRANCHES, {"iban": "NO93"}, {"p1": "1", "p1-1-0": "4417"}, {"card": "4417"},
            "NO93 left out", id="the other branch",
        ),
        pytest.param(
            {"type": "object"}, {"a": "x", "b": 2}, {"p1": '{"b": 2}'}, {"b": 2}, "x left out",
            id="a schema without names",
        ),
    ],
)  # fmt: skip
def test_what_is_cleared_is_gone_everywhere(
    at_case, schema, arguments, typed, complete, said
) -> None:
    role, _, client = at_case
    case = handed_off_case(role, asking(schema, arguments))
    typed = {
        name.replace("p1", f"p{case.option('modify').position}"): typed[name] for name in typed
    }

    before = summary_of(client, case, "modify", **typed)
    client.post(
        f"/cases/{case.reference}/decision/",
        {"digest": case.digest, "option": "modify", "step": "sign", **typed},
    )

    decision = answers.standing_decision(case)
    assert decision and (decision.permitted, decision.arguments) == (True, complete)
    assert answers.decision_answer(decision)["arguments"] == complete
    after = client.get(f"/cases/{case.reference}/").content.decode()
    for page in (before, after):
        assert said in " ".join(re.sub(r"<[^>]*>", " ", page).split())
        for value in (json.dumps(v) for v in arguments.values() if v not in complete.values()):
            assert value.strip('"[]') not in acted_with(page)


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ({"order": "W88"}, "The agent acts with order W88"),
        ({}, "The agent acts with No arguments."),
        (None, "The agent acts with No arguments."),
    ],
)
def test_a_plain_approval_says_what_the_agent_acts_with(at_case, arguments, shown) -> None:
    role, _, client = at_case
    case = handed_off_case(role, asking(None, arguments))

    assert acted_with(summary_of(client, case, "approve")) == shown
    client.post(
        f"/cases/{case.reference}/decision/",
        {"digest": case.digest, "option": "approve", "step": "sign"},
    )

    assert acted_with(client.get(f"/cases/{case.reference}/").content.decode()) == shown
    decision = answers.standing_decision(case)
    assert decision and decision.arguments == (arguments or {})


def test_a_refusal_lets_the_agent_act_with_nothing(at_case) -> None:
    role, reviewer, client = at_case
    case = handed_off_case(role)

    assert "acts-with" not in summary_of(client, case, "reject")
    at = case.created_at
    decision = lifecycle.decide(case.pk, "reject", digest=case.digest, by=reviewer, at=at)

    assert decision.arguments is None
    assert "acts-with" not in client.get(f"/cases/{case.reference}/").content.decode()


def test_two_answers_are_compared_by_what_the_agent_would_act_with() -> None:
    case = handed_off_case(
        make_role(), asking(ONLY_BCC, {"to": "a@b.example", "bcc": "c@d.example"})
    )
    approve, modify = case.option("approve"), case.option("modify")
    proposal = {"arguments": {"to": "a@b.example", "bcc": "c@d.example"}}
    one = case.answers.model(option=approve, parameters=None)
    other = case.answers.model(option=modify, parameters={})

    assert [(d.name, d.one, d.other) for d in differences(one, other, proposal)] == [
        ("", approve.label, modify.label),
        ("to", "a@b.example", "a@b.example"),
        ("bcc", "c@d.example", None),
    ]
