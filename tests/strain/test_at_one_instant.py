"""Two who act on one case at one instant: one is first, the other is told, nothing hangs."""

import itertools
from collections import Counter
from functools import partial
from threading import Event as Flag

import pytest
from django.utils.timezone import now

from escalation import canonical, intake, ledger, lifecycle
from escalation.delivery import claims
from escalation.delivery.lanes import Due
from escalation.enums import CaseStatus, EffectKind
from escalation.errors import AlreadyDecided, CaseClosed, CaseWithdrawn, EvidenceChanged
from escalation.models import Agent, Case, Decision, Delivery, Effect, Event, Evidence
from routing import sweep as sweeping
from routing.dispatch import dispatch
from tests.carry import take
from tests.factories import (
    decide,
    handed_off_case,
    make_agent,
    make_reviewer,
    make_role,
    package,
    step,
)
from tests.strain.at_once import at_once, in_groups

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(results: list[object]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


def the_record_is_whole() -> bool:
    return ledger.first_break(Event.objects.prefetch_related("disclosures")) is None


def test_of_fifty_pairs_of_decisions_fifty_stand_and_fifty_are_told_whose():
    role, agent = make_role("pairs"), make_agent("pairs")
    ida, bo = make_reviewer(role), make_reviewer(role)
    cases = [handed_off_case(role, by=agent) for _ in range(50)]

    pairs = in_groups(
        [[partial(decide, case, by=ida), partial(decide, case, "reject", by=bo)] for case in cases]
    )

    assert kinds(list(itertools.chain(*pairs))) == {"Decision": 50, "AlreadyDecided": 50}
    for case, answers in zip(cases, pairs, strict=True):
        standing = next(one for one in answers if isinstance(one, Decision))
        refusal = next(one for one in answers if isinstance(one, AlreadyDecided))
        label = {"approve": "Refund in full", "reject": "Refuse"}[standing.option.key]
        assert str(refusal) == (
            f"{standing.decided_by} decided {case.reference} with “{label}” "
            f"at {standing.decided_at:%H:%M:%S} UTC. Your answer was not recorded."
        )
    assert Decision.objects.count() == Delivery.objects.count() == 50
    assert Event.objects.filter(action="case.decided").count() == 50
    assert the_record_is_whole()


def test_a_decision_and_a_withdrawal_never_both_stand():
    role, agent = make_role("withdrawn"), make_agent("withdrawn")
    ida = make_reviewer(role)
    cases = [handed_off_case(role, by=agent) for _ in range(20)]

    pairs = in_groups(
        [
            [
                partial(decide, case, by=ida),
                partial(lifecycle.withdraw, case.pk, "no longer", by=agent, at=now()),
            ]
            for case in cases
        ]
    )

    for case, (decided, withdrawn) in zip(cases, pairs, strict=True):
        case.refresh_from_db()
        if case.status == CaseStatus.DECIDED:
            assert (type(decided), type(withdrawn)) == (Decision, AlreadyDecided)
        else:
            assert (type(decided), type(withdrawn)) == (CaseWithdrawn, Case)
        assert case.decisions.count() == (case.status == CaseStatus.DECIDED)
        assert not case.handoffs.filter(ended_at=None).exists()
    assert the_record_is_whole()


def test_a_decision_is_never_of_evidence_that_was_not_on_screen():
    role, agent = make_role("evidence"), make_agent("evidence")
    ida = make_reviewer(role)
    cases = [handed_off_case(role, by=agent) for _ in range(20)]
    more = {"steps": [step("s3", text="It was the neighbour who signed.")]}

    pairs = in_groups(
        [
            [
                partial(decide, case, by=ida),
                partial(intake.add_steps, case, more, by=agent, at=now()),
            ]
            for case in cases
        ]
    )

    for case, (decided, added) in zip(cases, pairs, strict=True):
        seen = case.digest
        case.refresh_from_db()
        if isinstance(decided, Decision):
            assert isinstance(added, CaseClosed)
            assert (decided.digest, case.digest, case.version) == (seen, seen, 1)
        else:
            assert (type(decided), type(added)) == (EvidenceChanged, Case)
            assert (case.status, case.version) == (CaseStatus.AWAITING, 2)
            assert case.digest != seen


def test_evidence_that_comes_at_one_instant_is_all_kept():
    role, agent = make_role("kept"), make_agent("kept")
    case = handed_off_case(role, by=agent)

    added = at_once(
        *(
            partial(intake.add_steps, case, {"steps": [step(f"late-{n}")]}, by=agent, at=now())
            for n in range(10)
        )
    )

    assert kinds(added) == {"Case": 10}
    case.refresh_from_db()
    assert case.version == 11
    keys = list(Evidence.objects.filter(case=case).values_list("key", flat=True))
    assert sorted(keys) == sorted(["s1", "s2", *(f"late-{n}" for n in range(10))])
    positions = list(Evidence.objects.filter(case=case).values_list("position", flat=True))
    assert positions == list(range(1, 13))
    whole = intake.whole_package(case)
    assert case.digest == canonical.digest(canonical.encode(whole))
    assert [one["key"] for one in whole["steps"]] == keys


def test_two_couriers_at_one_instant_claim_each_delivery_once():
    role, agent = make_role("clocks"), make_agent("clocks")
    ida = make_reviewer(role)
    for _ in range(60):
        decide(handed_off_case(role, by=agent), by=ida)
    assert Effect.objects.filter(kind=EffectKind.DELIVERY, done_at=None).count() == 60
    at = now()

    def courier() -> list[Due]:
        return [due for _ in range(8) for due in take(EffectKind.DELIVERY, at)]

    first, second = at_once(courier, courier)

    assert Counter(due.id for due in first + second).most_common(1)[0][1] == 1
    assert {due.claims for due in first + second} == {1}
    left = courier()  # what each had passed over while the other held it
    assert len(first) + len(second) + len(left) == 60
    assert courier() == []
    at = at + claims.LEASE
    assert len(courier()) == 60  # the leases have ended


def test_decisions_pass_while_clocks_sweep_and_cases_are_dispatched(
    monkeypatch: pytest.MonkeyPatch,
):
    role, agent = make_role("meanwhile"), make_agent("meanwhile")
    ida = make_reviewer(role)
    cases = [handed_off_case(role, by=agent) for _ in range(40)]
    monkeypatch.setattr(sweeping, "_ring", lambda kind, batch: True)
    finished = Flag()

    def decide_all() -> int:
        try:
            for case in cases:
                decide(case, by=ida)
        finally:
            finished.set()  # or the others would go on for ever
        return len(cases)

    def keep_opening() -> int:
        return sum(1 for _ in iter(partial(open_and_dispatch, agent, finished), None))

    def keep_sweeping() -> int:
        return sum(1 for _ in iter(lambda: finished.is_set() or sweeping.sweep(at=now()), True))

    decided, *others = at_once(decide_all, keep_sweeping, keep_sweeping, keep_opening)

    assert decided == 40
    assert all(isinstance(one, int) and one > 0 for one in others), others
    assert Decision.objects.count() == 40
    assert the_record_is_whole()


def open_and_dispatch(agent: Agent, finished: Flag) -> bool | None:
    """Open a case and give it to hands, twice over as a job may; None once it is time to stop."""
    if finished.is_set():
        return None
    sent = package(role="meanwhile")
    case = intake.open_case(sent, key=now().isoformat(), by=agent, at=now()).case
    for _ in range(2):
        dispatch([case.pk], at=now())
    return True
