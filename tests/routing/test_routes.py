"""Which route takes a case, and whose it then is: pure, over routes that nobody stored."""

from decimal import Decimal

import pytest

from escalation.conditions import Money
from escalation.models import Case, Role
from routing.models import Route
from routing.routes import Routes, owner, raised

OPERATIONS = Role(slug="operations", name="Operations")
DEFAULT = Route(name="The default route", role=OPERATIONS, is_default=True, position=99)
TAKES = "The default route takes what no other route does."


def route(position, field, operator, value, **given):
    condition = {"field": field, "operator": operator, "value": value}
    return Route(name=f"Route {position}", position=position, condition=condition, **given)


def role(slug, *, decides=(), **given):
    """Return a role that decides these categories only; none: any."""
    return Role(slug=slug, name=slug.capitalize(), categories=list(decides), **given)


BIG = route(1, "amount", ">", "500 USD")
ACME = route(2, "tenant", "==", "acme")
ACME_TOO = route(3, "tenant", "starts with", "ac")


def usd(amount):
    return {"amount": Money(Decimal(amount), "USD")}


def test_the_first_route_that_matches_takes_the_case_whatever_order_they_come_in():
    routes = Routes([DEFAULT, ACME_TOO, BIG, ACME])

    assert [each.name for each in routes.all] == ["Route 1", "Route 2", "Route 3", DEFAULT.name]
    assert routes.first_match(usd("501") | {"tenant": "acme"}) is BIG
    assert routes.first_match(usd("500") | {"tenant": "acme"}) is ACME
    assert routes.first_match({"tenant": "academy"}) is ACME_TOO
    assert routes.first_match({}) is DEFAULT


def test_each_route_says_why_it_matches_or_does_not():
    judged = Routes([BIG, ACME, DEFAULT]).each(usd("412.50") | {"tenant": "acme"})

    assert [(each.route, each.matched, each.why) for each in judged] == [
        (BIG, False, ("amount is 412.50 USD, not above 500 USD",)),
        (ACME, True, ("tenant is acme",)),
        (DEFAULT, True, ("it takes whatever no other route does",)),
    ]


def test_a_condition_that_this_release_cannot_read_matches_nothing_and_says_so():
    routes = Routes([route(1, "mood", "==", "blue"), DEFAULT])

    assert routes.first_match({}) is DEFAULT
    assert routes.each({})[0].why == (
        "its condition cannot be read (/field: There is no field 'mood'.)",
    )


# Whose it is --------------------------------------------------------------------------------------

MONEY = Case(role_wish="refunds", categories=["money_movement"])
MANAGERS = role("managers")
REFUNDS = role("refunds")
GRANTS = role("grants", decides=["access"])
JUNIORS = role("juniors", decides=["access"], higher_role=MANAGERS)


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch):
    monkeypatch.setattr(Role, "limits", NoLimits())


class NoLimits:
    def all(self):
        return []


def names_a_role(named):
    return route(1, "tenant", "==", "acme", role=named)


NO_ROLE = route(1, "tenant", "==", "acme")


@pytest.mark.parametrize(
    ("taken_by", "wished", "expected"),
    [
        (names_a_role(REFUNDS), GRANTS, (REFUNDS, "routed", "Route 1 sends it to Refunds.")),
        (
            names_a_role(JUNIORS),
            REFUNDS,
            (
                MANAGERS,
                "authority",
                "Route 1 sends it to Juniors. Juniors does not decide money_movement. "
                "Managers is the next tier that may.",
            ),
        ),
        (
            names_a_role(GRANTS),
            None,
            (
                GRANTS,
                "routed",
                "Route 1 sends it to Grants. Grants does not decide money_movement.",
            ),
        ),
        (NO_ROLE, REFUNDS, (REFUNDS, "wished", "The agent asked for refunds.")),
        (DEFAULT, REFUNDS, (REFUNDS, "wished", "The agent asked for refunds.")),
        (
            NO_ROLE,
            None,
            (
                OPERATIONS,
                "default",
                f"There is no role refunds; Route 1 leaves the role to the agent; {TAKES}",
            ),
        ),
        (DEFAULT, None, (OPERATIONS, "default", f"There is no role refunds; {TAKES}")),
        (
            DEFAULT,
            JUNIORS,
            (
                MANAGERS,
                "authority",
                "The agent asked for juniors. Juniors does not decide money_movement. "
                "Managers is the next tier that may.",
            ),
        ),
        (
            DEFAULT,
            GRANTS,
            (
                OPERATIONS,
                "authority",
                f"The agent asked for grants. Grants does not decide money_movement. {TAKES}",
            ),
        ),
    ],
)
def test_a_route_with_a_role_takes_the_case_and_one_without_leaves_it_to_the_wish(
    taken_by, wished, expected
):
    found = owner(MONEY, taken_by, DEFAULT, wished)

    assert (found.role, found.reason, found.note) == expected


def test_stakes_are_raised_to_the_floor_and_never_lowered():
    assert raised("low", "high") == "high"
    assert raised("critical", "high") == "critical"
