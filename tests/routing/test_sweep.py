from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from escalation import lifecycle
from escalation.effects import LEASE
from escalation.enums import EffectKind
from escalation.models import Case, Effect
from routing import sweep as sweeping
from routing.sweep import Swept, sweep
from tests.factories import NINE, case_reviewed, decided_case, make_reviewer, make_role, open_case

pytestmark = pytest.mark.django_db
LEASE_END = NINE + LEASE[EffectKind.DISPATCH]
MINUTE = timedelta(minutes=1)
NOBODY = "redis://127.0.0.1:1/0"


def rung(queue):
    return [(job.func_name, job.args[0]) for job in queue.jobs]


def carry_out(queue):
    """Do what a worker of this queue does."""
    for job in queue.jobs:
        job.func(*job.args)


def test_what_is_due_is_rung_on_the_queue_of_its_kind(queues):
    decided_case(at=NINE - timedelta(hours=1))
    Effect.objects.exclude(kind="delivery").delete()  # which is the courier's
    open_case()
    dispatch = Effect.objects.get(kind="dispatch")

    assert sweep(at=NINE) == Swept(rung=1, unrung=0)

    assert rung(queues["dispatch"]) == [("routing.jobs.dispatch", {str(dispatch.pk): 1})]
    assert Effect.objects.get(kind="delivery").claims == 0


def test_a_job_that_was_rung_finds_hands_for_its_case(queues):
    case = open_case()
    sweep(at=NINE)

    carry_out(queues["dispatch"])

    assert Case.objects.get(pk=case.pk).status == "awaiting"
    assert sweep(at=LEASE_END) == Swept(rung=0, unrung=0)


def test_many_effects_are_rung_in_batches(queues, monkeypatch):
    monkeypatch.setattr(sweeping, "BATCH", 2)
    for _ in range(5):
        open_case()

    assert sweep(at=NINE) == Swept(rung=5, unrung=0)

    assert [len(claims) for _, claims in rung(queues["dispatch"])] == [2, 2, 1]


def test_workers_that_fall_behind_are_given_no_more_than_they_can_hold(queues, monkeypatch):
    monkeypatch.setattr(sweeping, "BATCH", 1)
    monkeypatch.setattr(sweeping, "MOST_JOBS", 2)
    for _ in range(3):
        open_case()

    assert [sweep(at=NINE).rung, sweep(at=LEASE_END).rung] == [2, 0]  # not rung again and again
    carry_out(queues["dispatch"])
    queues["dispatch"].empty()

    assert sweep(at=LEASE_END) == Swept(rung=1, unrung=0)
    assert Case.objects.filter(status="awaiting").count() == 2


def test_nothing_is_rung_again_while_it_is_held(queues):
    open_case()

    assert [sweep(at=at).rung for at in (NINE, NINE, LEASE_END - timedelta(microseconds=1))] == [
        1,
        0,
        0,
    ]


def test_a_redis_that_lost_everything_is_rung_again_after_the_lease(queues):
    case = open_case()
    sweep(at=NINE)
    queues["dispatch"].connection.flushdb()

    assert sweep(at=LEASE_END) == Swept(rung=1, unrung=0)
    carry_out(queues["dispatch"])

    assert Case.objects.get(pk=case.pk).handoffs.count() == 1


def test_both_jobs_of_one_effect_find_hands_once(queues):
    case = open_case()
    sweep(at=NINE)
    sweep(at=LEASE_END)

    carry_out(queues["dispatch"])

    assert len(queues["dispatch"].jobs) == 2
    assert Case.objects.get(pk=case.pk).handoffs.count() == 1


def test_a_redis_that_does_not_answer_loses_nothing_and_delays_no_deadline(
    queues, settings, caplog
):
    Effect.objects.create(kind="roster", target=uuid7(), due_at=NINE)
    case = open_case()
    answering = settings.RQ_QUEUES
    settings.RQ_QUEUES = {name: {"URL": NOBODY} for name in answering}

    assert sweep(at=NINE + MINUTE) == Swept(rung=0, unrung=2, done=1)
    assert "Redis does not take work" in caplog.text
    assert Case.objects.get(pk=case.pk).status == "awaiting"

    settings.RQ_QUEUES = answering
    assert sweep(at=NINE + MINUTE) == Swept(rung=0, unrung=0)
    assert sweep(at=NINE + MINUTE + timedelta(seconds=1)) == Swept(rung=1, unrung=0)


def test_a_signed_answer_goes_out_though_redis_does_not_answer(queues, settings):
    role = make_role()
    case = case_reviewed(role, "open", stakes="medium", hold_window=30)
    by = make_reviewer(role)
    lifecycle.decide(case.pk, "approve", digest=case.digest, by=by, at=NINE)
    Effect.objects.exclude(kind="release").delete()
    settings.RQ_QUEUES = {name: {"URL": NOBODY} for name in settings.RQ_QUEUES}

    assert sweep(at=NINE + timedelta(seconds=29)) == Swept(rung=0, unrung=0)
    assert sweep(at=NINE + timedelta(seconds=30)) == Swept(rung=0, unrung=1, done=1)

    assert case.decisions.get().permitted
    assert not Effect.objects.filter(kind="release", done_at=None).exists()


def test_what_no_worker_does_within_two_leases_the_clock_does_itself(queues):
    case = open_case()

    passes = [sweep(at=NINE + n * LEASE[EffectKind.DISPATCH]) for n in range(3)]

    assert [(one.rung, one.done) for one in passes] == [(1, 0), (1, 0), (0, 1)]
    assert Case.objects.get(pk=case.pk).handoffs.count() == 1


def test_a_queue_that_nobody_empties_keeps_no_case_waiting_longer(queues, monkeypatch):
    monkeypatch.setattr(sweeping, "BATCH", 1)
    monkeypatch.setattr(sweeping, "MOST_JOBS", 1)
    first, second = open_case(), open_case()

    passes = [sweep(at=NINE + n * LEASE[EffectKind.DISPATCH]) for n in range(4)]

    assert [(one.rung, one.done) for one in passes] == [(1, 0), (0, 0), (0, 1), (0, 1)]
    assert [case.handoffs.count() for case in (first, second)] == [1, 1]


def test_workers_that_are_slow_are_still_given_what_the_clock_cannot_do_at_once(
    queues, monkeypatch
):
    monkeypatch.setattr(sweeping, "MOST_OWN", 1)
    for _ in range(3):
        open_case()

    passes = [sweep(at=NINE + n * LEASE[EffectKind.DISPATCH]) for n in range(3)]

    assert [(one.rung, one.done) for one in passes] == [(3, 0), (3, 0), (2, 1)]
