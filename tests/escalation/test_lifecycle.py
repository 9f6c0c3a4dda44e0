from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
from django.db import connection, transaction

from escalation import intake, ledger, lifecycle
from escalation.actors import ROUTER
from escalation.enums import CaseStatus, HandoffReason
from escalation.errors import (
    AlreadyDecided,
    AlreadyResumed,
    CaseWithdrawn,
    EscalationError,
    EvidenceChanged,
    Fault,
    IllegalTransition,
    NoHigherRole,
    NotAuthorised,
    NotDecided,
    ParametersRejected,
    RationaleMissing,
    UnknownOption,
)
from escalation.lifecycle import ALLOWED, Hands, moves
from escalation.models import Case, Decision, Delivery, Effect, Event, Handoff, Resumption
from tests.factories import (
    NINE,
    PASS_UP,
    decide,
    decided_case,
    handed_off_case,
    make_agent,
    make_reviewer,
    make_role,
    open_case,
    options,
    package,
    package_with,
    step,
)

pytestmark = pytest.mark.django_db
LATER = NINE + timedelta(minutes=5)


def told(case):
    """Return the story of a case as the record has it."""
    return [(line.action, line.actor) for line in ledger.history(case)]


def handoffs_of(case):
    return list(case.handoffs.values_list("role__slug", "reason", "started_at", "ended_at", "end"))


# The table of moves ------------------------------------------------------------------------------


@pytest.mark.parametrize("to", CaseStatus)
@pytest.mark.parametrize("status", CaseStatus)
def test_a_case_makes_the_moves_of_the_table_and_no_other(status, to):
    case = handed_off_case(make_role())
    case.status = status

    if to in ALLOWED[status]:
        moves.move(case, to, LATER)
        case.refresh_from_db()
        ended = LATER if to in ("decided", "withdrawn") else None
        assert (case.status, case.ended_at) == (to, ended)
    else:
        with pytest.raises(IllegalTransition, match=f"is {status}; it cannot become {to}"):
            moves.move(case, to, LATER)


def test_a_case_that_has_ended_moves_no_more():
    assert [ALLOWED[s] for s in (CaseStatus.DECIDED, CaseStatus.WITHDRAWN)] == [set(), set()]
    assert set(ALLOWED) == set(CaseStatus)


# Handing off -------------------------------------------------------------------------------------


def test_an_open_case_goes_into_a_roles_hands():
    role, case = make_role("refunds"), open_case()
    hands = Hands(case.pk, role, HandoffReason.WISHED, "The agent asked for refunds.")

    (handoff,) = lifecycle.hand_off([hands], by=ROUTER, at=LATER)

    case.refresh_from_db()
    assert (case.status, case.role) == ("awaiting", role)
    assert handoffs_of(case) == [("refunds", "wished", LATER, None, "")]
    assert told(case)[1:] == [("case.handed_off", "system:router")]
    assert ledger.history(case)[1].facts == {
        "role": "refunds",
        "user": None,
        "reason": "wished",
        "note": "The agent asked for refunds.",
    }
    assert handoff.case == case


def test_cases_that_have_moved_on_are_not_handed_off_again():
    role, other = make_role(), make_role()
    awaiting, gone, fresh = handed_off_case(role), open_case(), open_case()
    lifecycle.withdraw(gone.pk, "not needed", by=gone.agent, at=NINE)
    hands = [Hands(c.pk, other, HandoffReason.DEFAULT) for c in (awaiting, gone, fresh)]

    handed = lifecycle.hand_off(hands, by=ROUTER, at=LATER)

    assert [handoff.case_id for handoff in handed] == [fresh.pk]
    assert [case.handoffs.count() for case in (awaiting, gone, fresh)] == [1, 0, 1]


def test_handing_off_nothing_is_nothing():
    assert lifecycle.hand_off([], by=ROUTER, at=NINE) == []


# Deciding ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "filled", "outcome", "permitted"),
    [
        ("approve", None, "approve", True),
        ("modify", {"amount": "20.00"}, "modify", True),
        ("reject", None, "reject", False),
        ("other", None, "other", False),
    ],
)
def test_a_decision_stands_and_says_yes_only_where_the_option_does(key, filled, outcome, permitted):
    role = make_role()
    reviewer = make_reviewer(role)
    other = {"key": "other", "label": "O", "outcome": "other", "consequences": [{"text": "x"}]}
    case = handed_off_case(role, package(question=options(other)))

    decision = lifecycle.decide(
        case.pk,
        key,
        filled=filled,
        rationale="It is right.",
        digest=case.digest,
        by=reviewer,
        at=LATER,
    )

    arguments = {"order": "W88", "amount": "412.50"} | (filled or {}) if permitted else None
    stored = Decision.objects.values(
        "case", "option__key", "outcome", "permitted", "parameters", "arguments", "rationale", "kind",
        "decided_by", "role", "decided_at", "overturns", "digest",
    ).get()  # fmt: skip
    assert stored == {
        "case": case.pk,
        "option__key": key,
        "outcome": outcome,
        "permitted": permitted,
        "parameters": filled,
        "arguments": arguments,
        "rationale": "It is right.",
        "kind": "person",
        "decided_by": reviewer.pk,
        "role": role.pk,
        "decided_at": LATER,
        "overturns": None,
        "digest": case.digest,
    }
    case.refresh_from_db()
    assert (case.status, case.ended_at, case.role) == ("decided", LATER, role)
    assert handoffs_of(case) == [(role.slug, "wished", NINE, LATER, "decided")]
    line = ledger.history(case)[-1]
    assert (line.action, line.actor, line.facts, line.private) == (
        "case.decided",
        f"user:{reviewer.pk}",
        {
            "decision": str(decision.pk),
            "option": key,
            "outcome": outcome,
            "permitted": permitted,
            "reasons": [],
            "digest": case.digest,
        },
        {"rationale": "It is right.", "parameters": filled, "arguments": arguments},
    )


def test_a_decision_is_written_with_what_its_agent_is_told():
    case = decided_case()

    delivery = Delivery.objects.get(case=case)
    effect = Effect.objects.get(kind="delivery")
    assert (delivery.decision, effect.target, effect.due_at) == (
        case.decisions.get(),
        delivery.pk,
        case.ended_at,
    )


def test_a_state_that_came_as_a_large_number_does_not_stand_in_the_way():
    sent = package_with("/resume/state", {"n": 1e22, "face": "😀"})

    assert decided_case(sent=sent).status == "decided"


def refusal(case, act, error):
    """Return the sentence of a refusal that left nothing behind."""
    before = (Case.objects.values().get(pk=case.pk), Event.objects.count(), handoffs_of(case))
    with pytest.raises(error) as refused, transaction.atomic():
        act()
    after = (Case.objects.values().get(pk=case.pk), Event.objects.count(), handoffs_of(case))
    assert after == before
    return str(refused.value)


def test_decide_refuses_a_reviewer_outside_the_role():
    role = make_role()
    case = handed_off_case(role)
    outsider = make_reviewer(make_role(), username="olga")

    said = refusal(case, lambda: decide(case, by=outsider), NotAuthorised)

    assert said == f"olga does not decide for the role that owns {case.reference}."


def test_decide_refuses_a_superuser_who_holds_no_role():
    case = handed_off_case(make_role())
    admin = make_reviewer(is_superuser=True)

    refusal(case, lambda: decide(case, by=admin), NotAuthorised)


def test_decide_refuses_somebody_who_is_no_longer_active():
    role = make_role()
    case, gone = handed_off_case(role), make_reviewer(role, is_active=False)

    refusal(case, lambda: decide(case, by=gone), NotAuthorised)


@pytest.mark.parametrize("name", ["ida", "IDA", "ida@desk.example", "Ida@Desk.Example"])
def test_decide_refuses_the_person_the_agent_acts_for(name):
    role = make_role()
    ida = make_reviewer(role, username="ida")
    case = handed_off_case(role, package(identity={"user": {"id": name}}))

    said = refusal(case, lambda: decide(case, by=ida), NotAuthorised)

    assert said == f"The agent acts for ida, who therefore cannot decide {case.reference}."


def test_decide_refuses_the_person_the_agent_names_by_their_id():
    role = make_role()
    ida = make_reviewer(role)
    case = handed_off_case(role, package(identity={"user": {"id": str(ida.pk).upper()}}))

    refusal(case, lambda: decide(case, by=ida), NotAuthorised)


def test_somebody_without_an_address_is_not_taken_for_whom_the_agent_acts_for():
    role = make_role()
    reviewer = make_reviewer(role, email="")
    case = handed_off_case(role, package(identity={"user": {"name": "Ida"}}))

    assert decide(case, by=reviewer).outcome == "approve"


def test_decide_refuses_when_evidence_came_in_after_the_page_was_opened():
    role, agent = make_role(), make_agent()
    case = handed_off_case(role, by=agent)
    intake.add_steps(case, {"steps": [step("s3")]}, by=agent, at=NINE)

    said = refusal(case, lambda: decide(case, by=make_reviewer(role)), EvidenceChanged)

    assert said == (
        f"The agent added evidence to {case.reference} after you opened it. "
        "Nothing was recorded; read what is new and decide again."
    )


def test_decide_refuses_an_option_that_is_not_offered():
    role = make_role()
    case, reviewer = handed_off_case(role), make_reviewer(role)

    said = refusal(case, lambda: decide(case, "wait", by=reviewer), UnknownOption)

    assert said == f"{case.reference} offers approve, modify, reject; not 'wait'."


@pytest.mark.parametrize(
    ("key", "filled", "fault"),
    [
        ("modify", None, Fault("/amount", "is required")),
        (
            "modify",
            {"amount": "20"},
            Fault("/amount", r"does not have the form ^[0-9]+\.[0-9]{2}$"),
        ),
        ("approve", {"amount": "20.00"}, Fault("", "“Refund in full” takes no parameters")),
    ],
)
def test_decide_refuses_parameters_that_do_not_fit_the_option(key, filled, fault):
    role = make_role()
    case, reviewer = handed_off_case(role), make_reviewer(role)

    with pytest.raises(ParametersRejected) as refused:
        decide(case, key, by=reviewer, filled=filled)

    assert list(refused.value.faults) == [fault]
    assert list(case.decisions.all()) == []


def test_decide_refuses_a_case_that_is_in_no_hands_yet():
    role = make_role()
    case, reviewer = open_case(), make_reviewer(role)

    said = refusal(case, lambda: decide(case, by=reviewer), IllegalTransition)

    assert said == f"{case.reference} is in no role's hands yet."


def test_decide_refuses_a_case_that_the_agent_withdrew():
    role = make_role()
    case, reviewer = handed_off_case(role), make_reviewer(role)
    lifecycle.withdraw(case.pk, "found it", by=case.agent, at=NINE)

    said = refusal(case, lambda: decide(case, by=reviewer), CaseWithdrawn)

    assert said == f"The agent withdrew {case.reference}; it needs no decision any more."


def test_a_second_decision_is_told_who_decided_what_and_when():
    role = make_role()
    first = make_reviewer(role, first_name="Mara", last_name="Lind")
    case = decided_case(role, "reject", by=first)

    said = refusal(case, lambda: decide(case, by=make_reviewer(role)), AlreadyDecided)

    assert said == (
        f"Mara Lind decided {case.reference} with “Refuse” at 09:01:00 UTC. "
        "Your answer was not recorded."
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_one_instant_one_stands_and_the_other_is_told():
    role = make_role()
    reviewers = [make_reviewer(role) for _ in range(2)]
    cases = [handed_off_case(role) for _ in range(5)]
    together, answers = Barrier(2), []

    def answer(reviewer):
        for case in cases:
            together.wait()
            try:
                answers.append(decide(case, by=reviewer).case_id)
            except AlreadyDecided as refused:
                answers.append(str(refused).partition(" decided ")[2][:8])
        connection.close()

    people = [Thread(target=answer, args=[reviewer]) for reviewer in reviewers]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert sorted(a for a in answers if isinstance(a, UUID)) == [case.pk for case in cases]
    assert sorted(a for a in answers if isinstance(a, str)) == [c.reference for c in cases]
    assert [case.decisions.count() for case in cases] == [1] * 5


# Passing up --------------------------------------------------------------------------------------


def test_an_option_that_escalates_passes_the_case_up_and_decides_nothing():
    managers = make_role("managers")
    role = make_role("clerks", higher_role=managers)
    case, clerk = handed_off_case(role, package(question=options(PASS_UP))), make_reviewer(role)

    handoff = lifecycle.decide(
        case.pk, "pass-up", rationale="Too large for me.", digest=case.digest, by=clerk, at=LATER
    )

    case.refresh_from_db()
    assert isinstance(handoff, Handoff)
    assert (case.status, case.role, case.ended_at) == ("awaiting", managers, None)
    assert handoffs_of(case) == [
        ("clerks", "wished", NINE, LATER, "passed_up"),
        ("managers", "passed_up", LATER, None, ""),
    ]
    assert told(case)[-2:] == [
        ("case.passed_up", f"user:{clerk.pk}"),
        ("case.handed_off", f"user:{clerk.pk}"),
    ]
    assert ledger.history(case)[-2].private == {"rationale": "Too large for me."}
    assert list(Decision.objects.all()) == list(Delivery.objects.all()) == []


def test_who_passed_a_case_up_no_longer_decides_it_and_the_higher_role_does():
    managers = make_role()
    role = make_role(higher_role=managers)
    clerk, manager = make_reviewer(role), make_reviewer(managers)
    case = handed_off_case(role, package(question=options(PASS_UP)))
    lifecycle.decide(case.pk, "pass-up", digest=case.digest, by=clerk, at=NINE)

    refusal(case, lambda: decide(case, by=clerk), NotAuthorised)

    assert decide(case, by=manager).role == managers


def test_passing_up_is_refused_where_there_is_no_higher_role():
    role = make_role("clerks")
    case, clerk = handed_off_case(role, package(question=options(PASS_UP))), make_reviewer(role)

    said = refusal(case, lambda: decide(case, "pass-up", by=clerk), NoHigherRole)

    assert said == (
        "“Ask the managers” passes the case up, but Clerks has no higher role. "
        "Choose another option, or ask an administrator to name one."
    )


def test_a_case_is_passed_up_with_a_note_whatever_it_offers():
    managers = make_role("managers")
    role = make_role("clerks", higher_role=managers)
    case, clerk = handed_off_case(role), make_reviewer(role)
    refusal(case, lambda: lifecycle.pass_up(case.pk, " ", by=clerk, at=NINE), RationaleMissing)

    handoff = lifecycle.pass_up(case.pk, "Too large for me.", by=clerk, at=LATER)

    case.refresh_from_db()
    assert (case.status, case.role, handoff.note) == ("awaiting", managers, "Too large for me.")
    assert ledger.history(case)[-2].facts == {"option": None, "role": "managers"}
    outsider = make_reviewer(role)
    refusal(case, lambda: lifecycle.pass_up(case.pk, "x", by=outsider, at=LATER), NotAuthorised)
    manager = make_reviewer(managers)
    said = refusal(
        case, lambda: lifecycle.pass_up(case.pk, "x", by=manager, at=LATER), NoHigherRole
    )
    assert said.startswith("Managers has no higher role.")


# Withdrawing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_hands", [False, True])
def test_an_agent_may_withdraw_until_there_is_a_decision(in_hands):
    case = handed_off_case(make_role()) if in_hands else open_case()

    lifecycle.withdraw(case.pk, "The customer rang.", by=case.agent, at=LATER)

    case.refresh_from_db()
    line = ledger.history(case)[-1]
    assert (case.status, case.ended_at) == ("withdrawn", LATER)
    assert [end for *_, end in handoffs_of(case)] == ["withdrawn"] * in_hands
    assert (line.action, line.private) == ("case.withdrawn", {"reason": "The customer rang."})


def test_withdrawing_again_changes_nothing():
    case = handed_off_case(make_role())
    lifecycle.withdraw(case.pk, "x", by=case.agent, at=NINE)
    before = told(case)

    again = lifecycle.withdraw(case.pk, "y", by=case.agent, at=LATER)

    assert (again.ended_at, told(case)) == (NINE, before)


def test_a_decision_cannot_be_withdrawn_from():
    case = decided_case()

    said = refusal(
        case, lambda: lifecycle.withdraw(case.pk, "x", by=case.agent, at=LATER), AlreadyDecided
    )

    assert said == f"{case.reference} is decided; it can no longer be withdrawn."


# Going on ----------------------------------------------------------------------------------------


def resumed(case, result="succeeded", **given):
    return lifecycle.mark_resumed(case.pk, result, by=case.agent, at=LATER, **given)


def test_the_agents_word_closes_the_loop_and_nothing_more_is_sent():
    case = decided_case()

    resumed(case, "failed", detail="The card was declined.", said_at=NINE)

    line = ledger.history(case)[-1]
    assert Resumption.objects.values("result", "detail", "at", "received_at").get(case=case) == {
        "result": "failed",
        "detail": "The card was declined.",
        "at": NINE,
        "received_at": LATER,
    }
    assert Delivery.objects.get(case=case).status == "resumed"
    assert Effect.objects.get(kind="delivery").done_at == LATER
    assert (line.action, line.facts, line.private) == (
        "case.resumed",
        {"result": "failed", "decision": str(case.decisions.get().pk)},
        {"detail": "The card was declined."},
    )


def test_saying_the_same_again_changes_nothing():
    case = decided_case()
    resumed(case)
    before = told(case)

    resumed(case, detail="again")

    assert (told(case), Resumption.objects.get().detail) == (before, "")


def test_saying_something_else_later_is_refused():
    case = decided_case()
    resumed(case)

    said = refusal(case, lambda: resumed(case, "failed"), AlreadyResumed)

    assert said == f"The agent already said that {case.reference} succeeded."


@pytest.mark.parametrize("status", ["open", "awaiting", "withdrawn"])
def test_nobody_goes_on_from_a_decision_that_was_not_made(status):
    case = open_case() if status == "open" else handed_off_case(make_role())
    if status == "withdrawn":
        lifecycle.withdraw(case.pk, "x", by=case.agent, at=NINE)

    said = refusal(case, lambda: resumed(case), NotDecided)

    assert said == f"{case.reference} has no decision to go on from; it is {status}."


def test_every_refusal_has_a_name_of_its_own_and_a_status():
    def all_of(error):
        return [error, *(one for below in error.__subclasses__() for one in all_of(below))]

    named = [one for one in all_of(EscalationError) if one.__module__ == "escalation.errors"]

    assert len({one.slug for one in named}) == len(named)
    assert {one.status for one in named} <= {400, 403, 409, 413, 422}
