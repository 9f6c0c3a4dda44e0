"""From an open case to hands: the role the agent wished for, else the default route."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from escalation import effects, lifecycle
from escalation.actors import ROUTER
from escalation.enums import EffectKind, HandoffReason
from escalation.models import Case, Handoff, Role
from routing.models import Route


@dataclass(frozen=True)
class Match:
    role: Role
    reason: HandoffReason
    note: str


def default_route() -> Route:
    """Return the route for whatever no other takes; it is made when an empty desk is set up."""
    return Route.objects.select_related("role").get(is_default=True)


def match(case: Case) -> Match:
    """Return the role that owns the case, and why in a sentence."""
    wished = Role.objects.filter(slug=case.role_wish).first() if case.role_wish else None
    if wished:
        return Match(wished, HandoffReason.WISHED, f"The agent asked for {wished.slug}.")
    route = default_route()
    why = (
        f"There is no role {case.role_wish}; {route.name} takes what no other route does."
        if case.role_wish
        else f"The agent named no role; {route.name} takes what no other route does."
    )
    return Match(route.role, HandoffReason.DEFAULT, why)


@transaction.atomic
def dispatch(case_id: UUID, *, at: datetime) -> Handoff | None:
    """Put a case that is open into its role's hands; None when it no longer is."""
    found = match(Case.objects.get(pk=case_id))
    handoff = lifecycle.hand_off(
        case_id, found.role, found.reason, note=found.note, by=ROUTER, at=at
    )
    effects.done(EffectKind.DISPATCH, case_id, at=at)
    return handoff
