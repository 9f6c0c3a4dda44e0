"""A person answers: the decision that stands, and what may not stand between."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from escalation import clocks, effects, ledger, resume
from escalation.enums import (
    PAUSED,
    PERMITTING,
    CaseStatus,
    DecidedBy,
    EffectKind,
    HandoffEnd,
    HandoffReason,
    Outcome,
)
from escalation.errors import NoHigherRole
from escalation.lifecycle import agreeing
from escalation.lifecycle.checks import check_decider, check_undecided, checked_option
from escalation.lifecycle.handing import Hands, begin_handoffs
from escalation.lifecycle.moves import end_handoff, move
from escalation.models import Answer, Case, Decision, Handoff, Option, User


@transaction.atomic
def decide(
    case_id: UUID,
    key: str,
    *,
    filled: dict[str, Any] | None = None,
    rationale: str = "",
    digest: str,
    by: User,
    at: datetime,
) -> Decision | Handoff | Answer:
    """Record the decision that stands on a case and let its agent go on.

    ``filled`` are the parameters of an option that takes some; ``digest`` is that of the package
    the reviewer had on screen. An option that escalates passes the case up instead: the new
    Handoff is returned. Where several must agree to let the agent go on, an Answer is returned
    until enough do.

    Raises AlreadyDecided or CaseWithdrawn when somebody came first, NotAuthorised without the
    right to decide for the role, AlreadyAnswered for a second answer, EvidenceChanged when the
    package is no longer the one on screen, UnknownOption, ParametersRejected, and NoHigherRole.
    """
    case = Case.objects.locked(case_id)
    check_undecided(case)
    check_decider(case, by, at)
    option = checked_option(case, key, filled, digest)
    if option.outcome == Outcome.ESCALATE:
        return _pass_up(case, option, rationale, by=by, at=at)
    if agreeing.takes_several(case, option):
        answer = agreeing.keep_answer(
            case, option, filled, rationale=rationale, digest=digest, by=by, at=at
        )
        if agreeing.lacking(answer):
            agreeing.ask_another(case, by=by, at=at)
            return answer
    move(case, CaseStatus.DECIDED, at)
    end_handoff(case, HandoffEnd.DECIDED, at)
    return stand(case, option, filled, rationale=rationale, digest=digest, by=by, at=at)


def stand(
    case: Case,
    option: Option,
    filled: dict[str, Any] | None,
    *,
    rationale: str,
    digest: str,
    overturns: Decision | None = None,
    by: User,
    at: datetime,
) -> Decision:
    """Write the decision that stands on a locked case from now on, and what its agent is told."""
    assert case.role  # the database lets no case out of "open" without one
    decision = Decision.objects.create(
        case=case,
        option=option,
        outcome=option.outcome,
        permitted=option.outcome in PERMITTING,
        parameters=filled,
        rationale=rationale,
        kind=DecidedBy.PERSON,
        decided_by=by,
        role=case.role,
        decided_at=at,
        overturns=overturns,
        digest=digest,
    )
    private = {"rationale": rationale, "parameters": filled}
    facts = {
        "decision": str(decision.pk),
        "option": option.key,
        "outcome": decision.outcome,
        "permitted": decision.permitted,
        "digest": digest,
    }
    if overturns:
        facts["overturns"] = str(overturns.pk)
        ledger.append("case.overturned", subject=case, by=by, at=at, private=private, **facts)
    else:
        ledger.append("case.decided", subject=case, by=by, at=at, private=private, **facts)
    resume.schedule(decision, at=at)
    return decision


def _pass_up(case: Case, option: Option, rationale: str, *, by: User, at: datetime) -> Handoff:
    """Hand the case to the higher role: an answer, but not yet a decision."""
    assert case.role
    higher = case.role.higher_role
    if higher is None:
        raise NoHigherRole(
            f"“{option.label}” passes the case up, but {case.role} has no higher role. "
            "Choose another option, or ask an administrator to name one."
        )
    end_handoff(case, HandoffEnd.PASSED_UP, at)
    hours = clocks.freeze([higher])
    case.role = higher
    if case.status in PAUSED:  # whoever has it now begins afresh
        move(case, CaseStatus.AWAITING, at, "role")
    else:
        case.save(update_fields=["role"])
    ledger.append(
        "case.passed_up",
        subject=case,
        by=by,
        at=at,
        private={"rationale": rationale},
        option=option.key,
        role=higher.slug,
    )
    hands = Hands(case.pk, higher, HandoffReason.PASSED_UP, option.label)
    handoff = begin_handoffs([(case, hands)], hours, by=by, at=at)[0]
    clocks.work_out(case, at=at)
    effects.hasten(EffectKind.SEAT, higher.pk, due_at=at)  # it names the person
    return handoff
