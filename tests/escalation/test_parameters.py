import pytest

from escalation import parameters
from escalation.errors import Fault, ParametersRejected

AMOUNT = {
    "type": "object",
    "required": ["amount"],
    "additionalProperties": False,
    "properties": {
        "amount": {"type": "string", "pattern": r"^[0-9]+\.[0-9]{2}$"},
        "days": {"type": "integer", "minimum": 1, "maximum": 30},
        "to": {"type": "array", "items": {"enum": ["card", "voucher"]}},
    },
}


def refused(act, *given):
    with pytest.raises(ParametersRejected) as refusal:
        act(*given)
    return list(refusal.value.faults)


@pytest.mark.parametrize(
    "value",
    [
        {"amount": "20.00"},
        {"amount": "20.00", "days": 30, "to": ["card", "voucher"]},
    ],
)
def test_parameters_that_fit_are_taken(value):
    assert parameters.check(AMOUNT, value) is None


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({}, Fault("/amount", "is required")),
        ({"amount": "20"}, Fault("/amount", r"does not have the form ^[0-9]+\.[0-9]{2}$")),
        ({"amount": "1.00", "days": 31}, Fault("/days", "31 is greater than the maximum of 30")),
        (
            {"amount": "1.00", "to": ["card", "cash"]},
            Fault("/to/1", '"cash" is not one of "card" or "voucher"'),
        ),
        (
            {"amount": "1.00", "note": "x"},
            Fault("", "Additional properties are not allowed ('note' was unexpected)"),
        ),
    ],
)
def test_parameters_that_do_not_fit_are_pointed_at(value, fault):
    assert refused(parameters.check, AMOUNT, value) == [fault]


@pytest.mark.parametrize(
    "schema", [{}, {"type": "object"}, AMOUNT, {"$ref": "#/$defs/a", "$defs": {"a": {}}}]
)
def test_a_schema_that_answers_can_be_checked_against_is_taken(schema):
    assert parameters.check_schema(schema) is None


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"type": "string"}, "/type"),
        ({"type": "objekt"}, "/type"),
        ({"properties": {"a": {"type": "text"}}}, "/properties/a/type"),
        ({"properties": {"a": {"minLength": -1}}}, "/properties/a/minLength"),
        ({"required": "amount"}, "/required"),
        ({"properties": {"a": {"pattern": "("}}}, "/properties/a/pattern"),
        ({"properties": {"a": {"$ref": "https://schemas.example/amount.json"}}}, ""),
        ({"$ref": "file:///etc/passwd"}, ""),
        ({"$ref": "#/$defs/absent"}, ""),
    ],
)
def test_a_schema_that_no_answer_could_be_checked_against_is_refused(schema, pointer):
    assert [fault.pointer for fault in refused(parameters.check_schema, schema)] == [pointer]


@pytest.mark.parametrize("pattern", ["(?=a)b", "(?<!a)b", r"(a)\1"])
def test_a_pattern_that_could_take_for_ever_is_refused(pattern):
    (fault,) = refused(parameters.check_schema, {"properties": {"a": {"pattern": pattern}}})

    assert fault.pointer == "/properties/a/pattern"
    assert "is no pattern that can be matched in linear time" in fault.message


def test_a_pattern_that_repeats_itself_is_matched_in_linear_time():
    schema = {"properties": {"a": {"pattern": "^(a+)+$"}}}

    assert refused(parameters.check, schema, {"a": "a" * 50_000 + "b"}) == [
        Fault("/a", "does not have the form ^(a+)+$")
    ]


def doubling(times, word="allOf", **leaf):
    """Return a schema of which each part asks the next one twice: some hundred bytes, 2 ** times checks."""
    parts = {f"a{n}": {word: [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(times)}
    return {"$ref": "#/$defs/a0", "$defs": {**parts, f"a{times}": leaf or {"type": "object"}}}


def twice_each_level():
    """Return one that doubles with each level of the value."""
    member = {"properties": {"a": {"$ref": "#"}}}
    return {"type": "object", "allOf": [member, member]}


def nested(levels):
    value = {}
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (doubling(60), {}),
        (doubling(60, "anyOf", type="string"), {}),
        (doubling(60, "oneOf", type="string"), {}),
        ({**doubling(60), "$ref": "#", "$anchor": "x", "not": {"$ref": "#x"}}, {}),
        ({"if": doubling(0)} | doubling(60), {}),
        (twice_each_level(), nested(60)),
        ({"properties": {"a": {"items": {"$ref": "#"}}}, "allOf": [{"$ref": "#"}] * 9}, {}),
    ],
)
def test_what_would_keep_a_process_busy_for_years_is_refused_at_once(schema, value):
    [fault] = refused(parameters.check, {"type": "object"} | schema, value)

    assert "takes too much work" in fault.message


def test_a_long_list_and_a_tree_are_no_such_work():
    rows = {"items": {"properties": {f"k{n}": {"type": "integer"} for n in range(8)}}}
    tree = {"type": "object", "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}}

    value = {"rows": [{f"k{n}": n for n in range(8)} for _ in range(5_000)]}
    assert parameters.check({"type": "object", "properties": {"rows": rows}}, value) is None
    assert parameters.check(tree, {"a": nested(60), "b": nested(60)}) is None


@pytest.mark.parametrize(
    "part", [{"$ref": "other"}, {"$dynamicRef": "other#x"}, {"$id": "other", "type": "string"}]
)
def test_a_schema_whose_parts_are_found_elsewhere_is_refused(part):
    [fault] = refused(parameters.check_schema, {"properties": {"a": {"anyOf": [part]}}})

    assert "stands by itself" in fault.message
