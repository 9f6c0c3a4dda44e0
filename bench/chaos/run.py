"""Cases come in, people answer some of them, everything dies now and then; at the end all is counted."""

import json
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from bench.chaos import account
from bench.chaos.havoc import Havoc
from escalation.machine.programs import until
from tests.factories import package
from tests.fixtures.callers import AgentCaller, ReviewerCaller, read_form
from tests.fixtures.living_desk import LivingDesk
from tests.fixtures.sink import Sink

LENGTHS = 8  # different deadlines; their chains end in different ways
THIN, BOUNDARY, ANSWERED, WITHDRAWN = 0.1, 0.2, 0.15, 0.03  # of the cases
RETRY = 0.3  # seconds between tries of a caller that got no answer
LIMIT = {
    "type": "boundary", "name": "refund_limit", "observed": "412.50", "operator": ">",
    "threshold": "200.00", "detail": "Refunds over $200 belong to people",
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """How much of what. Two runs of one seed differ only by what their machine makes of them."""

    cases: int
    seconds: int  # of havoc, and the longest deadline
    seed: int = 1
    pauses: tuple[float, float] = (0.3, 1.5)  # seconds between one blow and the next
    patience: float = 240.0  # seconds after the last blow, until nothing may be left to do

    @property
    def withins(self) -> list[int]:
        return [max(3, self.seconds * (n + 1) // LENGTHS) for n in range(LENGTHS)]

    @property
    def wait(self) -> int:
        """Seconds after each step of a chain."""
        return max(1, self.seconds // 20)


@dataclass
class Told:
    """What the callers were told, case by case: the desk has to stand by it."""

    opened: list[str] = field(default_factory=list)
    answered: dict[str, str] = field(default_factory=dict)  # with which option
    withdrawn: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Act:
    after: float  # seconds from the beginning
    case: str
    option: str  # empty: the agent takes it back


def run(desk: LivingDesk, plan: Plan, decisions: Sink, notices: Sink) -> account.Account:
    """Let it all happen on a desk that has just come up, and return the account of it."""
    made = f"furnish({plan.withins}, {plan.wait}, {notices.url!r})"
    found = json.loads(desk.shell(f"from bench.chaos.scene import furnish; {made}"))
    told = Told()
    sinks = [decisions, notices]
    havoc = Havoc(desk, sinks, seconds=plan.seconds, pauses=plan.pauses, seed=plan.seed)
    began = time.monotonic()
    havoc.start()
    try:
        _play(desk, plan, found, decisions.url, told, began)
        time.sleep(max(0.0, began + plan.seconds - time.monotonic()))
    finally:
        havoc.end()
    ended = time.monotonic()
    until(lambda: account.left(desk) == 0, plan.patience)
    seen = account.Witnesses(
        told.opened, told.answered, told.withdrawn, decisions.received, found["secret"]
    )
    return account.take(desk, seen, havoc.done, time.monotonic() - ended)


def _play(
    desk: LivingDesk, plan: Plan, found: dict[str, Any], url: str, told: Told, began: float
) -> None:
    """Open the cases, answer some and take some back, each in its time."""
    chance = random.Random(plan.seed)
    agent = AgentCaller(desk, found["key"])
    people = [ReviewerCaller(desk, session) for session in found["sessions"]]
    sent = [_package(n, chance, url) for n in range(plan.cases)]
    keys = [str(UUID(int=chance.getrandbits(128))) for _ in sent]
    with ThreadPoolExecutor(4) as pool:
        told.opened += pool.map(lambda one: _open(agent, *one), zip(sent, keys, strict=True))
    acts = list(_acts(told.opened, plan.seconds, chance))
    hands: list[Callable[[Act], None]] = [
        *(lambda act, who=who: _answer(who, act, told) for who in people),
        lambda act: _withdraw(agent, act, told),
    ]
    shares: list[list[Act]] = [[] for _ in hands]
    for act in acts:
        shares[chance.randrange(len(people)) if act.option else -1].append(act)
    with ThreadPoolExecutor(len(hands)) as pool:
        list(pool.map(lambda one: _in_time(*one, began), zip(hands, shares, strict=True)))
    for caller in (agent, *people):
        caller.client.close()


def _package(n: int, chance: random.Random, url: str) -> dict[str, Any]:
    tenant = f"{'thin' if chance.random() < THIN else 'chaos'}-{n % LENGTHS}"
    sent = package(role="chaos", resume={"callback_url": url, "state": {"n": n}})
    sent["identity"] = {**sent["identity"], "tenant": tenant}
    sent["stakes"] = chance.choice(("low", "medium"))  # each is answered by one plain form
    if chance.random() < BOUNDARY:
        sent["triggers"] = [LIMIT]
    return sent


def _acts(cases: list[str], seconds: float, chance: random.Random) -> list[Act]:
    found = []
    for case in cases:
        lot = chance.random()
        if lot < ANSWERED + WITHDRAWN:
            option = chance.choice(("approve", "reject")) if lot < ANSWERED else ""
            found.append(Act(chance.uniform(0, seconds), case, option))
    return sorted(found, key=lambda act: act.after)


def _in_time(hand: Callable[[Act], None], acts: list[Act], began: float) -> None:
    for act in acts:
        time.sleep(max(0.0, began + act.after - time.monotonic()))
        hand(act)


# Each of them tries again until the desk says something, as callers do


def _open(agent: AgentCaller, sent: dict[str, Any], key: str) -> str:
    while True:
        with suppress(httpx.TransportError):
            answer = agent.post(sent, key)
            if answer.status_code in (200, 201):  # 200: the try before was heard
                return str(answer.json()["reference"])
            assert answer.status_code >= 500, answer.text
        time.sleep(RETRY)


def _answer(who: ReviewerCaller, act: Act, told: Told) -> None:
    """Answer by the form of the case; one that is over by then offers none."""
    for _ in range(60):
        with suppress(httpx.TransportError):
            page = who.client.get(f"/cases/{act.case}/")
            form = read_form(page.text, f"/cases/{act.case}/decision/").fields
            if page.status_code == 200 and "digest" not in form:
                return
            if page.status_code == 200:
                answer = who.answer(act.case, form, option=act.option, rationale="As agreed.")
                if answer.status_code == 302:
                    told.answered[act.case] = act.option
                if answer.status_code < 500:
                    return
        time.sleep(RETRY)


def _withdraw(agent: AgentCaller, act: Act, told: Told) -> None:
    while True:
        with suppress(httpx.TransportError):
            path = f"/cases/{act.case}/withdrawal"
            answer = agent.client.post(path, json={"reason": "No longer needed"})
            if answer.status_code == 200:
                told.withdrawn.add(act.case)
            if answer.status_code < 500:
                return
        time.sleep(RETRY)
