"""What routes see of a case."""

from decimal import Decimal

import pytest

from escalation.conditions import Amounts, Money
from escalation.models import Case
from routing.cases import FIELDS, facts
from tests.factories import ABSENT, make_agent, open_case, package, package_with

pytestmark = pytest.mark.django_db


def test_routes_see_a_case_as_its_agent_sent_it():
    agent = make_agent("refund-bot")
    agent.type = "refunds"
    agent.save(update_fields=["type"])
    case = open_case(package_with("/request/language", "nb"), by=agent)

    assert facts([case]) == {
        case.pk: {
            "agent": "refund-bot",
            "agent_type": "refunds",
            "tenant": "nordic-retail",
            "trigger_types": {"confidence"},
            "triggers": {"refund_classification"},
            "action": "issue_refund",
            "categories": {"money_movement"},
            "amount": Amounts((Money(Decimal("412.5"), "USD"),)),
            "currency": "USD",
            "stakes": "medium",
            "language": "nb",
            "role": "refunds-compliance",
        }
    }
    assert facts([case])[case.pk].keys() == FIELDS.keys()


def test_a_case_that_proposes_nothing_has_its_facts_missing():
    case = open_case(package(proposal=None, identity={}, stakes=ABSENT, role=ABSENT))

    found = facts([case])[case.pk]

    given = {name for name, field in FIELDS.items() if field.observed(found) is not None}
    assert given == {"agent", "trigger_types", "triggers", "stakes"}


def test_stakes_that_were_raised_since_are_seen_as_they_were_sent():
    case = open_case()

    assert facts([case], {case.pk: "low"})[case.pk]["stakes"] == "low"


def test_many_cases_take_as_few_statements_as_one(django_assert_num_queries):
    for count in (1, 3):
        opened = [open_case().pk for _ in range(count)]
        cases = list(Case.objects.filter(pk__in=opened))
        with django_assert_num_queries(2):
            assert len(facts(cases)) == count
