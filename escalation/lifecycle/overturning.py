"""Somebody answers after all: a person's decision replaces one that a fallback made."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from escalation import answers
from escalation.enums import CaseStatus, DecidedBy, Outcome
from escalation.errors import IllegalTransition, NotDecided, RationaleMissing
from escalation.lifecycle import agreeing
from escalation.lifecycle.checks import already_decided, check_decider, checked_option
from escalation.lifecycle.deciding import stand
from escalation.models import Answer, Case, Decision, User


@transaction.atomic
def overturn(
    case_id: UUID,
    key: str,
    *,
    filled: dict[str, Any] | None = None,
    rationale: str,
    digest: str,
    by: User,
    at: datetime,
) -> Decision | Answer:
    """Replace what a fallback decided with a person's own answer, and tell the agent.

    Whoever may decide for the role that had the case may, with a rationale. Where several must
    agree, theirs is kept as an Answer until enough do.

    Raises NotDecided, AlreadyDecided when a person's decision stands, RationaleMissing, and what
    ``decide`` raises of who answers, the option and its parameters.
    """
    case = Case.objects.locked(case_id)
    standing = answers.standing_decision(case)
    if case.status != CaseStatus.DECIDED or standing is None:
        raise NotDecided(f"{case.reference} is {case.status}; there is nothing to overturn.")
    if standing.kind != DecidedBy.FALLBACK:
        raise already_decided(case, standing)
    check_decider(case, by, at)
    if not rationale.strip():
        raise RationaleMissing("Say why: who overturns a decision gives the reason.")
    option = checked_option(case, key, filled, digest)
    if option.outcome == Outcome.ESCALATE:
        raise IllegalTransition(
            f"{case.reference} has ended and cannot be passed up. Choose another option."
        )
    if agreeing.takes_several(case, option):
        answer = agreeing.keep_answer(
            case, option, filled, rationale=rationale, digest=digest, by=by, at=at
        )
        if agreeing.lacking(answer):
            return answer
    return stand(
        case, option, filled, rationale=rationale, digest=digest, overturns=standing, by=by, at=at
    )
