"""What became of everything: the promises against the tables, the record and what callers were told."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import psycopg
from standardwebhooks.webhooks import WebhookVerificationError

from bench.chaos.promises import COUNTS, ENDS, LATE, LEFT, PROMISES, RECORD, STANDING, TOLD
from tests.fixtures.living_desk import LivingDesk
from tests.fixtures.sink import Callback


@dataclass
class Account:
    """What was found. ``faults`` are sentences; without any, all that was promised held."""

    faults: list[str]
    ends: Counter[str]  # how many cases ended how
    late: list[float]  # seconds from each due instant until its breach was on the record
    told: list[float]  # seconds from each decision until its agent took it
    havoc: Counter[str]
    counts: dict[str, int]
    settled_after: float  # seconds from the last blow until nothing was left to do

    def says(self) -> str:
        """Return the figures, a line each."""
        lines = [
            f"ends: {listed(self.ends)}",
            f"counted: {listed(self.counts)}",
            f"blows: {listed(self.havoc)}",
            f"breach on the record after it was due: {percentiles(self.late)}",
            f"agent told after the decision: {percentiles(self.told)}",
            f"nothing left to do {self.settled_after:.1f} s after the last blow",
        ]
        return "\n".join([*lines, *(f"BROKEN: {fault}" for fault in self.faults)])


def listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "nothing"


def percentiles(seconds: list[float]) -> str:
    if len(seconds) < 2:
        return f"{len(seconds)} of them"
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    return f"p50 {cuts[9]:.2f} s, p95 {cuts[18]:.2f} s, at most {max(seconds):.2f} s"


def left(desk: LivingDesk) -> int:
    """Return how many things are still to be done; a desk that is down has not said so yet."""
    try:
        with desk.connect() as connection:
            return int(connection.execute(LEFT).fetchone()[0])
    except psycopg.OperationalError:
        return 1


@dataclass(frozen=True)
class Witnesses:
    """What those outside the desk were told, and what reached them."""

    opened: list[str]
    answered: Mapping[
        str, str
    ]  # the option of each case that a person was told is decided, or signed
    undone: list[str]  # of which a person was told that nothing goes out
    withdrawn: set[str]
    callbacks: list[Callback]
    secret: str


def take(desk: LivingDesk, seen: Witnesses, havoc: Counter[str], settled_after: float) -> Account:
    """Compare all that was promised with what is there."""
    with desk.connect() as connection:
        connection.execute(RECORD)
        faults = [*_broken(connection), *_contradicted(connection, seen)]
        found = Account(
            faults=faults,
            ends=Counter(dict(connection.execute(ENDS).fetchall())),
            late=[float(seconds) for (seconds,) in connection.execute(LATE)],
            told=[float(seconds) for (seconds,) in connection.execute(TOLD)],
            havoc=havoc,
            counts=dict(connection.execute(COUNTS).fetchall()),
            settled_after=settled_after,
        )
    found.faults += _torn(desk)
    return found


def _torn(desk: LivingDesk) -> list[str]:
    try:
        desk.manage("verify_ledger")
    except AssertionError as failure:
        return [f"The record is whole: {str(failure).strip()}"]
    return []


def _broken(connection: psycopg.Connection) -> Iterator[str]:
    for promise, breaks in PROMISES.items():
        rows = connection.execute(breaks).fetchall()
        if rows:
            some = "; ".join(", ".join(map(str, row)) for row in rows[:5])
            yield f"{promise}: {len(rows)} do not, such as {some}"


def _contradicted(connection: psycopg.Connection, seen: Witnesses) -> Iterator[str]:
    """Yield what the desk told somebody and does not stand by, and what it should have told."""
    rows = connection.execute(STANDING).fetchall()
    standing = {reference: (status, option) for reference, status, option in rows}
    if sorted(seen.opened) != sorted(standing):
        yield f"{len(seen.opened)} cases were taken in, {len(standing)} are there"
    for case, option in seen.answered.items():
        if standing.get(case) != ("decided", option):
            yield f"{case} was answered with {option}; the desk says {standing.get(case)}"
    for case in seen.undone:
        if standing.get(case, ("", ""))[1] is not None:
            yield f"{case} was undone, and nobody signed again; the desk says {standing.get(case)}"
    for case in seen.withdrawn:
        if standing.get(case) != ("withdrawn", None):
            yield f"{case} was withdrawn; the desk says {standing.get(case)}"
    yield from _misheard(standing, seen)


def _misheard(standing: dict[str, tuple[str, str]], seen: Witnesses) -> Iterator[str]:
    """Yield which agents did not hear what became of their cases, under one id for each thing told."""
    heard: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    answers = defaultdict(set)
    for callback in seen.callbacks:
        try:
            said = callback.verified(seen.secret)
        except WebhookVerificationError as refusal:
            yield f"{callback.reference}: what its agent heard is not signed as its own: {refusal}"
            continue
        heard[callback.reference][said["type"]].add(callback.id)
        if said["type"] == "case.decided":
            answers[callback.reference].add((said["data"]["permitted"], said["data"]["option"]))
    for case, (status, option) in standing.items():
        meant = {(option == "approve", option)} if status == "decided" else set()
        if answers[case] != meant:
            yield f"{case} is {status} with {option}; its agent heard {answers[case] or 'nothing'}"
        if status == "held" and not heard[case]["case.held"]:
            yield f"{case} is held, and its agent heard nothing of it"
        for told, ids in heard[case].items():
            if len(ids) > 1:
                yield f"{case}: its agent heard {told} under {len(ids)} ids"
