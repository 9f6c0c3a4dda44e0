"""One person's word that a case should not have been escalated: it blocks nothing, and tunes triggers."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from escalation import comments, ledger
from escalation.models import Case, Needless, User


@transaction.atomic
def judge(case_id: UUID, needless: bool, *, by: User, at: datetime) -> bool:
    """Say that the agent need not have stopped, or take that back, before the decision or after.

    Returns whether that changed anything. Raises NotAuthorised for who does not work with the case.
    """
    case = Case.objects.locked(case_id)
    comments.check_talks(case, by)
    said = Needless.objects.filter(case=case, user=by, taken_back_at=None)
    if needless == said.exists():
        return False
    if needless:
        Needless.objects.create(case=case, user=by, said_at=at)
    else:
        said.update(taken_back_at=at)
    ledger.append("case.judged_needless", subject=case, by=by, at=at, needless=needless)
    return True


def is_judged(case: Case, by: User) -> bool:
    return Needless.objects.filter(case=case, user=by.pk, taken_back_at=None).exists()
