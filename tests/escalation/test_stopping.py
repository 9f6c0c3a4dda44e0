"""An agent is stopped and started again: who may, what is refused, what waits; nothing slips through."""

import json
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client

from escalation import access, effects, intake, ledger, lifecycle, stopping
from escalation.enums import EffectKind
from escalation.errors import (
    AlreadyStopped,
    IllegalTransition,
    NotAuthorised,
    NotStopped,
    RationaleMissing,
)
from escalation.jobs import see_to_stopped
from escalation.models import Agent, Case, Delivery, Effect, Pause
from routing.dispatch import dispatch
from tests.carry import plan, take
from tests.factories import (
    NINE,
    as_json,
    decide,
    handed_off_case,
    make_agent,
    make_key,
    make_policy_maker,
    make_reviewer,
    make_role,
    make_user,
    open_case,
    package,
)

pytestmark = pytest.mark.django_db
LATER = NINE + timedelta(minutes=5)
AFTER = NINE + timedelta(minutes=9)


@pytest.fixture
def role():
    return make_role("refunds")


@pytest.fixture
def kim(role):
    return make_reviewer(role, first_name="Kim")


@pytest.fixture
def agent():
    return make_agent("refunder")


@pytest.fixture
def case(role, agent):
    return handed_off_case(role, by=agent)


def stop(case, by, at=LATER, **given):
    return stopping.stop(case.agent_id, "It pays twice.", case=case, by=by, at=at, **given)


def stands(*cases):
    found = dict(Case.objects.values_list("pk", "status"))
    return [found[case.pk] for case in cases]


def events(thing):
    return [
        (line.action, line.facts, line.private)
        for line in map(
            ledger.Line.of, ledger.Event.objects.filter(subject=ledger.subject_of(thing))
        )
    ]


# Stopping ----------------------------------------------------------------------------------------


def test_whoever_decides_a_case_stops_its_agent_and_its_open_cases_are_held(role, agent, kim, case):
    asked, held, other = (handed_off_case(role, by=agent) for _ in range(3))
    elses = handed_off_case(role, by=make_agent())
    lifecycle.ask(asked.pk, "Which?", by=kim, at=NINE)
    lifecycle.hold(held.pk, "Later.", until=AFTER, by=kim, at=NINE)

    stopped = stop(case, kim, drill=True)
    assert stopping.see_to(agent.pk, at=LATER) == 3

    assert (stopped.stopped_at, stopped.stopped_by, stopped.stopped_because) == (
        LATER, kim, "It pays twice.",
    )  # fmt: skip
    assert stands(case, asked, held, other, elses) == ["held"] * 4 + ["awaiting"]
    reasons = dict(Pause.objects.filter(ended_at=None).values_list("case", "reason"))
    assert reasons == {
        case.pk: "stopped",
        asked.pk: "stopped",
        held.pk: "held",
        other.pk: "stopped",
    }
    pause = Pause.objects.get(case=case)
    assert (pause.stops_clocks, pause.until, pause.began_by) == (True, None, kim)
    assert events(agent)[-1] == (
        "agent.stopped", {"case": case.reference, "drill": True}, {"reason": "It pays twice."},
    )  # fmt: skip
    assert events(case)[-1][0] == "case.held"
    assert not Delivery.objects.filter(case=case).exists()


def test_who_may_stop_an_agent(role, case, kim):
    supervisor, manager, stranger, auditor = (make_user() for _ in range(4))
    elsewhere = make_reviewer(role, tenants=["elsewhere"])
    access.grant(access.SUPERVISE, supervisor, role)
    access.grant(access.MANAGE, manager, role)
    access.grant(access.AUDIT_ROLE, auditor, role)

    may = [kim, supervisor, manager, stranger, auditor, elsewhere]

    assert [stopping.may_stop(one, case) for one in may] == [True, True, True, False, False, False]
    with pytest.raises(NotAuthorised):
        stop(case, stranger)
    with pytest.raises(NotAuthorised):  # a case of another agent gives no right
        stopping.stop(make_agent().pk, "Why.", case=case, by=kim, at=LATER)
    assert stopping.stop(case.agent_id, "Why.", by=make_policy_maker(), at=LATER).stopped_at


def test_stopping_takes_a_reason_and_is_done_once(case, kim):
    with pytest.raises(RationaleMissing):
        stopping.stop(case.agent_id, " ", case=case, by=kim, at=LATER)
    stop(case, kim)
    with pytest.raises(AlreadyStopped, match="Kim"):
        stop(case, kim)


def test_a_stopped_agents_calls_are_refused_but_for_how_it_went_on(role, agent, kim, case):
    decided = handed_off_case(role, by=agent)
    decide(decided, by=kim)
    client = Client(HTTP_AUTHORIZATION=f"Bearer {make_key(agent)}", HTTP_IDEMPOTENCY_KEY="k")
    stop(case, kim)

    def post(path, body):
        return client.post(f"/api/v1/{path}", as_json(body), "application/json")

    refused = [
        post("cases", package()),
        client.get(f"/api/v1/cases/{case.reference}"),
        client.get(f"/api/v1/cases/{decided.reference}/decision"),
        post(f"cases/{case.reference}/withdrawal", {"reason": "Never mind."}),
    ]
    assert {(one.status_code, json.loads(one.content)["type"].rpartition("/")[2].rpartition("#")[2])
            for one in refused} == {(403, "agent-stopped")}  # fmt: skip
    assert post(f"cases/{decided.reference}/resumption", {"result": "succeeded"}).status_code == 200
    assert client.get("/api/v1/openapi.json").status_code == 200


def test_what_is_due_to_a_stopped_agent_waits_until_it_is_started(role, agent, kim, case):
    stop(case, kim)
    decide(case, by=kim, at=LATER)  # a person may still decide
    delivery = Delivery.objects.get(case=case)
    [due] = take(EffectKind.DELIVERY, AFTER)

    assert plan(EffectKind.DELIVERY, [due], AFTER) == []

    waiting = Effect.objects.get(kind=EffectKind.DELIVERY, target=delivery.pk)
    assert (waiting.done_at, waiting.due_at > AFTER) == (None, True)
    stopping.start(agent.pk, "Mended.", by=make_policy_maker(), at=AFTER)
    waiting.refresh_from_db()
    assert (waiting.due_at, waiting.lease_until) == (AFTER, None)


# Whatever comes meanwhile ------------------------------------------------------------------------


def test_a_case_that_was_on_its_way_is_held_when_it_comes_into_hands(agent, case, kim):
    late = open_case(by=agent)
    stop(case, kim)
    stopping.see_to(agent.pk, at=LATER)
    assert stands(case, late) == ["held", "open"]
    again = Effect.objects.get(kind=EffectKind.STOP, target=agent.pk)
    assert (again.done_at, again.due_at) == (None, LATER + stopping.SOON)

    dispatch([late.pk], at=LATER)
    stopping.see_to(agent.pk, at=LATER)

    assert stands(late) == ["held"]


def test_dispatch_has_the_cases_of_a_stopped_agent_looked_at(agent, case, kim):
    stop(case, kim)
    Effect.objects.filter(kind=EffectKind.STOP).update(done_at=LATER)
    late = open_case(by=agent)

    dispatch([late.pk], at=AFTER)

    assert Effect.objects.get(kind=EffectKind.STOP).done_at is None


def test_a_case_that_goes_on_is_held_again_and_a_person_does_not_take_it_up(role, agent, case, kim):
    held = handed_off_case(role, by=agent)
    lifecycle.hold(held.pk, "Later.", until=AFTER, by=kim, at=NINE)
    stop(case, kim)
    stopping.see_to(agent.pk, at=LATER)
    Effect.objects.filter(kind=EffectKind.STOP).update(done_at=LATER)

    for one in (case, held):
        with pytest.raises(IllegalTransition, match="stopped"):
            lifecycle.take_up(one.pk, by=kim, at=LATER)
    lifecycle.take_up(held.pk, by=lifecycle.pausing.CLOCK, at=AFTER)
    [claim] = effects.claim(EffectKind.STOP, at=AFTER)
    see_to_stopped({str(claim.id): claim.number})

    assert Pause.objects.get(case=held, ended_at=None).reason == "stopped"


def test_an_effect_that_was_hastened_while_it_was_carried_out_comes_due_again(agent):
    effects.hasten(EffectKind.STOP, agent.pk, due_at=LATER)
    effects.claim(EffectKind.STOP, at=LATER)
    effects.hasten(EffectKind.STOP, agent.pk, due_at=LATER)

    effects.settle(EffectKind.STOP, agent.pk, at=LATER)

    assert Effect.objects.get(target=agent.pk).done_at is None


# Starting ----------------------------------------------------------------------------------------


def test_somebody_else_who_sets_policy_starts_it_and_takes_up_what_was_held_for_that_alone(
    role, agent, case, kim
):
    held = handed_off_case(role, by=agent)
    lifecycle.hold(held.pk, "Later.", by=kim, at=NINE)
    stop(case, kim)
    stopping.see_to(agent.pk, at=LATER)
    setter = make_policy_maker()

    with pytest.raises(NotAuthorised):
        stopping.start(agent.pk, "Mended.", by=kim, at=AFTER)
    with pytest.raises(RationaleMissing):
        stopping.start(agent.pk, "", by=setter, at=AFTER)
    stopping.start(agent.pk, "Mended.", by=setter, at=AFTER)
    assert stopping.see_to(agent.pk, at=AFTER) == 1

    assert stands(case, held) == ["awaiting", "held"]
    assert Agent.objects.get(pk=agent.pk).stopped_at is None
    assert events(agent)[-1] == ("agent.started", {"alone": False}, {"reason": "Mended."})
    with pytest.raises(NotStopped):
        stopping.start(agent.pk, "Mended.", by=setter, at=AFTER)


def test_whoever_stopped_it_starts_it_only_where_nobody_else_could(agent):
    one = make_policy_maker()
    stopping.stop(agent.pk, "A drill.", by=one, at=LATER)
    two = make_policy_maker()

    with pytest.raises(NotAuthorised, match="somebody else"):
        stopping.start(agent.pk, "Over.", by=one, at=AFTER)
    two.is_active = False
    two.save(update_fields=["is_active"])
    stopping.start(agent.pk, "Over.", by=one, at=AFTER)

    assert events(agent)[-1][1] == {"alone": True}


def test_operators_are_told_of_stopped_agents(case, kim):
    assert stopping.notes(at=NINE) == []
    stop(case, kim)
    assert stopping.notes(at=AFTER) == ["refunder is stopped, since 2026-11-20 09:05 UTC by Kim."]


def test_many_cases_are_held_in_as_many_goes_as_it_takes(role, agent, case, kim, monkeypatch):
    monkeypatch.setattr(stopping, "MOST", 2)
    others = [handed_off_case(role, by=agent) for _ in range(2)]
    stop(case, kim)

    held = [stopping.see_to(agent.pk, at=LATER) for _ in range(3)]

    assert (held, stands(case, *others)) == ([2, 1, 0], ["held"] * 3)


# At one instant ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_no_case_slips_through_a_stop_while_cases_are_opened(role, agent, kim, case):
    at_once = Barrier(3)
    opened = []

    def open_many(name):
        at_once.wait()
        for number in range(6):
            made = intake.open_case(package(), key=f"{name}-{number}", by=agent, at=NINE).case
            dispatch([made.pk], at=NINE)
            opened.append(made)
        connection.close()

    threads = [Thread(target=open_many, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    at_once.wait()
    stop(case, kim)
    stopping.see_to(agent.pk, at=LATER)
    for thread in threads:
        thread.join()
    while claims := effects.claim(EffectKind.STOP, at=AFTER):
        see_to_stopped({str(one.id): one.number for one in claims})

    assert set(stands(case, *opened)) == {"held"}
