"""What is allowed in a policy and can hardly be meant."""

import pytest

from escalation.models import Role
from routing import policies
from routing.models import PolicyVersion
from routing.sla import STANDARD
from tests.factories import NINE, make_policy_maker, make_reviewer, make_role, publish_routes
from tests.routing.test_policies import ACME, BIG, seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def ida():
    return make_policy_maker("ida")


@pytest.fixture
def staffed():
    """Give every role a person, a backup and a higher role, so that nothing is left to warn of."""
    top = make_role("top")
    operations = Role.objects.get(slug="operations")
    refunds = make_role("refunds", backup_role=operations, higher_role=top)
    Role.objects.filter(pk=operations.pk).update(backup_role=top, higher_role=top)
    for _ in range(2):
        make_reviewer(top, operations, refunds)
    return refunds


def draft_of(by, *routes, slas=()):
    version = policies.draft(by=by, at=NINE)
    data = policies.of(version).as_facts()
    data["sla_policies"] += slas
    data["routes"] = list(routes)
    return policies.replace_with(data, seen=seen(version), by=by, at=NINE)


def told(version):
    return [(each.pointer, each.text) for each in policies.cautions(version)]


def route(name, field, operator, value, **given):
    return {
        **ACME,
        "name": name,
        "when": {"field": field, "operator": operator, "value": value},
    } | given


def test_a_policy_that_makes_sense_is_not_warned_of(ida, staffed):
    assert told(draft_of(ida, BIG, ACME)) == []


def test_a_role_that_nobody_fills(ida, staffed):
    make_role("ghosts", backup_role=staffed, higher_role=Role.objects.get(slug="top"))

    assert told(draft_of(ida, {**ACME, "role": "ghosts"})) == [
        ("/routes/0", "Acme sends cases to Ghosts, and nobody decides for it.")
    ]


def test_more_approvals_than_people(ida, staffed):
    assert told(draft_of(ida, {**BIG, "approvals": 3})) == [
        (
            "/routes/0",
            "Large refunds asks for 3 people to agree, and 2 decide for Refunds.",
        )
    ]


@pytest.mark.parametrize(
    ("routes", "pointer", "text"),
    [
        (
            [route("Some", "tenant", "in", ["acme", "beta"]), ACME],
            "/routes/1",
            "Acme never takes a case: Some takes all of it before it.",
        ),
        (
            [
                route("A", "tenant", "==", "a"),
                route("B", "tenant", "==", "b"),
                route("Both", "tenant", "in", ["a", "b"]),
            ],
            "/routes/2",
            "Both never takes a case: the routes together take all of it before it.",
        ),
        (
            [
                {
                    **ACME,
                    "when": {
                        "all": [
                            {"field": "tenant", "operator": "==", "value": value}
                            for value in ("a", "b")
                        ]
                    },
                }
            ],
            "/routes/0",
            "Acme never takes a case: its terms exclude one another.",
        ),
        (
            [route("Every", "stakes", ">=", "low")],
            "/default",
            "The default route never takes a case: Every takes them all.",
        ),
    ],
)
def test_a_route_that_can_never_match(ida, staffed, routes, pointer, text):
    assert told(draft_of(ida, *routes)) == [(pointer, text)]


def test_a_chain_that_passes_on_to_a_role_that_is_not_there(ida, staffed):
    Role.objects.filter(pk=staffed.pk).update(backup_role=None)

    assert told(draft_of(ida, BIG)) == [
        (
            "/routes/0",
            "Standard passes cases of Large refunds to the backup role, and Refunds has none: "
            "the step is skipped.",
        )
    ]


def test_an_sla_policy_that_no_route_uses(ida, staffed):
    spare = {**STANDARD, "slug": "spare", "name": "Spare"}

    assert told(draft_of(ida, slas=[spare])) == [
        ("/sla_policies/0", "No route uses the SLA policy Spare.")
    ]


def test_a_draft_of_what_is_no_longer_in_force(ida, staffed):
    publish_routes(BIG)
    publish_routes(ACME)
    version = draft_of(ida, BIG, ACME)
    policies.roll_back(2, in_force=3, by=ida, at=NINE)
    version = PolicyVersion.objects.get(pk=version.pk)

    assert told(version) == [
        (
            "",
            "This was drafted from version 3; by now version 4 is in force, "
            "and publishing this undoes what changed between them.",
        )
    ]


def test_many_routes_take_as_few_statements_as_one(ida, staffed, django_assert_num_queries):
    for count in (1, 3):
        version = draft_of(
            ida, *(route(f"Route {n}", "tenant", "==", f"t{n}") for n in range(count))
        )
        version = PolicyVersion.objects.select_related("based_on").get(pk=version.pk)
        with django_assert_num_queries(6):
            policies.cautions(version)
