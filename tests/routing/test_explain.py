"""Why a case went where it did, from what it started with."""

import pytest

from escalation.models import Case
from routing.dispatch import dispatch
from routing.explain import explain
from tests.factories import NINE, make_role, open_case, package, publish_routes
from tests.routing.test_policies import ACME, BIG

pytestmark = pytest.mark.django_db
SMALL = {
    "name": "Small refunds",
    "when": {"field": "amount", "operator": "<=", "value": "500 USD"},
    "role": "refunds",
    "stakes_floor": "critical",
    "approvals": 2,
}


@pytest.fixture
def refunds():
    return make_role("refunds")


def dispatched(**changes):
    case = open_case(package(**changes))
    dispatch([case.pk], at=NINE)
    return Case.objects.get(pk=case.pk)


def test_a_case_in_no_hands_has_nothing_to_explain():
    assert explain(open_case()) is None


def test_the_route_that_took_a_case_is_named_and_why_those_before_did_not(refunds):
    publish_routes(BIG, ACME, SMALL)
    case = dispatched()

    found = explain(case)

    assert (found.version.number, found.route.name) == (2, "Small refunds")
    assert found.why == ("amount is 412.50 USD, at most 500 USD",)
    assert [(each.route.name, each.matched, each.why) for each in found.passed] == [
        ("Large refunds", False, ("amount is 412.50 USD, not above 500 USD",)),
        ("Acme", False, ("tenant is nordic-retail, not acme",)),
    ]
    assert found.sentences()[:3] == [
        "Small refunds of version 2 took it: amount is 412.50 USD, at most 500 USD.",
        "Large refunds did not: amount is 412.50 USD, not above 500 USD.",
        "Acme did not: tenant is nordic-retail, not acme.",
    ]
    assert found.role_note in found.sentences()


def test_what_follows_from_the_route_is_said(refunds):
    publish_routes(SMALL)
    case = dispatched()

    found = explain(case)

    assert found.stakes_said == (
        "The agent sent medium stakes; Small refunds raised them to critical."
    )
    assert found.approvals_said == "A yes takes 2 people who agree."
    assert found.sla_said.startswith("Standard, version 2: read within ")


def test_a_later_policy_explains_nothing_of_a_case_that_started_before(refunds):
    publish_routes(SMALL)
    case = dispatched()

    publish_routes(BIG)

    assert explain(case).route.name == "Small refunds"


def test_many_routes_take_as_few_statements_as_one(refunds, django_assert_num_queries):
    for count in (1, 3):
        publish_routes(*({**ACME, "name": f"Acme {n}"} for n in range(count)), SMALL)
        case = dispatched()
        with django_assert_num_queries(5):
            assert len(explain(case).passed) == count
