"""A person sends a case to another role, or does not want to see it until later; neither decides it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop as _

from escalation import access, clocks, effects, ledger
from escalation.eligibility import beyond_authority
from escalation.enums import EffectKind, HandoffEnd, HandoffReason
from escalation.errors import IllegalTransition, NotAuthorised, PauseRefused, RationaleMissing
from escalation.lifecycle.checks import check_unanswered, check_undecided, whose_turn
from escalation.lifecycle.handing import Hands, begin_handoffs
from escalation.lifecycle.moves import end_handoff
from escalation.models import Case, Handoff, Role, Snooze, User
from escalation.models.handoffs import CURRENT


@transaction.atomic
def move_over(case_id: UUID, role: Role, reason: str, *, by: User, at: datetime) -> Handoff:
    """Give a case to another role that may decide it; what was used of its time stays used.

    Whoever supervises its role may, and who decides for it, unless it is somebody else's turn.
    Raises NotAuthorised, also where the case is beyond the new role, AlreadyAnswered for who has
    answered it blind, RationaleMissing, and IllegalTransition where the case has moved on or nobody
    decides for the new role.
    """
    case = Case.objects.locked(case_id)
    check_undecided(case)
    check_unanswered(case, by)
    current = case.handoffs.select_related("user").get(CURRENT)
    _check_mover(case, current, by)
    if not reason.strip():
        raise RationaleMissing(_("Say why: whoever has it next reads your reason first."))
    _check_taker(case, role)
    at = end_handoff(case, HandoffEnd.MOVED, at)
    was = case.role
    assert was
    case.role = role
    case.save(update_fields=["role"])
    ledger.append(
        "case.moved",
        subject=case,
        by=by,
        at=at,
        private={"reason": reason},
        **{"from": was.slug, "role": role.slug},
    )
    hands = Hands(case.pk, role, HandoffReason.MOVED, reason)
    [handoff] = begin_handoffs([(case, hands)], clocks.freeze([role]), by=by, at=at)
    clocks.work_out(case, at=at)
    effects.hasten(EffectKind.SEAT, role.pk, due_at=at)  # it names the person
    return handoff


def _check_mover(case: Case, current: Handoff, by: User) -> None:
    is_free = current.user_id in (None, by.pk)
    if access.may(access.SUPERVISE, by, case) or (is_free and access.may_decide(by, case)):
        return
    raise NotAuthorised(
        _("%(whose)s; only they or who supervises %(role)s move %(reference)s elsewhere."),
        whose=whose_turn(case, current),
        role=case.role,
        reference=case.reference,
    )


def _check_taker(case: Case, role: Role) -> None:
    if role.pk == case.role_id:
        raise IllegalTransition(
            _("%(reference)s is %(role)s's already."), reference=case.reference, role=role
        )
    if not access.deciders_of([role.pk])[role.pk]:
        raise IllegalTransition(_("Nobody decides for %(role)s."), role=role)
    if beyond := beyond_authority(role, case):
        raise NotAuthorised(beyond)


@transaction.atomic
def snooze(case_id: UUID, reason: str, *, until: datetime, by: User, at: datetime) -> Snooze:
    """Keep a case out of the queue of one person until later. Its clocks run on; others see it.

    Raises NotAuthorised for who does not decide it, PauseRefused for a time that has passed, and
    what ``decide`` raises of a case that has ended.
    """
    case = Case.objects.locked(case_id)
    check_undecided(case)
    if not access.may_decide(by, case):
        raise NotAuthorised(_("%(reference)s is not in your queue."), reference=case.reference)
    if until <= at:
        raise PauseRefused(_("That has already passed. Choose a later time."))
    kept = Snooze.objects.create(case=case, user=by, reason=reason, began_at=at, until=until)
    ledger.append(
        "case.snoozed",
        subject=case,
        by=by,
        at=at,
        private={"reason": reason},
        until=ledger.instant(until),
    )
    return kept


@transaction.atomic
def end_snooze(case_id: UUID, *, by: User, at: datetime) -> None:
    """Let a case back into the queue of one person before the time that they had set.

    Raises IllegalTransition where they have not put it aside.
    """
    case = Case.objects.locked(case_id)
    if not case.snoozes.filter(user=by.pk, until__gt=at, ended_at=None).update(ended_at=at):
        raise IllegalTransition(
            _("You have not put %(reference)s aside."), reference=case.reference
        )
    ledger.append("case.snooze_ended", subject=case, by=by, at=at)
