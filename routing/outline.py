"""A version of the policy as people read it: routes in words, deadlines in a table, chains as paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from escalation import conditions
from escalation.conditions import ConditionRefused
from escalation.enums import Stakes
from escalation.values import durations
from routing import sla
from routing.cases import FIELDS
from routing.enums import Rung
from routing.errors import PolicyRejected
from routing.models import PolicyVersion, Route, SlaPolicy
from routing.sla import words

WISHED = "the role that the agent asks for"
HEADS = {"first_response": "Read", "claim": "Taken", "decision": "Decided"}
WHAT = {
    Rung.REMIND: "Remind whose turn it is",
    Rung.SECONDARY: "The secondary on call",
    Rung.BACKUP_ROLE: "The backup role",
    Rung.HIGHER_ROLE: "The higher role",
    Rung.HOLD: "Held until taken up",
    Rung.DENY: "Denied, as no answer",
    Rung.DO_NOTHING: "Closed without action",
}


def of(version: PolicyVersion) -> Outline:
    """Return a version in words, in two statements."""
    policies = [SlaOutline.of(row) for row in version.sla_policies.all()]
    routes = version.routes.select_related("role", "sla").order_by("is_default", "position")
    return Outline(version, [RouteOutline(route) for route in routes], policies)


@dataclass(frozen=True)
class Outline:
    version: PolicyVersion
    routes: list[RouteOutline]
    policies: list[SlaOutline]

    def used(self) -> Iterator[tuple[SlaOutline, list[str]]]:
        """Yield each SLA policy with the names of the routes that give it."""
        for policy in self.policies:
            yield policy, [one.route.name for one in self.routes if one.route.sla_id == policy.id]


@dataclass(frozen=True)
class RouteOutline:
    route: Route

    @property
    def when(self) -> str:
        """What it takes, in words; empty for the default, which takes the rest."""
        return "" if self.route.condition is None else condition_said(self.route.condition)

    @property
    def role(self) -> str:
        return self.route.role.name if self.route.role else WISHED

    @property
    def floor(self) -> str:
        """The stakes below which no case of it stays, or nothing."""
        return "" if self.route.stakes_floor == Stakes.LOW else self.route.stakes_floor


@dataclass(frozen=True)
class Rest:
    """One step of a chain on its way: how long after the breach it is taken, and how long it waits."""

    do: str
    what: str
    after: str
    is_end: bool


@dataclass(frozen=True)
class SlaOutline:
    row: SlaPolicy
    sla: sla.Sla | None  # None: what an earlier release stored and this one cannot read

    @classmethod
    def of(cls, row: SlaPolicy) -> SlaOutline:
        try:
            return cls(row, sla.read(row.facts))
        except PolicyRejected:
            return cls(row, None)

    @property
    def id(self) -> Any:
        return self.row.pk

    @property
    def heads(self) -> list[str]:
        return list(HEADS.values())

    def table(self) -> Iterator[tuple[Stakes, list[tuple[str, str, str]]]]:
        """Yield stakes by stakes what each target leaves: head, length, and what it is counted in."""
        assert self.sla
        for stakes in Stakes:
            cells = []
            for kind, head in HEADS.items():
                promise = self.sla.target(stakes, kind)
                counted = ("working" if promise.working else "24/7") if promise else ""
                cells.append((head, promise.said if promise else "", counted))
            yield stakes, cells

    def reviews(self) -> Iterator[tuple[Stakes, str, str, str]]:
        """Yield stakes by stakes how a case is reviewed, when an answer goes out, and with what."""
        assert self.sla
        for stakes in Stakes:
            review = self.sla.review[stakes]
            given = words.GIVEN[review.because] + (", a second factor" if review.step_up else "")
            yield stakes, words.REVIEWED[review.protocol], words.leaves(review), given

    def path(self) -> list[Rest]:
        assert self.sla
        waited, rests = timedelta(), []
        for step in self.sla.chain.steps:
            after = (
                f"+{durations.said(waited, days=not self.sla.chain.working)}"
                if waited
                else "at once"
            )
            rests.append(Rest(step.do, WHAT[step.do], after, step.is_terminal))
            waited += step.wait
        return rests

    @property
    def starts(self) -> str:
        assert self.sla
        return words.STARTS[self.sla.chain.starts_at]

    @property
    def has_boundary_end(self) -> bool:
        return bool(self.sla) and self.sla.chain.steps[-1].do == Rung.DO_NOTHING

    def rest(self) -> list[str]:
        assert self.sla
        return [*words.rest(self.sla), words.reasons(self.sla)]


def condition_said(condition: Mapping[str, Any]) -> str:
    try:
        return conditions.said(conditions.parse(condition, FIELDS))
    except ConditionRefused as refusal:
        return f"a condition that this release cannot read ({refusal})"
