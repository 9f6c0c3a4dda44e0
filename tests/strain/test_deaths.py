"""Every program of the desk is killed in turn; nothing that was promised is lost."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psutil

from escalation.machine.programs import until
from tests.fixtures.callers import AgentCaller, ReviewerCaller
from tests.fixtures.living_desk import LivingDesk
from tests.fixtures.sink import Sink

AsAgent = Callable[[str], AgentCaller]
AsReviewer = Callable[[str], ReviewerCaller]
LEASE_SECONDS = 20  # how long a dead courier may hold a delivery (``claims.LEASE``)


def test_a_callback_outlives_its_courier_and_a_redis_that_lost_everything(
    desk: LivingDesk, sink: Sink, as_agent: AsAgent, as_reviewer: AsReviewer
):
    found = desk.furnish("outlived")
    agent, reviewer = as_agent(found["key"]), as_reviewer(found["sessions"][0])
    sink.answer = 503
    first = agent.open_awaiting("outlived", callback_url=sink.url)
    second = agent.open_awaiting("outlived", callback_url=sink.url)

    assert reviewer.decide(first).status_code == 302
    refused = sink.wait_for(first, seconds=60)  # tried once in vain; due again in a few seconds
    desk.kill("courier", keep_down=True)
    assert reviewer.decide(second).status_code == 302  # while nobody carries
    time.sleep(0.5)
    desk.lose_valkey()
    sink.answer = 204
    desk.revive("courier")

    assert until(lambda: len(sink.of(first)) >= 2 and sink.of(second), LEASE_SECONDS + 60)
    assert until(lambda: delivered(desk, first) and delivered(desk, second), 60)
    assert {callback.id for callback in sink.of(first)} == {refused.id}
    assert len({callback.id for callback in sink.of(second)}) == 1
    for callback in [*sink.of(first), *sink.of(second)]:
        assert callback.verified(found["secret"])["type"] == "case.decided"


def delivered(desk: LivingDesk, reference: str) -> bool:
    with desk.connect() as connection:
        row = connection.execute(
            "SELECT delivery.status FROM escalation_delivery AS delivery"
            " JOIN escalation_case AS found ON found.id = case_id WHERE 'ESC-' || number = %s",
            [reference],
        ).fetchone()
        return row == ("delivered",)


def test_a_case_that_came_while_the_clock_was_dead_is_dispatched(
    desk: LivingDesk, as_agent: AsAgent
):
    agent = as_agent(desk.furnish("clockless")["key"])
    desk.kill("clock", keep_down=True)
    reference = agent.open("clockless")
    time.sleep(0.5)
    assert agent.case(reference)["status"] == "open"

    desk.revive("clock")

    assert until(lambda: agent.case(reference)["status"] == "awaiting", 60)


def test_agents_post_and_people_decide_without_redis(
    desk: LivingDesk, as_agent: AsAgent, as_reviewer: AsReviewer
):
    found = desk.furnish("redisless")
    agent, reviewer = as_agent(found["key"]), as_reviewer(found["sessions"][0])
    before = agent.open_awaiting("redisless")
    desk.kill("valkey", keep_down=True)

    meanwhile = agent.open("redisless")
    assert reviewer.decide(before).status_code == 302
    assert agent.decision(before).json()["option"] == "approve"
    # the clock finds hands itself while it has no worker to ring
    assert until(lambda: agent.case(meanwhile)["status"] == "awaiting", 60)
    desk.revive("valkey")


def test_the_desk_comes_back_by_itself_after_postgresql_did(
    desk: LivingDesk, as_agent: AsAgent, as_reviewer: AsReviewer
):
    found = desk.furnish("restarted")
    agent, reviewer = as_agent(found["key"]), as_reviewer(found["sessions"][0])
    before = {name: pid for name, pid in desk.pids().items() if name != "postgres"}
    waiting = agent.open_awaiting("restarted")

    desk.kill("postgres")
    desk.make_whole()

    reference = agent.open_awaiting("restarted")
    for case in (waiting, reference):
        assert reviewer.decide(case).status_code == 302
        assert agent.decision(case).status_code == 200
    after = {name: pid for name, pid in desk.pids().items() if name != "postgres"}
    assert after == before  # none of them had to die for it


def test_an_agent_asks_again_when_the_process_it_waited_at_was_killed(
    desk: LivingDesk, as_agent: AsAgent, as_reviewer: AsReviewer
):
    found = desk.furnish("killed")
    agent, reviewer = as_agent(found["key"]), as_reviewer(found["sessions"][0])
    reference = agent.open_awaiting("killed")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(agent.decision, reference, wait=20)
        time.sleep(0.5)
        for worker in psutil.Process(desk.pids()["web"]).children():
            worker.kill()
        assert isinstance(waiting.exception(timeout=60), Exception)  # its connection is gone

        waiting = pool.submit(agent.decision, reference, wait=20)
        assert until(lambda: desk.is_ready(), 60)
        assert reviewer.decide(reference).status_code == 302
        assert waiting.result(timeout=60).status_code == 200


def test_a_spare_clock_takes_over_when_the_leader_dies(desk: LivingDesk, as_agent: AsAgent):
    agent = as_agent(desk.furnish("spare")["key"])
    spare = desk.beside("sweep", "--every", "0.5")
    try:
        assert until(lambda: desk.is_ready(), 60)
        desk.kill("clock", keep_down=True)
        agent.open_awaiting("spare")
    finally:
        spare.terminate()
        spare.wait(timeout=60)
