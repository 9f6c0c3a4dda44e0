"""Start reviewing: which case is taken for whom, and what is said where there is none."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from escalation import access, lifecycle
from escalation.models import Case, Conflict, Handoff, Limit
from reviewers import starting
from reviewers.models import Profile
from reviewers.starting import Nothing
from tests.factories import (
    NINE,
    handed_off_case,
    make_layer,
    make_reviewer,
    make_role,
    package_with,
)

pytestmark = pytest.mark.django_db
AT = NINE + timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def role():
    return make_role("refunds")


@pytest.fixture
def kim(role):
    return make_reviewer(role, first_name="Kim")


@pytest.fixture
def on_call(role, kim):
    """Kim comes on call at ten: what came before is nobody's."""
    return lambda: make_layer(role, kim, at=AT)


def started(user, at=AT):
    found = starting.start(user, at=at)
    return found.said if isinstance(found, Nothing) else found.case


def test_what_breaches_first_is_taken_of_two_the_higher_stakes_then_the_older(role, kim, on_call):
    stakes = ["low", "critical", "critical", "medium", "high"]
    cases = [
        handed_off_case(role, package_with("/stakes", one), at=NINE + n * MINUTE)
        for n, one in enumerate(stakes)
    ]
    on_call()
    due = AT + timedelta(hours=2)
    Case.objects.filter(role=role).update(due_at=due)
    Case.objects.filter(pk=cases[3].pk).update(due_at=due - MINUTE)
    Case.objects.filter(pk=cases[4].pk).update(due_at=None)
    order = []

    for _ in cases:
        case = started(kim)
        order.append(cases.index(case))
        lifecycle.withdraw(case.pk, "x", by=case.agent, at=AT)

    assert order == [3, 1, 2, 0, 4]


def test_it_is_taken_with_a_lease(role, kim, on_call):
    case = handed_off_case(role)
    on_call()

    assert started(kim) == case
    turn = Handoff.objects.get(case=case, ended_at=None)
    assert (turn.user, turn.claimed_at, turn.lease_until) == (kim, AT, AT + lifecycle.LEASE)


def test_what_is_theirs_by_name_counts_even_when_they_have_no_room_for_more(role, kim):
    make_layer(role, kim)
    mine = handed_off_case(role, at=NINE)
    Profile.objects.update_or_create(user=kim, defaults={"capacity": 1})
    nobodys = handed_off_case(role, at=NINE)
    assert Handoff.objects.get(case=nobodys, ended_at=None).user is None

    assert started(kim) == mine
    assert started(kim) == ("What is free in Refunds is not for you: you have no room for 1.")


def test_what_is_not_for_them_is_passed_over(role, kim, on_call):
    def case(**changes):
        sent = package_with("/identity/tenant", changes.get("tenant", "north"))
        sent["identity"]["user"]["id"] = changes.get("user", "cus_1")
        sent["proposal"]["amount"]["amount"] = changes.get("amount", "10")
        return handed_off_case(role, sent)

    case(amount="9000"), case(tenant="south"), case(user=kim.username)
    answered, snoozed, held, signed, claimed, hers, left = (case() for _ in range(7))
    Limit.objects.create(role=role, currency="USD", amount=500)
    Conflict.objects.create(user=kim, tenant="south")
    lena = make_reviewer(role)
    Case.objects.filter(pk=answered.pk).update(approvals=2)
    lifecycle.decide(answered.pk, "approve", digest=answered.digest, by=kim, at=NINE)
    lifecycle.snooze(snoozed.pk, "x", until=AT + MINUTE, by=kim, at=NINE)
    lifecycle.hold(held.pk, "x", by=kim, at=NINE)
    Case.objects.filter(pk=signed.pk).update(release_at=AT + MINUTE)
    lifecycle.claim(claimed.pk, by=lena, at=NINE)
    lifecycle.hand_over(lifecycle.Hands(hers.pk, role, "handed_over", user=lena), by=kim, at=NINE)
    on_call()

    assert started(kim) == left
    assert started(kim) == (
        "What is free in Refunds is not for you: you have a conflict of interest in 2 "
        "and your role may not let through 1."
    )


def test_a_lease_that_ran_out_is_not_taken_from_whom_the_clock_has_not_reached(role, kim, on_call):
    case = handed_off_case(role)
    lifecycle.claim(case.pk, by=make_reviewer(role), at=NINE)
    on_call()

    assert started(kim) == "Nothing is free in Refunds: all that waits is in somebody’s hands."


def test_without_a_shift_it_is_said_when_the_next_one_begins(role, kim):
    handed_off_case(role)
    assert "You are not on call, and no shift of yours is planned." in started(kim)

    make_layer(role, kim, at=AT + timedelta(days=3))
    assert "You are not on call until Mon 10:00, for Refunds." in started(kim)
    assert not Handoff.objects.filter(claimed_at__isnull=False)


def test_who_decides_nothing_and_where_nothing_waits(role, kim, on_call):
    assert started(make_reviewer()) == "You hold no role that decides cases yet."
    on_call()
    assert started(kim) == "Nothing waits in Refunds. Every agent that asked has its answer."


def test_only_cases_of_their_tenants_are_taken(role):
    kim = make_reviewer(role, tenants=["north"])
    handed_off_case(role, package_with("/identity/tenant", "west"))
    north = handed_off_case(role, package_with("/identity/tenant", "north"))
    make_layer(role, kim, at=AT)

    assert started(kim) == north


@pytest.mark.parametrize("rows", [1, 3])
def test_starting_costs_the_same_with_one_case_and_with_three(
    rows, role, kim, on_call, django_assert_num_queries
):
    for _ in range(rows):
        handed_off_case(role)
    on_call()
    access.rights(kim)

    with django_assert_num_queries(38):
        started(kim)


def test_the_button_opens_the_case_or_says_why_not(role, kim, as_user):
    browser = as_user(kim)
    make_layer(role, kim)
    case = handed_off_case(role, at=now())

    first = browser.post("/start/")
    second = browser.post("/start/", follow=True)

    assert first["Location"] == f"/cases/{case.reference}/"
    assert "Nothing waits in Refunds." in second.content.decode() or (
        "all that waits is in somebody’s hands" in second.content.decode()
    )
