"""What a version allows but can hardly mean: warned of when it is saved, never refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from escalation import access
from escalation.conditions import Condition, always, can_match
from escalation.models import Role
from routing import routes
from routing.enums import Rung, VersionStatus
from routing.models import PolicyVersion
from routing.policies import reading
from routing.policies.content import Content, RouteFacts
from routing.sla import Sla

ALWAYS_GIVEN = ("agent", "stakes", "trigger_types", "triggers")
PASSES_TO = {Rung.BACKUP_ROLE: "backup role", Rung.HIGHER_ROLE: "higher role"}


@dataclass(frozen=True)
class Caution:
    """A sentence, and the pointer to what it is about, such as ``/routes/0`` or ``/default``."""

    pointer: str
    text: str

    def __str__(self) -> str:
        return self.text


def cautions(version: PolicyVersion) -> list[Caution]:
    """Return everything to think over before ``version`` is published; a fixed number of statements."""
    known = routes.roles()
    content = reading.of(version)
    deciders = access.deciders_of(known)
    by_slug = {role.slug: role for role in known.values()}
    return [
        *_outdated(version),
        *_unreached(content),
        *_unstaffed(content, by_slug, deciders),
        *_without_next(content, by_slug),
        *_of_slas(content),
    ]


def _outdated(version: PolicyVersion) -> Iterator[Caution]:
    in_force = PolicyVersion.objects.in_force()
    based_on = version.based_on
    if version.status == VersionStatus.DRAFT and based_on and based_on != in_force:
        yield Caution(
            "",
            f"This was drafted from {based_on}; by now {in_force} is in force, "
            "and publishing this undoes what changed between them.",
        )


def _placed(content: Content) -> Iterator[tuple[str, RouteFacts]]:
    for index, route in enumerate(content.routes):
        yield f"/routes/{index}", route
    yield "/default", content.default


def _unreached(content: Content) -> Iterator[Caution]:
    before: list[RouteFacts] = []
    catch_all = ""
    for pointer, route in _placed(content):
        if why := f"{catch_all} takes them all" if catch_all else _never(route, before):
            yield Caution(pointer, f"{route.name} never takes a case: {why}.")
        elif route.condition and always(route.condition, ALWAYS_GIVEN):
            catch_all = route.name
        before.append(route)


def _never(route: RouteFacts, before: list[RouteFacts]) -> str:
    """Return why a route can take no case; empty where it can, or where that is not certain."""
    if route.condition is None:
        return ""
    if not can_match(route.condition, (), ALWAYS_GIVEN):
        return "its terms exclude one another"
    taken = [each.condition for each in before if each.condition]
    if can_match(route.condition, taken, ALWAYS_GIVEN):
        return ""
    return f"{_rival(route.condition, before)} before it"


def _rival(condition: Condition, before: list[RouteFacts]) -> str:
    """Return which route alone leaves nothing, or that several do together."""
    for route in before:
        if route.condition and not can_match(condition, [route.condition], ALWAYS_GIVEN):
            return f"{route.name} takes all of it"
    return "the routes together take all of it"


def _unstaffed(
    content: Content, roles: Mapping[str, Role], deciders: Mapping[UUID, set[UUID]]
) -> Iterator[Caution]:
    for pointer, route in _placed(content):
        if route.role is None:
            continue
        role = roles[route.role]
        people = len(deciders[role.pk])
        if not people:
            yield Caution(
                pointer, f"{route.name} sends cases to {role}, and nobody decides for it."
            )
        elif people < route.approvals:
            yield Caution(
                pointer,
                f"{route.name} asks for {route.approvals} people to agree, "
                f"and {people} decide{'s' if people == 1 else ''} for {role}.",
            )


def _without_next(content: Content, roles: Mapping[str, Role]) -> Iterator[Caution]:
    """Yield the steps of chains that can only be skipped, as the role of the route has no such role."""
    for pointer, route in _placed(content):
        if route.role is None:
            continue
        role = roles[route.role]
        following = {Rung.BACKUP_ROLE: role.backup_role, Rung.HIGHER_ROLE: role.higher_role}
        for step in content.sla_named[route.sla].chain.steps:
            if step.do in PASSES_TO and following[step.do] is None:
                yield Caution(
                    pointer,
                    f"{content.sla_named[route.sla].name} passes cases of {route.name} to the "
                    f"{PASSES_TO[step.do]}, and {role} has none: the step is skipped.",
                )


def _of_slas(content: Content) -> Iterator[Caution]:
    used = {route.sla for route in content.all_routes}
    for index, sla in enumerate(content.slas):
        pointer = f"/sla_policies/{index}"
        if sla.slug not in used:
            yield Caution(pointer, f"No route uses the SLA policy {sla.name}.")
        else:
            yield from _cautions_of(sla, pointer)


def _cautions_of(sla: Sla, pointer: str) -> Iterator[Caution]:
    return (Caution(pointer, text) for text in sla.cautions())
