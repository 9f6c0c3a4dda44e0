"""From an open case to hands: the role the agent wished for, else the default route."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from escalation import effects, lifecycle
from escalation.actors import ROUTER
from escalation.enums import EffectKind, HandoffReason
from escalation.lifecycle import Hands
from escalation.models import Case, Handoff, Role
from routing.models import Route


def default_route() -> Route:
    """Return the route for whatever no other takes; it is made when an empty desk is set up."""
    return Route.objects.select_related("role").get(is_default=True)


def match(cases: Iterable[Case]) -> list[Hands]:
    """Return which role owns each case, and why in a sentence."""
    cases = list(cases)
    wished = {case.role_wish for case in cases if case.role_wish}
    roles = {role.slug: role for role in Role.objects.filter(slug__in=wished)}
    route = default_route()
    return [_hands(case, roles.get(case.role_wish), route) for case in cases]


def _hands(case: Case, wished: Role | None, route: Route) -> Hands:
    if wished:
        return Hands(case.pk, wished, HandoffReason.WISHED, f"The agent asked for {wished.slug}.")
    takes = f"{route.name} takes what no other route does."
    why = f"There is no role {case.role_wish}" if case.role_wish else "The agent named no role"
    return Hands(case.pk, route.role, HandoffReason.DEFAULT, f"{why}; {takes}")


@transaction.atomic
def dispatch(case_ids: list[UUID], *, at: datetime) -> list[Handoff]:
    """Put the cases that are still open into their roles' hands."""
    cases = Case.objects.filter(pk__in=case_ids).only("role_wish")
    handoffs = lifecycle.hand_off(match(cases), by=ROUTER, at=at)
    effects.done(EffectKind.DISPATCH, case_ids, at=at)
    return handoffs
