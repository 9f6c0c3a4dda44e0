"""What an agent acts with, computed in one place: its proposal and what a reviewer made of it."""

import json
from typing import Any

import pytest

from escalation.cases.arguments import MOST_PARTS, asked_about, complete_arguments

TEXT = {"type": "string"}
MAIL = {
    "type": "object",
    "required": ["to"],
    "properties": {
        "to": TEXT,
        "bcc": TEXT,
        "attachments": {"type": "array", "items": TEXT},
        "notify": {"type": "boolean"},
    },
}
MAILED = {
    "to": "customer@shop.example",
    "bcc": "outside@other.example",
    "attachments": ["list.xlsx"],
    "notify": True,
}


def proposing(**arguments: Any) -> dict[str, Any]:
    return {"action": "send_email", "arguments": arguments}


def of(*names: str, **words: Any) -> dict[str, Any]:
    return {"type": "object", "properties": dict.fromkeys(names, TEXT), **words}


@pytest.mark.parametrize(
    ("proposal", "schema", "parameters", "complete"),
    [
        pytest.param(None, None, None, {}, id="nothing is proposed and nothing is asked"),
        pytest.param(None, of("a"), {"a": "x"}, {"a": "x"}, id="only filled in"),
        pytest.param(None, of("a"), {}, {}, id="nothing proposed, nothing filled in"),
        pytest.param(proposing(), None, None, {}, id="proposed without arguments"),
        pytest.param(
            proposing(a=1, b={"c": [2]}), None, None, {"a": 1, "b": {"c": [2]}},
            id="an option that takes no parameters",
        ),
        pytest.param(
            proposing(order="W88", amount="412.50"), of("amount"), {"amount": "200.00"},
            {"order": "W88", "amount": "200.00"}, id="what was not asked about stands",
        ),
        pytest.param(
            proposing(**MAILED), MAIL, {"to": "customer@shop.example", "notify": True},
            {"to": "customer@shop.example", "notify": True}, id="cleared text and cleared list",
        ),
        pytest.param(
            proposing(to="a@b.example", bcc="c@d.example"), of("bcc"), {}, {"to": "a@b.example"},
            id="the only field cleared",
        ),
        pytest.param(
            proposing(a="x"), of("a"), {"a": None}, {"a": None}, id="null is not removed"
        ),
        pytest.param(
            proposing(a="x"), of("a"), {"a": ""}, {"a": ""}, id="an empty text is not removed"
        ),
        pytest.param(
            proposing(a="x"), of("a", "note"), {"a": "x", "note": "new"}, {"a": "x", "note": "new"},
            id="a name that the proposal lacks",
        ),
        pytest.param(
            proposing(to={"iban": "X", "bic": "Y"}), of("to"), {"to": {"iban": "Z"}},
            {"to": {"iban": "Z"}}, id="an object is taken whole",
        ),
        pytest.param(
            proposing(to={"iban": "X"}, n=1), of("to"), {}, {"n": 1}, id="an object removed",
        ),
        pytest.param(
            proposing(seats=["1A", "1B", "1C"]), of("seats"), {"seats": ["1B"]},
            {"seats": ["1B"]}, id="a list is taken whole",
        ),
        pytest.param(
            proposing(seats=["1A"]), of("seats"), {"seats": []}, {"seats": []}, id="a list emptied",
        ),
        pytest.param(
            proposing(iban="X", card="4417"), {"oneOf": [of("iban"), of("card")]}, {"card": "4417"},
            {"card": "4417"}, id="a field of the other branch goes",
        ),
        pytest.param(
            proposing(iban="X", order="W88"), {**of("memo"), "anyOf": [of("iban"), of("card")]},
            {"card": "1"}, {"order": "W88", "card": "1"}, id="branches beside properties",
        ),
        pytest.param(
            proposing(kind="wire", iban="X", order="W88"),
            {**of("kind"), "if": of("kind"), "then": of("iban"), "else": of("card")},
            {"kind": "card", "card": "1"}, {"order": "W88", "kind": "card", "card": "1"},
            id="what a condition asks about",
        ),
        pytest.param(
            proposing(iban="X", order="W88"),
            {"$ref": "#/$defs/pay~1ee", "$defs": {"pay/ee": {"allOf": [of("iban")]}}}, {},
            {"order": "W88"}, id="behind a reference",
        ),
        pytest.param(
            proposing(iban="X", order="W88"), {"type": "object", "required": ["iban"]},
            {"iban": "Y"}, {"order": "W88", "iban": "Y"}, id="only required, not described",
        ),
        pytest.param(
            proposing(a=1, b=2), {**of("x"), "dependentRequired": {"x": ["a"]}}, {"x": "1", "a": 1},
            {"b": 2, "x": "1", "a": 1}, id="asked about where another is there",
        ),
        pytest.param(
            proposing(a=1, b=2, c=3), {**of("x"), "dependentSchemas": {"a": of("b")}}, {},
            {"c": 3}, id="asked about by a schema that depends",
        ),
        pytest.param(
            proposing(a=1, b=2), {"type": "object"}, {"b": 3}, {"b": 3},
            id="a schema without names asks about everything",
        ),
        pytest.param(
            proposing(a=1, b=2), {"additionalProperties": TEXT}, {"c": "x"}, {"c": "x"},
            id="a schema of any name asks about everything",
        ),
        pytest.param(
            proposing(x_a=1, x_b=2, c=3), {**of("c"), "patternProperties": {"^x_[ab]": TEXT}},
            {"x_a": "1"}, {"x_a": "1"}, id="asked about by a pattern",
        ),
        pytest.param(
            proposing(x_a=1, c=3), {"$ref": "#/$defs/x", "$defs": {"x": {"allOf": [
                {"patternProperties": {"^x_": TEXT}}]}}},
            {}, {"c": 3}, id="asked about by a pattern behind a reference",
        ),
        pytest.param(
            proposing(a=1, b=2), {**of("a"), "additionalProperties": TEXT}, {"c": "x"}, {"c": "x"},
            id="all others, where a schema says what they are",
        ),
        pytest.param(
            proposing(a=1, b=2), {**of("a"), "unevaluatedProperties": TEXT}, {}, {},
            id="all that no other part has judged",
        ),
        pytest.param(
            proposing(a=1, b=2), {**of("a"), "additionalProperties": True}, {}, {"b": 2},
            id="others that may be there and are not described stand",
        ),
        pytest.param(
            proposing(a=1, b=2, c=3), {"propertyNames": {"enum": ["a", "b"]}}, {"a": 2},
            {"a": 2, "c": 3}, id="of any name those that may be there",
        ),
        pytest.param(
            proposing(a=1, bb=2, cc=3),
            {**of("cc"), "additionalProperties": TEXT, "propertyNames": {"$ref": "#/$defs/short"},
             "$defs": {"short": {"maxLength": 1}}},
            {}, {"bb": 2}, id="of all others those that may be there",
        ),
        pytest.param(
            proposing(a=1, b=2), {**of("a"), "propertyNames": {"pattern": "^."}}, {}, {"b": 2},
            id="a limit on names asks about none beside those that are named",
        ),
        pytest.param(
            proposing(a=1, b=2), {"anyOf": [{"propertyNames": {"const": "a"}}, True]}, {}, {},
            id="a limit on names of one branch is none of the others",
        ),
        pytest.param(
            proposing(a=1, b=2), {**of("a"), "additionalProperties": False}, {}, {"b": 2},
            id="what a closed schema does not name stands",
        ),
        pytest.param(
            proposing(a=1), {"type": "object", "properties": {"n": of("a")}}, {"n": {"a": "2"}},
            {"a": 1, "n": {"a": "2"}}, id="the same name inside another is another",
        ),
        pytest.param(
            proposing(a=1), {**of("b"), "not": of("a")}, {}, {"a": 1},
            id="what must not be is not asked about",
        ),
        pytest.param(
            proposing(__proto__=1, a=2), of("a"), {"a": 3}, {"__proto__": 1, "a": 3},
            id="odd names are names",
        ),
    ],
)  # fmt: skip
def test_arguments_are_complete(
    proposal: Any, schema: Any, parameters: Any, complete: dict[str, Any]
) -> None:
    assert complete_arguments(proposal, schema, parameters) == complete


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#anchor", **of("a")},
        {"$ref": "#/$defs/nowhere", **of("a")},
        {"$dynamicRef": "#any", **of("a")},
        {"allOf": [of("a")] * (MOST_PARTS + 1)},
    ],
    ids=["anchor", "dangling", "dynamic", "endless"],
)
def test_a_schema_that_cannot_be_looked_through_asks_about_everything(schema: Any) -> None:
    assert asked_about(schema, {"a": 1, "b": 2}) == {"a": 1, "b": 2}


def test_a_schema_that_refers_to_itself_is_looked_through_once() -> None:
    chain = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(1_500)}
    schema = {"$ref": "#/$defs/d0", "$defs": {**chain, "d1500": {"$ref": "#", **of("a")}}}

    assert asked_about(schema, {"a": 1, "b": 2}) == {"a": 1}


def test_neither_side_is_changed() -> None:
    proposal, parameters = proposing(a=1, b=2), {"a": 3}
    before = json.dumps([proposal, parameters])

    complete_arguments(proposal, of("a"), parameters)["new"] = 1

    assert json.dumps([proposal, parameters]) == before
