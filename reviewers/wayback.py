"""The way of a decision back to its agent: decided, told, gone on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
        delivery, agent = self.delivery, {"agent": self.agent}
        told = _("%(agent)s was told") % agent
        if delivery and delivery.delivered_at:
            how = "" if delivery.url else _("it asked")
            return Mark("done", told, delivery.delivered_at, how)
        if delivery and delivery.status == "dead":
            return Mark("late", _("%(agent)s could not be told") % agent, None, delivery.last_error)
        if delivery and delivery.status == "failing":
            again = _("%(agent)s does not answer; trying again") % agent
            tries = ngettext(
                "%(n)d try so far: %(error)s",
                "%(n)d tries so far: %(error)s",
                delivery.attempts,
            )
            failed = {"n": delivery.attempts, "error": delivery.last_error}
            return Mark("late", again, None, tries % failed)
        if self.resumption:
            return Mark("done", told, None)
        if delivery and delivery.url:
            return Mark("now", _("Telling %(agent)s") % agent)
        return Mark("now", _("Waiting until it is asked for by %(agent)s") % agent)

    def _went_on(self) -> list[Mark]:
        if said := self.resumption:
            state = "late" if said.result == ResumptionResult.FAILED else "done"
            went_on = _("It went on: %(result)s") % {"result": said.get_result_display()}
            return [Mark(state, went_on, said.received_at, said.detail)]
        return [Mark("now", _("It has not yet said how it went on"))]
