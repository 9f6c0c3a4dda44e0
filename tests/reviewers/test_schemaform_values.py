"""What a form does with values that a browser, or its own field, would not give back by itself."""

import json
from typing import Any

import pytest

from reviewers.schemaform import Input, build, check, numerals, posted, read, reshaped
from tests.reviewers import browserform
from tests.reviewers.test_schemaform_untouched import drawn, errors, exact, html, through_the_page

POINT = numerals.POINT


def schema(required: list[str] | None = None, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required or []}


def typed(spec: Any, value: Any, **fields: str) -> tuple[Any, list[Input]]:
    """Return what is read where the form is sent with some fields typed anew."""
    sent = browserform.posted(html(drawn(spec, value, POINT)))
    inputs = drawn(spec, value, POINT)
    found = read(inputs, sent | {name.replace("_", "-"): text for name, text in fields.items()})
    check(spec, inputs, found)
    return found, inputs


def chosen(spec: Any, value: Any) -> tuple[str, Input]:
    """Return on which branch the alternatives of ``to`` open."""
    (made,) = build(spec, "p1", value)
    return dict(made.choices).get(made.text, ""), made


TEXT = {"type": "string"}


# Untouched ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "value"),
    [
        (TEXT, "a\r\nb\r\n"),
        (TEXT, "a\rb"),
        (TEXT, "\n\na"),
        (TEXT, "a\r\n\nb\r"),
        (TEXT, " a "),
        (TEXT, ""),
        (TEXT, "e\u0301 \u00e9"),
        (TEXT, "\x1b[0m\x08"),
        (TEXT, "&#13;&amp;<b>"),
        (TEXT, "\u2028x"),
        ({"type": "string", "maxLength": 20}, "a@b.example\r\n"),
        (TEXT, "true"),
        (TEXT, "\t"),
        ({"type": "string", "format": "date-time"}, "2026-12-01T10:00:00.123456789+05:30"),
        ({"type": "string", "format": "date-time"}, "2016-12-31t23:59:60z"),
        ({"type": "string", "format": "date"}, "0000-01-01"),
        ({"type": "number"}, 0.30000000000000004),
        ({"type": "number"}, 1e300),
        ({"type": "number"}, 1e-7),
        ({"type": "integer"}, 9007199254740991),
        ({"type": "array", "items": TEXT}, ["a", "", "a", " b "]),
        ({"type": "array", "items": TEXT}, []),
        ({"type": "array"}, [[], {}, None]),
        ({"type": "array", "prefixItems": [TEXT, {"type": "integer"}]}, ["a", 1, None]),
        ({"type": ["string", "null"]}, None),
        ({"type": ["string", "null", "integer"]}, None),
        ({"type": ["string", "integer"]}, 5),
        (schema(a=TEXT), {}),
        (schema(a=TEXT), {"a": "x", "b": {"c": None}}),
        (
            {"type": "object", "patternProperties": {"^x": TEXT}, "properties": {"a": TEXT}},
            {"x1": "1"},
        ),
        ({"enum": ["1", 1, True, None, "true"]}, 1),
        ({"enum": ["1", 1, True, None, "true"]}, "true"),
        ({"enum": ["1", 1, True, None, "true"]}, None),
        ({"enum": ["", " "]}, ""),
        ({"type": "boolean"}, False),
        ({"const": "x"}, "x"),
    ],
)
def test_what_nobody_touched_comes_back_to_the_byte(part: Any, value: Any):
    for required in ([], ["v"]):
        spec = schema(required, v=part)

        found, inputs = through_the_page(spec, {"v": value})

        assert exact(found) == exact({"v": value})
        assert (check(spec, inputs, found), errors(inputs)) == ([], {})


def test_what_is_absent_stays_absent_whatever_the_schema_would_fill_in():
    spec = schema(
        a=TEXT | {"default": "x"},
        b={"const": 1},
        c=schema(["k"], k={"const": "card"}, n=TEXT),
        d={"type": "array", "items": TEXT, "minItems": 1, "default": ["x"]},
        e={"type": "boolean"},
        f={"oneOf": [TEXT, {"type": "integer"}]},
        g={"enum": ["only"]},
        keep=TEXT,
    )

    assert through_the_page(spec, {"keep": "1"})[0] == {"keep": "1"}


def test_a_changed_text_breaks_its_other_lines_as_they_were():
    spec = schema(["v"], v=TEXT)

    assert typed(spec, {"v": "a\r\nb\r\nc"}, p1_0="a\nB\nc")[0] == {"v": "a\r\nB\r\nc"}
    assert typed(spec, {"v": "a\rb\r\nc\r\n"}, p1_0="a\r\nb\r\nnew\r\nc\r\n")[0] == {
        "v": "a\rb\r\nnew\r\nc\r\n"
    }
    assert typed(spec, {"v": "a\nb"}, p1_0="a\r\nc")[0] == {"v": "a\nc"}


def test_blanks_that_were_proposed_are_part_of_a_text_and_those_that_slip_in_are_not():
    spec = schema(["v"], v=TEXT)

    assert typed(spec, {"v": " a "}, p1_0=" b ")[0] == {"v": " b "}
    assert typed(spec, {"v": "a"}, p1_0=" b ")[0] == {"v": "b"}


def test_a_row_that_moves_up_keeps_the_value_that_it_was_drawn_from():
    spec = schema(v={"type": "array", "items": schema(t=TEXT, n={"type": "number"})})
    value = {"v": [{"t": "x", "n": 1}, {"t": "a\r\nb", "n": 0.30000000000000004, "z": [None]}]}
    sent = browserform.posted(html(drawn(spec, value, POINT)))

    after, _ = reshaped(sent | {"row": "remove:p1-0-0"})

    assert exact(read(drawn(spec, value, POINT), after)) == exact({"v": value["v"][1:]})


def test_a_text_too_long_for_a_draft_is_what_was_proposed_when_it_is_missing():
    spec = schema(["v"], v=TEXT, w=TEXT)

    assert read(build(spec, "p1", {"v": "a" * 500, "w": "b"}), {"p1-1": "c"}) == {
        "v": "a" * 500,
        "w": "c",
    }


@pytest.mark.parametrize(
    ("part", "cleared"),
    [
        (TEXT, {"v": ""}),
        (TEXT | {"minLength": 0}, {"v": ""}),
        (TEXT | {"minLength": 1}, {}),
        (TEXT | {"pattern": "^a*$"}, {"v": ""}),
        (TEXT | {"format": "email"}, {}),
        ({"type": ["string", "null"]}, {"v": None}),
    ],
)
def test_a_text_that_must_be_there_is_empty_where_the_schema_lets_it(part: Any, cleared: Any):
    found, inputs = typed(schema(["v"], v=part), {"v": "aa@a.example"}, p1_0="")

    assert found == cleared
    assert bool(errors(inputs)) is (cleared == {})


# What does not fit ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "value", "seen"),
    [
        ({"type": "string", "format": "date-time"}, "2026-12-01T10:00:00", "2026-12-01T10:00:00"),
        ({"enum": ["eu", "us"]}, "ap", "ap"),
        ({"type": "boolean"}, "true", "true"),
        ({"type": "integer"}, "12", "&quot;12&quot;"),
        (TEXT, 5, "5"),
        (TEXT, ["a"], "&quot;a&quot;"),
        (schema(a=TEXT), "Main St 1", "Main St 1"),
        ({"type": "array", "items": TEXT}, "a, b", "a, b"),
        ({"type": "string", "format": "date"}, "2026-02-30", "2026-02-30"),
        ({"const": 1}, 2, "2"),
        ({"type": "number"}, {"value": 5}, "value"),
        (TEXT, None, "null"),
        (TEXT | {"maxLength": 2}, "abc", "abc"),
        ({"type": "array", "uniqueItems": True, "items": {"enum": ["a", "b"]}}, ["a", "zz"], "zz"),
        ({"oneOf": [{"type": "integer"}, {"type": "boolean"}]}, "neither", "neither"),
    ],
)
def test_what_does_not_fit_its_field_is_in_sight_kept_and_asked_for(
    part: Any, value: Any, seen: str
):
    for required in ([], ["v"]):
        spec = schema(required, v=part, other=TEXT)
        page = html(drawn(spec, {"v": value}, POINT))

        found, inputs = through_the_page(spec, {"v": value})

        assert seen in page
        assert exact(found) == exact({"v": value})
        assert check(spec, inputs, found) == []
        assert errors(inputs) != {}


def test_what_does_not_fit_can_be_put_right_or_left_out():
    spec = schema(
        at={"type": "string", "format": "date-time"},
        where={"enum": ["eu", "us"]},
        dry={"type": "boolean"},
    )
    value = {"at": "2026-12-01T10:00:00", "where": "ap", "dry": "true"}

    found, inputs = typed(spec, value, p1_0="2026-12-01T10:00:00+01:00", p1_1="1", p1_2="0")
    assert (found, errors(inputs)) == (
        {"at": "2026-12-01T09:00:00Z", "where": "us", "dry": True},
        {},
    )
    assert typed(spec, value, p1_0="", p1_1="", p1_2="")[0] == {}
    assert typed(schema(v=TEXT), {"v": 5}, p1_0='"5"')[0] == {"v": "5"}
    assert typed(schema(v=schema(a=TEXT)), {"v": "x"}, p1_0="0", p1_0_0_0="y")[0] == {
        "v": {"a": "y"}
    }


# Alternatives ---------------------------------------------------------------------------------------


def tagged(how: str, *tags: str) -> list[Any]:
    one = (lambda tag: {"const": tag}) if how == "const" else (lambda tag: {"enum": [tag]})
    return [
        schema(["type", "account"], type=one(tag), account=TEXT) | {"title": tag} for tag in tags
    ]


@pytest.mark.parametrize("how", ["const", "enum"])
@pytest.mark.parametrize("word", ["oneOf", "anyOf"])
def test_alternatives_open_on_the_branch_that_the_value_fits(how: str, word: str):
    spec = schema(["to"], to={word: tagged(how, "card", "bank", "wallet")})
    value = {"to": {"type": "wallet", "account": "W-1"}}

    label, made = chosen(spec, value)

    assert label == "wallet"
    texts = [
        inner.text
        for branch in made.inputs
        for inner in branch.inputs
        if inner.path[-1] == "account"
    ]
    assert texts == ["", "", "W-1"]
    assert through_the_page(spec, value)[0] == value


@pytest.mark.parametrize(
    ("part", "value", "label"),
    [
        ({"oneOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}]}, {"n": 1}, "B"),
        (
            {
                "anyOf": [
                    schema(["x"], x=TEXT) | {"title": "X"},
                    schema(["y"], y=TEXT) | {"title": "Y"},
                ]
            },
            {"y": "1"},
            "Y",
        ),
        ({"oneOf": [TEXT, {"type": "integer"}]}, 5, "A whole number"),
        ({"type": ["string", "integer"]}, 5, "A whole number"),
        (
            {
                "oneOf": [
                    TEXT | {"pattern": "^a", "title": "As"},
                    TEXT | {"pattern": "^b", "title": "Bs"},
                ]
            },
            "bb",
            "Bs",
        ),
        (
            {
                "oneOf": [
                    {"type": "integer", "maximum": 5, "title": "few"},
                    {"type": "integer", "minimum": 6, "title": "many"},
                ]
            },
            7,
            "many",
        ),
        (
            {
                "oneOf": [
                    {"type": "array", "items": TEXT},
                    {"type": "array", "items": {"type": "integer"}},
                ]
            },
            [1],
            "A list 2",
        ),
        (
            {
                "oneOf": [
                    schema(v=schema(["k"], k={"const": 1})) | {"title": "one"},
                    schema(v=schema(["k"], k={"const": 2})) | {"title": "two"},
                ]
            },
            {"v": {"k": 2}},
            "two",
        ),
        (
            {
                "type": "object",
                "properties": {"a": TEXT, "b": TEXT},
                "oneOf": [
                    {"required": ["a"], "title": "by a"},
                    {"required": ["b"], "title": "by b"},
                ],
            },
            {"b": "x"},
            "by b",
        ),
        (
            {"anyOf": tagged("const", "card", "bank"), "discriminator": {"propertyName": "type"}},
            {"type": "bank", "account": "1"},
            "bank",
        ),
        (
            {"oneOf": tagged("enum", "card", "bank")},
            {"type": "bank"},
            "bank",
        ),  # it lacks an account
        ({"oneOf": tagged("enum", "card", "bank")}, {"type": "cash"}, "As proposed"),
        ({"oneOf": [{"type": "null"}, TEXT, {"type": "integer"}]}, None, "Nothing"),
    ],
)
def test_a_branch_is_judged_by_the_schema_itself(part: Any, value: Any, label: str):
    spec = schema(["to"], to=part) | {
        "$defs": {
            "a": schema(["s"], s=TEXT) | {"title": "A"},
            "b": schema(["n"], n={"$ref": "#/$defs/n"}) | {"title": "B"},
            "n": {"type": "integer"},
        }
    }

    assert chosen(spec, {"to": value})[0] == label
    assert exact(through_the_page(spec, {"to": value})[0]) == exact({"to": value})


def test_parameters_that_are_one_of_several_as_a_whole_open_on_what_was_proposed():
    spec = {"type": "object", "oneOf": tagged("const", "card", "bank")}
    value = {"type": "bank", "account": "1"}

    (made,) = build(spec, "p1", value)

    assert (made.kind, made.text) == ("variants", "1")
    assert through_the_page(spec, value)[0] == value


def test_another_branch_is_taken_with_what_is_typed_in_it():
    spec = schema(["to"], to={"oneOf": tagged("enum", "card", "bank")})

    found, inputs = typed(spec, {"to": {"type": "bank", "account": "1"}}, p1_0="0", p1_0_0_1="4242")

    assert (found, errors(inputs)) == ({"to": {"type": "card", "account": "4242"}}, {})


# Long lists -----------------------------------------------------------------------------------------

COUNTRIES = [f"{name} {n}" for n, name in enumerate(["Norway", "Côte d’Ivoire", "Åland"] * 83)]


def test_a_list_of_countries_is_a_list_that_can_be_searched():
    spec = schema(["c"], c={"enum": COUNTRIES})
    (made,) = build(spec, "p1", {"c": "Norway 3"})

    assert (made.kind, made.is_searched, len(made.shown), len(COUNTRIES)) == (
        "choice",
        True,
        249,
        249,
    )
    assert html([made]).count("<option") == 250
    assert typed(spec, {"c": "Norway 3"}, p1_0="1")[0] == {"c": "Côte d’Ivoire 1"}
    assert "none of the choices" in errors(typed(spec, {}, p1_0="999")[1])["p1-0"]


def test_a_search_without_scripts_narrows_the_list_and_keeps_what_is_chosen():
    spec = schema(["c"], c={"enum": COUNTRIES})
    data, at = reshaped({"p1-0": "4", "p1-0-find": "cote 7", "row": "find:p1-0"})
    (made,) = build(spec, "p1", {"c": "Norway 3"})

    found = read([made], data)

    assert (at, found) == ("p1-0", {"c": "Côte d’Ivoire 4"})
    assert [label for _, label in made.shown][:2] == ["Côte d’Ivoire 4", "Côte d’Ivoire 7"]
    assert all("7" in label for _, label in made.shown[1:])


def test_a_list_of_thousands_shows_what_is_sought():
    spec = schema(["c"], c={"enum": [str(n) for n in range(5_000)]})
    (made,) = build(spec, "p1", {"c": "4321"})

    assert (len(made.shown) < 50, made.shown[0]) == (True, ("4321", "4321"))
    assert read([made], posted([made])) == {"c": "4321"}


# Cases that others met ------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [{}, {"b": "x"}, {"a": [1.5], "b": {"c": "d"}}])
def test_a_schema_that_names_nothing_asks_for_all_as_json(value: Any):
    assert through_the_page({"type": "object"}, value)[0] == value
    found = typed({"type": "object"}, value, p1=json.dumps({"z": 1}))[0]
    assert found == {"z": 1}


def test_what_an_answer_needs_beside_what_it_names_is_asked_about_too():
    spec = schema(a=TEXT) | {"minProperties": 2}
    value = {"a": "x", "b": {"c": [1]}}

    found, inputs = through_the_page(spec, value)

    assert (found, check(spec, inputs, found)) == (value, [])
    assert through_the_page(schema(a=TEXT), value)[0] == {"a": "x"}
