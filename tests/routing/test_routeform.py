import json

import pytest
from django.http import QueryDict

from escalation.errors import Fault
from routing import routeform
from routing.cases import FIELDS
from routing.routeform import value_shown, value_typed

OFFER = {"roles": [("treasury", "Treasury")], "slas": [("standard", "Standard")]}


def term(field, operator, value):
    return {"field": field, "operator": operator, "value": value}


BASE = {
    "name": "Wires",
    "when": {
        "all": [
            term("action", "in", ["send_wire", 'a, "b"']),
            {"any": [term("tenant", "==", "acme")]},
            term("amount", ">", "500 USD"),
        ]
    },
    "role": None,
    "stakes_floor": "high",
    "sla": "standard",
    "approvals": 2,
}


def post(form, **changes):
    values = {bound.name: bound.value() for bound in form} | changes
    data = QueryDict(mutable=True)
    data.update({name: value for name, value in values.items() if value is not None})
    return data


@pytest.mark.parametrize(
    ("text", "field", "operator", "value"),
    [
        ("acme", "tenant", "==", "acme"),
        ("no", "tenant", "==", "no"),
        ("acme, beta", "tenant", "in", ["acme", "beta"]),
        ('acme, "b, c"', "tenant", "in", ["acme", "b, c"]),
        ("", "tenant", "in", []),
        ("500 USD", "amount", ">", "500 USD"),
        ("yes", "tenant", "given", True),
        ("No", "tenant", "given", False),
        ("maybe", "tenant", "given", "maybe"),
    ],
)
def test_a_value_means_what_its_field_and_operator_make_of_it(text, field, operator, value):
    assert value_typed(text, FIELDS[field], operator) == value


@pytest.mark.parametrize("value", [["a"], ["a, b", 'say "x"', " c"], ["x"]])
def test_a_list_is_shown_so_that_it_is_read_back(value):
    assert value_typed(value_shown(value), FIELDS["tenant"], "in") == [v.strip() for v in value]


def test_a_route_comes_back_from_its_form_with_its_groups_last():
    form = routeform.typed(
        post(routeform.shown(BASE, json.dumps, **OFFER)), is_default=False, **OFFER
    )

    assert form.is_valid()
    first, group, last = BASE["when"]["all"]
    nested = json.loads(form.cleaned_data["nested"])
    assert form.facts(nested) == BASE | {"when": {"all": [first, last, group]}}


def test_a_lone_term_is_shown_as_one_of_which_all_hold():
    lone = BASE | {"when": term("tenant", "==", "acme")}
    form = routeform.shown(lone, json.dumps, **OFFER)

    assert (form["quantifier"].value(), form.count) == ("all", 1)


def test_rows_that_say_nothing_are_left_out():
    data = post(routeform.shown(None, json.dumps, **OFFER), name="Empty")
    form = routeform.typed(data, is_default=False, **OFFER)

    assert form.is_valid()
    assert form.facts([])["when"] == {"all": []}


def test_a_row_is_added_with_what_was_typed_kept():
    data = post(routeform.shown(BASE, json.dumps, **OFFER), act="add:2", name="Other")
    form = routeform.typed(data, is_default=False, **OFFER)

    assert (form.count, form["name"].value(), form.is_bound) == (3, "Other", False)
    assert form.cell("terms", 0, "value").value() == 'send_wire, "a, ""b"""'


def test_faults_stand_at_the_row_that_was_filled_in():
    data = post(routeform.shown(BASE, json.dumps, **OFFER))
    data["terms/0/field"], data["terms/0/value"] = "", ""
    form = routeform.typed(data, is_default=False, **OFFER)
    assert form.is_valid()

    form.point_out(
        [
            Fault("/when/all/0/value", "No money."),
            Fault("/when/all/1", "No group."),
            Fault("/when/all", "Empty."),
            Fault("/sla", "No such SLA policy."),
        ]
    )
    assert {name: list(errors) for name, errors in form.errors.items()} == {
        "terms/1/value": ["No money."],
        "nested": ["No group."],
        "quantifier": ["Empty."],
        "sla": ["No such SLA policy."],
    }


def test_the_default_route_has_no_condition_and_always_a_role():
    facts = {name: value for name, value in BASE.items() if name != "when"} | {"role": "treasury"}
    form = routeform.shown(facts, json.dumps, **OFFER)

    assert [value for value, _ in form.fields["role"].widget.choices] == ["treasury"]
    data = post(form)
    back = routeform.typed(data, is_default=True, **OFFER)
    assert back.is_valid()
    assert back.facts([]) == facts


def test_as_many_rows_come_back_as_a_condition_may_have():
    many = BASE | {"when": {"any": [term("tenant", "==", f"t{n}") for n in range(100)]}}
    form = routeform.typed(
        post(routeform.shown(many, json.dumps, **OFFER)), is_default=False, **OFFER
    )

    assert form.is_valid()
    assert (form.facts([]), form.has_room) == (many, False)


def test_the_page_begins_at_the_first_fault():
    form = routeform.typed(
        post(routeform.shown(BASE, json.dumps, **OFFER)), is_default=False, **OFFER
    )
    assert form.is_valid()

    form.point_out([Fault("/sla", "No such SLA policy."), Fault("/when/all/1/value", "No.")])
    form.focus_on_fault()
    focused = [name for name, each in form.fields.items() if each.widget.attrs.get("autofocus")]
    assert len(focused) == 1 and focused[0] in form.errors
