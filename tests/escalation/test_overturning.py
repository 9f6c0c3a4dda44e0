"""A person's decision takes the place of one that a fallback or another person made."""

import json
from datetime import timedelta
from functools import partial

import pytest
from recourse import Event as Callback

from escalation import access, answers, ledger, lifecycle, protocol, verification
from escalation.enums import FallbackEnd
from escalation.errors import (
    AlreadyAnswered,
    AlreadyDecided,
    AlreadyResumed,
    ConfirmationNeeded,
    EvidenceChanged,
    IllegalTransition,
    NotAuthorised,
    NotDecided,
    RationaleMissing,
    ReasonMissing,
)
from escalation.models import Case, Decision, Delivery, Resumption
from tests.factories import (
    NINE,
    PASS_UP,
    case_reviewed,
    case_under,
    decide,
    decided_case,
    handed_off_case,
    make_reviewer,
    make_role,
    options,
    package,
    package_with,
)
from tests.strain.at_once import at_once

pytestmark = pytest.mark.django_db
TEN = NINE + timedelta(hours=1)
NOON = NINE + timedelta(hours=3)


@pytest.fixture
def case(role):
    """A case that nobody answered in time."""
    return fallen_back(case_under(role, package(question=options(PASS_UP))))


def fallen_back(case, end=FallbackEnd.DENY, at=TEN):
    lifecycle.fall_back(case.pk, end, at=at)
    return Case.objects.get(pk=case.pk)


def overturn(case, key="approve", *, by, at=NOON, rationale="I was away.", **given):
    given = {"reasons": list(protocol.reasons_of(case))[:1]} | given
    return lifecycle.overturn(
        case.pk, key, rationale=rationale, digest=case.digest, by=by, at=at, **given
    )


def refused(error, act):
    before = (Decision.objects.count(), Delivery.objects.count())
    with pytest.raises(error) as refusal:
        act()
    assert (Decision.objects.count(), Delivery.objects.count()) == before
    return str(refusal.value)


def test_a_persons_decision_replaces_that_of_a_fallback_and_is_told(case, kim):
    first = case.decisions.get()

    made = overturn(case, by=kim)

    assert (made.overturns, made.outcome, made.permitted, made.kind, made.decider) == (
        first,
        "approve",
        True,
        "person",
        "Kim Osei",
    )
    assert answers.standing_decision(case) == made
    case.refresh_from_db()
    assert (case.status, case.ended_at) == ("decided", TEN)
    line = ledger.history(case)[-1]
    assert (line.action, line.facts, line.private) == (
        "case.overturned",
        {
            "decision": str(made.pk),
            "overturns": str(first.pk),
            "option": "approve",
            "outcome": "approve",
            "permitted": True,
            "reasons": [],
            "digest": case.digest,
        },
        {
            "rationale": "I was away.",
            "parameters": None,
            "arguments": {"order": "W88", "amount": "412.50"},
        },
    )
    callback = Callback.of(json.loads(bytes(Delivery.objects.get(decision=made).body)))
    assert (callback.type, callback.decision.overturns, callback.decision.permitted) == (
        "case.overturned",
        str(first.pk),
        True,
    )
    assert verification.verify().problem == ""


def test_what_was_still_to_be_told_of_the_fallback_is_not_sent_any_more(case, kim):
    overturn(case, by=kim)

    assert list(Delivery.objects.values_list("type", "status")) == [
        ("case.decided", "superseded"),
        ("case.overturned", "pending"),
    ]


def test_a_late_decision_is_told_that_a_fallback_ended_the_case_and_can_be_overturned(case, kim):
    assert refused(AlreadyDecided, lambda: decide(case, by=kim)) == (
        f"Nobody answered {case.reference} in time: the fallback of Strict, version 7 denied it "
        "at 10:00:00 UTC. Your answer was not recorded; you can overturn that."
    )


def test_without_that_right_only_what_a_fallback_decided_is_overturned_and_only_once(
    role, case, kim
):
    other = make_reviewer(role)
    overturn(case, "reject", by=kim)

    said = refused(AlreadyDecided, lambda: overturn(case, by=other))

    assert said.startswith(f"Kim Osei decided {case.reference} with “Refuse” at 12:00:00 UTC.")
    decided, awaiting = decided_case(role), handed_off_case(role)
    refused(AlreadyDecided, lambda: overturn(decided, by=other))
    refused(NotDecided, lambda: overturn(awaiting, by=other))


def test_overturning_takes_a_reason_the_right_and_an_answer_that_ends_it(case, kim):
    refused(RationaleMissing, lambda: overturn(case, by=kim, rationale=" \n"))
    refused(NotAuthorised, lambda: overturn(case, by=make_reviewer(make_role())))
    acted_for = make_reviewer(case.role, username="cus_19")
    refused(NotAuthorised, lambda: overturn(case, by=acted_for))
    refused(IllegalTransition, lambda: overturn(case, "pass-up", by=kim))
    wrong = partial(lifecycle.overturn, case.pk, "approve", rationale="x", digest="sha256:0")
    refused(EvidenceChanged, lambda: wrong(by=kim, at=NOON))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_overturn_at_one_instant_one_does(role, case):
    two = [make_reviewer(role) for _ in range(2)]

    made = at_once(*(partial(overturn, case, by=each) for each in two))

    assert sorted(type(one).__name__ for one in made) == ["AlreadyDecided", "Decision"]
    assert case.decisions.count() == 2


# A person's decision -------------------------------------------------------------------------------


@pytest.fixture
def lead(role):
    """Somebody who overturns what others decide, and decides nothing else."""
    lead = make_reviewer()
    access.grant(access.OVERTURN, lead, role)
    return lead


def test_who_has_the_right_overturns_what_a_person_decided(role, kim, lead):
    case = decided_case(role, by=kim)
    first = case.decisions.get()

    made = overturn(case, "reject", by=lead)

    assert (made.overturns, made.outcome, made.decided_by) == (first, "reject", lead)
    assert answers.standing_decision(case) == made
    told = Callback.of(json.loads(bytes(Delivery.objects.get(decision=made).body)))
    assert (told.type, told.decision.overturns) == ("case.overturned", str(first.pk))
    assert lifecycle.overturned(role, since=NOON) == 1
    assert lifecycle.overturned(role, since=NOON + timedelta(seconds=1)) == 0
    assert lifecycle.overturned(make_role(), since=NINE) == 0
    assert verification.verify().problem == ""


def test_nobody_overturns_what_they_decided_themselves_nor_the_same_again(role, kim, lead):
    access.grant(access.OVERTURN, kim, role)
    case = decided_case(role, by=kim)

    refused(NotAuthorised, lambda: overturn(case, "reject", by=kim))
    assert "is what stands already" in refused(IllegalTransition, lambda: overturn(case, by=lead))
    overturn(case, "reject", by=lead)
    refused(NotAuthorised, lambda: overturn(case, by=lead))
    assert overturn(case, by=kim).permitted  # now it is another's decision


def test_the_right_is_that_of_the_role_and_takes_what_every_answer_takes(role, kim, lead):
    case = decided_case(role, by=kim)
    elsewhere = make_reviewer(tenants=["another"])
    access.grant(access.OVERTURN, elsewhere, role)
    acted_for = make_reviewer(username="cus_19")
    access.grant(access.OVERTURN, acted_for, role)
    of_another = make_reviewer()
    access.grant(access.OVERTURN, of_another, make_role())

    refused(NotAuthorised, lambda: overturn(case, "reject", by=acted_for))
    for person in (elsewhere, of_another, make_reviewer(role)):
        refused(AlreadyDecided, lambda person=person: overturn(case, "reject", by=person))
    refused(RationaleMissing, lambda: overturn(case, "reject", by=lead, rationale=" "))


def test_overturning_a_person_takes_a_listed_reason_where_policy_lists_some(role, kim, lead):
    case = case_reviewed(role, "open", stakes="low", reasons=["seen"], step_up=True)
    decide(case, by=kim)

    confirmed = {"by": lead, "confirmed_at": NOON}
    refused(ReasonMissing, lambda: overturn(case, "reject", reasons=[], **confirmed))
    refused(ConfirmationNeeded, lambda: overturn(case, "reject", by=lead, reasons=["seen"]))
    assert overturn(case, "reject", reasons=["seen"], **confirmed).reasons == ["seen"]


def test_who_was_one_of_several_that_agreed_does_not_overturn_it(role, kim):
    mara = make_reviewer(role)
    access.grant(access.OVERTURN, kim, role)
    case = case_under(role, approvals=2)
    for each in (kim, mara):
        lifecycle.decide(case.pk, "approve", digest=case.digest, by=each, at=NINE)

    refused(AlreadyAnswered, lambda: overturn(case, "reject", by=kim))


# Going on from it ----------------------------------------------------------------------------------


def resumed(case, result, **given):
    lifecycle.mark_resumed(case.pk, result, by=case.agent, at=NOON, **given)
    return {said.decision_id: said.result for said in Resumption.objects.filter(case=case)}


def test_an_agent_goes_on_from_each_decision_that_it_was_told_of(case, kim):
    first = case.decisions.get()
    Delivery.objects.filter(decision=first).update(delivered_at=TEN, status="delivered")
    assert resumed(case, "skipped") == {first.pk: "skipped"}
    later = overturn(case, by=kim)

    # it has not heard yet: this speaks of the first, and the news is still to be sent
    assert resumed(case, "skipped") == {first.pk: "skipped"}
    with pytest.raises(AlreadyResumed):
        resumed(case, "failed")
    assert Delivery.objects.get(decision=later).status == "pending"

    Delivery.objects.filter(decision=later).update(delivered_at=NOON, status="delivered")
    assert resumed(case, "succeeded") == {first.pk: "skipped", later.pk: "succeeded"}
    assert verification.verify().problem == ""


def test_an_agent_may_say_from_which_decision_it_went_on(case, kim):
    later = overturn(case, by=kim)

    assert resumed(case, "succeeded", decision_id=later.pk) == {later.pk: "succeeded"}


# Where several must agree --------------------------------------------------------------------------


def test_one_person_alone_does_not_overturn_what_takes_two_but_may_refuse_it(role, kim):
    mara = make_reviewer(role)
    both, refused_by_one = (fallen_back(case_under(role, approvals=2)) for _ in range(2))

    assert type(overturn(both, by=kim)).__name__ == "Answer"
    assert answers.standing_decision(both).kind == "fallback"
    assert overturn(both, by=mara).permitted
    assert overturn(refused_by_one, "reject", by=kim).outcome == "reject"


def test_a_boundary_case_that_was_denied_is_let_through_by_a_person(role, kim):
    boundary = {
        "type": "boundary",
        "name": "payout_limit",
        "observed": 900,
        "operator": ">",
        "threshold": 500,
    }
    case = fallen_back(
        case_under(role, package_with("/triggers/0", boundary)), FallbackEnd.DO_NOTHING
    )

    assert case.decisions.get().fallback == "deny"
    assert overturn(case, by=kim).permitted
