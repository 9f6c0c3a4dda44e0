"""Joining and leaving a role: what it gives, what it takes, and when."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from escalation import access, effects, ledger, lifecycle
from escalation.actors import OPERATOR
from escalation.enums import EffectKind
from escalation.errors import NotAuthorised
from escalation.models import Effect, Event, Handoff
from reviewers import jobs, memberships
from reviewers.memberships import join_role, leave_role
from reviewers.models import Membership, Shift
from tests.factories import (
    NINE,
    decide,
    handed_off_case,
    make_layer,
    make_reviewer,
    make_role,
    make_user,
    package,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def role():
    return make_role()


def rights(user, role):
    return tuple(role in access.roles_with(right, user) for right in (access.READ, access.DECIDE))


def handoffs(case):
    """Return each turn of a case: who had it, why they got it, how it ended."""
    return [
        (each.user, each.reason, each.end)
        for each in Handoff.objects.filter(case=case).order_by("started_at", "id")
    ]


def ring(at, monkeypatch):
    """Carry out what is due of memberships at an instant, as a worker does."""
    monkeypatch.setattr(jobs, "now", lambda: at)
    claims = effects.claim(EffectKind.MEMBERSHIP, at=at)
    jobs.turn_membership({str(claim.id): claim.number for claim in claims})
    return len(claims)


# Leaving -----------------------------------------------------------------------------------------


def test_leaving_hands_open_cases_to_whoever_is_on_call_at_once_and_on_the_record(role):
    ida, bo = make_reviewer(role, first_name="Ida"), make_reviewer(role, first_name="Bo")
    make_layer(role, ida)
    make_layer(role, bo, position=2)
    case = handed_off_case(role)

    leave_role(role, ida, by=OPERATOR, at=NINE + DAY)

    assert handoffs(case) == [(ida, "wished", "returned"), (bo, "returned", "")]
    line = ledger.history(case)[-1]
    assert (line.action, line.actor, line.at) == ("case.handed_off", "system:operator", NINE + DAY)
    assert line.facts == {
        "role": role.slug,
        "user": str(bo.pk),
        "reason": "returned",
        "note": "Whoever had it left the role.",
    }
    assert Event.objects.filter(action="role.left", subject=f"role:{role.pk}").count() == 1


def test_leaving_with_nobody_else_on_call_leaves_the_cases_to_the_role(role):
    ida = make_reviewer(role)
    make_layer(role, ida)
    case = handed_off_case(role)

    leave_role(role, ida, by=OPERATOR, at=NINE + DAY)

    assert handoffs(case) == [(ida, "wished", "returned"), (None, "returned", "")]


def test_leaving_one_role_keeps_what_somebody_has_of_another(role):
    other = make_role()
    ida = make_reviewer(role, other)
    for each in (role, other):
        make_layer(each, ida)
    kept = handed_off_case(other)

    leave_role(role, ida, by=OPERATOR, at=NINE + DAY)

    assert handoffs(kept) == [(ida, "wished", "")]


def test_a_case_that_was_decided_stays_with_who_decided_it(role):
    ida = make_reviewer(role)
    make_layer(role, ida)
    case = handed_off_case(role)
    decide(case, by=ida)

    leave_role(role, ida, by=OPERATOR, at=NINE + DAY)

    assert handoffs(case) == [(ida, "wished", "decided")]


def test_who_has_left_is_on_no_shift_from_then_on(role):
    ida, bo = make_reviewer(role), make_reviewer(role)
    make_layer(role, [ida, bo])
    at = NINE + DAY

    leave_role(role, ida, by=OPERATOR, at=at)

    assert not Shift.objects.filter(user=ida, during__endswith__gt=at).exists()
    assert Shift.objects.filter(user=ida, during__contains=NINE).exists()  # the past stays


def test_who_has_left_decides_nothing_although_the_page_is_still_open(role):
    ida, case = make_reviewer(role), handed_off_case(role)
    leave_role(role, ida, by=OPERATOR, at=NINE)

    with pytest.raises(NotAuthorised):
        lifecycle.decide(case.pk, "approve", digest=case.digest, by=ida, at=NINE)


def test_leaving_twice_changes_nothing(role):
    ida = make_reviewer(role)

    for days in (1, 2):
        leave_role(role, ida, by=OPERATOR, at=NINE + days * DAY)

    assert Membership.objects.get().left_at == NINE + DAY
    assert Event.objects.filter(action="role.left").count() == 1


def test_who_leaves_and_comes_back_has_two_memberships_and_the_rights(role):
    ida = make_reviewer(role)
    leave_role(role, ida, by=OPERATOR, at=NINE + DAY)
    assert rights(ida, role) == (False, False)

    join_role(role, ida, by=OPERATOR, at=NINE + 2 * DAY)

    assert rights(ida, role) == (True, True)
    spans = Membership.objects.order_by("joined_at").values_list("joined_at", "left_at")
    assert list(spans) == [(NINE, NINE + DAY), (NINE + 2 * DAY, None)]


# Planned ahead -----------------------------------------------------------------------------------


def test_a_membership_that_is_planned_begins_and_ends_by_the_clock(role, monkeypatch):
    ida = make_user()
    join_role(role, ida, by=OPERATOR, at=NINE, since=NINE + DAY, until=NINE + 3 * DAY)
    seen = [rights(ida, role)]

    for days in (1, 2, 3):
        rung = ring(NINE + days * DAY, monkeypatch)
        seen.append(rights(ida, role))
        assert rung == (0 if days == 2 else 1)

    assert seen == [(False, False), (True, True), (True, True), (False, False)]
    assert Effect.objects.get(kind=EffectKind.MEMBERSHIP).done_at == NINE + 3 * DAY


def test_a_planned_leave_hands_the_cases_back_when_it_comes(role, monkeypatch):
    ida = make_reviewer(role)
    make_layer(role, ida)
    case = handed_off_case(role)

    leave_role(role, ida, by=OPERATOR, at=NINE, on=NINE + DAY)
    assert handoffs(case) == [(ida, "wished", "")]
    ring(NINE + DAY, monkeypatch)

    assert handoffs(case) == [(ida, "wished", "returned"), (None, "returned", "")]
    assert ledger.history(case)[-1].actor == "system:clock"


def test_a_job_that_comes_late_or_twice_does_it_once(role, monkeypatch):
    ida = make_reviewer(role)
    make_layer(role, ida)
    case = handed_off_case(role)
    leave_role(role, ida, by=OPERATOR, at=NINE, on=NINE + DAY)
    membership = Membership.objects.get()

    ring(NINE + 5 * DAY, monkeypatch)
    memberships.turn(membership.pk, at=NINE + 6 * DAY)

    assert handoffs(case) == [(ida, "wished", "returned"), (None, "returned", "")]
    assert rights(ida, role) == (False, False)


def test_a_leave_that_is_brought_forward_takes_effect_now(role, monkeypatch):
    ida = make_reviewer(role)
    leave_role(role, ida, by=OPERATOR, at=NINE, on=NINE + 5 * DAY)

    leave_role(role, ida, by=OPERATOR, at=NINE + DAY)

    assert rights(ida, role) == (False, False)
    assert ring(NINE + 6 * DAY, monkeypatch) == 0


def test_one_membership_ends_as_the_next_begins_and_nothing_is_lost_between(role, monkeypatch):
    ida = make_user()
    join_role(role, ida, by=OPERATOR, at=NINE, until=NINE + DAY)
    join_role(role, ida, by=OPERATOR, at=NINE, since=NINE + DAY)
    make_layer(role, ida)
    case = handed_off_case(role)

    ring(NINE + DAY, monkeypatch)

    assert rights(ida, role) == (True, True)
    assert handoffs(case) == [(ida, "wished", "")]


def test_joining_now_with_a_membership_planned_for_later_is_not_taken_for_it(role):
    ida = make_user()
    join_role(role, ida, by=OPERATOR, at=NINE, since=NINE + 10 * DAY)

    join_role(role, ida, by=OPERATOR, at=NINE, until=NINE + DAY)

    assert rights(ida, role) == (True, True)
    assert Membership.objects.count() == 2


@pytest.mark.parametrize(("since", "until"), [(-5, 5), (5, None), (-5, None), (2, 3)])
def test_the_database_refuses_two_memberships_at_one_time(role, since, until):
    ida = make_user()
    Membership.objects.create(role=role, user=ida, joined_at=NINE + DAY, left_at=NINE + 10 * DAY)

    with pytest.raises(IntegrityError, match="member_once"), transaction.atomic():
        Membership.objects.create(
            role=role,
            user=ida,
            joined_at=NINE + since * DAY,
            left_at=None if until is None else NINE + until * DAY,
        )


def test_the_database_refuses_leaving_before_joining(role):
    with pytest.raises(IntegrityError, match="member_leaves"), transaction.atomic():
        Membership.objects.create(role=role, user=make_user(), joined_at=NINE, left_at=NINE - DAY)


def test_a_case_given_to_somebody_of_another_role_meanwhile_is_left_there(role):
    """Passed up while its holder leaves the lower role: the higher role keeps it."""
    higher = make_role()
    role.higher_role = higher
    role.save(update_fields=["higher_role"])
    ida = make_reviewer(role)
    make_layer(role, ida)
    question = package()["question"]
    up = {"key": "up", "label": "Up", "outcome": "escalate", "consequences": [{"text": "Up."}]}
    case = handed_off_case(
        role, package(question=question | {"options": [*question["options"], up]})
    )
    lifecycle.decide(case.pk, "up", digest=case.digest, by=ida, at=NINE)

    leave_role(role, ida, by=OPERATOR, at=NINE + DAY)

    assert handoffs(case) == [(ida, "wished", "passed_up"), (None, "passed_up", "")]
