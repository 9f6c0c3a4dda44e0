"""What workers carry out for rosters and the people in them. Each may run twice or late."""

import logging

from django.db import DatabaseError
from django.utils.timezone import now

from escalation import effects, lifecycle
from escalation.actors import CLOCK
from escalation.enums import EffectKind
from escalation.models import Calendar, Case, Competence, Role
from escalation.working_time import holidays_ahead
from reviewers import alarms, casenews, hands, memberships, releases, shifts, training

logger = logging.getLogger(__name__)


def plan(claims: dict[str, int]) -> None:
    """Plan further ahead, night by night, and tell managers what is left open."""
    targets = effects.claimed(EffectKind.ROSTER, claims)
    for role in Role.objects.filter(pk__in=targets).select_related("calendar"):
        shifts.plan_again(role, by=CLOCK, at=now())
        alarms.tell_managers(role, at=now())
        if role.calendar:
            effects.hasten(EffectKind.HOLIDAYS, role.calendar.pk, due_at=now())


def look_at_holidays(claims: dict[str, int]) -> None:
    """Fill in the next years of calendars, and tell managers of what nobody can fill in but them."""
    targets = effects.claimed(EffectKind.HOLIDAYS, claims)
    for calendar in Calendar.objects.filter(pk__in=targets):
        if shortage := holidays_ahead.look_at(calendar, at=now()):
            alarms.tell_of_holidays(shortage, at=now())


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


def lapse(claims: dict[str, int]) -> None:
    """Give back the cases whose leases ran out; one that fails stays due and keeps no other waiting."""
    for handoff_id in effects.claimed(EffectKind.LEASE, claims):
        try:
            lifecycle.lapse(handoff_id, at=now())
        except DatabaseError:
            logger.exception(
                "The lease of handoff %s could not be looked at and stays due", handoff_id
            )


def tell_of_arrivals(claims: dict[str, int]) -> None:
    """Tell who had asked an agent that it has answered."""
    targets = effects.claimed(EffectKind.ARRIVAL, claims)
    for case in Case.objects.filter(pk__in=targets).select_related("agent", "terms"):
        casenews.answered(case, at=now())
    effects.done(EffectKind.ARRIVAL, targets, at=now())


def release(claims: dict[str, int]) -> None:
    """Let signed answers go out; one that fails stays due and keeps no other waiting."""
    for release_id in effects.claimed(EffectKind.RELEASE, claims):
        try:
            releases.carry_out(release_id, at=now())
        except DatabaseError:
            logger.exception("Signed answer %s could not go out and stays due", release_id)
