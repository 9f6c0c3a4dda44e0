import json
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from escalation.demo import shelf
from reviewers import doubts
from reviewers.doubts import CONTRADICTION, MISSING
from tests.factories import NINE, PACKAGE, step


@dataclass
class Step:
    position: int
    body: dict[str, Any]

    @property
    def kind(self) -> str:
        return self.body["kind"]

    @property
    def title(self) -> str:
        return self.body.get("name") or self.kind

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.body["at"])

    ended_at = at


def call(name: str, given: Any, came: Any, **changes: Any) -> dict[str, Any]:
    more = {"kind": "tool_call", "name": name, "input": given, "output": came, "text": None}
    return step(name, **more | changes)


def find(*steps: dict[str, Any], **proposal: Any) -> list[tuple[str, str]]:
    package = deepcopy(PACKAGE) | {"steps": list(steps)}
    package["proposal"] = proposal or {"action": "issue_refund", "arguments": {"order": "W88"}}
    return said(package)


def said(package: dict[str, Any]) -> list[tuple[str, str]]:
    steps = [Step(position, body) for position, body in enumerate(package.get("steps", []), 1)]
    return [(one.kind, one.said) for one in doubts.find(package, steps)]


ORDER = call("get_order", {"order": "W88"}, {"order": "W88", "status": "delivered"})


def test_a_package_that_fits_together_raises_no_doubt():
    assert said(PACKAGE) == []


@pytest.mark.parametrize(
    ("steps", "kind", "sentence"),
    [
        (
            [ORDER, call("get_order", {"order": "W88"}, {"order": "W88", "status": "lost"})],
            CONTRADICTION,
            "get_order was asked the same twice and answered otherwise: status delivered, then lost.",
        ),
        (
            [ORDER, call("track", {"order": "W88"}, {"order": "W88", "status": "lost"})],
            CONTRADICTION,
            "status is delivered by get_order, and lost by track.",
        ),
        (
            [ORDER, call("track", {"to": "NX"}, None)],
            MISSING,
            "track came without an output.",
        ),
        (
            [ORDER, step("e", kind="error", name="get_photo", text="timed out")],
            MISSING,
            "get_photo ended in an error: what it was to find out or to do is not known.",
        ),
        (
            [ORDER, step("m", at="2026-11-20T15:30:00Z")],
            MISSING,
            "6 h 00 passed before message: what came before it may be out of date.",
        ),
        ([], MISSING, "There are no steps: nothing shows how the agent came to ask."),
    ],
)
def test_what_steps_do_not_agree_on_or_leave_open(
    steps: list[dict[str, Any]], kind: str, sentence: str
):
    assert (kind, sentence) in find(*steps)


@pytest.mark.parametrize(
    "steps",
    [
        # another order, another call of the same answer, a call that was told to make it so
        [ORDER, call("track", {"order": "W89"}, {"order": "W89", "status": "lost"})],
        [ORDER, call("track", {"order": "W88"}, {"order": "W88", "status": "Delivered"})],
        [
            ORDER,
            call("cancel", {"order": "W88", "status": "lost"}, {"order": "W88", "status": "lost"}),
        ],
        # an error that was made good by asking again
        [step("e", kind="error", name="get_order", text="timed out"), ORDER],
    ],
    ids=["of another thing", "said otherwise", "made so", "made good"],
)
def test_what_only_looks_like_a_contradiction_is_none(steps: list[dict[str, Any]]):
    assert find(*steps) == []


def test_the_proposal_is_held_against_its_own_arguments_and_against_the_steps():
    order = call("get_order", {"order": "W88"}, {"order": "W88", "iban": "NO93 8601 1117 947"})
    found = find(
        order,
        action="pay",
        arguments={"order": "W88", "amount": "12.00", "iban": "LT60 1010", "claim": "CL-5512"},
        amount={"amount": "412.50", "currency": "USD"},
    )

    assert found == [
        (CONTRADICTION, "The proposal is given as $412.50; its argument amount says $12.00."),
        (CONTRADICTION, "The proposal says iban LT60 1010; the steps returned NO93 8601 1117 947."),
        (
            MISSING,
            "The proposal names claim CL-5512, which stands in no step shown here and not in the "
            "request.",
        ),
    ]


def test_equal_amounts_are_equal_however_they_are_written():
    order = call("get_order", {"order": "W88"}, {"total": {"amount": 412.5}})
    arguments = {"order": "W88", "amount": "412.50"}

    assert find(order, action="pay", arguments=arguments) == []


def test_empty_parts_are_named_in_a_sentence_each():
    package = deepcopy(PACKAGE) | {"identity": {"credentials": []}}
    package["request"] = {"content": " "}

    assert said(package) == [
        (MISSING, "The request is empty."),
        (
            MISSING,
            "The package names nobody for whom the agent acts and no tenant and no authority.",
        ),
    ]


def test_the_rules_cry_wolf_on_few_of_the_demos_packages():
    found = {name: said(shelf.package(name, at=NINE)) for name in shelf.names()}

    assert sum(map(len, found.values())) <= 12
    assert max(map(len, found.values())) <= 2
    assert ("contradiction", "The proposal says decision offer; the steps returned refuse.") in (
        found["loan-at-the-edge"]
    )


def test_hostile_shapes_break_no_rule():
    deep: Any = "x"
    for _ in range(60):
        deep = {"a": [deep]}
    odd = call("get_order", [deep], {"order": deep, "amount": True, "status": None, "": "NaN"})

    find(odd, odd, action="a", arguments={"amount": {"amount": []}, "x": deep, "": "Infinity"})


OTHER_TOTAL = (
    CONTRADICTION,
    "The proposal says total 412.50; the steps returned 142.50.",
)
ANSWER = json.dumps({"order_id": "W8812345", "total": "142.50"})
ASKED = json.dumps({"order_id": "W8812345"})


@pytest.mark.parametrize(
    "came",
    [
        json.loads(ANSWER),
        ANSWER,
        json.dumps(ANSWER),
        [{"type": "text", "text": ANSWER}],
        {"content": [{"type": "text", "text": ANSWER}], "structuredContent": json.loads(ANSWER)},
        {"content": [{"type": "text", "text": f"```json\n{ANSWER}\n```"}], "isError": False},
        {"role": "tool", "tool_call_id": "c1", "content": ANSWER},
        json.dumps({"orders": [json.loads(ANSWER)]}),
        {"orders": [ANSWER]},
        f"The order: {ANSWER}",
        json.dumps({"order_id": "W8812345", "orderTotal": {"total": 142.5}}),
    ],
    ids=range(11),
)
@pytest.mark.parametrize("proposed", ["plain", "in text", "as a call"])
def test_json_in_texts_is_held_against_the_proposal(came: Any, proposed: str):
    arguments: dict[str, Any] = {"order_id": "W8812345", "total": "412.50"}
    if proposed == "in text":
        arguments = {"arguments": json.dumps(arguments)}
    elif proposed == "as a call":
        arguments = {
            "type": "function",
            "function": {"name": "pay", "arguments": json.dumps(arguments)},
        }

    found = find(call("get_order", ASKED, came), action="pay", arguments=arguments)

    assert [one[0] for one in found] == [CONTRADICTION]
    assert found[0][1].startswith("The proposal says total 412.50; the steps returned 142.5")


def test_a_message_of_a_tool_is_an_answer_too():
    said_by_tool = step("m", kind="message", text=ANSWER)

    assert OTHER_TOTAL in find(
        said_by_tool, action="pay", arguments={"order_id": "W8812345", "total": "412.50"}
    )


def test_what_is_the_same_in_a_text_and_as_json_is_no_contradiction():
    first = call("get_order", ASKED, ANSWER)
    again = call("get_order", json.loads(ASKED), [{"type": "text", "text": ANSWER}])

    assert (
        find(first, again, action="pay", arguments={"order_id": "W8812345", "total": 142.5}) == []
    )


def test_answers_in_texts_that_differ_are_told_by_their_values():
    first = call("get_order", ASKED, ANSWER)
    again = call("get_order", ASKED, ANSWER.replace("142.50", "99.00"))

    found = find(first, again, action="pay", arguments={"order_id": "W8812345"})

    assert found == [
        (
            CONTRADICTION,
            "get_order was asked the same twice and answered otherwise: total 142.50, then 99.00.",
        )
    ]


def test_a_name_that_stands_in_a_text_in_another_writing_is_known():
    came = json.dumps({"order": "W88-Å1"})  # as \u00c5

    assert find(call("get", {}, came), action="pay", arguments={"order": "W88-Å1"}) == []


def test_very_many_values_are_compared_up_to_a_bound():
    many = [call(f"c{n}", {"n": n}, json.dumps([{"v": m} for m in range(40)])) for n in range(1200)]
    arguments = {f"k{n}": f"ID-{n}" for n in range(5000)}

    found = find(*many, action="pay", arguments=arguments)

    assert 0 < len(found) <= doubts.MOST_NAMED
