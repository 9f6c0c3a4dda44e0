"""From an open case to hands: the role the agent wished for, else the default route."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from escalation import effects, lifecycle
from escalation.actors import ROUTER
from escalation.eligibility import beyond_authority
from escalation.enums import CaseStatus, EffectKind, HandoffReason
from escalation.lifecycle import Hands
from escalation.models import Case, Handoff, Role
from reviewers import candidates
from routing.models import PolicyVersion, Route


def default_route() -> Route:
    """Return the route for whatever no other takes; it is made when an empty desk is set up."""
    return Route.objects.select_related("role").get(
        is_default=True, version=PolicyVersion.objects.in_force()
    )


@dataclass(frozen=True)
class Match:
    """Which role owns a case, and why in a sentence."""

    case: Case
    role: Role
    reason: HandoffReason
    note: str


def match(cases: Iterable[Case]) -> list[Match]:
    """Return which role owns each case: the one wished for where it has the authority."""
    cases = list(cases)
    wished = {case.role_wish for case in cases if case.role_wish}
    roles = {
        role.slug: role for role in Role.objects.filter(slug__in=wished).prefetch_related("limits")
    }
    route = default_route()
    return [_matched(case, roles.get(case.role_wish), route) for case in cases]


def _matched(case: Case, wished: Role | None, route: Route) -> Match:
    takes = f"{route.name} takes what no other route does."
    if wished is None:
        why = f"There is no role {case.role_wish}" if case.role_wish else "The agent named no role"
        return Match(case, route.owner, HandoffReason.DEFAULT, f"{why}; {takes}")
    asked = f"The agent asked for {wished.slug}."
    beyond = beyond_authority(wished, case)
    if not beyond:
        return Match(case, wished, HandoffReason.WISHED, asked)
    if higher := _with_authority(wished.higher_role, case):
        note = f"{asked} {beyond} {higher} is the next tier that may."
        return Match(case, higher, HandoffReason.AUTHORITY, note)
    return Match(case, route.owner, HandoffReason.AUTHORITY, f"{asked} {beyond} {takes}")


def _with_authority(role: Role | None, case: Case) -> Role | None:
    """Return the first role up the tiers that may decide the case; the database lets none circle."""
    while role and beyond_authority(role, case):
        role = role.higher_role
    return role


@transaction.atomic
def dispatch(case_ids: list[UUID], *, at: datetime) -> list[Handoff]:
    """Put the cases that are still open into their roles' hands, and name whose turn each is."""
    cases = Case.objects.filter(pk__in=case_ids, status=CaseStatus.OPEN).order_by("pk")
    by_role: dict[Role, list[Match]] = defaultdict(list)
    for matched in match(cases.defer("state")):
        by_role[matched.role].append(matched)
    teams = candidates.teams(by_role, at)  # before a case is locked, like everywhere
    given = [hands for role, found in by_role.items() for hands in _turns(teams[role], found)]
    handoffs = lifecycle.hand_off(given, by=ROUTER, at=at)
    effects.done(EffectKind.DISPATCH, case_ids, at=at)
    return handoffs


def _turns(team: candidates.Team, matches: list[Match]) -> Iterator[Hands]:
    for one in matches:
        user, passed_over = team.choose(one.case)
        yield Hands(
            one.case.pk, team.role, one.reason, one.note, user=user, passed_over=passed_over
        )
