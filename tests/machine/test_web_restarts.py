"""The web comes and goes under those who use it: every request that can be answered is."""

import http.client
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from escalation.machine.programs import until
from tests.fixtures.callers import AgentCaller
from tests.fixtures.living_desk import LivingDesk

AsAgent = Callable[[str], AgentCaller]
PAUSE = 0.05  # seconds between two requests of one client: a trickle


def workers(desk: LivingDesk) -> set[int]:
    return {child.pid for child in psutil.Process(desk.pids()["web"]).children()}


def replaced(desk: LivingDesk, before: set[int]) -> bool:
    """Whether others stand where ``before`` stood, all of which are gone."""
    try:
        now = workers(desk)
    except (KeyError, psutil.Error):
        return False
    return len(now) >= len(before) and not now & before and not any(map(psutil.pid_exists, before))


def reload(desk: LivingDesk) -> None:
    psutil.Process(desk.pids()["web"]).send_signal(signal.SIGHUP)


def end_workers(desk: LivingDesk) -> None:
    for pid in workers(desk):
        psutil.Process(pid).send_signal(signal.SIGTERM)


def end_web(desk: LivingDesk) -> None:
    psutil.Process(desk.pids()["web"]).send_signal(signal.SIGTERM)


def kill_web(desk: LivingDesk) -> None:
    psutil.Process(desk.pids()["web"]).send_signal(signal.SIGKILL)


class Trickle:
    """Clients that ask again and again, and what came of each request."""

    def __init__(self, address: str) -> None:
        self.address = urlsplit(address).netloc
        self.seen: Counter[str] = Counter()
        self._over = threading.Event()

    @contextmanager
    def flowing(self, *, kept: int, fresh: int) -> Iterator[None]:
        """``kept`` clients keep their connection while it is theirs to keep; ``fresh`` never do."""
        threads = [threading.Thread(target=self._keep) for _ in range(kept)]
        threads += [threading.Thread(target=self._ask_anew) for _ in range(fresh)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join(timeout=120)

    def asked(self) -> int:
        return sum(self.seen.values())

    def _keep(self) -> None:
        while not self._over.is_set():
            connection = http.client.HTTPConnection(self.address, timeout=100)
            while not self._over.wait(PAUSE):
                if not self._ask(connection, "/api/v1/openapi.json") or connection.sock is None:
                    break
            connection.close()

    def _ask_anew(self) -> None:
        while not self._over.wait(PAUSE):
            connection = http.client.HTTPConnection(self.address, timeout=100)
            self._ask(connection, "/sign-in/")
            connection.close()

    def _ask(self, connection: http.client.HTTPConnection, path: str) -> bool:
        try:
            connection.request("GET", path, headers={"Host": "localhost"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as failure:
            self.seen[f"{type(failure).__name__}: {failure}"] += 1
            return False
        self.seen[str(answer.status)] += 1
        return True


@pytest.mark.parametrize("restart", [reload, end_workers, end_web, kill_web])
def test_a_steady_trickle_of_requests_is_answered_through_every_restart(
    desk: LivingDesk, restart: Callable[[LivingDesk], None]
):
    trickle, before = Trickle(desk.base_url), workers(desk)
    with trickle.flowing(kept=2, fresh=1):
        assert until(lambda: trickle.asked() > 20, 60)
        restart(desk)
        assert until(lambda: replaced(desk, before), 120)
        answered = trickle.asked()
        assert until(lambda: trickle.asked() > answered + 20, 60)

    assert set(trickle.seen) == {"200"}


@pytest.mark.parametrize("restart", [reload, kill_web])
def test_who_waits_while_the_web_restarts_is_told_to_ask_again(
    desk: LivingDesk, as_agent: AsAgent, restart: Callable[[LivingDesk], None]
):
    slug = f"waits-{restart.__name__.replace('_', '-')}"
    agent, before = as_agent(desk.furnish(slug)["key"]), workers(desk)
    case = agent.open_awaiting(slug)
    answers: list[httpx.Response] = []
    waiting = [
        threading.Thread(target=lambda: answers.append(agent.decision(case, wait=60)))
        for _ in range(4)
    ]
    for thread in waiting:
        thread.start()
    time.sleep(1)  # for all of them to be held; who comes later is answered by the new web
    restart(desk)
    assert until(lambda: replaced(desk, before), 120)
    for thread in waiting:
        thread.join(timeout=120)

    told = [(answer.status_code, answer.headers.get("Retry-After")) for answer in answers]
    assert told == [(204, "1")] * 4
    desk.decide_all(slug)
    assert agent.decision(case, wait=60).status_code == 200


def test_a_stream_ends_whole_when_its_process_does(desk: LivingDesk):
    found, before = desk.furnish("streams"), workers(desk)
    pieces: list[bytes] = []
    with socket.create_connection(("127.0.0.1", urlsplit(desk.base_url).port), timeout=120) as line:
        line.sendall(
            b"GET /urgent/ HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
            b"Cookie: sessionid=" + found["sessions"][0].encode() + b"\r\n\r\n"
        )
        pieces.append(line.recv(65536))
        assert pieces[0].startswith(b"HTTP/1.1 200")
        reload(desk)
        while piece := line.recv(65536):
            pieces.append(piece)

    assert b"".join(pieces).endswith(b"0\r\n\r\n")  # its last piece, not a cut
    assert until(lambda: replaced(desk, before), 120)
