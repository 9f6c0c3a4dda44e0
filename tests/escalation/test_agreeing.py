"""Where several people must agree: who counts, what counts as the same, and what ends it at once."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from escalation import intake, ledger, lifecycle, protocol, verification
from escalation.errors import AlreadyAnswered, NotAuthorised
from escalation.models import Answer, Case, Decision, Delivery, Effect
from reviewers import candidates
from reviewers import hands as people
from tests.factories import NINE, case_reviewed, case_under, decide, make_reviewer, step
from tests.strain.at_once import at_once, in_groups

pytestmark = pytest.mark.django_db
TEN = NINE + timedelta(hours=1)
TWENTY = {"amount": "20.00"}


@pytest.fixture
def mara(role):
    return make_reviewer(role, first_name="Mara", last_name="Lind")


@pytest.fixture
def case(role):
    return case_under(role, approvals=2)


def hands(case):
    rows = case.handoffs.values_list("reason", "user__first_name", "note", "end")
    return list(rows)


def test_the_first_of_two_answers_decides_nothing_and_the_next_person_is_found(case, kim):
    lifecycle.claim(case.pk, by=kim, at=NINE)

    answer = lifecycle.decide(
        case.pk, "approve", rationale="Right.", digest=case.digest, by=kim, at=TEN
    )

    assert (type(answer), answer.user, answer.rationale) == (Answer, kim, "Right.")
    assert list(Decision.objects.all()) == list(Delivery.objects.all()) == []
    assert Case.objects.get(pk=case.pk).status == "awaiting"
    assert hands(case) == [
        ("default", None, "", "claimed"),
        ("claimed", "Kim", "", "answered"),
        ("second", None, "Kim Osei has answered.", ""),
    ]
    assert Effect.objects.get(kind="seat", target=case.role_id).due_at <= TEN
    line = next(one for one in ledger.history(case) if one.action == "case.answered")
    # which answer it was is not in the open: whoever answers next is not to lean on it
    assert line.facts == {"answer": str(answer.pk), "of": 2, "digest": case.digest}
    assert line.private["option"] == "approve"


def test_the_same_answer_of_a_second_person_decides(case, kim, mara):
    lifecycle.decide(case.pk, "approve", digest=case.digest, by=kim, at=NINE)

    made = decide(case, by=mara, at=TEN)

    assert (made.permitted, made.decided_by) == (True, mara)
    assert Case.objects.get(pk=case.pk).status == "decided"
    assert [end for *_, end in hands(case)] == ["answered", "decided"]
    assert verification.verify().problem == ""


@pytest.mark.parametrize("first", ["approve", "modify"])
def test_a_refusal_by_anybody_decides_at_once(case, kim, mara, first):
    filled = TWENTY if first == "modify" else None
    lifecycle.decide(case.pk, first, filled=filled, digest=case.digest, by=kim, at=NINE)

    assert decide(case, "reject", by=mara, at=TEN).outcome == "reject"


def test_answers_that_differ_do_not_add_up(case, role, kim, mara):
    third = make_reviewer(role)

    def modify(by, amount):
        filled = {"amount": amount}
        return lifecycle.decide(
            case.pk, "modify", filled=filled, digest=case.digest, by=by, at=NINE
        )

    results = [modify(kim, "20.00"), modify(mara, "30.00"), modify(third, "30.00")]

    assert [type(one) for one in results] == [Answer, Answer, Decision]
    assert results[-1].parameters == {"amount": "30.00"}


def test_nobody_counts_as_two(case, kim):
    lifecycle.decide(case.pk, "approve", digest=case.digest, by=kim, at=NINE)
    again = partial(lifecycle.decide, case.pk, digest=case.digest, by=kim, at=TEN)

    for act in (
        partial(again, "approve"),
        partial(again, "reject"),
        partial(lifecycle.claim, case.pk, by=kim, at=TEN),
        partial(lifecycle.ask, case.pk, "?", by=kim, at=TEN),
    ):
        with pytest.raises(AlreadyAnswered) as refusal:
            act()
        assert str(refusal.value) == (
            f"You have answered {case.reference}; others must agree before it is decided."
        )
    assert Answer.objects.count() == 1


def test_new_evidence_sets_earlier_answers_aside(case, kim, mara):
    lifecycle.decide(case.pk, "approve", digest=case.digest, by=kim, at=NINE)
    intake.add_steps(case, {"steps": [step("s3")]}, by=case.agent, at=NINE)
    fresh = Case.objects.get(pk=case.pk)

    answered = partial(lifecycle.decide, case.pk, "approve", digest=fresh.digest, at=TEN)

    assert [type(answered(by=each)) for each in (mara, kim)] == [Answer, Decision]


def test_an_answer_to_a_held_case_takes_it_up(case, kim, mara):
    lifecycle.hold(case.pk, "x", by=kim, at=NINE)

    lifecycle.decide(case.pk, "approve", digest=case.digest, by=mara, at=TEN)

    assert Case.objects.get(pk=case.pk).status == "awaiting"


def test_the_database_lets_nothing_through_that_fewer_than_enough_agreed_to(case, kim):
    lifecycle.decide(case.pk, "approve", digest=case.digest, by=kim, at=NINE)
    option = case.options.get(key="approve")
    slipped_in = Decision(
        case=case, option=option, outcome="approve", permitted=True, kind="person",
        decided_by=kim, role=case.role, decided_at=TEN, digest=case.digest, arguments={},
    )  # fmt: skip

    with pytest.raises(IntegrityError, match="2 people must agree"), transaction.atomic():
        slipped_in.save()


# Two who answer blind ------------------------------------------------------------------------------


@pytest.fixture
def blind(role):
    return case_reviewed(role, "two_blind", stakes="medium")


def answer(case, key="approve", *, by, **given):
    return lifecycle.decide(case.pk, key, digest=case.digest, by=by, at=NINE, **given)


def test_a_case_that_two_answer_blind_takes_two(blind):
    assert blind.approvals == 2


@pytest.mark.parametrize("key", ["approve", "reject"])
def test_two_who_answer_blind_decide_by_the_same_answer_be_it_a_refusal(blind, kim, mara, key):
    assert isinstance(answer(blind, key, by=kim), Answer)
    assert protocol.disputed(blind) == []
    assert not protocol.is_revealed(blind, mara)

    made = answer(blind, key, by=mara)

    assert (made.outcome, made.decided_by) == (key, mara)
    assert set(Answer.objects.values_list("user", "option__key")) == {(kim.pk, key), (mara.pk, key)}


@pytest.mark.parametrize(
    ("second", "filled"), [("reject", None), ("modify", {"amount": "30.00"}), ("approve", None)]
)
def test_where_they_differ_an_arbiter_is_asked_who_sees_both(blind, kim, mara, second, filled):
    answer(blind, "modify", filled=TWENTY, by=kim)

    made = answer(blind, second, filled=filled, by=mara)

    assert (type(made), Decision.objects.count()) == (Answer, 0)
    assert hands(blind)[-1] == (
        "arbiter",
        None,
        "Mara Lind has answered otherwise than the one before.",
        "",
    )
    assert [one.user for one in protocol.disputed(blind)] == [kim, mara]
    for person in (kim, mara):
        with pytest.raises(AlreadyAnswered):
            answer(blind, "reject", by=person)


def test_an_arbiter_lets_through_only_what_one_of_the_two_answered(blind, role, kim, mara):
    arbiter = make_reviewer(role)
    answer(blind, "modify", filled=TWENTY, by=kim)
    answer(blind, "reject", by=mara)

    for key, filled in (("approve", None), ("modify", {"amount": "30.00"})):
        with pytest.raises(NotAuthorised, match="Two people answered"):
            answer(blind, key, filled=filled, by=arbiter)
    made = answer(blind, "modify", filled=TWENTY, by=arbiter)

    assert (made.permitted, made.parameters, made.decided_by) == (True, TWENTY, arbiter)
    assert verification.verify().problem == ""


def test_an_arbiter_may_refuse_whatever_the_two_answered(blind, role, kim, mara):
    answer(blind, by=kim)
    answer(blind, "modify", filled=TWENTY, by=mara)

    assert answer(blind, "reject", by=make_reviewer(role)).outcome == "reject"


def test_where_three_must_agree_to_let_the_agent_go_on_an_arbiter_alone_does_not(role, kim, mara):
    case = case_reviewed(role, "two_blind", stakes="medium", approvals=3)
    first, second = make_reviewer(role), make_reviewer(role)
    answer(case, by=kim)
    answer(case, "reject", by=mara)

    assert isinstance(answer(case, by=first), Answer)
    assert hands(case)[-1][0] == "arbiter"
    assert answer(case, by=second).permitted


def test_new_evidence_begins_blind_answers_anew(blind, kim, mara):
    answer(blind, by=kim)
    answer(blind, "reject", by=mara)
    intake.add_steps(blind, {"steps": [step("s3")]}, by=blind.agent, at=NINE)
    fresh = Case.objects.get(pk=blind.pk)

    assert protocol.disputed(fresh) == []
    assert [type(answer(fresh, by=each)) for each in (mara, kim)] == [Answer, Decision]


def test_nobody_is_found_for_a_case_that_they_have_answered(blind, role, kim, mara):
    answer(blind, by=kim)

    assert candidates.earlier([blind])[blind.pk] == {kim.pk}
    assert people.colleagues(blind, NINE) == [mara]


@pytest.mark.django_db(transaction=True)
def test_people_who_answer_blind_at_one_instant_end_in_a_decision_or_with_an_arbiter(
    role, kim, mara
):
    cases = [case_reviewed(role, "two_blind", stakes="medium") for _ in range(6)]

    same = in_groups([[partial(answer, case, by=by) for by in (kim, mara)] for case in cases[:3]])
    other = in_groups(
        [
            [partial(answer, case, by=kim), partial(answer, case, "reject", by=mara)]
            for case in cases[3:]
        ]
    )
    twice = at_once(*[partial(answer, cases[5], by=make_reviewer(role))] * 2)

    assert [sorted(type(one).__name__ for one in pair) for pair in same] == [
        ["Answer", "Decision"]
    ] * 3
    assert [type(one).__name__ for pair in other for one in pair] == ["Answer"] * 6
    assert [hands(case)[-1][0] for case in cases[3:5]] == ["arbiter"] * 2
    assert sorted(type(one).__name__ for one in twice) == ["AlreadyDecided", "Decision"]


@pytest.mark.django_db(transaction=True)
def test_people_who_answer_at_one_instant_are_counted_once_each(role, kim, mara):
    cases = [case_under(role, approvals=2) for _ in range(5)]
    give = partial(lifecycle.decide, key="approve", at=TEN)

    same = in_groups([[partial(give, one.pk, digest=one.digest, by=kim)] * 2 for one in cases[:2]])
    both = in_groups(
        [
            [partial(give, one.pk, digest=one.digest, by=by) for by in (kim, mara)]
            for one in cases[2:]
        ]
    )
    three = at_once(
        *(partial(give, cases[0].pk, digest=cases[0].digest, by=by)
          for by in (mara, make_reviewer(role), make_reviewer(role)))
    )  # fmt: skip

    def names(results):
        return sorted(type(one).__name__ for one in results)

    assert [names(pair) for pair in same] == [["AlreadyAnswered", "Answer"]] * 2
    assert [names(pair) for pair in both] == [["Answer", "Decision"]] * 3
    assert names(three) == ["AlreadyDecided", "AlreadyDecided", "Decision"]
