"""A signed answer on its way out: what may happen to its case meanwhile, and what becomes of it."""

import json
from datetime import timedelta
from functools import partial

import pytest

from escalation import access, answers, clocks, intake, ledger, lifecycle, verification
from escalation.actors import CLOCK
from escalation.clocks import Wanted
from escalation.enums import FallbackEnd, HandoffReason, Target
from escalation.errors import (
    AlreadyDecided,
    CaseClosed,
    CaseWithdrawn,
    EvidenceChanged,
    IllegalTransition,
    NotAuthorised,
    NotDecided,
    SignedAlready,
)
from escalation.lifecycle import Hands
from escalation.models import (
    Agent,
    Answer,
    Case,
    Clock,
    Decision,
    Delivery,
    Draft,
    Effect,
    Pause,
    Release,
    User,
)
from reviewers import releases
from reviewers.models import Notice
from routing import fallback
from tests.factories import NINE, case_reviewed, make_reviewer, make_role, step
from tests.strain.at_once import at_once, in_groups

pytestmark = pytest.mark.django_db
WINDOW = timedelta(seconds=30)
OUT = NINE + WINDOW
LATER = NINE + timedelta(minutes=10)


@pytest.fixture
def case(role):
    return waiting_case(role)


def waiting_case(role, protocol="open", **given):
    return case_reviewed(role, protocol, stakes="medium", hold_window=30, **given)


def sign(case, key="approve", *, by, at=NINE, **given):
    return lifecycle.decide(case.pk, key, digest=case.digest, by=by, at=at, **given)


def now_of(case):
    return Case.objects.get(pk=case.pk)


def nothing_is_decided(case):
    return not case.decisions.exists() and not Delivery.objects.filter(case=case).exists()


# Waiting, and going out ----------------------------------------------------------------------------


def test_a_signed_answer_waits_and_its_agent_sees_nothing_of_it(case, kim):
    before = answers.case_answer(now_of(case))

    made = sign(case, rationale="Right.", by=kim)

    assert (type(made), made.signed_by, made.due_at, made.rationale) == (
        Release,
        kim,
        OUT,
        "Right.",
    )
    assert nothing_is_decided(case)
    assert (now_of(case).status, now_of(case).release_at) == ("awaiting", OUT)
    assert answers.case_answer(now_of(case)) == before
    assert Effect.objects.get(kind="release").due_at == OUT
    line = ledger.history(case)[-1]
    assert (line.action, line.facts) == (
        "case.signed",
        {
            "release": str(made.pk),
            "release_at": "2026-11-20T09:00:30.000000Z",
            "digest": case.digest,
        },
    )


def test_it_goes_out_when_its_window_ends(case, kim):
    sign(case, rationale="Right.", by=kim)
    assert lifecycle.release(case.pk, at=OUT - timedelta(microseconds=1)) is None

    made = lifecycle.release(case.pk, at=LATER)

    assert (made.decided_by, made.decided_at, made.released_at, made.rationale) == (
        kim,
        NINE,
        LATER,
        "Right.",
    )
    found = now_of(case)
    assert (found.status, found.ended_at, found.release_at) == ("decided", LATER, None)
    assert case.handoffs.get().end == "decided"
    told = json.loads(bytes(Delivery.objects.get(decision=made).body))
    assert (told["type"], told["timestamp"]) == ("case.decided", "2026-11-20T09:10:00.000000Z")
    assert told["data"]["decided_at"] == "2026-11-20T09:00:00.000000Z"
    assert [(line.action, line.actor) for line in ledger.history(case)][-2:] == [
        ("case.released", "system:clock"),
        ("case.decided", f"user:{kim.pk}"),
    ]
    assert not Effect.objects.filter(kind="release", done_at=None).exists()
    assert lifecycle.release(case.pk, at=LATER) is None
    assert verification.verify().problem == ""


def test_once_the_agent_has_gone_on_nothing_more_of_it_is_sent(case, kim):
    sign(case, by=kim)
    lifecycle.release(case.pk, at=OUT)

    lifecycle.mark_resumed(case.pk, "succeeded", by=case.agent, at=LATER)

    assert Delivery.objects.get(case=case).status == "resumed"


def test_the_clocks_stand_still_meanwhile_and_go_on_after_an_undo(case, kim):
    hour = Wanted(Target.DECISION, 3600, in_working_time=False)
    clocks.start(case, hour, at=NINE)
    clocks.work_out(now_of(case), at=NINE)
    due = now_of(case).due_at

    sign(case, by=kim, at=NINE + timedelta(minutes=1))
    assert (now_of(case).due_at, Clock.objects.get().due_at) == (None, None)
    assert not Effect.objects.filter(kind="deadline", done_at=None).exists()

    lifecycle.undo(case.pk, by=kim, at=NINE + timedelta(seconds=80))
    assert now_of(case).due_at == due + timedelta(seconds=20)
    assert Effect.objects.get(kind="deadline").done_at is None


def test_nobody_acts_for_nobody_having_answered_while_an_answer_is_on_its_way(case, kim):
    clocks.start(case, Wanted(Target.DECISION, 60, in_working_time=False), at=NINE)
    sign(case, by=kim, at=LATER)  # after its deadline, which the clock has not seen yet

    fallback.act(case.pk, at=LATER)

    assert now_of(case).status == "awaiting"
    assert Clock.objects.get().breached_at is None
    lifecycle.release(case.pk, at=LATER + WINDOW)
    assert Clock.objects.get().breached_at == NINE + timedelta(minutes=1)


def test_a_case_that_waits_for_something_is_signed_and_released(role, kim):
    held, asked = waiting_case(role), waiting_case(role)
    lifecycle.hold(held.pk, "x", by=kim, at=NINE)
    lifecycle.ask(asked.pk, "?", by=kim, at=NINE)

    for each in (held, asked):
        sign(each, by=kim, at=NINE)
        assert now_of(each).status == "awaiting"
        assert lifecycle.release(each.pk, at=OUT).permitted
    assert not Pause.objects.filter(ended_at=None).exists()


def test_nothing_goes_out_to_an_agent_that_is_stopped(case, kim):
    sign(case, by=kim)
    Agent.objects.filter(pk=case.agent_id).update(stopped_at=NINE)

    assert lifecycle.release(case.pk, at=OUT) is None
    assert nothing_is_decided(case)
    assert Effect.objects.get(kind="release").due_at > OUT

    Agent.objects.filter(pk=case.agent_id).update(stopped_at=None)
    assert lifecycle.release(case.pk, at=LATER).permitted


def test_nothing_goes_out_in_the_name_of_somebody_who_has_left(case, kim):
    sign(case, by=kim)
    User.objects.filter(pk=kim.pk).update(is_active=False)

    assert lifecycle.release(case.pk, at=OUT) is None

    assert nothing_is_decided(case)
    assert (now_of(case).status, Release.objects.get().end) == ("awaiting", "undone")
    assert ledger.history(case)[-1].actor == "system:clock"
    assert Effect.objects.get(kind="seat").due_at <= OUT


def test_without_a_window_it_is_out_at_once(role, kim):
    made = sign(case_reviewed(role, "open", stakes="medium"), by=kim)

    assert (type(made), made.released_at) == (Decision, None)


# Meanwhile -----------------------------------------------------------------------------------------

ACTS = {
    "sign": lambda case, by: sign(case, "reject", by=by, at=NINE),
    "claim": lambda case, by: lifecycle.claim(case.pk, by=by, at=NINE),
    "hold": lambda case, by: lifecycle.hold(case.pk, "x", by=by, at=NINE),
    "hold by the clock": lambda case, by: lifecycle.hold(case.pk, "x", by=CLOCK, at=NINE),
    "ask": lambda case, by: lifecycle.ask(case.pk, "?", by=by, at=NINE),
    "take up": lambda case, by: lifecycle.take_up(case.pk, by=by, at=NINE),
    "pass up": lambda case, by: lifecycle.pass_up(case.pk, "x", by=by, at=NINE),
    "hand over": lambda case, by: lifecycle.hand_over(
        Hands(case.pk, case.role, HandoffReason.HANDED_OVER), by=by, at=NINE
    ),
    "overturn": lambda case, by: lifecycle.overturn(
        case.pk, "reject", rationale="x", digest=case.digest, by=by, at=NINE
    ),
    "fall back": lambda case, by: lifecycle.fall_back(case.pk, FallbackEnd.DENY, at=NINE),
}


@pytest.mark.parametrize("act", ACTS)
def test_every_other_act_is_told_who_signed_and_when_it_goes_out(role, case, kim, act):
    sign(case, by=kim)

    for person in (kim, make_reviewer(role)):
        with pytest.raises(SignedAlready) as refusal:
            ACTS[act](case, person)
        assert str(refusal.value) == (
            f"Kim Osei signed an answer to {case.reference} at 09:00:00 UTC; "
            "it goes out at 09:00:30 UTC. Nothing else was recorded."
        )
    assert Release.objects.get().ended_at is None


def test_it_stays_in_the_hands_that_it_is_in(role, case, kim):
    lifecycle.claim(case.pk, by=kim, at=NINE)
    sign(case, by=kim)
    taken = Hands(case.pk, role, HandoffReason.RETURNED)

    assert lifecycle.give_back([taken], by=CLOCK, at=NINE) == []
    assert case.handoffs.get(ended_at=None).user == kim


# Taken back ----------------------------------------------------------------------------------------


def test_its_signer_takes_it_back_and_may_answer_again(case, kim):
    lifecycle.claim(case.pk, by=kim, at=NINE)
    sign(case, by=kim)

    lifecycle.undo(case.pk, by=kim, at=NINE + timedelta(seconds=10))

    found = now_of(case)
    assert (found.status, found.release_at) == ("awaiting", None)
    assert case.handoffs.get(ended_at=None).user == kim
    assert Release.objects.get().end == "undone"
    assert not Pause.objects.filter(ended_at=None).exists()
    assert ledger.history(case)[-1].action == "case.undone"
    assert lifecycle.release(case.pk, at=LATER) is None
    assert nothing_is_decided(case)
    sign(case, "reject", by=kim, at=LATER)
    assert lifecycle.release(case.pk, at=OUT) is None  # that window was another answer's
    assert lifecycle.release(case.pk, at=LATER + WINDOW).outcome == "reject"
    assert verification.verify().problem == ""


def test_who_supervises_the_role_takes_it_back_and_nobody_else(role, case, kim):
    lead = make_reviewer()
    access.grant(access.SUPERVISE, lead, role)
    sign(case, by=kim)

    for other in (make_reviewer(role), make_reviewer(make_role())):
        with pytest.raises(NotAuthorised):
            lifecycle.undo(case.pk, by=other, at=NINE)
    lifecycle.undo(case.pk, by=lead, at=NINE)

    assert ledger.history(case)[-1].actor == f"user:{lead.pk}"


def test_what_has_gone_out_is_not_taken_back(case, kim):
    sign(case, by=kim)
    lifecycle.release(case.pk, at=OUT)

    with pytest.raises(AlreadyDecided):
        lifecycle.undo(case.pk, by=kim, at=OUT)


def test_where_nothing_is_on_its_way_nothing_is_taken_back_or_overturned(case, kim):
    with pytest.raises(IllegalTransition, match="Nothing is on its way"):
        lifecycle.undo(case.pk, by=kim, at=NINE)
    with pytest.raises(NotDecided):
        ACTS["overturn"](case, kim)


# Overtaken -----------------------------------------------------------------------------------------


def told():
    return list(Notice.objects.values_list("user__first_name", "text"))


def test_new_evidence_keeps_it_in_and_its_signer_hears_of_that(case, kim):
    Draft.objects.create(case=case, user=kim, fields={}, digest=case.digest, saved_at=NINE)
    release = sign(case, by=kim)

    intake.add_steps(case, {"steps": [step("s3")]}, by=case.agent, at=OUT)

    fresh = now_of(case)
    assert (fresh.status, fresh.release_at) == ("awaiting", None)
    assert Release.objects.get().end == "overtaken"
    assert [line.action for line in ledger.history(case)][-2:] == [
        "case.evidence_added",
        "case.overtaken",
    ]
    assert lifecycle.release(case.pk, at=OUT) is None
    assert Draft.objects.filter(user=kim).exists()
    releases.carry_out(release.pk, at=OUT)
    releases.carry_out(release.pk, at=OUT)
    assert [(who, said.partition(".")[0]) for who, said in told()] == [
        ("Kim", f"New evidence came to {case.reference} before your answer went out")
    ]
    with pytest.raises(EvidenceChanged):
        sign(case, by=kim, at=OUT)
    assert isinstance(sign(fresh, by=kim, at=OUT), Release)


def test_a_case_that_its_agent_withdraws_is_not_decided(case, kim):
    release = sign(case, by=kim)

    lifecycle.withdraw(case.pk, "no longer", by=case.agent, at=NINE)

    assert (now_of(case).status, now_of(case).release_at) == ("withdrawn", None)
    assert Release.objects.get().end == "withdrawn"
    assert lifecycle.release(case.pk, at=OUT) is None
    assert nothing_is_decided(case)
    releases.carry_out(release.pk, at=OUT)
    assert len(told()) == 1
    assert not Effect.objects.filter(kind="release", done_at=None).exists()


def test_the_job_lets_it_go_out(case, kim):
    release = sign(case, by=kim)

    releases.carry_out(release.pk, at=OUT)

    assert case.decisions.get().decided_by == kim
    assert told() == []


# Where several must agree --------------------------------------------------------------------------


def test_the_answer_that_completes_several_counts_when_it_goes_out_and_not_before(role, kim):
    case, mara = waiting_case(role, approvals=2), make_reviewer(role)
    assert isinstance(sign(case, by=kim), Answer)

    assert isinstance(sign(case, by=mara), Release)
    assert Answer.objects.count() == 1
    lifecycle.undo(case.pk, by=mara, at=NINE)
    assert isinstance(sign(case, by=mara), Release)  # nothing of the first was left behind
    made = lifecycle.release(case.pk, at=OUT)

    assert (made.permitted, made.decided_by) == (True, mara)
    assert set(Answer.objects.values_list("user", "answered_at")) == {
        (kim.pk, NINE),
        (mara.pk, NINE),
    }
    assert verification.verify().problem == ""


# At one instant ------------------------------------------------------------------------------------


def names(results):
    return sorted(type(one).__name__ for one in results)


@pytest.mark.django_db(transaction=True)
def test_of_what_happens_to_it_at_one_instant_exactly_one_does(role, kim):
    mara = make_reviewer(role)
    cases = [waiting_case(role) for _ in range(5)]
    signing = in_groups([[partial(sign, case, by=by) for by in (kim, mara)] for case in cases])
    release = partial(lifecycle.release, at=OUT)
    signer = {one.case_id: one.signed_by for one in Release.objects.select_related("signed_by")}
    twice, undone, added, withdrawn, again = cases
    more = {"steps": [step("s3")]}

    results = {
        "released": at_once(*[partial(release, twice.pk)] * 3),
        "undone": at_once(
            partial(release, undone.pk),
            partial(lifecycle.undo, undone.pk, by=signer[undone.pk], at=OUT),
        ),
        "added": at_once(
            partial(release, added.pk),
            partial(intake.add_steps, added, more, by=added.agent, at=OUT),
        ),
        "withdrawn": at_once(
            partial(release, withdrawn.pk),
            partial(lifecycle.withdraw, withdrawn.pk, "x", by=withdrawn.agent, at=OUT),
        ),
        "signed again": at_once(
            *(partial(sign, again, "reject", by=by, at=OUT) for by in (kim, mara)),
            partial(release, again.pk),
        ),
    }

    assert [names(pair) for pair in signing] == [["Release", "SignedAlready"]] * 5
    assert names(results["released"]) == ["Decision", "NoneType", "NoneType"]
    released, other = results["undone"]
    assert (released is None) == isinstance(other, Case)
    assert isinstance(other, Case | AlreadyDecided)
    released, other = results["added"]
    assert (released is None) == isinstance(other, Case)
    assert isinstance(other, Case | CaseClosed)
    released, other = results["withdrawn"]
    assert (released is None) == isinstance(other, Case)
    *late, released = results["signed again"]
    assert released.permitted
    assert all(isinstance(one, SignedAlready | AlreadyDecided) for one in late)
    for case in cases:
        decided = now_of(case).status == "decided"
        assert case.decisions.count() == Delivery.objects.filter(case=case).count() == decided
        assert (Release.objects.get(case=case).end == "released") == decided
        assert not Pause.objects.filter(case=case, ended_at=None).exists()
        assert now_of(case).release_at is None
    assert isinstance(results["withdrawn"][0], Decision | CaseWithdrawn | type(None))
    assert verification.verify().problem == ""
