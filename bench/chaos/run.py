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
THIN, BOUNDARY, ANSWERED, WITHDRAWN = 0.1, 0.2, 0.35, 0.03  # of the cases
UNDONE = 0.3  # of the answers that wait before they go out
STAKES = ("low", "medium", "high", "critical")
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
    undone: list[str] = field(default_factory=list)
    withdrawn: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Act:
    after: float  # seconds from the beginning
    case: str
    option: str  # empty: the agent takes it back
    stakes: str = "low"
    undoes: bool = False  # what is signed and has not gone out


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
        told.opened,
        told.answered,
        told.undone,
        told.withdrawn,
        decisions.received,
        found["secret"],
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
    stakes = [one["stakes"] for one in sent]
    acts = list(_acts(list(zip(told.opened, stakes, strict=True)), plan.seconds, chance))
    hands: list[Callable[[Act], None]] = [
        *(lambda act, who=who: _answer(who, act, told) for who in people),
        lambda act: _withdraw(agent, act, told),
    ]
    shares: list[list[Act]] = [[] for _ in hands]
    for act in acts:
        if not act.option:
            shares[-1].append(act)
            continue
        who = chance.randrange(len(people))
        shares[who].append(act)
        if act.stakes == "critical":  # it takes two
            shares[(who + 1) % len(people)].append(act)
    with ThreadPoolExecutor(len(hands)) as pool:
        list(pool.map(lambda one: _in_time(*one, began), zip(hands, shares, strict=True)))
    for caller in (agent, *people):
        caller.client.close()


def _package(n: int, chance: random.Random, url: str) -> dict[str, Any]:
    tenant = f"{'thin' if chance.random() < THIN else 'chaos'}-{n % LENGTHS}"
    sent = package(role="chaos", resume={"callback_url": url, "state": {"n": n}})
    sent["identity"] = {**sent["identity"], "tenant": tenant}
    sent["stakes"] = chance.choice(STAKES)
    if chance.random() < BOUNDARY:
        sent["triggers"] = [LIMIT]
    return sent


def _acts(cases: list[tuple[str, str]], seconds: float, chance: random.Random) -> list[Act]:
    found = []
    for case, stakes in cases:
        lot = chance.random()
        if lot < ANSWERED + WITHDRAWN:
            option = chance.choice(("approve", "reject")) if lot < ANSWERED else ""
            undoes = chance.random() < UNDONE
            found.append(Act(chance.uniform(0, seconds), case, option, stakes, undoes))
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
    """Answer by the forms of the case, until it is signed; one that is over by then offers none."""
    for _ in range(60):
        with suppress(httpx.TransportError):
            page = who.client.get(f"/cases/{act.case}/")
            if page.status_code == 200 and _step(who, act, told, page.text):
                return
        time.sleep(RETRY)


def _step(who: ReviewerCaller, act: Act, told: Told, page: str) -> bool:
    """Do what comes next on the page of a case; return whether nothing does."""
    at, waits = f"/cases/{act.case}", act.stakes in ("high", "critical")
    if undo := read_form(page, f"{at}/undo/").fields:  # it is signed, and by this person
        told.answered[act.case] = act.option
        if act.undoes:
            _undo(who, act, told, undo)
        return True
    form = read_form(page, f"{at}/decision/").fields
    if "digest" not in form:
        return True
    if unread := read_form(page, f"{at}/steps/1/open/").fields:
        return who.client.post(f"{at}/steps/1/open/", data=unread).status_code not in (302, 500)
    if 'value="keep"' in page:
        return who.answer(act.case, form, step="keep").status_code not in (302, 500)
    answer = who.answer(act.case, form, option=act.option, rationale="As agreed.")
    if answer.status_code == 302 and not waits:
        told.answered[act.case] = act.option
    return answer.status_code < 500 and not (answer.status_code == 302 and waits)


def _undo(who: ReviewerCaller, act: Act, told: Told, form: dict[str, str]) -> None:
    """Take back what was signed. Where no answer came nobody knows, and nothing is held against it."""
    answer = None
    with suppress(httpx.TransportError):
        answer = who.client.post(f"/cases/{act.case}/undo/", data=form)
    if answer is None or answer.status_code < 400 or answer.status_code >= 500:
        told.answered.pop(act.case, None)
    if answer is not None and answer.status_code == 302:
        told.undone.append(act.case)


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
