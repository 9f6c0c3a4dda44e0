"""The page that says why a case went where it did, for those who may read the case."""

import pytest
from django.test import Client

from escalation.models import Case
from routing.dispatch import dispatch
from tests.factories import (
    NINE,
    handed_off_case,
    make_reviewer,
    make_role,
    open_case,
    package_with,
    publish_routes,
)
from tests.routing.test_policies import ACME

pytestmark = pytest.mark.django_db
ALL = {
    "name": "All refunds",
    "when": {"field": "action", "operator": "==", "value": "issue_refund"},
    "role": "refunds",
    "stakes_floor": "critical",
    "approvals": 2,
}


@pytest.fixture
def refunds():
    return make_role("refunds")


def browser(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(user, case):
    return browser(user).get(f"/policies/cases/{case.reference}/")


def test_it_names_the_route_that_took_the_case_and_why_each_before_did_not(refunds):
    publish_routes(ACME, ALL)
    case = open_case(package_with("/identity/tenant", "nor\u202edic <b>retail</b>"))
    dispatch([case.pk], at=NINE)

    answer = page(make_reviewer(refunds), case)

    text = answer.content.decode()
    assert answer.status_code == 200
    for part in (
        "All refunds",
        "Action is issue_refund",
        "All refunds sends it to Refunds.",
        "The agent sent medium stakes; All refunds raised them to critical.",
        "A yes takes 2 people who agree.",
        "Standard, version 2",
    ):
        assert part in text
    assert "Tenant is “nor" in text and "not acme" in text
    assert "\u202e" not in text and "<b>retail" not in text


def test_a_case_that_went_on_says_where_it_is_now(refunds):
    case = handed_off_case(refunds)
    managers = make_role("managers")
    Case.objects.filter(pk=case.pk).update(role=managers)

    text = page(make_reviewer(managers), case).content.decode()

    assert "By now it is with Managers" in text


def test_nobody_else_learns_that_there_is_such_a_case(refunds):
    case = handed_off_case(refunds)

    assert page(make_reviewer(make_role("others")), case).status_code == 404
    assert Client().get(f"/policies/cases/{case.reference}/").status_code == 302


def test_an_explanation_takes_as_few_statements_for_three_routes_as_for_one(
    refunds, django_assert_num_queries
):
    client = browser(make_reviewer(refunds))
    for count in (1, 3):
        publish_routes(*({**ACME, "name": f"Acme {n}"} for n in range(count)), ALL)
        case = handed_off_case(refunds)
        with django_assert_num_queries(14):
            client.get(f"/policies/cases/{case.reference}/")
