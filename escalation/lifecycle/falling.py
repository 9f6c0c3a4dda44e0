"""Nobody answered: the end that policy gives a case. It is never a yes, and never a person's no."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from escalation import ledger, resume
from escalation.actors import CLOCK
from escalation.enums import NO_ANSWER, CaseStatus, DecidedBy, FallbackEnd, HandoffEnd, TriggerType
from escalation.lifecycle.checks import check_undecided
from escalation.lifecycle.moves import end_handoff, move
from escalation.models import Case, Decision


@transaction.atomic
def fall_back(case_id: UUID, end: FallbackEnd, *, at: datetime) -> Decision:
    """End a case without an answer and let its agent go on, without what it asked for.

    A boundary case is denied, whatever ``end`` says. The case must have terms. Raises SignedAlready
    while a person's answer is on its way out.
    """
    case = Case.objects.locked(case_id)
    check_undecided(case)
    if case.firings.filter(type=TriggerType.BOUNDARY).exists():
        end = FallbackEnd.DENY
    assert case.role and case.terms
    move(case, CaseStatus.DECIDED, at)
    end_handoff(case, HandoffEnd.FALLBACK, at)
    decision = Decision.objects.create(
        case=case,
        option=None,
        outcome=NO_ANSWER,
        permitted=False,
        rationale=f"{end.value.replace('_', ' ').capitalize()}: nobody of {case.role} answered in time.",
        kind=DecidedBy.FALLBACK,
        role=case.role,
        decided_at=at,
        digest=case.digest,
        fallback=end,
        policy=case.terms.policy,
    )
    ledger.append(
        "case.fell_back",
        subject=case,
        by=CLOCK,
        at=at,
        decision=str(decision.pk),
        outcome=NO_ANSWER,
        fallback=end.value,
        policy=case.terms.policy,
        role=case.role.slug,
        digest=case.digest,
    )
    resume.schedule(decision, at=at)
    return decision
