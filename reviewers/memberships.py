"""Joining and leaving a role: what a person may read and decide follows at once."""

from datetime import datetime

from django.db import transaction

from escalation import access, ledger
from escalation.actors import Actor
from escalation.models import Role, User
from reviewers.models import Membership


@transaction.atomic
def join_role(role: Role, user: User, *, by: Actor, at: datetime) -> Membership:
    """Let ``user`` read and decide the role's cases. Joining twice changes nothing."""
    membership, joined = Membership.objects.get_or_create(
        role=role, user=user, left_at=None, defaults={"joined_at": at}
    )
    if joined:
        access.grant(access.READ, user, role)
        access.grant(access.DECIDE, user, role)
        ledger.append("role.joined", subject=role, by=by, at=at, user=str(user.pk))
    return membership


@transaction.atomic
def leave_role(role: Role, user: User, *, by: Actor, at: datetime) -> None:
    """End what ``user`` may read and decide for the role. Leaving twice changes nothing."""
    if Membership.objects.current().filter(role=role, user=user).update(left_at=at):
        access.revoke(access.READ, user, role)
        access.revoke(access.DECIDE, user, role)
        ledger.append("role.left", subject=role, by=by, at=at, user=str(user.pk))
