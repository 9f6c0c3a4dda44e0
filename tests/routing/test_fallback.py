"""What is due on a case, and what follows: in order, and each once."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from escalation import ledger, lifecycle
from escalation.enums import EffectKind
from escalation.errors import AlreadyDecided
from escalation.models import Case, Clock, Decision, Delivery, Effect, Event
from reviewers.models import Notice
from routing import fallback
from routing.models import PolicyVersion, SlaPolicy
from tests.factories import (
    NINE,
    decide,
    handed_off_case,
    make_layer,
    make_reviewer,
    make_role,
    package_with,
    publish_policy,
    sla_facts,
    targets,
)

pytestmark = pytest.mark.django_db
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
DUE = NINE + 10 * MINUTE
REMIND = {"do": "remind", "wait": 60}
SECONDARY = {"do": "secondary", "wait": 60}
BACKUP = {"do": "backup_role", "wait": 60}
HIGHER = {"do": "higher_role", "wait": 60}
DENY, DO_NOTHING, HOLD = ({"do": end} for end in ("deny", "do_nothing", "hold"))


@pytest.fixture
def refunds():
    """Return a role with a backup and a higher role, a person on call in each, and a second in the first."""
    backup, higher = make_role("backup"), make_role("higher")
    role = make_role("refunds", backup_role=backup, higher_role=higher)
    for owner, *names in ((role, "kim", "lee"), (backup, "bo"), (higher, "hana")):
        for position, name in enumerate(names, 1):
            person = make_reviewer(owner, username=name)
            make_layer(owner, person, position=position)
    return role


def a_case(role, *steps, within=600, **changes):
    """Return a case of the role, due in ten minutes, under a policy with this chain."""
    facts = sla_facts(*steps, targets=targets(within), **changes)
    publish_policy(facts)
    return handed_off_case(role)


def act(case, at):
    fallback.act(case.pk, at=at)
    case.refresh_from_db()


def hands(case):
    """Return who has had the case: role, person, why."""
    had = case.handoffs.values_list("role__slug", "user__username", "reason")
    return list(had)


def events(case, *actions):
    lines = ledger.history(case)
    return [(line.action, line.facts) for line in lines if line.action in actions]


def steps_taken(case):
    return [(facts["do"], facts["skipped"]) for _, facts in events(case, "case.fallback_step")]


def next_look(case):
    return Effect.objects.get(kind=EffectKind.DEADLINE, target=case.pk, done_at=None).due_at


# Warnings and breaches -----------------------------------------------------------------------------


def test_a_case_is_looked_at_when_its_first_warning_is_due(refunds):
    case = a_case(refunds, DENY)

    assert case.due_at == DUE
    assert next_look(case) == NINE + 5 * MINUTE


def test_each_warning_is_told_once_with_what_is_left(refunds):
    case = a_case(refunds, DENY)

    for _ in range(2):
        act(case, NINE + 5 * MINUTE)
    told = Notice.objects.filter(kind="deadline").values_list("user__username", "text")
    assert list(told) == [("kim", f"{case.reference}: 5 min left for its decision.")]
    assert next_look(case) == NINE + 8 * MINUTE

    act(case, NINE + 8 * MINUTE)
    assert next_look(case) == DUE
    warned = [facts["percent"] for _, facts in events(case, "clock.warned")]
    assert warned == [50, 80]


def test_nothing_is_breached_a_moment_early(refunds):
    case = a_case(refunds, DENY)

    act(case, DUE - timedelta(microseconds=1))

    assert case.status == "awaiting"
    assert next_look(case) == DUE


def test_a_breach_is_of_the_instant_that_was_due_however_late_it_is_seen(refunds):
    case = a_case(refunds, DENY)

    act(case, DUE + timedelta(hours=1))

    assert Clock.objects.get(case=case, target="decision").breached_at == DUE
    assert case.ended_at == DUE + timedelta(hours=1)


def test_what_was_missed_while_the_clock_was_away_comes_in_order_and_once(refunds):
    case = a_case(refunds, REMIND, DENY)

    for _ in range(2):
        act(case, DUE + timedelta(hours=1))

    told = Notice.objects.filter(kind="deadline").order_by("made_at", "id")
    assert [notice.text for notice in told] == [  # of three at once the last
        f"{case.reference} has missed its deadline for the decision.",
        f"{case.reference} is overdue and still waits for your answer.",
    ]
    assert [action for action, _ in events(
        case, "clock.warned", "clock.breached", "case.fallback_step"
    )] == ["clock.warned", "clock.warned", "clock.breached", "case.fallback_step"]  # fmt: skip
    assert steps_taken(case) == [("remind", "")]  # people are to have the minute after it
    assert next_look(case) == DUE + timedelta(hours=1) + MINUTE


def test_a_case_that_was_decided_in_time_is_left_alone(refunds):
    case = a_case(refunds, DENY)
    decide(case, by=make_reviewer(refunds), at=DUE - SECOND)

    act(case, DUE + MINUTE)

    assert Decision.objects.get(case=case).kind == "person"
    assert events(case, "clock.breached") == []
    assert not Effect.objects.filter(kind=EffectKind.DEADLINE, target=case.pk, done_at=None)


# The chain ------------------------------------------------------------------------------------------


def test_the_whole_chain_is_climbed_step_by_step(refunds):
    case = a_case(refunds, REMIND, SECONDARY, BACKUP, HIGHER, DENY)

    for minute in range(5):
        act(case, DUE + minute * MINUTE)

    assert [do for do, _ in steps_taken(case)] == [
        "remind", "secondary", "backup_role", "higher_role", "deny",
    ]  # fmt: skip
    assert hands(case) == [
        ("refunds", "kim", "wished"),
        ("refunds", "lee", "secondary"),
        ("backup", "bo", "backup"),
        ("higher", "hana", "higher"),
    ]
    assert [h.due_at for h in case.handoffs.all()] == [DUE] * 4  # handing on never buys time
    assert case.status == "decided"


def test_a_step_is_taken_only_when_the_wait_before_it_is_over(refunds):
    case = a_case(refunds, REMIND, DENY)
    act(case, DUE)

    act(case, DUE + MINUTE - SECOND)
    assert case.status == "awaiting"

    act(case, DUE + MINUTE)
    assert case.status == "decided"


def test_a_rung_with_nobody_on_it_is_passed_at_once_with_the_reasons():
    role = make_role("alone")
    make_layer(role, make_reviewer(role, username="kim"))
    case = a_case(role, SECONDARY, BACKUP, HIGHER, DENY)

    act(case, DUE)

    assert steps_taken(case) == [
        ("secondary", "nobody of Alone can be asked: nobody else is on call"),
        ("backup_role", "Alone has no backup role that was not asked yet"),
        ("higher_role", "Alone has no higher role that was not asked yet"),
        ("deny", ""),
    ]
    assert case.ended_at == DUE


def test_nobody_on_call_at_all_is_nobody_to_remind():
    case = a_case(make_role("empty"), REMIND, HOLD)

    act(case, DUE)

    assert steps_taken(case) == [("remind", "nobody is on call for Empty"), ("hold", "")]
    assert case.status == "held"


def test_a_decision_in_between_stops_the_chain(refunds):
    case = a_case(refunds, REMIND, DENY)
    act(case, DUE)
    decide(case, "reject", by=make_reviewer(refunds), at=DUE + SECOND)

    act(case, DUE + MINUTE)

    assert [d.kind for d in case.decisions.all()] == ["person"]


def test_a_chain_that_a_missed_claim_began_stops_when_somebody_takes_the_case(refunds):
    facts = sla_facts(REMIND, DENY, targets=targets(1200, claim=600), starts_at="claim")
    publish_policy(facts)
    case = handed_off_case(refunds)
    act(case, DUE)
    assert steps_taken(case) == [("remind", "")]

    lifecycle.claim(case.pk, by=make_reviewer(refunds), at=DUE + SECOND)
    act(case, DUE + MINUTE)
    assert case.status == "awaiting"

    act(case, NINE + 20 * MINUTE)  # the decision itself is late: the chain goes on where it was
    assert steps_taken(case) == [("remind", ""), ("deny", "")]


# The end --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("end", "word"), [(DENY, "Deny"), (DO_NOTHING, "Do nothing")])
def test_a_case_that_nobody_answered_ends_without_an_answer(refunds, end, word):
    case = a_case(refunds, end)

    act(case, DUE)

    decision = case.decisions.get()
    assert (decision.outcome, decision.kind, decision.permitted) == ("no_answer", "fallback", False)
    assert (decision.option, decision.decided_by) == (None, None)
    assert decision.rationale == f"{word}: nobody of Refunds answered in time."
    assert decision.policy == "Standard, version 2"
    assert Delivery.objects.get(case=case).type == "case.decided"


def test_a_boundary_case_is_denied_where_others_are_let_lie(refunds):
    publish_policy(sla_facts(DO_NOTHING, targets=targets(600)))
    case = handed_off_case(refunds, package_with("/triggers/0/type", "boundary"))

    act(case, DUE)

    assert case.decisions.get().fallback == "deny"


def test_a_late_answer_is_refused_and_says_what_ended_the_case(refunds):
    case = a_case(refunds, DENY)
    act(case, DUE)

    with pytest.raises(AlreadyDecided, match="Standard, version 2"):
        decide(case, by=make_reviewer(refunds), at=DUE + SECOND)


@pytest.mark.parametrize(
    "steps",
    [
        [{"do": "approve"}],
        [{"do": "approve", "wait": 60}, {"do": "deny"}],
        [{"do": "remind", "wait": 60}],
        [{"do": 5}, {"do": "deny"}],
        [{"wait": 5}, {"do": "deny"}],
        [],
    ],
)
def test_the_database_takes_no_chain_that_approves_or_has_no_end(steps):
    draft = PolicyVersion.objects.create(drafted_at=NINE)
    facts = sla_facts()
    facts["chain"]["steps"] = steps

    with pytest.raises(IntegrityError, match="sla_policy_steps_known"), transaction.atomic():
        SlaPolicy.objects.create(version=draft, slug="x", name="X", facts=facts)


def test_the_database_closes_no_boundary_case_without_action(refunds):
    case = handed_off_case(refunds, package_with("/triggers/0/type", "boundary"))

    with pytest.raises(IntegrityError, match="a boundary case ends in hold or deny"):
        Decision.objects.create(
            case=case, outcome="no_answer", permitted=False, kind="fallback", role=refunds,
            decided_at=NINE, digest=case.digest, fallback="do_nothing", policy="Mine, version 9",
        )  # fmt: skip


# What a case started with, it keeps -----------------------------------------------------------------


def test_a_running_case_keeps_the_policy_it_started_with(refunds):
    case = a_case(refunds, DENY)
    publish_policy(sla_facts(HOLD, targets=targets(60)))

    act(case, DUE - SECOND)
    assert case.status == "awaiting"
    act(case, DUE)
    assert case.decisions.get().policy == "Standard, version 2"


# At once --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_many_who_act_on_one_case_at_once_breach_it_once(refunds):
    case = a_case(refunds, REMIND, DENY)
    together, failures = Barrier(6), []

    def act_too():
        try:
            together.wait()
            fallback.act(case.pk, at=DUE)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=act_too) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert Event.objects.filter(action="clock.breached").count() == 1
    assert steps_taken(case) == [("remind", "")]


@pytest.mark.django_db(transaction=True)
def test_a_decision_and_a_denial_at_one_instant_leave_one_of_them(refunds):
    case = a_case(refunds, DENY)
    reviewer, together, failures = make_reviewer(refunds), Barrier(2), []

    def race(what):
        try:
            together.wait()
            what()
        except AlreadyDecided as refusal:
            failures.append(refusal)
        finally:
            connection.close()

    threads = [
        Thread(target=race, args=(lambda: fallback.act(case.pk, at=DUE),)),
        Thread(target=race, args=(lambda: decide(case, by=reviewer, at=DUE),)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    decision = Decision.objects.get(case=case)
    assert len(failures) == (1 if decision.kind == "fallback" else 0)
    assert Case.objects.get(pk=case.pk).ended_at == DUE
