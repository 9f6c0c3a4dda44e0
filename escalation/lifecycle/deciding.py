"""A person answers: first for themselves where the protocol wants that, then signed and for good."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop as _

from escalation import intake, ledger, protocol, resume, signing
from escalation.cases.arguments import acts_with
from escalation.enums import (
    PAUSED,
    PERMITTING,
    AnswerStage,
    CaseStatus,
    DecidedBy,
    HandoffEnd,
    Protocol,
)
from escalation.errors import AlreadyAnswered, IllegalTransition
from escalation.lifecycle import agreeing
from escalation.lifecycle.checks import check_decider, check_undecided
from escalation.lifecycle.given import (
    Given,
    after_commit,
    check_because,
    check_read,
    check_signable,
)
from escalation.lifecycle.moves import end_handoff, move
from escalation.lifecycle.passing import to_higher_role
from escalation.models import Answer, Case, Decision, Draft, Handoff, Release, User


@transaction.atomic
def commit(
    case_id: UUID,
    key: str,
    *,
    filled: dict[str, Any] | None = None,
    reasons: Iterable[str] = (),
    rationale: str = "",
    digest: str,
    by: User,
    at: datetime,
) -> Answer | Handoff:
    """Store a person's own answer, after which what the agent recommends is shown to them.

    It decides nothing yet: ``decide`` keeps or changes it. The reasons that policy asks for are asked
    for here. An option that escalates passes the case up at once: the new Handoff is returned.

    Raises AlreadyAnswered for a second one to the same package, IllegalTransition where the protocol
    wants none, EvidenceUnread, ReasonMissing, and what ``decide`` does of who may answer what.
    """
    case = Case.objects.locked(case_id)
    check_undecided(case)
    check_decider(case, by, at)
    given = Given.read(case, key, filled=filled, reasons=reasons, rationale=rationale,
                       digest=digest, by=by, at=at)  # fmt: skip
    if given.escalates:
        return to_higher_role(case, given.option.label, given, by=by, at=at)
    review = protocol.review_of(case)
    if review.protocol != Protocol.COMMIT_FIRST:
        raise IllegalTransition(
            _("%(reference)s takes no answer before the one that is signed."),
            reference=case.reference,
        )
    if protocol.committed(case, by):
        raise AlreadyAnswered(
            _(
                "You have given your own answer to %(reference)s. Keep it, or change it "
                "with a reason."
            ),
            reference=case.reference,
        )
    check_read(case, by)
    check_because(case, given, review.because)
    return agreeing.keep_answer(case, given, AnswerStage.COMMITTED, at=at)


@transaction.atomic
def decide(
    case_id: UUID,
    key: str,
    *,
    filled: dict[str, Any] | None = None,
    reasons: Iterable[str] = (),
    rationale: str = "",
    digest: str,
    confirmed_at: datetime | None = None,
    by: User,
    at: datetime,
) -> Decision | Release | Answer | Handoff:
    """Sign an answer: it becomes the decision, at once or when the window of its stakes ends.

    ``filled`` are the parameters of an option that takes some; ``reasons`` are keys of listed ones;
    ``digest`` is that of the package the reviewer had on screen; ``confirmed_at`` is when they last
    showed who they are. Returned is a Decision, or the Release that waits for its window; where
    several must agree, an Answer until enough do; for an option that escalates, the new Handoff.

    Raises AlreadyDecided or CaseWithdrawn when somebody came first, SignedAlready while an answer is
    on its way out, NotAuthorised without the right to decide for the role, AlreadyAnswered for a
    second answer, EvidenceChanged when the package is no longer the one on screen, UnknownOption,
    ParametersRejected and NoHigherRole; and where the protocol asks for it AnswerFirst,
    RationaleMissing, EvidenceUnread, ReasonMissing and ConfirmationNeeded.
    """
    case = Case.objects.locked(case_id)
    check_undecided(case)
    check_decider(case, by, at)
    given = Given.read(case, key, filled=filled, reasons=reasons, rationale=rationale,
                       digest=digest, by=by, at=at)  # fmt: skip
    if given.escalates:
        return to_higher_role(case, given.option.label, given, by=by, at=at)
    review = protocol.review_of(case)
    if review.protocol == Protocol.COMMIT_FIRST:
        given = after_commit(case, given)
    check_signable(case, given, confirmed_at)
    if agreeing.takes_several(case, given.option) and (needed := agreeing.who_is_next(case, given)):
        answer = agreeing.keep_answer(case, given, at=at)
        agreeing.ask_another(case, needed, by=by, at=at)
        return answer
    if not review.hold_window:
        return conclude(case, given, at=at)
    if case.status in PAUSED:  # whatever it waited for, it is answered
        move(case, CaseStatus.AWAITING, at)
    return signing.begin(case, given.columns, window=review.hold_window, by=by, at=at)


def conclude(
    case: Case, given: Given, *, released_at: datetime | None = None, at: datetime
) -> Decision:
    """Decide a locked case with an answer that needs no other any more."""
    if agreeing.takes_several(case, given.option):
        agreeing.keep_answer(case, given, at=at)
    move(case, CaseStatus.DECIDED, at, decided_at=given.at)
    end_handoff(case, HandoffEnd.DECIDED, at)
    return stand(case, given, released_at=released_at, at=at)


def stand(
    case: Case,
    given: Given,
    *,
    overturns: Decision | None = None,
    released_at: datetime | None = None,
    at: datetime,
) -> Decision:
    """Write the decision that stands on a locked case from now on, and what its agent is told."""
    assert case.role  # the database lets no case out of "open" without one
    decision = Decision.objects.create(
        case=case,
        outcome=given.option.outcome,
        permitted=given.option.outcome in PERMITTING,
        arguments=acts_with(intake.proposal_of(case), given.option, given.parameters),
        kind=DecidedBy.PERSON,
        decided_by=given.by,
        role=case.role,
        decided_at=given.at,
        released_at=released_at,
        overturns=overturns,
        **given.columns,
    )
    said: dict[str, Any] = {
        "subject": case,
        "by": given.by,
        "at": at,
        "private": {
            "rationale": given.rationale,
            "parameters": given.parameters,
            "arguments": decision.arguments,
        },
        "decision": str(decision.pk),
        "option": given.option.key,
        "outcome": decision.outcome,
        "permitted": decision.permitted,
        "reasons": decision.reasons,
        "digest": given.digest,
    }
    if released_at:
        said["signed_at"] = ledger.instant(given.at)
    if overturns:
        case.decided_at = given.at
        case.save(update_fields=["decided_at"])
        ledger.append("case.overturned", overturns=str(overturns.pk), **said)
    else:
        ledger.append("case.decided", **said)
    Draft.objects.filter(case=case, user=given.by).delete()
    resume.schedule(decision, at=at)
    return decision
