from typing import Any

import pytest

from escalation.errors import Fault
from reviewers.schemaform import Input, build, point_out, read

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["amount", "address"],
    "properties": {
        "amount": {"type": "string", "title": "Amount (USD)", "pattern": "^[0-9]+$"},
        "days": {"type": "integer", "minimum": 1},
        "rate": {"type": "number"},
        "notify": {"type": "boolean"},
        "how": {"enum": ["card", 2, None]},
        "currency": {"const": "USD"},
        "on": {"type": "string", "format": "date"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "codes": {"type": "array", "items": {"type": "integer"}},
        "address": {
            "type": "object",
            "required": ["city"],
            "properties": {"city": {"type": "string"}, "zip": {"type": "string"}},
        },
        "lines": {"type": "array", "items": {"type": "object"}},
        "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "same": {"$ref": "#/$defs/iban"},
    },
    "$defs": {"iban": {"type": "string", "title": "IBAN", "maxLength": 34}},
}


def flat(inputs: list[Input]) -> dict[str, Input]:
    return {made.pointer: made for top in inputs for made in top.walk()}


def post(inputs: list[Input], **typed: str) -> dict[str, str]:
    by_pointer = flat(inputs)
    return {by_pointer[pointer].name: text for pointer, text in typed.items()}


def test_build_asks_for_each_property_in_its_own_way():
    kinds = {pointer: made.kind for pointer, made in flat(build(SCHEMA, "p1")).items()}

    assert kinds == {
        "/amount": "text", "/days": "integer", "/rate": "number", "/notify": "choice",
        "/how": "choice", "/currency": "fixed", "/on": "date", "/tags": "lines", "/codes": "lines",
        "/address": "group", "/address/city": "text", "/address/zip": "text", "/lines": "json",
        "/either": "json", "/same": "text",
    }  # fmt: skip


def test_build_says_what_the_schema_says():
    made = flat(build(SCHEMA, "p1"))

    assert (made["/amount"].label, made["/amount"].hint) == (
        "Amount (USD)",
        "digits only",
    )
    assert (made["/days"].label, made["/days"].hint) == ("Days", "from 1")
    assert (made["/same"].label, made["/same"].hint) == ("IBAN", "at most 34 characters")


def test_build_fills_in_what_the_agent_proposed():
    proposed = {
        "amount": "412",
        "notify": False,
        "how": 2,
        "tags": ["a", "b"],
        "address": {"city": "Oslo"},
    }

    made = flat(build(SCHEMA, "p1", proposed))

    filled = {pointer: each.text for pointer, each in made.items() if each.text}
    assert filled == {
        "/amount": "412", "/notify": "1", "/how": "1", "/currency": "USD", "/tags": "a\nb",
        "/address/city": "Oslo",
    }  # fmt: skip
    assert made["/notify"].proposed == "No"


def test_read_returns_values_in_the_types_of_the_schema():
    inputs = build(SCHEMA, "p1")
    typed = {
        "/amount": " 200 ", "/days": "3", "/rate": "1.5", "/notify": "0", "/how": "2",
        "/tags": "a\r\n\r\nb ", "/codes": "1\n2", "/address/city": "Oslo", "/lines": '[{"n": 1}]',
        "/either": '"x"',
    }  # fmt: skip

    assert read(inputs, post(inputs, **typed)) == {
        "amount": "200", "days": 3, "rate": 1.5, "notify": True, "how": None, "currency": "USD",
        "tags": ["a", "b"], "codes": [1, 2], "address": {"city": "Oslo"}, "lines": [{"n": 1}],
        "either": "x",
    }  # fmt: skip
    assert all(not made.errors for made in flat(inputs).values())


@pytest.mark.parametrize(
    ("pointer", "typed", "error"),
    [
        ("/days", "three", "is not a number"),
        ("/rate", "true", "is not a number"),
        (
            "/rate",
            "9007199254740993",
            "is a number that JSON cannot carry exactly; send it as a string",
        ),
        ("/lines", "[1,", "The body is not JSON: expecting value at line 1, column 4."),
        ("/lines", '{"a":1,"a":2}', "this key stands twice in one object"),
        ("/amount", "1\x002", "holds a NUL character, which no record can keep"),
    ],
)
def test_read_keeps_what_it_cannot_read_and_says_why(pointer: str, typed: str, error: str):
    inputs = build(SCHEMA, "p1")

    read(inputs, post(inputs, **{pointer: typed}))

    made = flat(inputs)[pointer]
    assert made.text == typed
    assert error in made.errors[0]


def test_point_out_writes_a_fault_at_the_nearest_input():
    inputs = build(SCHEMA, "p1")
    faults = (Fault("/tags/1", "too short"), Fault("/address/city", "is required"), Fault("", "no"))

    homeless = point_out(inputs, faults)

    errors = {pointer: made.errors for pointer, made in flat(inputs).items() if made.errors}
    assert errors == {"/tags": ["too short"], "/address/city": ["is required"]}
    assert homeless == [Fault("", "no")]


def test_a_schema_without_properties_is_asked_for_as_json():
    (made,) = build({"type": "object"}, "p1", {"a": 1})

    assert (made.kind, made.text) == ("json", '{\n  "a": 1\n}')
    assert read([made], {"p1": '{"b": [2]}'}) == {"b": [2]}


def test_a_schema_that_refers_to_itself_ends_as_json():
    schema = {
        "type": "object",
        "properties": {"child": {"$ref": "#"}},
    }

    kinds = [made.kind for made in build(schema, "p1")[0].walk()]

    assert kinds[-1] == "json" and len(kinds) < 10
