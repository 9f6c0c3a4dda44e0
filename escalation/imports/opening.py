"""Recorded runs through the one door, each call once however often it is imported."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from escalation import canonical, intake
from escalation.errors import EscalationError, IdempotencyKeyReused, NotJson
from escalation.imports import runs
from escalation.imports.recording import BadRun, read
from escalation.models import Agent, Case
from escalation.package import read_package


class BadLine(Exception):
    """A line of the file that cannot be imported: its number, counted from 1, and why."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"line {number}: {why.removesuffix('.')}")
        self.number = number


@dataclass(frozen=True)
class Opening:
    case: Case
    truth: runs.Truth
    key: str
    opened: bool  # by this import; else an earlier one had


def lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield each line's number and value; empty lines are passed over. Raises BadLine."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield number, canonical.parse(line)
            except NotJson:
                raise BadLine(number, "this line is not JSON") from None
            except EscalationError as refusal:
                raise BadLine(number, str(refusal)) from None


def check(path: Path, *, at: datetime) -> int:
    """Read the whole file as an import would, and return how many calls it asks about.

    Opens nothing. Raises BadLine for the first line that is no run, that repeats the name of a run,
    or whose packages the desk would not take.
    """
    seen: dict[str, int] = {}
    count = 0
    for number, line in lines(path):
        try:
            found = runs.packages(line, at=at)
            for imported in found:
                read_package(imported.package)
                intake.check_size(canonical.encode(imported.package))
        except (BadRun, EscalationError) as refusal:
            raise BadLine(number, str(refusal)) from None
        name = str(line["run"])
        if name in seen:
            raise BadLine(number, f"/run: line {seen[name]} is the run {name!r} already")
        seen[name] = number
        count += len(found)
    return count


def agent_names(path: Path) -> set[str]:
    """Return the agents that the file's runs name; an empty name is one that names none."""
    return {read(line).agent for _, line in lines(path)}


def open_all(path: Path, agents: dict[str, Agent], *, at: datetime) -> Iterator[Opening]:
    """Open a case for each call in the file, in order; ``agents`` are by the name a run gives.

    What has a case already is yielded with that case and left as it is: its package, whose clock
    was made up at another time, is not compared.
    """
    for _, line in lines(path):
        agent = agents[read(line).agent]
        for imported in runs.packages(line, at=at):
            yield _open(imported, agent, at)


def _open(imported: runs.Imported, agent: Agent, at: datetime) -> Opening:
    known = Case.objects.filter(agent=agent, idempotency_key=imported.key)
    case = known.first()
    if case is None:
        try:
            opened = intake.open_case(imported.package, key=imported.key, by=agent, at=at)
        except IdempotencyKeyReused:  # another import was faster by a moment
            case = known.get()
        else:
            return Opening(opened.case, imported.truth, imported.key, not opened.replayed)
    return Opening(case, imported.truth, imported.key, False)
