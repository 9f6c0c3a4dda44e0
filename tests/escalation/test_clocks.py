"""The rows of a case's clocks: what they count by, what moves them, and what never does."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from escalation import clocks, ledger, lifecycle
from escalation.clocks import Counting
from escalation.enums import Target
from escalation.errors import IllegalTransition, NotAuthorised
from escalation.lifecycle import Hands
from escalation.models import Clock, HoursVersion, OpenSpan
from tests.factories import (
    NINE,
    PASS_UP,
    decide,
    handed_off_case,
    make_calendar,
    make_layer,
    make_reviewer,
    make_role,
    options,
    package,
    publish_policy,
    sla_facts,
    targets,
)

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FRIDAY = 4  # NINE is one
WORKING = {
    stakes: {
        "first_response": {"within": 1800, "time": "wall"},
        "claim": {"within": 3600, "time": "working"},
        "decision": {"within": 4 * 3600, "time": "working"},
    }
    for stakes in ("low", "medium", "high", "critical")
}


@pytest.fixture
def role():
    """Return a role that works 8:00 to 12:00 on weekdays, under four hours of working time."""
    publish_policy(sla_facts({"do": "deny"}, targets=WORKING))
    spans = [(day, 8 * 60, 12 * 60) for day in range(5)]
    role = make_role("refunds", calendar=make_calendar(*spans))
    make_layer(role, make_reviewer(role, username="kim"))
    return role


def due(case, target="decision"):
    return Clock.objects.get(case=case, target=target).due_at


def test_targets_run_in_the_time_they_were_set_in(role):
    case = handed_off_case(role)

    assert due(case, "first_response") == NINE + 30 * MINUTE
    assert due(case, "claim") == NINE + HOUR
    monday = NINE + timedelta(days=3)
    assert due(case) == case.due_at == monday  # 9:00 to 12:00 on Friday, 8:00 to 9:00 on Monday
    assert case.handoffs.get().due_at == monday


def test_clocks_run_from_when_the_case_came(role):
    case = handed_off_case(role, at=NINE + 5 * HOUR)  # after the role has closed

    assert due(case) == NINE + timedelta(days=3) + 3 * HOUR


def test_editing_a_calendar_moves_no_running_clock(role):
    case = handed_off_case(role)
    before = due(case)
    OpenSpan.objects.filter(calendar=role.calendar).delete()
    OpenSpan.objects.create(calendar=role.calendar, weekday=FRIDAY, opens=0, closes=1440)

    clocks.work_out(case, at=NINE)

    assert due(case) == before
    assert handed_off_case(role).due_at == NINE + 4 * HOUR  # a new one counts by the new hours


def test_equal_hours_are_kept_once(role):
    for _ in range(2):
        handed_off_case(role)

    assert HoursVersion.objects.count() == 1


def test_on_a_change_of_role_the_used_time_stays_used_and_the_rest_runs_on_new_hours(role):
    around_the_clock = make_role("managers")
    role.higher_role = around_the_clock
    role.save(update_fields=["higher_role"])
    case = handed_off_case(role, package(question=options(PASS_UP)))
    kim = case.handoffs.get().user

    lifecycle.decide(case.pk, "pass-up", digest=case.digest, by=kim, at=NINE + HOUR)

    assert due(case) == NINE + 4 * HOUR
    case.refresh_from_db()
    assert case.due_at == NINE + 4 * HOUR
    clock = Clock.objects.get(case=case, target="decision")
    assert Counting.of(case).used(clock, NINE + 2 * HOUR) == 2 * HOUR


def test_a_first_look_by_somebody_who_may_decide_is_the_first_response(role):
    case = handed_off_case(role)
    kim, colleague = case.handoffs.get().user, make_reviewer(role)

    lifecycle.see(case.pk, by=make_reviewer(make_role()), at=NINE)  # of another role
    assert Clock.objects.get(case=case, target="first_response").stopped_at is None
    lifecycle.see(case.pk, by=colleague, at=NINE + MINUTE)
    assert Clock.objects.get(case=case, target="first_response").stopped_at == NINE + MINUTE
    assert case.handoffs.get().seen_at is None  # it is Kim's turn
    for minute in (2, 3):
        lifecycle.see(case.pk, by=kim, at=NINE + minute * MINUTE)
    seen = case.handoffs.get()
    assert (seen.seen_at, seen.seen_by, seen.seen_digest) == (NINE + 2 * MINUTE, kim, case.digest)


def test_taking_a_case_stops_the_clocks_of_response_and_claim(role):
    case = handed_off_case(role)
    kim = case.handoffs.get().user

    for _ in range(2):
        handoff = lifecycle.claim(case.pk, by=kim, at=NINE + MINUTE)

    assert (handoff.claimed_at, handoff.user) == (NINE + MINUTE, kim)
    stopped = dict(Clock.objects.filter(case=case).values_list("target", "stopped_at"))
    assert stopped == {
        Target.FIRST_RESPONSE: NINE + MINUTE, Target.CLAIM: NINE + MINUTE, Target.DECISION: None,
    }  # fmt: skip


def test_what_somebody_has_taken_nobody_else_takes(role):
    case = handed_off_case(role)
    kim, colleague = case.handoffs.get().user, make_reviewer(role)
    lifecycle.claim(case.pk, by=kim, at=NINE)

    with pytest.raises(IllegalTransition, match=r"kim took ESC-\d+ at 09:00 UTC"):
        lifecycle.claim(case.pk, by=colleague, at=NINE + MINUTE)


def test_a_colleague_may_take_what_nobody_has(role):
    case, colleague = handed_off_case(role), make_reviewer(role)

    lifecycle.claim(case.pk, by=colleague, at=NINE + MINUTE)

    assert list(case.handoffs.values_list("user__username", "reason", "end")) == [
        ("kim", "wished", "claimed"), (colleague.username, "claimed", ""),
    ]  # fmt: skip


def test_only_whose_turn_it_is_hands_over(role):
    case = handed_off_case(role)
    kim, colleague, third = case.handoffs.get().user, make_reviewer(role), make_reviewer(role)
    given = Hands(case.pk, role, "handed_over", "I leave at noon.", third)

    with pytest.raises(NotAuthorised, match="It is kim's turn"):
        lifecycle.hand_over(given, by=colleague, at=NINE)
    handoff = lifecycle.hand_over(given, by=kim, at=NINE)

    assert (handoff.user, handoff.note, handoff.due_at) == (third, "I leave at noon.", case.due_at)


@pytest.mark.parametrize("late", [timedelta(), MINUTE, 3 * HOUR])
def test_who_comes_after_the_deadline_and_before_the_sweep_hides_no_breach(role, late):
    case = handed_off_case(role)
    decide(case, by=case.handoffs.get().user, at=NINE + HOUR + late)

    times = dict(Clock.objects.filter(case=case).values_list("target", "breached_at"))
    assert times == {
        "first_response": NINE + 30 * MINUTE, "claim": NINE + HOUR, "decision": None
    }  # fmt: skip
    told = [
        line.facts["target"] for line in ledger.history(case) if line.action == "clock.breached"
    ]
    assert told == ["first_response", "claim"]


def test_a_decision_on_a_case_whose_pause_ended_unseen_hides_no_breach(role):
    publish_policy(sla_facts({"do": "deny"}, targets=targets(600)))
    case = handed_off_case(role)
    kim = case.handoffs.get().user
    lifecycle.hold(case.pk, "x", until=NINE + 5 * MINUTE, by=kim, at=NINE + MINUTE)
    assert due(case) is None

    decide(case, by=kim, at=NINE + HOUR)

    assert Clock.objects.get(case=case).breached_at == NINE + 14 * MINUTE


def test_an_end_stops_every_clock(role):
    case = handed_off_case(role)
    lifecycle.withdraw(case.pk, "x", by=case.agent, at=NINE + MINUTE)

    assert set(Clock.objects.values_list("stopped_at", flat=True)) == {NINE + MINUTE}


@pytest.mark.parametrize(
    "change",
    [
        {"seconds": 1},
        {"started_at": NINE - HOUR},
        {"breached_at": None},
        {"stopped_at": None},
    ],
)
def test_the_database_keeps_a_clock_as_it_began_and_ended(role, change):
    case = handed_off_case(role)
    clock = Clock.objects.filter(case=case, target="decision")
    clock.update(breached_at=NINE)
    clock.update(stopped_at=NINE + HOUR)

    with (
        pytest.raises(DatabaseError, match="breached once, and stopped once"),
        transaction.atomic(),
    ):
        clock.update(**change)
