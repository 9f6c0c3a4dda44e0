"""A signed answer goes out when its window ends, or is undone before."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop as _

from escalation import access, effects, ledger, signing
from escalation.actors import CLOCK, System
from escalation.enums import CaseStatus, EffectKind, ReleaseEnd
from escalation.errors import IllegalTransition, NotAuthorised
from escalation.lifecycle.checks import check_undecided
from escalation.lifecycle.deciding import conclude
from escalation.lifecycle.given import Given
from escalation.models import Case, Decision, User

AGAIN = timedelta(seconds=15)  # how soon to look again whether a stopped agent may hear of it


@transaction.atomic
def release(case_id: UUID, *, at: datetime) -> Decision | None:
    """Let the signed answer of a case become its decision. None: nothing is due, so nothing changed.

    Nothing goes out to an agent that is stopped; it is looked at again, and can still be undone. Nor
    does anything in the name of somebody who has left: it is undone, and others are asked.
    """
    case = Case.objects.locked(case_id)
    waits = signing.waiting(case)
    if waits is None or at < waits.due_at:
        return None
    if case.agent.stopped_at:
        effects.schedule(EffectKind.RELEASE, waits.pk, due_at=at + AGAIN)
        return None
    if not waits.signed_by.is_active:
        _take_back(case, by=CLOCK, at=at)
        assert case.role
        effects.hasten(EffectKind.SEAT, case.role.pk, due_at=at)
        return None
    signing.end(case, ReleaseEnd.RELEASED, at=at)
    ledger.append("case.released", subject=case, by=CLOCK, at=at, release=str(waits.pk))
    return conclude(case, Given.signed(waits), released_at=at, at=at)


@transaction.atomic
def undo(case_id: UUID, *, by: User, at: datetime) -> Case:
    """Take a signed answer back before it goes out; the case stays in the hands that it is in.

    Whoever signed it may, and who supervises the role. Raises AlreadyDecided once it has gone out,
    CaseWithdrawn, NotAuthorised, and IllegalTransition when nothing is on its way.
    """
    case = Case.objects.locked(case_id)
    waits = signing.waiting(case)
    if waits is None:
        if case.status != CaseStatus.OPEN:
            check_undecided(case)
        raise IllegalTransition(
            _("Nothing is on its way out on %(reference)s."), reference=case.reference
        )
    if by.pk != waits.signed_by_id and not access.may(access.SUPERVISE, by, case):
        raise NotAuthorised(
            _("Only who signed %(reference)s, or who supervises %(role)s, undoes it."),
            reference=case.reference,
            role=case.role,
        )
    _take_back(case, by=by, at=at)
    return case


def _take_back(case: Case, *, by: User | System, at: datetime) -> None:
    undone = signing.end(case, ReleaseEnd.UNDONE, at=at)
    assert undone
    ledger.append("case.undone", subject=case, by=by, at=at, release=str(undone.pk))
