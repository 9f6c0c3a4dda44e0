from typing import Any
from zoneinfo import ZoneInfo

import pytest

from escalation.errors import Fault
from reviewers.schemaform import Input, build, check, hints, point_out, posted, read, reshaped

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
    found: dict[str, Input] = {}
    for made in (one for top in inputs for one in top.walk()):
        found.setdefault(made.pointer, made)  # alternatives share the place that they are for
    return found


def post(inputs: list[Input], **typed: str) -> dict[str, str]:
    by_pointer = flat(inputs)
    return {by_pointer[pointer].name: text for pointer, text in typed.items()}


def test_build_asks_for_each_property_in_its_own_way():
    kinds = {pointer: made.kind for pointer, made in flat(build(SCHEMA, "p1")).items()}

    assert kinds == {
        "/amount": "money", "/days": "integer", "/rate": "number", "/notify": "choice",
        "/how": "choice", "/currency": "fixed", "/on": "date", "/tags": "lines", "/codes": "lines",
        "/address": "group", "/address/city": "text", "/address/zip": "text", "/lines": "json",
        "/either": "variants", "/same": "text",
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
        "/amount": "412", "/notify": "1", "/how": "1", "/tags": "a\nb",
        "/address/city": "Oslo",
    }  # fmt: skip
    assert made["/notify"].proposed == "No"


def test_read_returns_values_in_the_types_of_the_schema():
    inputs = build(SCHEMA, "p1")
    typed = {
        "/amount": " 200 ", "/days": "3", "/rate": "1.5", "/notify": "0", "/how": "2",
        "/tags": "a\r\n\r\nb ", "/codes": "1\n2", "/address/city": "Oslo", "/lines": '[{"n": 1}]',
        "/either": "1",
    }  # fmt: skip

    either = {f"{flat(inputs)['/either'].name}-1": "7"}
    assert read(inputs, post(inputs, **typed) | either) == {
        "amount": "200", "days": 3, "rate": 1.5, "notify": True, "how": None, "currency": "USD",
        "tags": ["a", "b"], "codes": [1, 2], "address": {"city": "Oslo"}, "lines": [{"n": 1}],
        "either": 7,
    }  # fmt: skip
    assert all(not made.errors for made in flat(inputs).values())


@pytest.mark.parametrize(
    ("pointer", "typed", "error"),
    [
        ("/days", "three", "Enter a whole number, e.g. 1250"),
        ("/rate", "true", "Enter a number, e.g. 12.5"),
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
    assert errors == {"/tags": ["line 2: too short"], "/address/city": ["is required"]}
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


def schema(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def errors(inputs: list[Input]) -> dict[str, str]:
    return {made.pointer: made.errors[0] for top in inputs for made in top.walk() if made.errors}


# What was proposed ----------------------------------------------------------------------------------

CENTS = r"^[0-9]+\.[0-9]{2}$"
ORDER = schema(
    amount={"type": "string", "pattern": CENTS},
    fee=schema(amount={"type": "number"}, currency={"enum": ["EUR", "NOK"]}),
    at={"type": "string", "format": "date-time"},
    lines={
        "type": "array",
        "items": schema(sku={"type": "string"}, n={"type": "integer", "minimum": 1})
        | {"required": ["sku"]},
    },
    how={
        "oneOf": [
            schema(kind={"const": "card"}, token={"type": "string", "pattern": "^tok_[0-9]{4}$"})
            | {"title": "Card", "required": ["kind", "token"]},
            schema(kind={"const": "account"}, iban={"type": "string"})
            | {"required": ["kind", "iban"]},
        ]
    },
    tags={"type": "array", "uniqueItems": True, "items": {"enum": ["a", "b", "c"]}},
    note={"type": ["string", "null"]},
)
PROPOSED = {
    "amount": "148260.00",
    "fee": {"amount": 12.5, "currency": "EUR", "of": "the bank"},
    "at": "2026-11-20T09:12:00+00:00",
    "lines": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}, {"sku": "c", "n": 3}],
    "how": {"kind": "card", "token": "tok_8802"},
    "tags": ["c", "a"],
    "note": None,
}


def order() -> list[Input]:
    return build(ORDER, "p1", PROPOSED, currency="NOK", zone=ZoneInfo("Europe/Oslo"))


def filled(**typed: str) -> tuple[dict[str, Any], list[Input]]:
    """Return what is read when the form is sent as it was drawn, with some of it typed anew."""
    inputs = order()
    data = posted(inputs) | {name.replace("_", "-"): text for name, text in typed.items()}
    found = read(inputs, data, zone=ZoneInfo("Europe/Oslo"))
    check(ORDER, inputs, found)
    return found, inputs


def test_a_form_that_nobody_touches_says_what_was_proposed_to_the_letter():
    found, inputs = filled()

    assert found == PROPOSED
    assert errors(inputs) == {}


def test_what_a_nested_object_holds_beside_its_fields_is_asked_for_and_never_dropped():
    rest = next(made for top in order() for made in top.walk() if made.kind == "rest")

    assert (rest.name, rest.text) == ("p1-1-rest", '{\n  "of": "the bank"\n}')
    assert filled(p1_1_rest="")[0]["fee"] == {"amount": 12.5, "currency": "EUR"}
    assert errors(filled(p1_1_rest="[1]")[1]) == {"/fee": "is not an object of names and values"}
    assert "amount, which has a field" in errors(filled(p1_1_rest='{"amount": 1}')[1])["/fee"]


# Money ----------------------------------------------------------------------------------------------


def test_an_amount_is_shown_with_its_currency_and_its_thousands_apart():
    made = flat(order())

    assert (made["/amount"].currency, made["/amount"].text) == ("NOK", "148,260.00")
    assert made["/amount"].proposed == "NOK 148,260.00"
    assert (made["/fee/amount"].currency, made["/fee/amount"].text) == ("EUR", "12.5")


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1250.00", "1250.00"), ("1,250.00", "1250.00"), ("1 250", "1250.00"), ("NOK 1 250.5", "1250.50"),
        ("1\u202f250.00", "1250.00"), ("12'345'678.90", "12345678.90"),
        ("12,50", "12.50"), ("1.250,00", "1250.00"), (" 0.05 ", "0.05"),
    ],
)  # fmt: skip
def test_an_amount_is_typed_as_people_write_it(typed: str, amount: str):
    assert filled(p1_0=typed)[0]["amount"] == amount


@pytest.mark.parametrize(
    "typed", ["1,25,000", "0,500", "1.250", "ten", "1e3", "--1", "1,250 000", "1_000", "NaN"]
)
def test_an_amount_that_could_mean_another_is_refused_at_its_field(typed: str):
    found, inputs = filled(p1_0=typed)

    assert "amount" not in found
    assert errors(inputs)["/amount"].endswith("Enter an amount, e.g. 1,250.00")
    assert flat(inputs)["/amount"].text == typed


def test_an_amount_that_is_a_number_stays_a_number():
    assert filled(p1_1_0="€ 1,000.25")[0]["fee"]["amount"] == 1000.25


# Instants -------------------------------------------------------------------------------------------


def test_an_instant_is_typed_by_the_clock_of_the_reader_and_sent_in_utc():
    made = flat(order())["/at"]

    assert (made.text, made.is_local) == ("2026-11-20T10:12", True)
    assert "by the clock of Europe/Oslo" in made.hint and "2026-11-20 09:12:00 UTC" in made.hint
    assert filled(p1_2="2026-07-01T10:00")[0]["at"] == "2026-07-01T08:00:00Z"
    assert filled(p1_2="2026-07-01T10:00:00-04:00")[0]["at"] == "2026-07-01T14:00:00Z"


def test_an_hour_that_the_clocks_skip_is_no_instant():
    assert "is no time in Europe/Oslo" in errors(filled(p1_2="2026-03-29T02:30")[1])["/at"]
    assert "is no day and time" in errors(filled(p1_2="tomorrow")[1])["/at"]


# Rows -----------------------------------------------------------------------------------------------


def test_rows_are_added_and_removed_without_losing_what_was_typed():
    data = posted(order()) | {"p1-3-1-0": "bb", "p1-0": "9.00"}

    more, added = reshaped(data | {"row": "add:p1-3"})
    fewer, next_to = reshaped(data | {"row": "remove:p1-3-0"})

    assert (added, more["p1-3-count"], more["p1-3-1-0"]) == ("p1-3-3", "4", "bb")
    assert (next_to, fewer["p1-3-count"], fewer["p1-3-0-0"], fewer["p1-0"]) == (
        *("p1-3-0", "2", "bb", "9.00"),
    )
    inputs = order()
    assert read(inputs, fewer)["lines"] == [{"sku": "bb", "n": 2}, {"sku": "c", "n": 3}]
    inputs = order()
    assert read(inputs, more)["lines"][3:] == []  # a row that is blank is none
    assert len(flat(inputs)["/lines"].inputs) == 4


@pytest.mark.parametrize(
    "row", ["", "add:", "remove:p1-3-9", "remove:p1-3-x", "dance:p1-3-0", "remove:"]
)
def test_a_button_that_makes_no_sense_keeps_everything(row: str):
    data = posted(order())
    inputs = order()

    assert (
        read(inputs, reshaped(data | {"row": row})[0], zone=ZoneInfo("Europe/Oslo")) == filled()[0]
    )


def test_a_fault_stands_in_its_row_though_blank_rows_come_before():
    found, inputs = filled(p1_3_0_0="", p1_3_0_1="", p1_3_1_1="0")

    assert [line["sku"] for line in found["lines"]] == ["b", "c"]
    row = flat(inputs)["/lines"].inputs[1]
    assert row.inputs[1].errors == ["0 is less than the minimum of 1"]


def test_there_are_never_more_rows_than_a_page_holds():
    inputs = order()

    read(inputs, posted(inputs) | {"p1-3-count": "99999"})

    assert len(flat(inputs)["/lines"].inputs) <= 100


# Choices and alternatives ---------------------------------------------------------------------------


def test_several_of_a_short_list_are_ticked():
    made = flat(order())["/tags"]

    assert (made.kind, made.ticked) == ("several", ["0", "2"])
    assert filled(p1_5_1="on")[0]["tags"] == ["c", "a", "b"]


def test_the_alternative_that_fits_the_proposal_is_chosen_and_its_faults_stand_at_its_fields():
    made = flat(order())["/how"]
    assert (made.kind, made.text, [label for _, label in made.choices]) == (
        *("variants", "0", ["Card", "Account"]),
    )

    _, inputs = filled(p1_4_0_1="tok_1")
    assert errors(inputs) == {"/how/token": "must be “tok_”, 4 digits"}
    found, inputs = filled(p1_4="1", p1_4_1_1="NO93")
    assert (found["how"], errors(inputs)) == ({"kind": "account", "iban": "NO93"}, {})


def test_named_constants_are_choices_by_their_titles():
    listed = schema(
        how={"oneOf": [{"const": 1, "title": "By post"}, {"const": 2, "title": "By hand"}]}
    )

    (made,) = build(listed, "p1", {"how": 2})

    assert (made.kind, made.choices, made.text, made.is_short) == (
        *("choice", [("0", "By post"), ("1", "By hand")], "1", True),
    )
    assert read([made], {"p1-0": "0"}) == {"how": 1}


def test_a_text_that_may_be_null_is_null_when_it_must_be_there_and_is_blank():
    for shape in ({"type": ["string", "null"]}, {"anyOf": [{"type": "null"}, {"type": "string"}]}):
        inputs = build(schema(note=shape) | {"required": ["note"]}, "p1")

        assert (inputs[0].kind, read(inputs, {"p1-0": ""}), read(inputs, {"p1-0": "x"})) == (
            *("text", {"note": None}, {"note": "x"}),
        )


def test_what_must_be_there_but_is_not_described_is_asked_for_as_json():
    inputs = build(schema(a={"type": "string"}) | {"required": ["b"]}, "p1", {"b": [1]})

    assert [(made.pointer, made.kind, made.required) for made in inputs] == [
        ("/b", "json", True), ("/a", "text", False),
    ]  # fmt: skip
    assert read(inputs, posted(inputs)) == {"b": [1]}


def test_parts_that_only_add_words_are_drawn_as_one():
    joined = {
        "allOf": [{"$ref": "#/$defs/a"}, schema(b={"type": "integer"})],
        "$defs": {"a": schema(a={"type": "string"})},
    }

    assert {made.pointer: made.kind for made in build(joined, "p1")} == {
        "/a": "text",
        "/b": "integer",
    }


# Hints ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("^[A-Z]{2}-[0-9]{4}$", "2 capital letters, “-”, 4 digits"),
        (r"^\+[0-9 ]{8,16}$", "“+”, 8 to 16 digits or spaces"),
        ("^tok_[0-9a-f]+$", "“tok_”, hexadecimal digits"),
        (r"^\d{3,}x?$", "3 or more digits, perhaps “x”"),
        ("^(a|b)$", "of the form ^(a|b)$"),
        ("abc", "of the form abc"),
        ("^" + "[0-9]" * 100 + "$", "of the form ^" + ("[0-9]" * 100)[:159]),
    ],
)
def test_a_pattern_is_said_in_words_where_it_is_simple(pattern: str, said: str):
    assert hints.pattern(pattern) == said


def test_bounds_steps_and_lengths_are_said():
    bounded = {
        "minimum": 1000,
        "exclusiveMaximum": 5000,
        "multipleOf": 0.5,
        "description": "A year",
    }

    assert hints.of(bounded) == "A year; from 1,000; below 5,000; in steps of 0.5"
    assert hints.of({"minLength": 3, "maxLength": 140, "minItems": 1, "uniqueItems": True}) == (
        "at least 3 characters; at most 140 characters; at least 1; each once"
    )


# Hostile schemas ------------------------------------------------------------------------------------


def many(count: int) -> dict[str, Any]:
    return schema(**{f"k{n}": {"type": "string"} for n in range(count)})


def hostile() -> dict[str, dict[str, Any]]:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(60):
        deep = schema(a=deep)
    lists: dict[str, Any] = {"type": "string", "maxLength": 3}
    for _ in range(20):
        lists = {"type": "array", "minItems": 1_000_000, "items": lists}
    two = {"anyOf": [{"$ref": "#"}, {"type": "array", "items": {"$ref": "#"}}]}
    return {
        "deep": deep,
        "lists in lists": schema(a=lists),
        "thousands of fields": many(5_000),
        "a huge list of values": schema(a={"enum": [str(n) for n in range(20_000)]}),
        "many lists of values": schema(**{f"k{n}": {"enum": list(range(190))} for n in range(290)}),
        "itself in itself": schema(**{f"k{n}": {"$ref": "#"} for n in range(40)}),
        "alternatives of itself": schema(a=two, b=two, c={"allOf": [two, two]}),
        "references in a ring": {
            **schema(a={"$ref": "#/$defs/b"}),
            "$defs": {"b": {"$ref": "#/$defs/c"}, "c": {"$ref": "#/$defs/b"}},
        },
        "words of other types": schema(
            a={"enum": "x"}, b={"type": ["null", "null"]}, c={"items": 7, "type": "array"},
            d={"properties": []}, e={"required": "x", "type": "object"}, f={"type": 5}, g=True,
            h={"maxLength": "9", "type": "string"}, i={"oneOf": {}}, j={"$ref": 3}, k={"title": 7},
        ) | {"required": "all"},
        "rows with much in them": schema(a={"type": "array", "items": many(200)}),
    }  # fmt: skip


@pytest.mark.parametrize("kind", hostile())
def test_no_schema_is_too_much(kind: str):
    given = hostile()[kind]
    inputs = build(given, "p1", {"a": {"a": 1}, "k1": "x"})
    data = posted(inputs)
    read(inputs, data | {name: "999" for name in data if name.endswith("-count")})

    drawn = [made for top in inputs for made in top.walk()]
    assert inputs and len(drawn) < 1_500
    assert sum(len(made.shown) for made in drawn if made.kind == "choice") <= 9_000
