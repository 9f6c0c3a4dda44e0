"""What a draft would do to the last cases, shown only to those who may read them."""

from datetime import timedelta

import pytest

from escalation import access
from escalation.models import Case
from routing import policies
from routing.policies import Taken
from tests.factories import (
    ABSENT,
    NINE,
    handed_off_case,
    make_policy_maker,
    make_reviewer,
    make_role,
    open_case,
    package,
    package_with,
)
from tests.routing.test_policies import BIG, seen

pytestmark = pytest.mark.django_db
CHEAP = {
    "name": "Cheap",
    "when": {"field": "amount", "operator": "<", "value": "100 USD"},
    "sla": "standard",
}
REFUNDS = {
    "name": "Refunds",
    "when": {"field": "action", "operator": "==", "value": "issue_refund"},
    "role": "refunds",
    "sla": "standard",
    "stakes_floor": "critical",
    "approvals": 2,
}


@pytest.fixture
def ida():
    return make_policy_maker("ida")


@pytest.fixture
def refunds():
    return make_role("refunds")


def drafted(by, *routes):
    version = policies.draft(by=by, at=NINE)
    for route in routes:
        version = policies.add_route(route, seen=seen(version), by=by, at=NINE)
    return version


def other(role):
    return {**package_with("/proposal/action", "delete_account"), "role": role}


def test_a_draft_is_tried_on_the_last_cases(ida, refunds):
    grants = make_role("grants")
    access.grant(access.READ, ida, grants)
    moves = handed_off_case(grants)
    stays = handed_off_case(grants, other("grants"))
    version = drafted(ida, REFUNDS, CHEAP)

    found = policies.simulate(version, reader=ida)

    assert (found.total, found.count, found.hidden) == (2, 1, 0)
    (moved,) = found.moved
    assert moved.case == moves != stays
    assert [(line.label, line.before, line.after) for line in moved.lines[:3]] == [
        ("role", "Grants", "Refunds"),
        ("stakes", "medium", "critical"),
        ("approvals", "1", "2"),
    ]
    assert [line.label for line in moved.lines[3:]] == ["deadlines"]
    assert found.differing == (("role", 1), ("stakes", 1), ("approvals", 1), ("deadlines", 1))
    assert found.taken == (
        Taken("Refunds", None, 1),
        Taken("Cheap", None, 0),
        Taken("The default route", 2, 1),
    )
    assert Case.objects.get(pk=moves.pk).role == grants


def test_cases_that_the_reader_may_not_read_are_only_counted(ida, refunds):
    mine, theirs = make_role("mine"), make_role("theirs")
    access.grant(access.READ, ida, mine)
    shown = handed_off_case(mine)
    handed_off_case(theirs)
    open_case(package(role=ABSENT))

    found = policies.simulate(drafted(ida, REFUNDS), reader=ida)

    assert ([each.case for each in found.moved], found.hidden, found.total) == ([shown], 2, 3)


def test_another_sla_policy_is_told_by_what_differs_in_it(ida, refunds):
    handed_off_case(refunds)
    access.grant(access.READ, ida, refunds)
    version = policies.draft(by=ida, at=NINE)
    (standard,) = policies.of(version).slas
    facts = standard.as_facts()
    facts["targets"]["medium"]["decision"]["within"] = 3600 * 20
    version = policies.change_sla("standard", facts, seen=seen(version), by=ida, at=NINE)

    (moved,) = policies.simulate(version, reader=ida).moved

    assert [line.label for line in moved.lines] == ["deadlines"]
    assert "decided within 20 h of working time" in moved.lines[0].after


def test_only_the_last_are_tried(ida, refunds):
    access.grant(access.READ, ida, refunds)
    cases = [handed_off_case(refunds, at=NINE + timedelta(seconds=n)) for n in range(3)]

    found = policies.simulate(drafted(ida, REFUNDS), reader=ida, last=2)

    assert [each.case for each in found.moved] == [cases[2], cases[1]]


def test_many_cases_take_as_few_statements_as_one(ida, refunds, django_assert_num_queries):
    make_reviewer(refunds)
    top = make_role("top")
    middle = make_role("middle", higher_role=top, categories=["other"])
    version = drafted(ida, REFUNDS, {**BIG, "role": "middle"})
    for count in (1, 3):
        for _ in range(count):
            handed_off_case(middle)
        with django_assert_num_queries(14):
            policies.simulate(version, reader=ida)
