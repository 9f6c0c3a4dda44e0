"""Somebody leaves the desk, or comes back: their account, what they have in hand, their shifts."""

from datetime import datetime

from django.db import transaction

from escalation import people
from escalation.actors import Actor
from escalation.models import Role, User
from reviewers import hands, shifts


@transaction.atomic
def see_off(user: User, *, by: Actor, at: datetime) -> None:
    """Close the account, end its sessions, and hand what it has in hand back to the roles."""
    people.deactivate(user, by=by, at=at)
    _plan_again(user, by, at)
    hands.give_back_all(user, why="Whoever had it left the desk.", by=by, at=at)


@transaction.atomic
def welcome_back(user: User, *, by: Actor, at: datetime) -> None:
    """Open the account again; the roles that it still holds count it in again."""
    people.reactivate(user, by=by, at=at)
    _plan_again(user, by, at)


def _plan_again(user: User, by: Actor, at: datetime) -> None:
    for role in Role.objects.filter(memberships__user=user).distinct():
        shifts.plan_again(role, by=by, at=at)
