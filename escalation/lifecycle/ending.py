"""A case that the agent no longer needs, and one from which it has gone on."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from escalation import ledger, resume
from escalation.enums import CaseStatus, HandoffEnd, ResumptionResult
from escalation.errors import AlreadyDecided, AlreadyResumed, NotDecided
from escalation.lifecycle.moves import end_handoff, move
from escalation.models import Agent, Case, Resumption


@transaction.atomic
def withdraw(case_id: UUID, reason: str, *, by: Agent, at: datetime) -> Case:
    """End a case that the agent no longer needs. Withdrawing it again changes nothing.

    Raises AlreadyDecided once there is a decision.
    """
    case = Case.objects.locked(case_id)
    if case.status == CaseStatus.WITHDRAWN:
        return case
    if case.status == CaseStatus.DECIDED:
        raise AlreadyDecided(f"{case.reference} is decided; it can no longer be withdrawn.")
    move(case, CaseStatus.WITHDRAWN, at)
    end_handoff(case, HandoffEnd.WITHDRAWN, at)
    ledger.append("case.withdrawn", subject=case, by=by, at=at, private={"reason": reason})
    return case


@transaction.atomic
def mark_resumed(
    case_id: UUID,
    result: ResumptionResult,
    *,
    detail: str = "",
    said_at: datetime | None = None,
    by: Agent,
    at: datetime,
) -> Case:
    """Record how the agent went on; the loop is closed and nothing more is sent.

    Saying the same again changes nothing. Raises NotDecided before a decision, AlreadyResumed when
    the agent had said something else.
    """
    case = Case.objects.locked(case_id)
    if case.status != CaseStatus.DECIDED:
        raise NotDecided(f"{case.reference} has no decision to go on from; it is {case.status}.")
    said = Resumption.objects.filter(case=case).first()
    if said and said.result == result:
        return case
    if said:
        raise AlreadyResumed(f"The agent already said that {case.reference} {said.result}.")
    Resumption.objects.create(
        case=case, result=result, detail=detail, at=said_at or at, received_at=at
    )
    resume.stop(case, at=at)
    ledger.append(
        "case.resumed", subject=case, by=by, at=at, private={"detail": detail}, result=result
    )
    return case
