"""The evidence of a case as its page shows it: what fired, and the chain of steps as a timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from escalation.enums import StepKind
from escalation.models import Evidence, Firing
from escalation.withholding import Withheld
from reviewers import wording

GAP = timedelta(seconds=30)  # a pause between steps worth saying
WORDS = {
    "<": _("below"),
    "<=": _("at or below"),
    ">": _("above"),
    ">=": _("at or above"),
    "==": _("equal to"),
    "!=": _("other than"),
    "in": _("one of"),
    "matches": _("matching"),
}
DID = {StepKind.CONCLUSION: _("Concluded"), StepKind.REASONING: _("Reasoned")}
LONGEST_MS = 10**12


@dataclass(frozen=True)
class Gauge:
    """A numeric firing on a scale: all in percent of its width."""

    observed: float
    threshold: float


class FiringView:
    """A trigger's going off, said in words and, where it is a number, drawn against its limit."""

    def __init__(self, firing: Firing) -> None:
        self.position = firing.position
        self.type, self.type_said = firing.type, firing.get_type_display()
        self.detail = firing.detail
        self.observed_raw, self.threshold_raw = firing.observed, firing.threshold
        self.name = firing.name.replace("_", " ")
        self.observed = wording.observed(firing.observed)
        self.threshold = wording.observed(firing.threshold)
        self.sign = wording.operator(firing.operator)
        self.word = WORDS.get(firing.operator, firing.operator)

    @property
    def gauge(self) -> Gauge | None:
        observed, threshold = (
            wording.numeric(self.observed_raw),
            wording.numeric(self.threshold_raw),
        )
        if observed is None or threshold is None or min(observed, threshold) < 0:
            return None
        top = 1.0 if max(observed, threshold) <= 1 else max(observed, threshold) * 1.1
        return Gauge(100 * observed / top, 100 * threshold / top)


class StepView:
    """One step of the chain: what went in, what came out, how long, and the pause before it.

    ``opened_at`` is when the reader opened what must be read; a step is closed until then, for whom
    ``must_open``. Of a step that is withheld there is only its kind and its time.
    """

    is_withheld = False

    def __init__(
        self, step: Evidence, *, seen: int, opened_at: datetime | None, must_open: bool
    ) -> None:
        self.position, self.key, self.at = step.position, step.key, step.at
        self.kind = step.kind
        self.name, self.must_read = step.name, step.must_read
        self.is_new = step.version > seen
        self.opened_at = opened_at
        self.is_closed = step.must_read and must_open and opened_at is None
        self.body = step.body
        self.text = self.body.get("text") or ""
        self.duration_ms = step.duration_ms
        self.share = 0.0
        self.gap: timedelta | None = None

    @property
    def kind_said(self) -> str:
        return str(StepKind(self.kind).label)

    @property
    def anchor(self) -> str:
        return f"step-{self.position}"

    @property
    def title(self) -> str:
        """What the step is called in a line."""
        return self.name or self.kind_said.capitalize()

    @property
    def attachment(self) -> dict[str, Any] | None:
        """The document that the step is: its digest, size, type and name."""
        return self.body.get("attachment")

    @property
    def sides(self) -> list[tuple[str, str, Any]]:
        """What went in and what came out, where there is such."""
        sides = (("input", _("in")), ("output", _("out")))
        return [(name, said, value) for name, said in sides
                if (value := self.body.get(name)) is not None]  # fmt: skip

    @property
    def ended_at(self) -> datetime:
        return self.at + timedelta(milliseconds=min(self.duration_ms or 0, LONGEST_MS))


class WithheldStep:
    """A step that is there and not to be seen yet. ``did`` says in a word what the agent did in it."""

    is_withheld = True
    is_new = is_closed = must_read = False
    duration_ms = gap = None

    def __init__(self, step: Withheld) -> None:
        self.position, self.kind, self.at = step.position, step.kind, step.at
        self.anchor = f"step-{step.position}"
        self.did = self.title = str(DID[step.kind])
        self.ended_at = step.at


def timeline(
    steps: Iterable[Evidence | Withheld],
    *,
    seen: int,
    opened: Mapping[UUID, datetime],
    must_open: bool,
) -> list[StepView | WithheldStep]:
    """Return the chain of steps in order, with their pauses and how long each took of the longest.

    ``seen`` is the version of the package that the reader had before; ``opened`` when they opened
    which step.
    """
    shown: list[StepView | WithheldStep] = [
        WithheldStep(step)
        if isinstance(step, Withheld)
        else StepView(step, seen=seen, opened_at=opened.get(step.pk), must_open=must_open)
        for step in steps
    ]
    longest = max((step.duration_ms or 0 for step in shown), default=0)
    for before, step in zip([None, *shown], shown, strict=False):
        if isinstance(step, StepView):
            step.share = round(100 * (step.duration_ms or 0) / longest, 1) if longest else 0
        pause = step.at - before.ended_at if before else timedelta()
        step.gap = pause if pause >= GAP else None
    return shown
