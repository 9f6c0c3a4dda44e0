"""Another decision takes the place of one that stands: of a fallback's, or of another person's."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop as _

from escalation import access, answers, protocol
from escalation.eligibility import Eligibility
from escalation.enums import PERMITTING, Because, CaseStatus, DecidedBy
from escalation.errors import (
    AlreadyAnswered,
    IllegalTransition,
    NotAuthorised,
    NotDecided,
    RationaleMissing,
)
from escalation.lifecycle import agreeing
from escalation.lifecycle.checks import already_decided, check_decider, check_unsigned
from escalation.lifecycle.deciding import stand
from escalation.lifecycle.given import Given, check_because, check_signable
from escalation.models import Answer, Case, Decision, Role, User


@transaction.atomic
def overturn(
    case_id: UUID,
    key: str,
    *,
    filled: dict[str, Any] | None = None,
    reasons: Iterable[str] = (),
    rationale: str,
    digest: str,
    stands: UUID | None = None,
    confirmed_at: datetime | None = None,
    by: User,
    at: datetime,
) -> Decision | Answer:
    """Replace the decision that stands with another one, and tell the agent, at once.

    A fallback's is overturned by whoever may decide for the role that had the case; a person's by
    who has the right to overturn and is not among those who gave it. Both say why. Where several
    must agree, theirs is kept as an Answer until enough do. ``stands`` is the decision that was on
    screen; None: whichever stands.

    Raises NotDecided, SignedAlready (what has not gone out is undone), AlreadyDecided for a person's
    decision without that right and where another stands by now, RationaleMissing, IllegalTransition,
    and what ``decide`` raises of who answers, the option, its parameters and what the protocol asks
    of a signature.
    """
    case = Case.objects.locked(case_id)
    check_unsigned(case)
    standing = answers.standing_decision(case)
    if case.status != CaseStatus.DECIDED or standing is None:
        raise NotDecided(
            _("%(reference)s is %(status)s; there is nothing to overturn."),
            reference=case.reference,
            status=case.status,
        )
    if stands not in (None, standing.pk):
        raise already_decided(case, standing)
    if standing.kind == DecidedBy.FALLBACK:
        check_decider(case, by, at)
    else:
        _check_overturner(case, standing, by, at)
    if not rationale.strip():
        raise RationaleMissing(_("Say why: who overturns a decision gives the reason."))
    given = Given.read(case, key, filled=filled, reasons=reasons, rationale=rationale,
                       digest=digest, by=by, at=at)  # fmt: skip
    if given.escalates:
        raise IllegalTransition(
            _("%(reference)s has ended and cannot be passed up. Choose another option."),
            reference=case.reference,
        )
    if given.is_same_as(standing):
        raise IllegalTransition(
            _("“%(label)s” is what stands already. Choose another option."),
            label=given.option.label,
        )
    check_signable(case, given, confirmed_at)
    if standing.kind == DecidedBy.PERSON:
        check_because(case, given, Because.WRITTEN)
    if case.approvals > 1 and given.option.outcome in PERMITTING:
        answer = agreeing.keep_answer(case, given, at=at)
        if agreeing.lacking(case, given):
            return answer
    return stand(case, given, overturns=standing, at=at)


def _check_overturner(case: Case, standing: Decision, by: User, at: datetime) -> None:
    """Raise unless ``by`` may overturn what a person decided: they have the right, and did not."""
    if case.role is None or not access.may(access.OVERTURN, by, case):
        raise already_decided(case, standing)
    person = User.objects.get(pk=by.pk)
    if person.pk == standing.decided_by_id:
        raise NotAuthorised(
            _("You decided %(reference)s yourself; somebody else overturns that, or nobody."),
            reference=case.reference,
        )
    if person in [one.user for one in protocol.final_answers(case)]:
        raise AlreadyAnswered(
            _("You have answered %(reference)s; somebody else overturns it."),
            reference=case.reference,
        )
    if obstacle := Eligibility.of([person], case.role, at=at).obstacle(person, case):
        raise NotAuthorised(obstacle)


def overturned(role: Role, *, since: datetime) -> int:
    """Return how many decisions of a role, by people or by fallbacks, were overturned since then."""
    return Decision.objects.filter(
        overturns__role=role, overturns__isnull=False, decided_at__gte=since
    ).count()
