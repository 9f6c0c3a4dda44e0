"""A case that the agent no longer needs, and one from which it has gone on."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop as _

from escalation import ledger, resume, signing
from escalation.enums import CaseStatus, HandoffEnd, ReleaseEnd, ResumptionResult
from escalation.errors import AlreadyDecided, AlreadyResumed, NotDecided
from escalation.lifecycle.moves import end_handoff, move
from escalation.models import Agent, Case, Decision, Resumption


@transaction.atomic
def withdraw(case_id: UUID, reason: str, *, by: Agent, at: datetime) -> Case:
    """End a case that the agent no longer needs. Withdrawing it again changes nothing.

    Raises AlreadyDecided once there is a decision.
    """
    case = Case.objects.locked(case_id)
    if case.status == CaseStatus.WITHDRAWN:
        return case
    if case.status == CaseStatus.DECIDED:
        raise AlreadyDecided(
            _("%(reference)s is decided; it can no longer be withdrawn."), reference=case.reference
        )
    signing.end(case, ReleaseEnd.WITHDRAWN, at=at)
    move(case, CaseStatus.WITHDRAWN, at)
    end_handoff(case, HandoffEnd.WITHDRAWN, at)
    ledger.append("case.withdrawn", subject=case, by=by, at=at, private={"reason": reason})
    return case


@transaction.atomic
def mark_resumed(
    case_id: UUID,
    result: ResumptionResult,
    *,
    decision_id: UUID | None = None,
    detail: str = "",
    said_at: datetime | None = None,
    by: Agent,
    at: datetime,
) -> Case:
    """Record how the agent went on from a decision (None: from the last it was told of).

    The loop is closed and nothing more is sent. Saying the same again changes nothing. Raises
    NotDecided before a decision, AlreadyResumed when the agent had said something else, and
    Decision.DoesNotExist for one of another case.
    """
    case = Case.objects.locked(case_id)
    if case.status != CaseStatus.DECIDED:
        raise NotDecided(
            _("%(reference)s has no decision to go on from; it is %(status)s."),
            reference=case.reference,
            status=case.status,
        )
    decision = case.decisions.get(pk=decision_id) if decision_id else _last_told(case)
    said = Resumption.objects.filter(decision=decision).first()
    if said and said.result == result:
        return case
    if said:
        raise AlreadyResumed(
            _("The agent already said that %(reference)s %(result)s."),
            reference=case.reference,
            result=said.result,
        )
    Resumption.objects.create(
        case=case, decision=decision, result=result, detail=detail, at=said_at or at, received_at=at
    )
    resume.stop(decision, at=at)
    ledger.append(
        "case.resumed",
        subject=case,
        by=by,
        at=at,
        private={"detail": detail},
        result=result,
        decision=str(decision.pk),
    )
    return case


def _last_told(case: Case) -> Decision:
    """Return the decision that an agent speaks of without naming it."""
    told = case.decisions.filter(delivery__delivered_at__isnull=False).last()
    return (
        told
        or case.decisions.filter(resumption=None).first()
        or case.decisions.get(overturned_by=None)
    )
