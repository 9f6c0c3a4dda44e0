"""What a person has in hand, and taking it out of their hands."""

from datetime import datetime

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
    cases = in_hand(user).filter(role=role)
    if not cases:
        return []
    team, given = candidates.Team(role, at), []
    for case in cases:
        next_one, passed_over = team.choose(case)
        given.append(Hands(case.pk, role, HandoffReason.RETURNED, why, next_one, passed_over))
    return lifecycle.give_back(given, by=by, at=at)
