"""Where several people must agree: each answers for themselves, and enough of the same answer decide.

Whoever answers later is not told which answer came before, nor why. Two who answer blind and differ
are settled by an arbiter, a third person, who sees both.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from escalation import clocks, effects, ledger, protocol
from escalation.enums import (
    PAUSED,
    PERMITTING,
    AnswerStage,
    CaseStatus,
    EffectKind,
    HandoffEnd,
    HandoffReason,
    Protocol,
)
from escalation.errors import NotAuthorised
from escalation.lifecycle.given import Given
from escalation.lifecycle.handing import Hands, begin_handoffs
from escalation.lifecycle.moves import end_handoff, move
from escalation.models import Answer, Case, Draft, Option, User
from escalation.models.handoffs import CURRENT

TWO = 2


def takes_several(case: Case, option: Option) -> bool:
    """Return whether one person is not enough.

    To let the agent go on may take several; to refuse, one, but for two who answer blind.
    """
    return case.approvals > 1 and (option.outcome in PERMITTING or _is_blind(case))


def _is_blind(case: Case) -> bool:
    return protocol.review_of(case).protocol == Protocol.TWO_BLIND


def keep_answer(
    case: Case, given: Given, stage: AnswerStage = AnswerStage.FINAL, *, at: datetime
) -> Answer:
    """Write one person's answer to a locked case, which they have not given at this stage before."""
    answer = Answer.objects.create(
        case=case, user=given.by, stage=stage, answered_at=given.at, **given.columns
    )
    private = {
        "option": given.option.key,
        "rationale": given.rationale,
        "parameters": given.parameters,
    }
    said: dict[str, Any] = {"subject": case, "by": given.by, "at": at, "private": private}
    said |= {"answer": str(answer.pk), "digest": given.digest}
    if stage == AnswerStage.COMMITTED:
        ledger.append("case.committed", **said)
    else:
        ledger.append("case.answered", of=case.approvals, **said)
    Draft.objects.filter(case=case, user=given.by).delete()
    return answer


def who_is_next(case: Case, given: Given) -> HandoffReason | None:
    """Return whether another person, or an arbiter, must answer after this answer; None: nobody.

    Raises NotAuthorised for an arbiter who would let the agent do what neither of the two said.
    """
    before = protocol.final_answers(case)
    if _is_blind(case):
        if not before:
            return HandoffReason.SECOND
        if protocol.disputed(case):
            return _arbitrated(case, given, before)
        if not given.is_same_as(before[0]):
            return HandoffReason.ARBITER
    return HandoffReason.SECOND if lacking(case, given) else None


def _arbitrated(case: Case, given: Given, before: list[Answer]) -> HandoffReason | None:
    if given.option.outcome not in PERMITTING:
        return None
    if not any(given.is_same_as(one) for one in before):
        raise NotAuthorised(
            _(
                "Two people answered %(reference)s differently. Let the agent do what one "
                "of them answered, or refuse it."
            ),
            reference=case.reference,
        )
    return HandoffReason.ARBITER if lacking(case, given) else None


def lacking(case: Case, given: Given) -> int:
    """Return how many more people must give this answer to the same package; 0: it is decided."""
    same = (one for one in protocol.final_answers(case) if given.is_same_as(one))
    agreeing = {one.user_id for one in same} | {given.by.pk}
    wanted = case.approvals if given.option.outcome in PERMITTING else TWO
    return max(0, wanted - len(agreeing))


NOTES = {
    HandoffReason.SECOND: "{by} has answered.",
    HandoffReason.ARBITER: "{by} has answered otherwise than the one before.",
}


def ask_another(case: Case, reason: HandoffReason, *, by: User, at: datetime) -> None:
    """Take a locked case from whoever has answered it; the role's next person is found at once."""
    assert case.role
    current = case.handoffs.select_related("hours").get(CURRENT)
    at = end_handoff(case, HandoffEnd.ANSWERED, at)
    if case.status in PAUSED:
        move(case, CaseStatus.AWAITING, at)
    hands = Hands(case.pk, case.role, reason, NOTES[reason].format(by=by))
    begin_handoffs([(case, hands)], {case.pk: current.hours}, by=by, at=at)
    clocks.work_out(case, at=at)
    effects.hasten(EffectKind.SEAT, case.role.pk, due_at=at)
