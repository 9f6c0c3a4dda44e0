"""What workers carry out for rosters and the people in them. Each may run twice or late."""

from django.utils.timezone import now

from escalation import effects
from escalation.actors import CLOCK
from escalation.enums import EffectKind
from escalation.models import Competence, Role
from reviewers import alarms, hands, memberships, shifts, training


def plan(claims: dict[str, int]) -> None:
    """Plan further ahead, night by night, and tell managers what is left open."""
    targets = effects.claimed(EffectKind.ROSTER, claims)
    for role in Role.objects.filter(pk__in=targets).select_related("calendar"):
        shifts.plan_again(role, by=CLOCK, at=now())
        alarms.tell_managers(role, at=now())


def turn_membership(claims: dict[str, int]) -> None:
    """Give or take what a membership gives, at the instant for which it was planned."""
    for membership_id in effects.claimed(EffectKind.MEMBERSHIP, claims):
        memberships.turn(membership_id, at=now())


def look_at_competence(claims: dict[str, int]) -> None:
    """Warn of training that lapses soon; when it has, plan without the person."""
    targets = effects.claimed(EffectKind.COMPETENCE, claims)
    for competence in Competence.objects.filter(pk__in=targets).select_related("user"):
        training.look_at(competence, at=now())


def seat(claims: dict[str, int]) -> None:
    """See whose turn the cases of these roles are."""
    for role in Role.objects.filter(pk__in=effects.claimed(EffectKind.SEAT, claims)):
        hands.seat(role, at=now())
