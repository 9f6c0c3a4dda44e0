"""By when, and what if nobody: one SLA policy as plain values. Nothing here knows a case or a clock."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from escalation.enums import PauseReason, Stakes, Target
from escalation.protocol import Review
from escalation.values import durations
from routing.enums import TERMINAL, CountedIn, Rung
from routing.sla import words

TARGETS = (
    Target.FIRST_RESPONSE.value,
    Target.CLAIM.value,
    Target.DECISION.value,
)  # as they are met
PAUSES = (PauseReason.INFORMATION_REQUESTED.value, PauseReason.HELD.value)
LONGEST = {  # 90 days of the clock on the wall; 90 working days of 8 hours
    CountedIn.WALL: timedelta(days=90),
    CountedIn.WORKING: timedelta(hours=720),
}


def time_word(working: bool) -> str:
    return CountedIn.WORKING.value if working else CountedIn.WALL.value


@dataclass(frozen=True)
class Promise:
    """How long one target leaves, in the role's working time or by the clock on the wall."""

    within: timedelta
    working: bool

    @property
    def said(self) -> str:
        return durations.said(self.within, days=not self.working) if self.within else "at once"


@dataclass(frozen=True)
class Step:
    """One step of a chain, and how long to wait after it; the last has nothing to wait for."""

    do: Rung
    wait: timedelta = timedelta()

    @property
    def is_terminal(self) -> bool:
        return self.do in TERMINAL


@dataclass(frozen=True)
class Chain:
    """What follows when nobody answers: the first step at the breach, each next after a wait."""

    starts_at: str  # the target whose breach starts it; the decision's always does
    steps: tuple[Step, ...]
    working: bool  # whether the waits are counted in working time


@dataclass(frozen=True)
class Reason:
    """A reason that a reviewer may choose; the key is what is counted, the label what is read."""

    key: str
    label: str


@dataclass(frozen=True)
class Sla:
    slug: str
    name: str
    targets: Mapping[str, Mapping[str, Promise]]  # stakes: target: how long
    warnings: tuple[int, ...]  # percent of each target
    pauses: tuple[str, ...]  # the reasons that stop the clocks
    longest_pause: timedelta | None  # by the clock on the wall; None when nothing stops them
    chain: Chain
    through_quiet_hours: tuple[str, ...]  # stakes whose notices break through quiet hours
    shows_question: bool
    decide_in_chat: bool
    review: Mapping[str, Review]  # stakes: how such a case is reviewed; all stakes are there
    reasons: tuple[Reason, ...]

    def target(self, stakes: str, kind: str) -> Promise | None:
        """Return how long a case of these stakes has for a target, or None: it has no such target."""
        return self.targets.get(stakes, {}).get(kind)

    def steps_for(self, boundary: bool) -> tuple[Step, ...]:
        """Return the chain for a case: a boundary case is denied where others are let lie."""
        *before, last = self.chain.steps
        if boundary and last.do == Rung.DO_NOTHING:
            last = Step(Rung.DENY)
        return (*before, last)

    def as_facts(self) -> dict[str, Any]:
        """Return the facts in full, lengths in whole seconds: what is stored, and what is compared."""
        return self._facts(lambda span, days: int(span.total_seconds()))

    def as_written(self) -> dict[str, Any]:
        """Return the facts in full as people write them in YAML: ``within: 1h30m``."""
        return self._facts(lambda span, days: durations.short(span, days=days))

    def _facts(self, length: Callable[[timedelta, bool], int | str]) -> dict[str, Any]:
        working = self.chain.working
        return {
            "slug": self.slug,
            "name": self.name,
            "targets": {
                stakes: {
                    kind: {
                        "within": length(promise.within, not promise.working),
                        "time": time_word(promise.working),
                    }
                    for kind, promise in promises.items()
                }
                for stakes, promises in self.targets.items()
            },
            "warnings": list(self.warnings),
            "pauses": list(self.pauses),
            "longest_pause": self.longest_pause and length(self.longest_pause, True),
            "chain": {
                "starts_at": self.chain.starts_at,
                "steps": [
                    {"do": step.do.value}
                    | ({} if step.is_terminal else {"wait": length(step.wait, not working)})
                    for step in self.chain.steps
                ],
                "time": time_word(working),
            },
            "through_quiet_hours": list(self.through_quiet_hours),
            "shows_question": self.shows_question,
            "decide_in_chat": self.decide_in_chat,
            "review": {
                stakes: {
                    "protocol": review.protocol.value,
                    "hold_window": length(review.hold_window, True),
                    "because": review.because.value,
                    "step_up": review.step_up,
                }
                for stakes, review in self.review.items()
            },
            "reasons": [{"key": one.key, "label": one.label} for one in self.reasons],
        }

    def said(self) -> str:
        return " ".join(self.sentences())

    def sentences(self) -> tuple[str, ...]:
        """Return the whole policy in words, a sentence for each stakes and each thing it rules."""
        return (
            *words.deadlines(self),
            words.chain(self),
            *words.rest(self),
            *words.reviews(self),
            words.reasons(self),
        )

    def cautions(self) -> Iterator[str]:
        """Yield what is allowed but seldom meant, each as a sentence."""
        decisions = [(stakes, self.target(stakes, "decision")) for stakes in Stakes]
        for stakes, decision in decisions:
            if decision is None and self.target(stakes, self.chain.starts_at) is None:
                yield (
                    f"{self.name}: {stakes.label} stakes have no deadline that starts the chain, "
                    "so such a case may wait for ever."
                )
        given = [(stakes, promise) for stakes, promise in decisions if promise]
        for (lower, longer), (higher, promise) in zip(given, given[1:], strict=False):
            if promise.working == longer.working and promise.within > longer.within:
                yield (
                    f"{self.name}: {higher.label} stakes are given more time ({promise.said}) "
                    f"than {lower.label} ({longer.said})."
                )
        if self.decide_in_chat and not self.shows_question:
            yield (
                f"{self.name}: answers in the chat are allowed, but messages do not show the "
                "question, so none will have a button."
            )
        yield from self._cautions_of_review()

    def _cautions_of_review(self) -> Iterator[str]:
        for stakes in (Stakes.HIGH, Stakes.CRITICAL):
            if not self.review[stakes].protocol.withholds:
                yield (
                    f"{self.name}: at {stakes.label} stakes a reviewer reads what the agent "
                    "recommends before answering, and tends to follow it."
                )
        if not self.review[Stakes.CRITICAL].step_up:
            yield f"{self.name}: critical stakes are signed without proving again who signs."
        if self.review[Stakes.LOW].hold_window:
            yield (
                f"{self.name}: every agent waits "
                f"{durations.said(self.review[Stakes.LOW].hold_window)} after a decision of low "
                "stakes."
            )
        if self.decide_in_chat and not self.review[Stakes.LOW].asks_nothing:
            yield (
                f"{self.name}: answers in the chat are allowed, but the review of low stakes asks "
                "for more than a click, so none will have a button."
            )
