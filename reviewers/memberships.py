"""Joining and leaving a role: what a person may read and decide follows at once.

Both may be planned ahead; the outbox then wakes the clock at the instant (``jobs.turn_membership``).
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from escalation import access, effects, ledger
from escalation.actors import CLOCK, Actor
from escalation.enums import EffectKind
from escalation.models import Role, User
from reviewers import hands, shifts
from reviewers.models import Membership


@transaction.atomic
def join_role(
    role: Role,
    user: User,
    *,
    by: Actor,
    at: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Membership:
    """Let ``user`` read and decide the role's cases from ``since`` (now) until ``until`` (open).

    Joining a role that they hold then changes nothing. The database refuses a span that overlaps
    one that is planned for later (IntegrityError).
    """
    since = since or at
    held = Membership.objects.current(since).filter(role=role, user=user).first()
    if held:
        return held
    membership = Membership.objects.create(role=role, user=user, joined_at=since, left_at=until)
    ledger.append(
        "role.joined",
        subject=role,
        by=by,
        at=at,
        user=str(user.pk),
        since=ledger.instant(since),
        until=ledger.instant(until) if until else None,
    )
    turn(membership.pk, at=at)
    return membership


@transaction.atomic
def leave_role(
    role: Role, user: User, *, by: Actor, at: datetime, on: datetime | None = None
) -> None:
    """End what ``user`` may read and decide for the role, now or ``on`` an instant ahead.

    The open cases that they have in hand go back to the role. Leaving twice changes nothing.
    """
    on = max(on or at, at)
    for membership in Membership.objects.open(on).filter(role=role, user=user):
        membership.left_at = max(on, membership.joined_at)
        membership.save(update_fields=["left_at"])
        ledger.append(
            "role.left", subject=role, by=by, at=at, user=str(user.pk), until=ledger.instant(on)
        )
        turn(membership.pk, at=at, by=by)


@transaction.atomic
def turn(membership_id: UUID, *, at: datetime, by: Actor = CLOCK) -> None:
    """Give or take the rights of a membership as it stands at ``at``, and plan the next turn of it."""
    membership = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("role", "user")
        .get(pk=membership_id)
    )
    role, user = membership.role, membership.user
    holds = Membership.objects.current(at).filter(role=role, user=user).exists()
    for right in (access.READ, access.DECIDE):
        (access.grant if holds else access.revoke)(right, user, role)
    coming = [each for each in (membership.joined_at, membership.left_at) if each and each > at]
    if coming:
        effects.schedule(EffectKind.MEMBERSHIP, membership.pk, due_at=min(coming))
    else:
        effects.done(EffectKind.MEMBERSHIP, [membership.pk], at=at)
    shifts.plan_again(role, by=by, at=at)
    if not holds:
        hands.give_back(user, role, why="Whoever had it left the role.", by=by, at=at)
