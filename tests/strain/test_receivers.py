"""What receivers do to one another, and what becomes of calls whose courier dies."""

import subprocess
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from escalation.delivery.courier import LOCK
from escalation.machine.programs import until
from tests.fixtures.callers import AgentCaller
from tests.fixtures.living_desk import LivingDesk
from tests.fixtures.receivers import Receivers

AsAgent = Callable[[str], AgentCaller]
Couriers = Callable[[], subprocess.Popen[bytes]]
MINUTE = 60
CROWD = 100


@pytest.fixture
def couriers(desk: LivingDesk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Couriers]:
    """Start a courier of the test's own, which waits a minute for an answer, in the desk's place."""
    monkeypatch.setenv("CALLBACK_TIMEOUT", str(MINUTE))
    desk.kill("courier", keep_down=True)
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(desk.beside("courier"))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
    desk.make_whole()


def open_all(desk: LivingDesk, agent: AgentCaller, role: str, urls: list[str]) -> list[str]:
    """Open a case for each callback address; return their references once all are in hands."""
    cases = [agent.open(role, callback_url=url) for url in urls]
    assert until(lambda: awaiting(desk, role) == len(cases), MINUTE)
    return cases


def awaiting(desk: LivingDesk, role: str) -> int:
    return count(
        desk,
        "SELECT count(*) FROM escalation_case AS found JOIN escalation_role AS role"
        " ON role.id = role_id WHERE slug = %s AND status = 'awaiting'",
        role,
    )


def count(desk: LivingDesk, statement: str, *given: str) -> int:
    with desk.connect() as connection:
        row = connection.execute(statement.encode(), given).fetchone()
    assert row
    return int(row[0])


def status(desk: LivingDesk, reference: str) -> tuple[str, int]:
    """Return how the delivery of a case stands, and how often it was tried."""
    with desk.connect() as connection:
        row = connection.execute(
            "SELECT delivery.status, delivery.attempts FROM escalation_delivery AS delivery"
            " JOIN escalation_case AS found ON found.id = case_id WHERE 'ESC-' || number = %s",
            [reference],
        ).fetchone()
    assert row
    return str(row[0]), int(row[1])


def test_a_healthy_receiver_is_called_while_a_hundred_of_somebody_elses_hang(
    desk: LivingDesk, receivers: Receivers, as_agent: AsAgent, couriers: Couriers
):
    stuck, good = desk.furnish("stuck"), desk.furnish("good")
    open_all(
        desk, as_agent(stuck["key"]), "stuck", [receivers.url(f"/hang/{n}") for n in range(CROWD)]
    )
    [case] = open_all(desk, as_agent(good["key"]), "good", [receivers.url("/ok")])
    couriers()
    desk.decide_all("stuck")
    assert until(lambda: len(receivers.calls("/hang")) >= 20, MINUTE)

    desk.decide_all("good")

    assert until(lambda: receivers.calls("/ok") != [], MINUTE)
    assert receivers.given_up_at_first_ok == 0  # all that were called hang still
    assert until(lambda: status(desk, case) == ("delivered", 1), MINUTE)


def test_a_call_whose_courier_is_killed_is_made_again_with_the_same_id(
    desk: LivingDesk, receivers: Receivers, as_agent: AsAgent, couriers: Couriers
):
    agent = as_agent(desk.furnish("killed-courier")["key"])
    [case] = open_all(desk, agent, "killed-courier", [receivers.url("/held")])
    first = couriers()
    desk.decide_all("killed-courier")
    assert until(lambda: receivers.calls("/held") != [], MINUTE)

    first.kill()
    couriers()

    assert until(lambda: len(receivers.calls("/held")) == 2, 2 * MINUTE)
    receivers.let_go()
    assert until(lambda: status(desk, case) == ("delivered", 1), MINUTE)
    assert len(set(receivers.calls("/held"))) == 1


def test_a_courier_that_is_asked_to_stop_lets_calls_end_and_gives_back_the_others(
    desk: LivingDesk, receivers: Receivers, as_agent: AsAgent, couriers: Couriers
):
    agent = as_agent(desk.furnish("leaving")["key"])
    urls = [receivers.url(path) for path in ("/held", "/hang")]
    ends, hangs = open_all(desk, agent, "leaving", urls)
    courier = couriers()
    desk.decide_all("leaving")
    assert until(lambda: len(receivers.heard) == 2, MINUTE)

    courier.terminate()
    receivers.let_go()

    assert courier.wait(timeout=MINUTE) == 0
    assert status(desk, ends) == ("delivered", 1)
    assert status(desk, hangs) == ("pending", 0)
    assert due_now(desk, urls[1]) == 1


def due_now(desk: LivingDesk, url: str) -> int:
    return count(
        desk,
        "SELECT count(*) FROM escalation_effect WHERE kind = 'delivery' AND done_at IS NULL"
        " AND due_at <= now() AND lease_until IS NULL"
        f" AND target IN (SELECT id FROM escalation_delivery WHERE url = '{url}')",
    )


def test_a_second_courier_stands_by_and_takes_over_what_the_first_leaves(
    desk: LivingDesk, receivers: Receivers, as_agent: AsAgent, couriers: Couriers
):
    """Limits are counted where the calls are made: with two at it an agent would have twice as many."""
    agent = as_agent(desk.furnish("shared")["key"])
    open_all(desk, agent, "shared", [receivers.url(f"/slow/{n}") for n in range(CROWD)])
    first = couriers()
    assert until(lambda: leaders(desk) == 1, MINUTE)
    second = couriers()

    desk.decide_all("shared")
    assert until(lambda: receivers.calls("/slow") != [], MINUTE)
    assert leaders(desk) == 1
    first.terminate()

    assert first.wait(timeout=MINUTE) == 0
    assert until(lambda: len(set(receivers.calls("/slow"))) == CROWD, 2 * MINUTE)
    assert until(lambda: left(desk, "/slow") == 0, MINUTE)
    assert Counter(receivers.calls("/slow")).most_common(1)[0][1] == 1
    assert (leaders(desk), second.poll()) == (1, None)


def leaders(desk: LivingDesk) -> int:
    """Return how many couriers hold the lock that lets them claim."""
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = %s"
    return count(desk, f"{held}::bigint", str(LOCK % 2**32))


def left(desk: LivingDesk, path: str) -> int:
    return count(
        desk,
        "SELECT count(*) FROM escalation_delivery WHERE url LIKE %s AND status <> 'delivered'",
        f"%{path}/%",
    )
