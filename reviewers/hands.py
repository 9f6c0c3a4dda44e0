"""What a person has in hand, and taking it out of their hands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Min, QuerySet

from escalation import lifecycle
from escalation.actors import Actor
from escalation.enums import HandoffReason
from escalation.lifecycle import Hands
from escalation.models import Case, Handoff, Role, User
from escalation.models.handoffs import CURRENT
from reviewers import candidates
from reviewers.models import Membership


def in_hand(user: User) -> QuerySet[Case]:
    """Return the open cases whose turn is this person's, the oldest first."""
    current = Handoff.objects.filter(CURRENT, user=user)
    return Case.objects.filter(pk__in=current.values("case"), ended_at=None).order_by("created_at")


@dataclass(frozen=True)
class Member:
    """One person of a role, as whoever supervises it sees them."""

    user: User
    in_hand: int  # open cases of this role whose turn is theirs
    oldest_at: datetime | None  # since when they have had the oldest of them


def team(role: Role, at: datetime) -> list[Member]:
    """Return what each person of the role has in hand of it, who has most first."""
    users = {one.user_id: one.user for one in
             Membership.objects.current(at).filter(role=role).select_related("user")}  # fmt: skip
    held = Handoff.objects.filter(CURRENT, role=role, user__in=users).values_list("user")
    counts = {pk: (n, since) for pk, n, since in held.annotate(Count("id"), Min("started_at"))}
    found = [Member(user, *counts.get(pk, (0, None))) for pk, user in users.items()]
    return sorted(found, key=lambda one: (-one.in_hand, str(one.user)))


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
