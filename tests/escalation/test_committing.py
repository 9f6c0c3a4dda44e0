"""Answering for oneself first: what is asked of an answer before it is stored, and what may follow it."""

from datetime import timedelta

import pytest

from escalation import intake, ledger, lifecycle, protocol, verification
from escalation.errors import (
    AlreadyAnswered,
    AnswerFirst,
    ConfirmationNeeded,
    EvidenceUnread,
    IllegalTransition,
    NotAuthorised,
    RationaleMissing,
    ReasonMissing,
)
from escalation.models import Answer, Case, Decision, Draft, Event, Handoff, Opening, Viewing
from tests.factories import (
    NINE,
    PASS_UP,
    case_reviewed,
    make_auditor,
    make_reviewer,
    make_role,
    open_all,
    options,
    package,
    package_with,
    step,
)

pytestmark = pytest.mark.django_db
TEN = NINE + timedelta(hours=1)
UNREAD = "Open first what must be read: get_order."


@pytest.fixture
def case(role):
    return case_reviewed(role, "commit_first")


def give(door, case, key="approve", *, by, at=NINE, **given):
    return door(case.pk, key, digest=case.digest, by=by, at=at, **given)


def commit(case, key="approve", **given):
    open_all(case, by=given["by"])
    return give(lifecycle.commit, case, key, **given)


def sign(case, key="approve", **given):
    return give(lifecycle.decide, case, key, **given)


def refused(error, act):
    before = (Answer.objects.count(), Decision.objects.count(), Event.objects.count())
    with pytest.raises(error) as refusal:
        act()
    assert (Answer.objects.count(), Decision.objects.count(), Event.objects.count()) == before
    return str(refusal.value)


# The own answer ------------------------------------------------------------------------------------


def test_an_own_answer_is_stored_and_then_what_was_withheld_is_shown(case, kim):
    Viewing.objects.create(case=case, user=kim, seconds=95, began_at=NINE, beat_at=NINE)
    Draft.objects.create(case=case, user=kim, fields={}, digest=case.digest, saved_at=NINE)
    assert not protocol.is_revealed(case, kim)

    made = commit(case, "modify", filled={"amount": "20.00"}, rationale="A part.", by=kim)

    assert (made.stage, made.option.key, made.parameters, made.rationale, made.seconds_in_view) == (
        "committed",
        "modify",
        {"amount": "20.00"},
        "A part.",
        95,
    )
    assert protocol.is_revealed(case, kim)
    assert not protocol.is_revealed(case, make_reviewer(case.role))
    assert Case.objects.get(pk=case.pk).status == "awaiting"
    assert not Draft.objects.exists()
    line = ledger.history(case)[-1]
    # which answer it was is not in the open
    assert (line.action, line.facts) == (
        "case.committed",
        {"answer": str(made.pk), "digest": case.digest},
    )
    assert verification.verify().problem == ""


def test_an_answer_is_signed_only_after_the_own_one(case, kim):
    open_all(case, by=kim)

    said = refused(AnswerFirst, lambda: sign(case, by=kim))

    assert said.startswith(f"Answer {case.reference} for yourself first")
    commit(case, by=make_reviewer(case.role))
    refused(AnswerFirst, lambda: sign(case, by=kim))  # somebody else's does not count


def test_the_own_answer_is_kept_with_its_reasons(role, kim):
    case = case_reviewed(role, "commit_first", because="written", reasons=["seen", "known"])
    commit(case, reasons=["seen", "seen"], rationale="It was signed for.", by=kim)

    made = sign(case, by=kim, at=TEN)

    assert (made.outcome, made.reasons, made.rationale) == (
        "approve",
        ["seen"],
        "It was signed for.",
    )


def test_the_own_answer_is_changed_with_a_word_of_why_and_both_are_on_the_record(case, kim):
    commit(case, by=kim, rationale="Looks right.")

    said = refused(RationaleMissing, lambda: sign(case, "reject", by=kim, rationale=" \n"))
    made = sign(case, "reject", by=kim, rationale="The agent names the neighbour.", at=TEN)

    assert said == "You answered “Refund in full” before. Say why you answer otherwise now."
    assert (made.outcome, made.rationale) == ("reject", "The agent names the neighbour.")
    assert Answer.objects.get().option.key == "approve"
    assert [line.action for line in ledger.history(case)][-2:] == ["case.committed", "case.decided"]


def test_another_amount_is_another_answer(case, kim):
    commit(case, "modify", filled={"amount": "20.00"}, by=kim)

    changed = {"filled": {"amount": "30.00"}, "by": kim}
    refused(RationaleMissing, lambda: sign(case, "modify", **changed))


def test_nobody_answers_for_themselves_twice_but_after_new_evidence(case, kim):
    commit(case, by=kim)

    said = refused(AlreadyAnswered, lambda: commit(case, "reject", by=kim))
    assert said.startswith(f"You have given your own answer to {case.reference}.")

    intake.add_steps(case, {"steps": [step("s3")]}, by=case.agent, at=NINE)
    fresh = Case.objects.get(pk=case.pk)
    assert not protocol.is_revealed(fresh, kim)
    refused(AnswerFirst, lambda: sign(fresh, by=kim))
    assert commit(fresh, "reject", by=kim).digest == fresh.digest


def test_somebody_who_has_only_committed_may_still_be_given_the_case(case, kim):
    commit(case, by=kim)

    assert lifecycle.claim(case.pk, by=kim, at=NINE).user == kim
    assert sign(case, by=kim).decided_by == kim


@pytest.mark.parametrize("protocol", ["open", "evidence_first", "two_blind"])
def test_where_nothing_is_shown_after_it_there_is_no_first_answer(role, kim, protocol):
    case = case_reviewed(role, protocol)

    refused(IllegalTransition, lambda: commit_unread(case, kim))


def commit_unread(case, by):
    return give(lifecycle.commit, case, by=by)


@pytest.mark.parametrize("protocol", ["open", "evidence_first", "commit_first", "two_blind"])
@pytest.mark.parametrize("door", [lifecycle.commit, lifecycle.decide])
def test_an_option_that_passes_the_case_up_does_so_at_once(role, kim, protocol, door):
    case = case_reviewed(
        role, protocol, sent=package(question=options(PASS_UP)), because="written", step_up=True
    )

    assert isinstance(give(door, case, "pass-up", by=kim), Handoff)
    assert Case.objects.get(pk=case.pk).role.slug == "managers"
    assert not Answer.objects.exists()


# Evidence that must be read ------------------------------------------------------------------------


@pytest.mark.parametrize("stakes", ["high", "critical"])
def test_above_medium_stakes_what_must_be_read_is_opened_first(role, kim, stakes):
    case = case_reviewed(role, "open", stakes=stakes)
    other = make_reviewer(role)
    open_all(case, by=other)  # that somebody else has opened it is nothing to Kim

    assert refused(EvidenceUnread, lambda: sign(case, by=kim)) == UNREAD
    assert refused(EvidenceUnread, lambda: sign(case, "reject", by=kim)) == UNREAD

    lifecycle.open_evidence(case.pk, 1, by=kim, at=NINE)
    assert sign(case, by=kim).permitted


@pytest.mark.parametrize("stakes", ["low", "medium"])
def test_up_to_medium_stakes_it_is_only_marked(role, kim, stakes):
    assert sign(case_reviewed(role, "open", stakes=stakes), by=kim).permitted


def test_what_is_withheld_is_to_be_read_once_it_is_shown(role, kim):
    sent = package_with("/steps/1/must_read", True)
    case = case_reviewed(role, "commit_first", sent=sent)
    assert [step.position for step in protocol.unread(case, kim)] == [1]
    assert refused(EvidenceUnread, lambda: commit_unread(case, kim)) == UNREAD
    refused(NotAuthorised, lambda: lifecycle.open_evidence(case.pk, 2, by=kim, at=NINE))
    commit(case, by=kim)

    assert refused(EvidenceUnread, lambda: sign(case, by=kim)).endswith("must be read: s2.")

    lifecycle.open_evidence(case.pk, 2, by=kim, at=NINE)
    assert sign(case, by=kim).permitted


def test_evidence_that_came_later_is_to_be_read_as_well(role, kim):
    case = case_reviewed(role, "open")
    open_all(case, by=kim)
    late = step("s3", name="get_signature", must_read=True)
    intake.add_steps(case, {"steps": [late]}, by=case.agent, at=NINE)

    fresh = Case.objects.get(pk=case.pk)
    assert refused(EvidenceUnread, lambda: sign(fresh, by=kim)).endswith("read: get_signature.")


def test_that_evidence_was_opened_is_noted_once(case, kim):
    first = lifecycle.open_evidence(case.pk, 1, by=kim, at=NINE)

    assert lifecycle.open_evidence(case.pk, 1, by=kim, at=TEN) == first
    assert Opening.objects.values_list("user", "opened_at").get() == (kim.pk, NINE)
    opened = [line.facts for line in ledger.history(case) if line.action == "evidence.opened"]
    assert opened == [{"position": 1, "step": "s1", "must_read": True, "digest": case.digest}]
    assert verification.verify().problem == ""


def test_evidence_is_opened_by_who_may_read_the_case(case):
    outsider = make_reviewer(make_role())

    refused(NotAuthorised, lambda: lifecycle.open_evidence(case.pk, 1, by=outsider, at=NINE))
    assert lifecycle.open_evidence(case.pk, 1, by=make_auditor(), at=NINE)


# Why, and who ---------------------------------------------------------------------------------------

LISTED, WORDS = "Choose a reason:", "Say why in your own words:"


@pytest.mark.parametrize(
    ("because", "given", "said"),
    [
        ("optional", {}, ""),
        ("optional", {"reasons": ["made_up"]}, "'made_up' is none of the reasons"),
        ("listed", {}, LISTED),
        ("listed", {"rationale": "Because."}, LISTED),
        ("listed", {"reasons": ["seen"]}, ""),
        ("listed", {"reasons": ["seen", "made_up"]}, "'made_up' is none of the reasons"),
        ("written", {"rationale": "Because."}, LISTED),
        ("written", {"reasons": ["seen"]}, WORDS),
        ("written", {"reasons": ["seen"], "rationale": " \t"}, WORDS),
        ("written", {"reasons": ["seen", "known"], "rationale": "Because."}, ""),
    ],
)
@pytest.mark.parametrize("protocol", ["evidence_first", "commit_first"])
def test_an_answer_says_why_as_far_as_policy_asks(role, kim, protocol, because, given, said):
    case = case_reviewed(role, protocol, because=because, reasons=["seen", "known"])
    open_all(case, by=kim)
    door = lifecycle.commit if protocol == "commit_first" else lifecycle.decide

    if said:
        assert refused(ReasonMissing, lambda: give(door, case, by=kim, **given)).startswith(said)
    else:
        made = give(door, case, by=kim, **given)
        assert made.reasons == given.get("reasons", [])


@pytest.mark.parametrize(
    ("confirmed", "fresh"),
    [(None, False), (0, True), (299, True), (301, False), (-1, False)],
)
def test_where_policy_asks_for_it_who_signs_has_just_shown_who_they_are(
    role, kim, confirmed, fresh
):
    case = case_reviewed(role, "open", stakes="low", step_up=True)
    confirmed_at = None if confirmed is None else TEN - timedelta(seconds=confirmed)
    signing = {"by": kim, "confirmed_at": confirmed_at, "at": TEN}

    if fresh:
        assert sign(case, **signing).permitted
    else:
        said = refused(ConfirmationNeeded, lambda: sign(case, **signing))
        assert said == "Confirm that it is you before you sign this answer."
