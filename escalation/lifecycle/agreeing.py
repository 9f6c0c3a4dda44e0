"""Where several people must agree: each answers for themselves, and enough of the same answer decide.

Whoever answers later is not told which answer came before, nor why.
"""

from datetime import datetime
from typing import Any

from escalation import clocks, effects, ledger
from escalation.enums import PAUSED, PERMITTING, CaseStatus, EffectKind, HandoffEnd, HandoffReason
from escalation.lifecycle.handing import Hands, begin_handoffs
from escalation.lifecycle.moves import end_handoff, move
from escalation.models import Answer, Case, Option, User
from escalation.models.handoffs import CURRENT


def takes_several(case: Case, option: Option) -> bool:
    """Return whether one person is not enough. To let the agent go on may take several; to refuse, one."""
    return case.approvals > 1 and option.outcome in PERMITTING


def keep_answer(
    case: Case,
    option: Option,
    filled: dict[str, Any] | None,
    *,
    rationale: str,
    digest: str,
    by: User,
    at: datetime,
) -> Answer:
    """Write one person's answer to a locked case, which that person has not answered before."""
    answer = Answer.objects.create(
        case=case,
        user=by,
        option=option,
        parameters=filled,
        rationale=rationale,
        digest=digest,
        answered_at=at,
    )
    ledger.append(
        "case.answered",
        subject=case,
        by=by,
        at=at,
        private={"option": option.key, "rationale": rationale, "parameters": filled},
        answer=str(answer.pk),
        of=case.approvals,
        digest=digest,
    )
    return answer


def lacking(answer: Answer) -> int:
    """Return how many more people must give the same answer to the same package; 0: it is decided."""
    case = answer.case
    given = Answer.objects.filter(case=case, option=answer.option_id, digest=answer.digest)
    agreeing = {one.user_id for one in given if one.parameters == answer.parameters}
    return max(0, case.approvals - len(agreeing))


def ask_another(case: Case, *, by: User, at: datetime) -> None:
    """Take a locked case from whoever has answered it; the role's next person is found at once."""
    assert case.role
    current = case.handoffs.select_related("hours").get(CURRENT)
    end_handoff(case, HandoffEnd.ANSWERED, at)
    if case.status in PAUSED:
        move(case, CaseStatus.AWAITING, at)
    hands = Hands(case.pk, case.role, HandoffReason.SECOND, f"{by} has answered.")
    begin_handoffs([(case, hands)], {case.pk: current.hours}, by=by, at=at)
    clocks.work_out(case, at=at)
    effects.hasten(EffectKind.SEAT, case.role.pk, due_at=at)
