"""What policy does next with a case that nobody answers: from when, and which steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from escalation.enums import Target, TriggerType
from escalation.models import Case, Clock
from routing.models import Ruling
from routing.sla import read, words


@dataclass(frozen=True)
class Ahead:
    """``at`` is when the first of ``steps`` is taken; None while the clocks stand still."""

    at: datetime | None
    unless: str  # what would have to happen before, as in "decides"; empty: it has begun
    steps: str


def ahead(case: Case) -> Ahead | None:
    """Return what comes next if nobody answers; None where nothing more does."""
    ruling = Ruling.objects.select_related("sla").filter(case=case).first()
    if case.is_ended or ruling is None:
        return None
    policy = read(ruling.sla.facts)
    steps = policy.steps_for(case.firings.filter(type=TriggerType.BOUNDARY).exists())
    clocks = {(one.target, one.step): one for one in Clock.objects.filter(case=case)}
    waits = [one for one in clocks.values() if one.target == Target.FALLBACK]
    waited = max(waits, key=lambda one: one.step, default=None)
    if waited is not None and waited.stopped_at is None and waited.breached_at is None:
        following = steps[waited.step + 1 :]
        said = words.steps(following, working=policy.chain.working)
        return Ahead(waited.due_at, "", said) if following else None
    starts = clocks.get((policy.chain.starts_at, -1))
    if starts is None or starts.stopped_at or starts.breached_at:
        starts = clocks.get((Target.DECISION, -1))
    if starts is None or starts.stopped_at or starts.breached_at:
        return None
    left = steps[waited.step + 1 if waited else 0 :]
    said = words.steps(left, working=policy.chain.working)
    return Ahead(starts.due_at, words.STARTS[starts.target], said) if left else None
