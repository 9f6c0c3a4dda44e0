"""What a person has in hand, and taking it out of their hands."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from escalation import lifecycle
from escalation.actors import Actor
from escalation.enums import HandoffReason
from escalation.lifecycle import Hands
from escalation.models import Case, Handoff, Role, User
from escalation.models.handoffs import CURRENT
from reviewers import candidates


def in_hand(user: User) -> QuerySet[Case]:
    """Return the open cases whose turn is this person's, the oldest first."""
    current = Handoff.objects.filter(CURRENT, user=user)
    return Case.objects.filter(pk__in=current.values("case"), ended_at=None).order_by("created_at")


def give_back(user: User, role: Role, *, why: str, by: Actor, at: datetime) -> list[Handoff]:
    """Hand what ``user`` has of a role back to it, at once, to whoever is on call now."""
    return give_back_all(user, [role], why=why, by=by, at=at)


@transaction.atomic
def give_back_all(
    user: User, roles: Iterable[Role] | None = None, *, why: str, by: Actor, at: datetime
) -> list[Handoff]:
    """Hand what ``user`` has of some roles (None: of any) back to them, never to ``user`` again."""
    held = in_hand(user).select_related("role").defer("state")
    if roles is not None:
        held = held.filter(role__in=list(roles))
    owners = {case.role for case in held if case.role}
    if not owners:
        return []
    teams = candidates.teams(sorted(owners, key=lambda role: role.slug), at)
    given = []
    for case in held.all():  # again: what was given meanwhile, before the people were locked
        if case.role in teams:
            next_one, passed_over = teams[case.role].choose(case, but=user)
            given.append(
                Hands(case.pk, case.role, HandoffReason.RETURNED, why, next_one, passed_over)
            )
    return lifecycle.give_back(given, by=by, at=at)
