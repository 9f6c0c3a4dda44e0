"""The other bodies that agents send, and every answer that they get: exactly ``contract.md``."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from escalation.enums import Asked, CaseStatus, PauseReason, ResumptionResult
from escalation.package import Body, Instant, Step, Text, known


class WithdrawalBody(Body):
    reason: Text


class ResumptionBody(Body):
    result: known(ResumptionResult.values)  # type: ignore[valid-type]
    decision: Annotated[str, StringConstraints(max_length=64)] | None = None
    detail: str | None = None
    at: Instant | None = None


class AnswerBody(Body):
    text: Text
    steps: Annotated[list[Step], Field(max_length=1999)] = []  # the text becomes one more


# Answers -------------------------------------------------------------------------------------------


class Decider(Schema):
    kind: Literal["person", "fallback"]
    name: str
    role: str


class DecisionAnswer(Schema):
    id: str
    case: str
    reference: str
    option: str | None
    outcome: str
    permitted: bool
    parameters: dict[str, Any] | None
    arguments: dict[str, Any] | None
    reasons: list[str]
    rationale: str
    decided_by: Decider
    decided_at: str
    overturns: str | None
    digest: str
    state: Any


class TriggerAnswer(Schema):
    type: str
    name: str
    observed: Any
    operator: str
    threshold: Any
    detail: str | None


class PauseAnswer(Schema):
    reason: known(PauseReason.values)  # type: ignore[valid-type]
    of: known(Asked.values) | None  # type: ignore[valid-type]  # who is asked
    asked: str | None  # what they are asked for
    since: str
    until: str | None  # when the case goes on by itself


class CaseAnswer(Schema):
    id: str
    reference: str
    status: known(CaseStatus.values)  # type: ignore[valid-type]
    stakes: str
    role: str | None
    due_at: str | None
    digest: str
    triggers: list[TriggerAnswer]
    pause: PauseAnswer | None
    decision: DecisionAnswer | None
    url: str
    created_at: str


class AttachedAnswer(CaseAnswer):
    step: dict[str, Any]  # that the document became, as it stands in the package


class CasesAnswer(Schema):
    items: list[CaseAnswer]
    next: str | None


class Fault(Schema):
    pointer: str
    message: str


class Problem(Schema):
    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None
