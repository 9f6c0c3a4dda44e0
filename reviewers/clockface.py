"""The clocks of a case as its page shows them: each target met, running, standing still or missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalation.cases import lateness
from escalation.clocks import Counting
from escalation.enums import Target
from escalation.models import Case, Clock
from reviewers import wording

NAMES = {
    Target.DECISION: gettext_lazy("Decision"),
    Target.CLAIM: gettext_lazy("Taking it"),
    Target.FIRST_RESPONSE: gettext_lazy("First reading"),
    Target.FALLBACK: gettext_lazy("Next step"),
}


@dataclass(frozen=True)
class Face:
    """One clock, in words and as a ring."""

    target: Target
    state: str  # running, breaching (soon over), still, met, over or missed
    words: str
    due_at: datetime | None = None
    share: float = 0.0  # of its time, what is left

    @property
    def name(self) -> str:
        return str(NAMES[self.target])

    @property
    def is_running(self) -> bool:
        return self.state in ("running", "breaching")

    @property
    def awaits_reading(self) -> bool:
        first = self.target == Target.FIRST_RESPONSE
        return first and (self.is_running or self.state in ("still", "over"))

    @property
    def tone(self) -> str:
        if self.state in ("over", "missed"):
            return "late"
        return "attention" if self.state == "breaching" else ""


def faces(case: Case, at: datetime) -> list[Face]:
    """Return the clocks of a case, the decision's first; a wait after a step only while it runs."""
    clocks = list(Clock.objects.filter(case=case))
    if not clocks:
        return []
    counting = Counting.of(case)
    order = list(NAMES)
    shown = [one for one in clocks if one.target != Target.FALLBACK or _runs(one)]
    shown.sort(key=lambda one: order.index(Target(one.target)))
    return [_face(case, one, counting, at) for one in shown]


def _runs(clock: Clock) -> bool:
    return clock.stopped_at is None and clock.breached_at is None


def _face(case: Case, clock: Clock, counting: Counting, at: datetime) -> Face:
    target = Target(clock.target)
    if clock.breached_at and clock.stopped_at:
        missed = {"time": wording.span(clock.stopped_at - clock.breached_at)}
        return Face(target, "missed", _("missed by %(time)s") % missed, clock.breached_at)
    if clock.breached_at:
        return Face(target, "over", wording.left(clock.breached_at - at), clock.breached_at)
    used = counting.used(clock, at)
    if clock.stopped_at:
        return Face(target, "met", _("met in %(time)s") % {"time": wording.span(used)})
    whole = timedelta(seconds=clock.seconds)
    left, share = whole - used, (whole - used) / whole if whole else 0.0
    if clock.due_at is None:
        still = _("stands still, %(time)s left") % {"time": wording.span(left)}
        return Face(target, "still", still, share=share)
    words = wording.left(clock.due_at - at)
    if lateness.is_late(clock.due_at, at):
        return Face(target, "over", words, clock.due_at)
    state = "breaching" if lateness.is_breaching(clock.due_at, at) else "running"
    return Face(target, state, words, clock.due_at, share=share)
