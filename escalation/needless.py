"""One person's word that a case should not have been escalated: it blocks nothing, and tunes triggers."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q

from escalation import comments, ledger
from escalation.enums import TriggerType
from escalation.models import Case, Firing, Needless, User

LATELY, LONGER = timedelta(days=30), timedelta(days=90)
SHOWN = 12  # triggers of one agent


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


# What it tunes -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stops:
    """How often one trigger made an agent stop, and how often somebody said that it need not have.

    Each in the last 30 and in the last 90 days. A case counts once, however often the trigger fired
    and however many said so, and what was said of it only once it has ended: nobody who has still to
    answer is led by it.
    """

    type: TriggerType
    name: str  # as the agent sent it
    lately: int
    lately_needless: int
    longer: int
    longer_needless: int


def by_trigger(*, at: datetime) -> dict[UUID, list[Stops]]:
    """Return the triggers of each agent, what was needless most often first, SHOWN at most."""
    lately = Q(case__created_at__gte=at - LATELY)
    said = Q(
        case__needless__isnull=False,
        case__needless__taken_back_at=None,
        case__ended_at__isnull=False,
    )
    counted = (
        Firing.objects.filter(case__created_at__gte=at - LONGER, case__created_at__lte=at)
        .order_by()
        .values_list("case__agent", "type", "name")
        .annotate(
            lately=Count("case", distinct=True, filter=lately),
            lately_needless=Count("case", distinct=True, filter=lately & said),
            longer=Count("case", distinct=True),
            longer_needless=Count("case", distinct=True, filter=said),
        )
        .order_by("-longer_needless", "-longer", "type", "name")
    )
    found: dict[UUID, list[Stops]] = defaultdict(list)
    for agent, type, *rest in counted:
        if len(found[agent]) < SHOWN:
            found[agent].append(Stops(TriggerType(type), *rest))
    return found
