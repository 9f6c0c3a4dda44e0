"""What nobody touched is what was proposed: any schema, any value, through the page and back."""

from typing import Any
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from escalation.cases.arguments import asked_about, complete_arguments
from reviewers.schemaform import Input, build, check, numerals, read
from tests.laws import law
from tests.reviewers import anyschema, browserform, schemavalues

OSLO = ZoneInfo("Europe/Oslo")
FEW = law(30, suppress_health_check=list(HealthCheck))


def drawn(schema: Any, value: Any, style: numerals.Numerals) -> list[Input]:
    return build(schema, "p1", value, currency="EUR", zone=OSLO, numerals=style)


def html(inputs: list[Input]) -> str:
    return "".join(render_to_string("reviewers/_input.html", {"input": one}) for one in inputs)


def exact(value: Any) -> Any:
    """Return a value with each type written out, so that 1 is neither 1.0 nor True."""
    if isinstance(value, dict):
        return {key: exact(part) for key, part in value.items()}
    if isinstance(value, list):
        return [exact(part) for part in value]
    return type(value).__name__, value


def through_the_page(
    schema: Any, value: Any, style: numerals.Numerals = numerals.POINT
) -> tuple[Any, list[Input]]:
    """Return what is read of a form that is opened and sent on, and its inputs."""
    sent = browserform.posted(html(drawn(schema, value, style)))
    inputs = drawn(schema, value, style)
    return read(inputs, sent, zone=OSLO, numerals=style), inputs


def errors(inputs: list[Input]) -> dict[str, str]:
    return {made.name: made.errors[0] for top in inputs for made in top.walk() if made.errors}


@FEW
@given(st.data(), anyschema.schemas(), st.sampled_from([*numerals.EACH.values()]))
def test_any_value_comes_back_as_it_was_proposed(data: Any, schema: Any, style: numerals.Numerals):
    value = schemavalues.drawn(data, schema)
    asked = asked_about(schema, value)

    found, inputs = through_the_page(schema, value, style)

    assert exact({name: found[name] for name in asked}) == exact(asked)
    assert exact(complete_arguments({"arguments": value}, schema, found)) == exact(value)
    assert (check(schema, inputs, found), errors(inputs)) == ([], {})


@FEW
@given(st.data(), anyschema.schemas(), anyschema.schemas())
def test_any_value_comes_back_though_it_fits_no_field(data: Any, schema: Any, other: Any):
    """The value is one of another schema: whatever of it does not fit is shown, and never dropped."""
    value = schemavalues.drawn(data, other)

    found, _ = through_the_page(schema, value)

    assert exact({**asked_about(schema, value), **found}) == exact(found)
    for name, part in asked_about(schema, value).items():
        if not isinstance(part, dict):
            assert exact(found[name]) == exact(part)
