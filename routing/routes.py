"""Which route takes a case, and which role then owns it. Nothing here asks the database.

The first route that matches decides the SLA policy, the stakes floor and the approvals. One that
names a role sends the case there: explicit policy outranks what an agent wishes. One that names none,
and the default, leave the role to the agent's wish where that role exists and has the authority.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from escalation.conditions import Condition, ConditionRefused, Judgement, judge, matches, parse
from escalation.eligibility import beyond_authority
from escalation.enums import HandoffReason, Stakes
from escalation.models import Case, Role
from escalation.money.cases import moved_by
from escalation.money.limits import OverLimit
from escalation.money.moved import Moved
from escalation.sentences import Sentence
from routing.cases import FIELDS, Facts
from routing.models import PolicyVersion, Route

NOBODY = "No role above may let it through: it can only be refused there."
ALWAYS = Judgement(True, ("it takes whatever no other route does",))


def roles() -> dict[UUID, Role]:
    """Return every role of the desk with its limits and its next tier, in two statements."""
    found = {role.pk: role for role in Role.objects.prefetch_related("limits")}
    for role in found.values():
        role.higher_role = found.get(role.higher_role_id)
        role.backup_role = found.get(role.backup_role_id)
    return found


def of(version: PolicyVersion, known: Mapping[UUID, Role] | None = None) -> "Routes":
    """Return the routes of a version: in one statement over ``known`` roles, in two without them."""
    found = version.routes.select_related("sla__version")
    if known is None:
        return Routes(found.select_related("role").prefetch_related("role__limits"))
    for route in found:
        route.role = known[route.role_id] if route.role_id else None
    return Routes(found)


class Routes:
    """The routes of one version in their order, conditions read once; the default comes last."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.default, *others = sorted(routes, key=lambda one: (not one.is_default, one.position))
        self.all = [*others, self.default]
        self._conditions = [_condition(route) for route in self.all]

    def first_match(self, facts: Facts) -> Route:
        """Return the first route that takes a case of these facts; the default takes any."""
        for route, condition in zip(self.all, self._conditions, strict=True):
            if condition is None or (
                isinstance(condition, Condition) and matches(condition, facts)
            ):
                return route
        return self.default

    def each(self, facts: Facts) -> list["Judged"]:
        """Return every route with why it would take a case of these facts, or would not."""
        return [
            Judged(route, _judgement(condition, facts))
            for route, condition in zip(self.all, self._conditions, strict=True)
        ]


@dataclass(frozen=True)
class Judged:
    """One route, and why it took a case or left it."""

    route: Route
    judgement: Judgement

    @property
    def matched(self) -> bool:
        return self.judgement.matched

    @property
    def why(self) -> tuple[str, ...]:
        return self.judgement.why


def _condition(route: Route) -> Condition | ConditionRefused | None:
    """Return what the route asks for; None: nothing.

    A refusal stands for what an earlier release stored and this one cannot read. Such a route
    matches nothing, and ``explain`` says so: a case must find hands whatever is written there.
    """
    if route.is_default:
        return None
    try:
        return parse(route.condition, FIELDS)
    except ConditionRefused as refusal:
        return refusal


def _judgement(condition: Condition | ConditionRefused | None, facts: Facts) -> Judgement:
    if condition is None:
        return ALWAYS
    if isinstance(condition, ConditionRefused):
        return Judgement(False, (f"its condition cannot be read ({condition})",))
    return judge(condition, facts)


# Whose it is --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Owner:
    """Which role owns a case, and why in a sentence."""

    role: Role
    reason: HandoffReason
    note: str


def owner(case: Case, route: Route, default: Route, wished: Role | None) -> Owner:
    """Return which role owns a case that ``route`` takes.

    ``wished`` is the role that the agent asked for, None when it named none that exists. A role that
    lacks the authority passes the case to the next tier that has it, where there is one.
    """
    judged = Judging.of(case, route)
    if route.role and not route.is_default:
        return _sent(route, route.role, default, judged)
    takes = f"{default.name} takes what no other route does."
    if not route.is_default:
        takes = f"{route.name} leaves the role to the agent; {takes}"
    if wished is None:
        why = f"There is no role {case.role_wish}" if case.role_wish else "The agent named no role"
        return _able(Owner(default.owner, HandoffReason.DEFAULT, f"{why}; {takes}"), judged)
    asked = f"The agent asked for {wished.slug}."
    beyond = judged.beyond(wished)
    if not beyond:
        return Owner(wished, HandoffReason.WISHED, asked)
    if higher := with_authority(wished.higher_role, judged):
        note = f"{asked} {beyond} {higher} is the next tier that may."
        return Owner(higher, HandoffReason.AUTHORITY, note)
    return _able(Owner(default.owner, HandoffReason.AUTHORITY, f"{asked} {beyond} {takes}"), judged)


def _sent(route: Route, role: Role, default: Route, judged: "Judging") -> Owner:
    beyond = judged.beyond(role)
    if not beyond:
        return Owner(role, HandoffReason.ROUTED, f"{route.name} sends it to {role}.")
    higher = with_authority(role.higher_role, judged)
    if not higher and isinstance(beyond, OverLimit):
        higher = with_authority(default.owner, judged)
    if higher:
        note = f"{route.name} sends it to {role}. {beyond} {higher} is the next tier that may."
        return Owner(higher, HandoffReason.AUTHORITY, note)
    note = f"{route.name} sends it to {role}. {beyond}"
    if isinstance(beyond, OverLimit):
        note = f"{note} {NOBODY}"
    return Owner(role, HandoffReason.ROUTED, note)


def _able(owner: Owner, judged: "Judging") -> Owner:
    """Return the owner, or the first role above that may let it through where the owner may not."""
    beyond = judged.beyond(owner.role)
    if not beyond:
        return owner
    if higher := with_authority(owner.role.higher_role, judged):
        note = f"{owner.note} {beyond} {higher} is the next tier that may."
        return Owner(higher, HandoffReason.AUTHORITY, note)
    if not isinstance(beyond, OverLimit):
        return owner
    return Owner(owner.role, owner.reason, f"{owner.note} {beyond} {NOBODY}")


@dataclass(frozen=True)
class Judging:
    """A case under a route, and what it then moves: a route may say that its actions move money."""

    case: Case
    moved: Moved

    @classmethod
    def of(cls, case: Case, route: Route) -> "Judging":
        moved = moved_by(case)
        return cls(case, replace(moved, moves_money=moved.moves_money or route.moves_money))

    def beyond(self, role: Role) -> Sentence:
        return beyond_authority(role, self.case, self.moved)


def with_authority(role: Role | None, judged: Judging) -> Role | None:
    """Return the first role up the tiers that may decide the case; the database lets none circle."""
    while role and judged.beyond(role):
        role = role.higher_role
    return role


def raised(stakes: str, floor: str) -> Stakes:
    """Return the stakes of a case under a route: the agent's own, or the floor where that is higher."""
    return max(Stakes(stakes), Stakes(floor), key=lambda one: one.rank)
