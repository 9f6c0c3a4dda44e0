"""The clocks of a case as its page shows them: each target met, running, standing still or missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from escalation.clocks import Counting
from escalation.enums import Target
from escalation.models import Case, Clock
from reviewers import wording

NAMES = {
    Target.DECISION: "Decision",
    Target.CLAIM: "Taking it",
    Target.FIRST_RESPONSE: "First reading",
    Target.FALLBACK: "Next step",
}
SOON = 0.2  # of its time


@dataclass(frozen=True)
class Face:
    """One clock, in words and as a ring."""

    name: str
    state: str  # running, still, met, over or missed
    words: str
    due_at: datetime | None = None
    share: float = 0.0  # of its time, what is left

    @property
    def awaits_reading(self) -> bool:
        first = self.name == NAMES[Target.FIRST_RESPONSE]
        return first and self.state in ("running", "still", "over")

    @property
    def tone(self) -> str:
        if self.state in ("over", "missed"):
            return "late"
        return "attention" if self.state == "running" and self.share <= SOON else ""


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
    name = NAMES[Target(clock.target)]
    if clock.breached_at:
        over = wording.span((clock.stopped_at or at) - clock.breached_at)
        if clock.stopped_at:
            return Face(name, "missed", f"missed by {over}", clock.breached_at)
        return Face(name, "over", f"{over} over", clock.breached_at)
    used = counting.used(clock, at)
    if clock.stopped_at:
        return Face(name, "met", f"met in {wording.span(used)}")
    whole = timedelta(seconds=clock.seconds)
    left, share = whole - used, (whole - used) / whole if whole else 0.0
    if clock.due_at is None:
        return Face(name, "still", f"stands still, {wording.span(left)} left", share=share)
    if clock.due_at <= at:
        return Face(name, "over", f"{wording.span(at - clock.due_at)} over", clock.due_at)
    return Face(
        name, "running", f"{wording.span(clock.due_at - at)} left", clock.due_at, share=share
    )
