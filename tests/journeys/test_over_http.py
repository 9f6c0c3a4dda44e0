"""The whole path without a browser: an agent stops, a person decides, the agent goes on."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from escalation.machine.programs import until
from tests.factories import package
from tests.fixtures.callers import STATE, AgentCaller, ReviewerCaller, read_form, words
from tests.fixtures.living_desk import LivingDesk
from tests.fixtures.sink import Sink


def test_a_stop_reaches_a_person_and_the_answer_gets_back(
    desk: LivingDesk,
    sink: Sink,
    as_agent: Callable[[str], AgentCaller],
    as_reviewer: Callable[[], ReviewerCaller],
):
    found = desk.furnish("journey")
    agent, reviewer = as_agent(found["key"]), as_reviewer()
    resume = {"callback_url": sink.url, "state": STATE}

    opened = agent.post(package(role="journey", resume=resume), "journey-1")
    assert opened.status_code == 201
    reference, digest = opened.json()["reference"], opened.json()["digest"]
    assert until(lambda: agent.case(reference)["status"] == "awaiting", 60)
    assert agent.case(reference)["role"] == "journey"

    assert reviewer.sign_in("journey-1").status_code == 302
    assert reference in reviewer.client.get("/queue/").text
    form = reviewer.form(reference)
    amount = next(name for name, value in form.items() if value == "412.50")
    because = "Half of it, as goodwill."

    wrong = reviewer.answer(
        reference, form, option="modify", rationale=because, **{amount: "two hundred"}
    )
    assert wrong.status_code == 422
    assert "Not recorded yet" in words(wrong.text)
    assert {"two hundred", because} <= set(reviewer_form(wrong.text, reference).values())
    assert agent.decision(reference).status_code == 204

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(agent.decision, reference, wait=60)
        time.sleep(0.3)  # by now it waits at the desk
        right = reviewer.answer(
            reference, form, option="modify", rationale=because, **{amount: "206.25"}
        )
        decision = waiting.result(timeout=120)
    assert right.status_code == 302
    assert decision.status_code == 200
    told = decision.json()
    assert told == {
        "id": told["id"],
        "case": opened.json()["id"],
        "reference": reference,
        "option": "modify",
        "outcome": "modify",
        "permitted": True,
        "parameters": {"amount": "206.25"},
        "arguments": told["arguments"],
        "reasons": [],
        "rationale": because,
        "decided_by": {"kind": "person", "name": "journey-1", "role": "journey"},
        "decided_at": told["decided_at"],
        "overturns": None,
        "digest": digest,
        "state": STATE,
    }

    callback = sink.wait_for(reference, seconds=60).verified(found["secret"])
    assert (callback["type"], callback["data"]) == ("case.decided", told)

    assert agent.resume(reference).status_code == 200
    assert agent.resume(reference, "failed").status_code == 409
    assert story(desk, opened.json()["id"]) == [
        "case.opened",
        "case.handed_off",
        "case.viewed",
        "case.decided",
        "delivery.delivered",
        "case.resumed",
    ]
    assert "It went on" in words(reviewer.client.get(f"/cases/{reference}/").text)
    desk.manage("verify_ledger")


def reviewer_form(html: str, reference: str) -> dict[str, str]:
    return read_form(html, f"/cases/{reference}/decision/").fields


def story(desk: LivingDesk, case_id: str) -> list[str]:
    with desk.connect() as connection:
        rows = connection.execute(
            "SELECT action FROM escalation_event WHERE subject = %s ORDER BY id",
            [f"case:{case_id}"],
        )
        return [action for (action,) in rows]
