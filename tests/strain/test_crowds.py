"""Many at one instant, over HTTP, on the real stack."""

import asyncio
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import psutil
from django.conf import settings

from bench.waiters import Answer, wait_for
from escalation.machine.programs import until
from escalation.machine.stack import WEB_WORKERS
from tests.factories import package
from tests.fixtures.callers import AgentCaller, ReviewerCaller
from tests.fixtures.living_desk import LivingDesk

AsAgent = Callable[[str], AgentCaller]
AsReviewer = Callable[[str], ReviewerCaller]


def together(acts: list[Callable[[], httpx.Response]]) -> list[tuple[httpx.Response, float]]:
    """Do all at one instant; return each answer and the seconds that it took."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], httpx.Response]) -> tuple[httpx.Response, float]:
        barrier.wait(timeout=60)
        started = time.monotonic()
        return act(), time.monotonic() - started

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_hundred_posts_of_one_key_open_one_case(desk: LivingDesk, as_agent: AsAgent):
    agent = as_agent(desk.furnish("one-key")["key"])
    sent = package(role="one-key", resume=None)

    answers = [answer for answer, _ in together([lambda: agent.post(sent, "the one")] * 200)]

    replayed = Counter((a.status_code, a.headers.get("Idempotency-Replayed")) for a in answers)
    assert replayed == {(201, None): 1, (200, "true"): 199}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(agent.client.get("/cases").json()["items"]) == 1


def test_sixty_reviewers_decide_sixty_cases_at_one_instant(
    desk: LivingDesk, as_agent: AsAgent, as_reviewer: AsReviewer
):
    found = desk.furnish("sixty", reviewers=60)
    agent = as_agent(found["key"])
    cases = [agent.open("sixty") for _ in range(60)]
    assert until(lambda: statuses(agent) == {"awaiting": 60}, 60)
    reviewers = [as_reviewer(session) for session in found["sessions"]]
    forms = [one.form(case) for one, case in zip(reviewers, cases, strict=True)]

    def answering(
        reviewer: ReviewerCaller, case: str, form: dict[str, str]
    ) -> Callable[[], httpx.Response]:
        return lambda: reviewer.answer(case, form, option="reject", rationale="Not this one.")

    answers = together([answering(*one) for one in zip(reviewers, cases, forms, strict=True)])

    assert Counter(answer.status_code for answer, _ in answers) == {302: 60}
    assert statuses(agent) == {"decided": 60}
    deciders = [agent.decision(case).json()["decided_by"]["name"] for case in cases]
    assert deciders == [f"sixty-{n}" for n in range(1, 61)]
    took = [seconds for _, seconds in answers]
    print(f"60 decisions at one instant: {said(took)}, the slowest {max(took) * 1000:.0f} ms")


def statuses(agent: AgentCaller) -> Counter[str]:
    """Return how many of the agent's cases stand how, page by page."""
    found: Counter[str] = Counter()
    cursor: str | None = ""
    while cursor is not None:
        page = agent.client.get("/cases", params={"cursor": cursor} if cursor else None).json()
        found.update(item["status"] for item in page["items"])
        cursor = page["next"]
    return found


def test_five_hundred_agents_wait_and_hold_nothing(desk: LivingDesk, as_agent: AsAgent):
    found = desk.furnish("waiters")
    agent = as_agent(found["key"])
    with ThreadPoolExecutor(8) as pool:
        cases = list(pool.map(lambda _: agent.open("waiters"), range(500)))
    assert until(lambda: statuses(agent) == {"awaiting": 500}, 60)
    web = psutil.Process(desk.pids()["web"])
    before, quiet = memory(web), connections(desk)

    with Waiting(desk, found["key"], cases) as waiting:
        assert until(lambda: sockets(web) >= 500, 60)
        assert until(lambda: is_quiet(web), 60)  # each has asked, and asked again once it listens
        while_waiting = connections(desk)
        threads = [one.num_threads() for one in web.children()]
        grown = memory(web) - before
        desk.decide_all("waiters")
        answers = waiting.answers()

    assert Counter(answer.status for answer in answers) == {200: 500}
    decided = decided_at(desk, cases)
    late = [answer.at - decided[answer.case] for answer in answers]
    print(
        f"500 waited: heard {said(late)} after the decision; {while_waiting} connections to "
        f"PostgreSQL ({quiet} before), threads {threads}, {grown / 2**20:.0f} MiB more"
    )
    # The other programs keep theirs; the web's pools may fill, and each worker listens on one more.
    assert while_waiting <= quiet + WEB_WORKERS * (settings.DATABASE_POOL + 1)
    assert max(threads) < settings.DATABASE_POOL + 20
    assert grown < 100 * 2**20


def is_quiet(web: psutil.Process) -> bool:
    """Return whether the web processes have done next to nothing for half a second."""
    before = [sum(one.cpu_times()[:2]) for one in web.children()]
    time.sleep(0.5)
    after = [sum(one.cpu_times()[:2]) for one in web.children()]
    return sum(after) - sum(before) < 0.05


class Waiting:
    """Agents that wait in a thread of ours; ``answers`` returns when each has its answer."""

    def __init__(self, desk: LivingDesk, key: str, cases: list[str], seconds: int = 60) -> None:
        port = urlsplit(desk.base_url).port
        assert port
        self._calls = [(("127.0.0.1", port, key, case, seconds)) for case in cases]
        self._pool = ThreadPoolExecutor(1)

    async def _all(self) -> list[Answer]:
        return list(await asyncio.gather(*(_patiently(*call) for call in self._calls)))

    def __enter__(self) -> "Waiting":
        self._future = self._pool.submit(lambda: asyncio.run(self._all()))
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def answers(self) -> list[Answer]:
        return self._future.result(timeout=500)


async def _patiently(host: str, port: int, key: str, case: str, seconds: int) -> Answer:
    """Wait as agents do, who ask again when a poll ends without a decision or breaks off."""
    while True:
        try:
            answer = await wait_for(host, port, key, case, seconds)
        except OSError:
            answer = None
        if answer and answer.status not in (0, 204, 503):
            return answer
        await asyncio.sleep(1)


def test_agents_wait_through_a_restart_of_postgresql(desk: LivingDesk, as_agent: AsAgent):
    found = desk.furnish("through")
    agent = as_agent(found["key"])
    cases = [agent.open_awaiting("through") for _ in range(20)]

    with Waiting(desk, found["key"], cases, seconds=60) as waiting:
        time.sleep(1)
        desk.kill("postgres")
        desk.make_whole()
        desk.decide_all("through")
        answers = waiting.answers()

    assert Counter(answer.status for answer in answers) == {200: 20}


def said(seconds: list[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100)
    return f"p50 {cuts[49] * 1000:.0f} ms, p95 {cuts[94] * 1000:.0f} ms"


def decided_at(desk: LivingDesk, cases: list[str]) -> dict[str, float]:
    with desk.connect() as connection:
        rows = connection.execute(
            "SELECT 'ESC-' || number, extract(epoch FROM made.decided_at)::float8"
            " FROM escalation_decision AS made JOIN escalation_case AS found ON found.id = case_id"
        )
        return {case: at for case, at in rows if case in set(cases)}


def memory(web: psutil.Process) -> int:
    return sum(one.memory_full_info().uss for one in web.children())


def sockets(web: psutil.Process) -> int:
    return sum(len(one.net_connections("tcp")) for one in web.children())


def connections(desk: LivingDesk) -> int:
    """Return how many connections the desk's own login holds."""
    with desk.connect() as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'recourse'"
        ).fetchone()
        assert row
        return int(row[0])
