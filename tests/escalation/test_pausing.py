"""A case waits, held or for its agent, and goes on again: by whom, how long, and what is told."""

import json
from datetime import timedelta
from functools import partial

import pytest
from recourse import Event as Callback

from escalation import intake, ledger, lifecycle, verification
from escalation.actors import CLOCK
from escalation.errors import (
    AlreadyDecided,
    CaseClosed,
    CaseWithdrawn,
    IllegalTransition,
    NotAuthorised,
    NothingAsked,
    PackageRejected,
    PauseRefused,
)
from escalation.models import Case, Delivery, Effect, Pause
from tests.factories import (
    NINE,
    PASS_UP,
    case_under,
    decide,
    decided_case,
    handed_off_case,
    make_reviewer,
    make_role,
    open_case,
    options,
    package,
    step,
)

pytestmark = pytest.mark.django_db
LATER = NINE + timedelta(minutes=5)
NOON = NINE + timedelta(hours=3)
THREE_DAYS = timedelta(days=3)


@pytest.fixture
def case(role):
    return handed_off_case(role, package(question=options(PASS_UP)))


def stands(case):
    return Case.objects.values_list("status", flat=True).get(pk=case.pk)


def pauses(case):
    rows = Pause.objects.filter(case=case)
    return list(rows.values_list("reason", "note", "began_at", "until", "ended_at"))


def told(case):
    """Return what its agent is told, as the client reads it."""
    bodies = Delivery.objects.filter(case=case).values_list("body", flat=True)
    return [Callback.of(json.loads(bytes(body))) for body in bodies]


def last(case):
    line = ledger.history(case)[-1]
    return line.action, line.actor, line.facts, line.private


# Holding -----------------------------------------------------------------------------------------


def test_a_case_is_held_until_an_instant_and_its_agent_is_told(case, kim):
    lifecycle.hold(case.pk, "The bank opens at noon.", until=NOON, by=kim, at=LATER)

    assert stands(case) == "held"
    assert pauses(case) == [("held", "The bank opens at noon.", LATER, NOON, None)]
    assert last(case) == (
        "case.held",
        f"user:{kim.pk}",
        {"until": ledger.instant(NOON), "stops_clocks": True},
        {"reason": "The bank opens at noon."},
    )
    (callback,) = told(case)
    assert (callback.type, callback.case.status, callback.state) == (
        "case.held",
        "held",
        {"thread": 8841, "node": "refund"},
    )
    # why it is held is between people
    assert (callback.case.pause.asked, callback.case.pause.until) == (None, NOON)
    assert verification.verify().problem == ""


def test_a_person_holds_for_as_long_as_may_be_unless_they_say_until_when(case, kim):
    lifecycle.hold(case.pk, "Later.", by=kim, at=LATER)

    assert Pause.objects.get().until == LATER + THREE_DAYS


def test_the_longest_pause_and_what_stops_the_clocks_are_those_of_the_cases_own_policy(role, kim):
    case = case_under(role, pauses=["information_requested"], longest_pause=3600)

    lifecycle.hold(case.pk, "Later.", by=kim, at=LATER)
    lifecycle.take_up(case.pk, by=kim, at=LATER)
    lifecycle.ask(case.pk, "Which?", by=kim, at=LATER)

    found = Pause.objects.values_list("reason", "until", "stops_clocks")
    an_hour_on = LATER + timedelta(hours=1)
    assert list(found) == [
        ("held", an_hour_on, False),
        ("information_requested", an_hour_on, True),
    ]


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (LATER, "That has already passed. Choose a later time."),
        (
            LATER + THREE_DAYS + timedelta(seconds=1),
            "A case can be held until Mon 23 Nov, 09:05 UTC at the latest.",
        ),
    ],
)
def test_nobody_holds_a_case_into_the_past_or_beyond_the_longest_pause(case, kim, until, said):
    with pytest.raises(PauseRefused, match=said):
        lifecycle.hold(case.pk, "x", until=until, by=kim, at=LATER)

    assert (stands(case), pauses(case)) == ("awaiting", [])


def test_a_fallback_holds_without_an_end_also_what_a_person_held_for_a_while(case, kim):
    lifecycle.hold(case.pk, "Later.", until=NOON, by=kim, at=LATER)

    lifecycle.hold(case.pk, "Nobody answered.", by=CLOCK, at=NOON)

    assert stands(case) == "held"
    assert [(note, until, ended) for _, note, _, until, ended in pauses(case)] == [
        ("Later.", NOON, NOON),
        ("Nobody answered.", None, None),
    ]
    assert told(case)[-1].case.pause.until is None


# Asking, and the agent's answer -------------------------------------------------------------------


def test_the_agent_is_asked_and_answers_with_evidence(case, kim):
    lifecycle.ask(case.pk, "Which address?", by=kim, at=LATER)

    assert stands(case) == "information_requested"
    assert last(case)[3] == {"text": "Which address?"}
    (callback,) = told(case)
    pause = callback.case.pause
    assert (callback.type, pause.asked, pause.until) == (
        "case.information_requested",
        "Which address?",
        LATER + THREE_DAYS,
    )

    looked = step("s3", kind="tool_call", name="get_address")
    answered = lifecycle.answer(case.pk, "The old one.", [looked], by=case.agent, at=NOON)

    assert stands(case) == "awaiting"
    assert Pause.objects.get().ended_at == NOON
    added = list(case.evidence.filter(version=2).values_list("key", "kind", "name", "at"))
    assert added[1] == ("answer-1", "message", "answer", NOON)
    assert [key for key, *_ in added] == ["s3", "answer-1"]
    assert intake.whole_package(case)["steps"][-1]["text"] == "The old one."
    actions = [line.action for line in ledger.history(case)][-2:]
    assert actions == ["case.evidence_added", "case.information_given"]
    assert last(case)[2:] == (
        {"step": "answer-1", "digest": answered.digest},
        {"text": "The old one."},
    )
    assert verification.verify().problem == ""


def test_the_next_answer_has_a_key_of_its_own(case, kim):
    for text in ("The old one.", "Yes."):
        lifecycle.ask(case.pk, "?", by=kim, at=LATER)
        lifecycle.answer(case.pk, text, [step(f"answer-{len(text)}")], by=case.agent, at=NOON)

    keys = list(case.evidence.filter(version__gt=1).values_list("key", flat=True))
    assert keys == ["answer-12", "answer-1", "answer-4", "answer-2"]


def test_an_answer_that_nobody_asked_for_is_refused(case):
    with pytest.raises(NothingAsked, match=f"Nobody waits for an answer on {case.reference}"):
        lifecycle.answer(case.pk, "By the way", [], by=case.agent, at=LATER)


def test_an_answer_with_bad_steps_leaves_the_question_open(case, kim):
    lifecycle.ask(case.pk, "?", by=kim, at=LATER)

    with pytest.raises(PackageRejected) as refused:
        lifecycle.answer(case.pk, "Yes", [step("s1")], by=case.agent, at=NOON)

    assert [fault.pointer for fault in refused.value.faults] == ["/steps/0/key"]
    assert (stands(case), case.evidence.count()) == ("information_requested", 2)


def test_an_answer_to_a_case_that_has_ended_is_refused(case, kim):
    lifecycle.ask(case.pk, "?", by=kim, at=LATER)
    decide(case, "reject", by=kim, at=NOON)

    with pytest.raises(CaseClosed):
        lifecycle.answer(case.pk, "Yes", [], by=case.agent, at=NOON)


# Going on ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("wait", [lifecycle.hold, lifecycle.ask])
def test_who_decides_takes_a_waiting_case_up_again(case, kim, wait):
    wait(case.pk, "x", by=kim, at=LATER)
    waited_for = stands(case)

    lifecycle.take_up(case.pk, by=kim, at=NOON)

    assert stands(case) == "awaiting"
    assert Pause.objects.get().ended_at == NOON
    assert last(case) == ("case.taken_up", f"user:{kim.pk}", {"waited_for": waited_for}, {})


def test_a_pause_that_ran_out_ended_then_however_late_the_clock_noticed(case, kim):
    lifecycle.hold(case.pk, "x", until=NOON, by=kim, at=LATER)

    lifecycle.take_up(case.pk, by=CLOCK, at=NOON + timedelta(hours=1))

    assert Pause.objects.get().ended_at == NOON


def test_what_does_not_wait_cannot_be_taken_up(case, kim):
    with pytest.raises(IllegalTransition, match="it awaits a decision"):
        lifecycle.take_up(case.pk, by=kim, at=LATER)


@pytest.mark.parametrize("wait", [lifecycle.hold, lifecycle.ask])
def test_a_waiting_case_can_be_decided_withdrawn_and_passed_up(role, kim, wait):
    decided, withdrawn, passed = (
        handed_off_case(role, package(question=options(PASS_UP))) for _ in range(3)
    )
    for each in (decided, withdrawn, passed):
        wait(each.pk, "x", by=kim, at=LATER)

    decide(decided, by=kim, at=NOON)
    lifecycle.withdraw(withdrawn.pk, "x", by=withdrawn.agent, at=NOON)
    decide_up = partial(lifecycle.decide, passed.pk, "pass-up", digest=passed.digest)
    decide_up(by=kim, at=NOON)

    assert [stands(each) for each in (decided, withdrawn, passed)] == [
        "decided",
        "withdrawn",
        "awaiting",  # whoever has it now begins afresh
    ]
    assert list(Pause.objects.values_list("ended_at", flat=True)) == [NOON] * 3


def test_a_case_that_waits_for_its_agent_can_be_held_but_not_asked_about_while_held(case, kim):
    lifecycle.ask(case.pk, "?", by=kim, at=LATER)
    lifecycle.hold(case.pk, "x", by=kim, at=LATER)

    with pytest.raises(IllegalTransition, match="Take it up again before you ask"):
        lifecycle.ask(case.pk, "?", by=kim, at=LATER)
    with pytest.raises(IllegalTransition, match="it cannot become held"):
        lifecycle.hold(case.pk, "x", by=kim, at=LATER)

    assert [ended for *_, ended in pauses(case)] == [LATER, None]


# Who may, and when --------------------------------------------------------------------------------

DOORS = [
    partial(lifecycle.hold, reason="x"),
    partial(lifecycle.ask, text="?"),
    lifecycle.take_up,
]


@pytest.mark.parametrize("door", DOORS)
def test_only_who_may_decide_a_case_lets_it_wait_or_go_on(case, door):
    acted_for = make_reviewer(case.role, username="cus_19")

    for outsider in (make_reviewer(make_role()), acted_for):
        with pytest.raises(NotAuthorised):
            door(case.pk, by=outsider, at=LATER)

    assert (stands(case), pauses(case)) == ("awaiting", [])


@pytest.mark.parametrize("door", DOORS)
def test_a_case_that_has_ended_or_not_begun_does_not_wait(role, kim, door):
    withdrawn = handed_off_case(role)
    lifecycle.withdraw(withdrawn.pk, "x", by=withdrawn.agent, at=NINE)

    for ended, error in [
        (decided_case(role), AlreadyDecided),
        (withdrawn, CaseWithdrawn),
        (open_case(), IllegalTransition),
    ]:
        with pytest.raises(error):
            door(ended.pk, by=kim, at=LATER)


def test_a_clock_stands_still_while_the_case_waits_and_keeps_what_it_had_left(case, kim):
    before = case.due_at
    lifecycle.ask(case.pk, "?", by=kim, at=LATER)
    waiting = Case.objects.get(pk=case.pk).due_at
    effect = Effect.objects.get(kind="deadline", target=case.pk)

    lifecycle.answer(case.pk, "Yes.", [], by=case.agent, at=LATER + timedelta(hours=1))

    assert (waiting, effect.due_at) == (None, LATER + THREE_DAYS)
    assert Case.objects.get(pk=case.pk).due_at == before + timedelta(hours=1)


def test_evidence_that_comes_by_itself_ends_no_pause(case, kim):
    lifecycle.ask(case.pk, "?", by=kim, at=LATER)

    intake.add_steps(case, {"steps": [step("s3")]}, by=case.agent, at=NOON)

    assert (stands(case), Pause.objects.get().ended_at) == ("information_requested", None)
