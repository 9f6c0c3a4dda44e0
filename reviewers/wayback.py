"""The way of a decision back to its agent: decided, told, gone on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from escalation.enums import ResumptionResult
from escalation.models import Case, Decision, Delivery, Resumption


@dataclass(frozen=True)
class Mark:
    """A point on the way."""

    state: str  # done, now, late
    text: str
    at: datetime | None = None
    detail: str = ""


class WayBack:
    """How far the decision of ``case`` has come; without one there is no way yet."""

    def __init__(self, case: Case, decision: Decision | None) -> None:
        self.agent, self.decision = case.agent.name, decision

    @cached_property
    def resumption(self) -> Resumption | None:
        return Resumption.objects.filter(decision=self.decision).first() if self.decision else None

    @cached_property
    def delivery(self) -> Delivery | None:
        if self.decision is None:
            return None
        return Delivery.objects.filter(decision=self.decision).defer("body").last()

    @property
    def marks(self) -> list[Mark]:
        return [self._told(), *self._went_on()] if self.decision else []

    def _told(self) -> Mark:
        delivery, agent = self.delivery, self.agent
        if delivery and delivery.delivered_at:
            how = "" if delivery.url else "it asked"
            return Mark("done", f"{agent} was told", delivery.delivered_at, how)
        if delivery and delivery.status == "dead":
            return Mark("late", f"{agent} could not be told", None, delivery.last_error)
        if delivery and delivery.status == "failing":
            tries = f"{delivery.attempts} tr{'y' if delivery.attempts == 1 else 'ies'} so far"
            return Mark("late", f"{agent} does not answer; trying again", None,
                        f"{tries}: {delivery.last_error}")  # fmt: skip
        if self.resumption:
            return Mark("done", f"{agent} was told", None)
        waits = "Telling" if delivery and delivery.url else "Waiting until it is asked for by"
        return Mark("now", f"{waits} {agent}")

    def _went_on(self) -> list[Mark]:
        if said := self.resumption:
            state = "late" if said.result == ResumptionResult.FAILED else "done"
            return [Mark(state, f"It went on: {said.result}", said.received_at, said.detail)]
        return [Mark("now", "It has not yet said how it went on")]
