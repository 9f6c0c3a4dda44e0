"""The case as its page shows it: the seven parts of the package, put in the order that decides well.

Nothing here reads ``recommended``: what the agent would choose is not for a reviewer's eyes before
there is a decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from escalation import access, answers, ledger
from escalation.eligibility import Eligibility, beyond_authority
from escalation.enums import OWED, PERMITTING, DecidedBy, ResumptionResult
from escalation.intake import whole_package
from escalation.models import (
    Case,
    Decision,
    Delivery,
    Evidence,
    Firing,
    Handoff,
    Option,
    Pause,
    Resumption,
    User,
)
from reviewers import clockface, handshow, story, wording

GAP = timedelta(seconds=30)  # a pause between steps worth saying
SIBLINGS = 30
WORDS = {
    "<": "below",
    "<=": "at or below",
    ">": "above",
    ">=": "at or above",
    "==": "equal to",
    "!=": "other than",
    "in": "one of",
    "matches": "matching",
}


@dataclass(frozen=True)
class Gauge:
    """A numeric firing on a scale: all in percent of its width."""

    observed: float
    threshold: float
    threshold_said: str

    @property
    def label_anchor(self) -> str:
        return "end" if self.threshold > 90 else "start" if self.threshold < 10 else "middle"


class FiringView:
    """A trigger's going off, said in words and, where it is a number, drawn against its limit."""

    def __init__(self, firing: Firing) -> None:
        self.type, self.detail = firing.type, firing.detail
        self.observed_raw, self.threshold_raw = firing.observed, firing.threshold
        self.name = firing.name.replace("_", " ")
        self.observed = wording.observed(firing.observed)
        self.threshold = wording.observed(firing.threshold)
        self.sign = wording.operator(firing.operator)
        self.word = WORDS.get(firing.operator, firing.operator)

    @property
    def line(self) -> str:
        """What fired in a few characters; a text that had to be one of some stands alone."""
        if self.sign in ("in", "=", "matches") and wording.numeric(self.observed_raw) is None:
            return self.observed
        return f"{self.observed} {self.sign} {self.threshold}"

    @property
    def gauge(self) -> Gauge | None:
        observed, threshold = (
            wording.numeric(self.observed_raw),
            wording.numeric(self.threshold_raw),
        )
        if observed is None or threshold is None or min(observed, threshold) < 0:
            return None
        top = 1.0 if max(observed, threshold) <= 1 else max(observed, threshold) * 1.1
        return Gauge(100 * observed / top, 100 * threshold / top, self.threshold)


class StepView:
    """One step of the chain: what went in, what came out, how long, and the pause before it."""

    def __init__(self, step: Evidence, before: Evidence | None, longest: int, seen: int) -> None:
        self.step, self.key, self.kind, self.at = step, step.key, step.kind, step.at
        self.name, self.must_read = step.name, step.must_read
        self.is_new = step.version > seen
        body = step.body
        self.text = body.get("text") or ""
        self.sides = [(side, said, body[side]) for side, said in (("input", "in"), ("output", "out"))
                      if body.get(side) is not None]  # fmt: skip
        self.duration_ms = step.duration_ms
        self.share = round(100 * (step.duration_ms or 0) / longest, 1) if longest else 0
        self.gap = self._gap(before)

    def _gap(self, before: Evidence | None) -> timedelta | None:
        if before is None:
            return None
        ended = before.at + timedelta(milliseconds=min(before.duration_ms or 0, 10**12))
        pause = self.at - ended
        return pause if pause >= GAP else None


@dataclass(frozen=True)
class Mark:
    """A point on the way of a decision back to its agent."""

    state: str  # done, now, late
    text: str
    at: datetime | None = None
    detail: str = ""


class Casefile:
    def __init__(self, case: Case, reader: User, *, at: datetime, seen_digest: str = "") -> None:
        self.case, self.reader, self.at = case, reader, at
        self.seen_digest = seen_digest

    @cached_property
    def package(self) -> dict[str, Any]:
        return whole_package(self.case)

    @cached_property
    def request(self) -> dict[str, Any]:
        found: dict[str, Any] = self.package["request"]
        return found

    @property
    def request_is_document(self) -> bool:
        kind = self.request.get("media_type", "text/plain")
        return not kind.startswith("text/") or kind in ("text/csv", "text/html", "text/xml")

    @property
    def received_at(self) -> datetime | None:
        given = self.request.get("received_at")
        return datetime.fromisoformat(given.upper().replace("Z", "+00:00")) if given else None

    @property
    def proposal(self) -> dict[str, Any] | None:
        return self.package["proposal"]

    @property
    def arguments(self) -> Any:
        return (self.proposal or {}).get("arguments")

    @property
    def identity(self) -> dict[str, Any]:
        found: dict[str, Any] = self.package["identity"]
        return found

    @property
    def callback_host(self) -> str:
        return self.case.callback_url.split("/")[2] if "://" in self.case.callback_url else ""

    @cached_property
    def firings(self) -> list[FiringView]:
        return [FiringView(firing) for firing in self.case.firings.all()]

    @cached_property
    def options(self) -> list[Option]:
        return list(self.case.options.all())

    @cached_property
    def steps(self) -> list[StepView]:
        steps = list(self.case.evidence.all())
        longest = max((step.duration_ms or 0 for step in steps), default=0)
        seen = self._seen_version()
        before = [None, *steps]
        return [
            StepView(step, last, longest, seen) for step, last in zip(steps, before, strict=False)
        ]

    def _seen_version(self) -> int:
        """Return the version of the package that the reader had on screen before."""
        if not self.seen_digest:
            return self.case.version
        found = self.case.packages.filter(digest=self.seen_digest).values_list("version", flat=True)
        return found.first() or self.case.version

    @property
    def new_steps(self) -> list[StepView]:
        return [step for step in self.steps if step.is_new]

    @cached_property
    def siblings(self) -> QuerySet[Case] | list[Case]:
        """The other cases of the same batch that this reader may see."""
        if not self.case.batch:
            return []
        same = access.cases_for(self.reader).filter(agent=self.case.agent_id, batch=self.case.batch)
        return list(same.exclude(pk=self.case.pk).order_by("number")[:SIBLINGS])

    @cached_property
    def lines(self) -> list[ledger.Line]:
        return ledger.history(self.case)

    @cached_property
    def history(self) -> list[story.Sentence]:
        return story.told(self.lines, self.case)

    @cached_property
    def hands(self) -> list[handshow.Hand]:
        return handshow.hands(self.case, self.lines)

    @cached_property
    def turn(self) -> Handoff | None:
        """The handoff that lasts: whose turn it is."""
        return self.hands[-1].handoff if self.hands and not self.case.is_ended else None

    @property
    def is_unread(self) -> bool:
        """Whether this very reading is the first of those to whom the case was given."""
        if not (self.is_owed and self.may_decide):
            return False
        turn = self.turn
        unseen = turn and not turn.seen_at and turn.user_id in (None, self.reader.pk)
        return bool(unseen) or any(clock.awaits_reading for clock in self.clocks)

    @cached_property
    def clocks(self) -> list[clockface.Face]:
        return clockface.faces(self.case, self.at)

    # Where the case stands ------------------------------------------------------------------------

    @cached_property
    def decision(self) -> Decision | None:
        return answers.standing_decision(self.case) if self.case.is_ended else None

    @cached_property
    def may_decide(self) -> bool:
        return access.may_decide(self.reader, self.case)

    @property
    def is_owed(self) -> bool:
        """Whether a role owes a decision, also while the case waits for something."""
        return self.case.status in OWED

    @property
    def accepts_answer(self) -> bool:
        return self.is_owed and self.may_decide and not self.obstacle

    @property
    def may_overturn(self) -> bool:
        """Whether this reader may answer after all what nobody answered in time."""
        ended = self.decision and self.decision.kind == DecidedBy.FALLBACK
        return bool(ended) and self.may_decide and not self.obstacle

    @cached_property
    def pause(self) -> Pause | None:
        return answers.pause_of(self.case)

    @cached_property
    def obstacle(self) -> str:
        """Why this reader, who decides for the role, must not decide this case; mostly empty."""
        role = self.case.role
        if role is None or not self.may_decide:
            return ""
        if self.reader in self.answered:
            return "You have answered it."
        return Eligibility.of([self.reader], role, at=self.at).obstacle(self.reader, self.case)

    @cached_property
    def answered(self) -> list[User]:
        """Who of the several that must agree has answered the package as it stands."""
        if self.case.approvals == 1:
            return []
        given = self.case.answers.filter(digest=self.case.digest).select_related("user")
        return [answer.user for answer in given]

    @property
    def agreed(self) -> list[User]:
        """Who gave the answer that the decision is, where several had to."""
        made = self.decision
        if made is None or self.case.approvals == 1 or not made.permitted:
            return []
        given = self.case.answers.filter(option=made.option_id, digest=made.digest)
        return [
            one.user for one in given.select_related("user") if one.parameters == made.parameters
        ]

    @cached_property
    def beyond(self) -> str:
        """Why the role may not let the agent do what it proposes; empty when it may."""
        return beyond_authority(self.case.role, self.case) if self.case.role else ""

    @cached_property
    def withheld(self) -> list[str]:
        """The keys of the answers that take more authority than the role has."""
        if not self.beyond:
            return []
        return [option.key for option in self.options if option.outcome in PERMITTING]

    @cached_property
    def filled(self) -> Any:
        return self.decision.parameters if self.decision else None

    @cached_property
    def path(self) -> list[Mark]:
        """The way of the decision back: decided, told, gone on."""
        if not self.decision:
            return []
        return [self._told(), *self._went_on()]

    @property
    def is_on_its_way(self) -> bool:
        """Whether there is still something to come that the page should wait for."""
        return bool(self.decision) and not self._resumption

    @cached_property
    def _resumption(self) -> Resumption | None:
        return Resumption.objects.filter(decision=self.decision).first() if self.decision else None

    @cached_property
    def _delivery(self) -> Delivery | None:
        if self.decision is None:
            return None
        return Delivery.objects.filter(decision=self.decision).defer("body").last()

    def _told(self) -> Mark:
        delivery = self._delivery
        agent = self.case.agent.name
        if delivery and delivery.delivered_at:
            how = "" if delivery.url else "it asked"
            return Mark("done", f"{agent} was told", delivery.delivered_at, how)
        if delivery and delivery.status == "dead":
            return Mark("late", f"{agent} could not be told", None, delivery.last_error)
        if delivery and delivery.status == "failing":
            tries = f"{delivery.attempts} tr{'y' if delivery.attempts == 1 else 'ies'} so far"
            return Mark("late", f"{agent} does not answer; trying again", None,
                        f"{tries}: {delivery.last_error}")  # fmt: skip
        if self._resumption:
            return Mark("done", f"{agent} was told", None)
        waits = "Telling" if delivery and delivery.url else "Waiting until it is asked for by"
        return Mark("now", f"{waits} {agent}")

    def _went_on(self) -> list[Mark]:
        if said := self._resumption:
            state = "late" if said.result == ResumptionResult.FAILED else "done"
            return [Mark(state, f"It went on: {said.result}", said.received_at, said.detail)]
        return [Mark("now", "It has not yet said how it went on")]

    @property
    def state_tag(self) -> str:
        """What of this page changes by itself, as a validator for polling."""
        delivery, said = self._delivery, self._resumption
        parts = [self.case.digest[7:23], self.case.status, str(self.case.role_id)]
        parts += [str(self.decision.pk)[-12:]] if self.decision else []
        parts += [delivery.status, str(delivery.attempts)] if delivery else []
        parts += [said.result] if said else []
        return "-".join(parts)
