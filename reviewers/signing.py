"""Two steps to an answer: first what would come of it, then the signature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from escalation import lifecycle, protocol
from escalation.cases.arguments import acts_with
from escalation.enums import PERMITTING, Outcome
from escalation.models import Answer, Option, User
from reviewers.answering import Answering, Stage
from reviewers.casefile import Casefile
from reviewers.forms import DecisionForm, OverturnForm


@dataclass(frozen=True)
class Given:
    """An answer as the doors take it."""

    key: str
    filled: dict[str, Any] | None = None
    reasons: tuple[str, ...] = ()
    rationale: str = ""
    digest: str = ""
    stands: UUID | None = None  # the decision that it is to replace

    @classmethod
    def of(cls, form: DecisionForm) -> Given:
        said, chosen = form.cleaned_data, form.chosen
        return cls(
            chosen.option.key if chosen else "", form.filled, tuple(said.get("reasons", ())),
            said.get("rationale", ""), said.get("digest", ""), said.get("stands"),
        )  # fmt: skip

    @classmethod
    def again(cls, own: Answer) -> Given:
        """What somebody committed, kept as it is."""
        return cls(own.option.key, own.parameters, tuple(own.reasons), own.rationale, own.digest)


Act = Callable[[], Any]


def act(
    file: Casefile, given: Given, *, by: User, confirmed_at: datetime | None, overturns: bool
) -> Act:
    """Return what carries the answer out, through the door that its stage asks for."""
    said: dict[str, Any] = {
        "filled": given.filled,
        "reasons": given.reasons,
        "rationale": given.rationale,
        "digest": given.digest,
        "by": by,
        "at": file.at,
    }
    case_id = file.case.pk
    if overturns:
        said |= {"stands": given.stands, "confirmed_at": confirmed_at}
        return lambda: lifecycle.overturn(case_id, given.key, **said)
    if file.answering.stage == Stage.COMMIT:
        return lambda: lifecycle.commit(case_id, given.key, **said)
    return lambda: lifecycle.decide(case_id, given.key, confirmed_at=confirmed_at, **said)


def rehearse(act: Act) -> None:
    """Raise what an act would be refused with, and leave nothing of it behind."""
    with transaction.atomic():
        act()
        transaction.set_rollback(True)


@dataclass(frozen=True)
class Summary:
    """What will happen when it is signed.

    It says the same whatever others have answered: who answers blind learns nothing from it.
    """

    file: Casefile
    given: Given
    option: Option
    signer: User
    proof_at: datetime | None  # when the signer last showed who they are
    overturns: bool = False
    form: DecisionForm | None = field(default=None)

    @classmethod
    def of(cls, form: DecisionForm, signer: User, proof_at: datetime | None) -> Summary:
        assert form.chosen
        overturns = isinstance(form, OverturnForm)
        return cls(form.file, Given.of(form), form.chosen.option, signer, proof_at, overturns, form)

    @property
    def ask(self) -> Answering:
        return self.file.answering

    @property
    def stage(self) -> str:
        if self.option.outcome == Outcome.ESCALATE:
            return "pass_up"
        return "overturn" if self.overturns else self.ask.stage.value

    @property
    def permits(self) -> bool:
        return self.option.outcome in PERMITTING

    @property
    def arguments(self) -> dict[str, Any] | None:
        """What the agent acts with once it is signed; None where the answer does not let it act."""
        return acts_with(self.file.proposal, self.option, self.given.filled)

    @property
    def reasons(self) -> list[str]:
        return [self.ask.reasons[key] for key in self.given.reasons if key in self.ask.reasons]

    @property
    def changed(self) -> Answer | None:
        """What the signer had committed, where this is another answer."""
        return self.ask.own if self.form and self.form.changes else None

    @property
    def needs_proof(self) -> bool:
        """Whether the signer has to show first that it is they who sign."""
        return (
            self.ask.review.step_up
            and self.stage not in ("commit", "pass_up")
            and not is_fresh(self.proof_at, self.file.at)
        )


def is_fresh(proof_at: datetime | None, at: datetime) -> bool:
    return proof_at is not None and at - proof_at <= protocol.CONFIRMED_FOR
