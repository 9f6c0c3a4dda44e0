"""From data that anybody may have written to the content of a version, or every fault in it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from escalation.canonical import FAULTS_SHOWN, text_problem
from escalation.canonical import pointer as pointed
from escalation.conditions import Condition, ConditionRefused, parse
from escalation.enums import Stakes
from escalation.errors import Fault
from escalation.models.cases import MOST_APPROVALS
from routing import sla
from routing.cases import FIELDS
from routing.errors import PolicyRejected
from routing.models import PolicyVersion
from routing.policies.content import Content, RouteFacts

MOST_ROUTES, MOST_SLAS, LONGEST_NAME = 200, 50, 120
PARTS = ("sla_policies", "routes", "default")
ROUTE = ("name", "when", "role", "sla", "stakes_floor", "approvals", "moves_money")


def read(data: Any, roles: Collection[str]) -> Content:
    """Return the content that ``data`` tells of, for a desk that has ``roles`` (their slugs).

    Raises PolicyRejected with the faults, each with its place, 20 at most.
    """
    reader = _Reader(frozenset(roles))
    content = reader.content(data)
    if reader.faults or content is None:
        raise PolicyRejected(*reader.faults[:FAULTS_SHOWN])
    return content


def read_route(
    data: Any, *, roles: Collection[str], slas: Collection[str], is_default: bool = False
) -> RouteFacts:
    """Return one route by itself; faults point into it. Raises PolicyRejected."""
    reader = _Reader(frozenset(roles), frozenset(slas))
    route = reader.route(data, "", is_default=is_default)
    if reader.faults or route is None:
        raise PolicyRejected(*reader.faults[:FAULTS_SHOWN])
    return route


def of(version: PolicyVersion) -> Content:
    """Return the content of a stored version, in two statements.

    Raises PolicyRejected for one that an earlier release wrote and this one cannot read.
    """
    stored = list(version.routes.select_related("role"))
    policies = list(version.sla_policies.all())
    slugs = {policy.pk: policy.slug for policy in policies}
    told = [
        {
            "name": route.name,
            **({} if route.is_default else {"when": route.condition}),
            "role": route.role and route.role.slug,
            "sla": slugs[route.sla_id],
            "stakes_floor": route.stakes_floor,
            "approvals": route.approvals,
            "moves_money": route.moves_money,
        }
        for route in sorted(stored, key=lambda route: (route.is_default, route.position))
    ]
    data = {
        "sla_policies": [{**p.facts, "slug": p.slug, "name": p.name} for p in policies],
        "routes": told[:-1],
        "default": told[-1],
    }
    return read(data, {route.role.slug for route in stored if route.role})


@dataclass
class _Reader:
    """Gathers what is wrong; what it returns is of use only without a fault."""

    roles: frozenset[str]
    slas: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, pointer: str, message: str) -> None:
        self.faults.append(Fault(pointer, message))

    def content(self, data: Any) -> Content | None:
        facts = self.object(data, "", PARTS, needed=PARTS)
        slas = self.sla_policies(facts.get("sla_policies", []))
        given = self.listed(facts.get("routes", []), "/routes", MOST_ROUTES, "routes")
        routes = [self.route(one, f"/routes/{n}") for n, one in enumerate(given)]
        default = None
        if "default" in facts:
            default = self.route(facts["default"], "/default", is_default=True)
        places = [f"/routes/{n}" for n in range(len(routes))] + ["/default"]
        self.twice([(p, r.name) for p, r in zip(places, [*routes, default], strict=True) if r])
        if self.faults or default is None:
            return None
        return Content(slas, tuple(route for route in routes if route), default)

    def sla_policies(self, data: Any) -> tuple[sla.Sla, ...]:
        given = self.listed(data, "/sla_policies", MOST_SLAS, "SLA policies")
        slugs = [one.get("slug") if isinstance(one, dict) else None for one in given]
        self.slas = frozenset(slug for slug in slugs if isinstance(slug, str))
        found: dict[str, sla.Sla] = {}
        for index, one in enumerate(given):
            where = f"/sla_policies/{index}"
            try:
                read = sla.read(one, where)
            except PolicyRejected as refusal:
                self.faults += refusal.faults
                continue
            if read.slug in found:
                self.fault(f"{where}/slug", f"There are two SLA policies {read.slug}.")
            found[read.slug] = read
        if not given:
            self.fault("/sla_policies", "There must be one at least, for the default route.")
        return tuple(found[slug] for slug in sorted(found))

    def route(self, data: Any, at: str, *, is_default: bool = False) -> RouteFacts | None:
        before = len(self.faults)
        known = [name for name in ROUTE if not (is_default and name == "when")]
        needed = ("name", "role", "sla") if is_default else ("name", "when", "sla")
        facts = self.object(data, at, known, needed=needed)
        if len(self.faults) > before and not facts:
            return None
        found = RouteFacts(
            name=self.name(facts.get("name", "x"), f"{at}/name"),
            condition=self.condition(facts["when"], f"{at}/when") if "when" in facts else None,
            role=self.role(facts.get("role"), f"{at}/role", is_default and "role" in facts),
            sla=self.sla(facts["sla"], f"{at}/sla") if "sla" in facts else "",
            stakes_floor=self.stakes(facts.get("stakes_floor", Stakes.LOW), f"{at}/stakes_floor"),
            approvals=self.approvals(facts.get("approvals", 1), f"{at}/approvals"),
            moves_money=self.switch(facts.get("moves_money", False), f"{at}/moves_money"),
        )
        return found if len(self.faults) == before else None

    def switch(self, given: Any, at: str) -> bool:
        if not isinstance(given, bool):
            self.fault(at, "This must be true or false.")
        return given is True

    def name(self, given: Any, at: str) -> str:
        if (
            not isinstance(given, str)
            or not given.strip()
            or len(given) > LONGEST_NAME
            or not given.isprintable()
            or text_problem(given)
        ):
            self.fault(at, f"Give a name of {LONGEST_NAME} characters at most.")
            return ""
        return given.strip()

    def condition(self, given: Any, at: str) -> Condition | None:
        try:
            return parse(given, FIELDS, at)
        except ConditionRefused as refusal:
            self.faults += refusal.faults
            return None

    def role(self, given: Any, at: str, needed: bool) -> str | None:
        if given is None and not needed:
            return None
        if not isinstance(given, str) or given not in self.roles:
            self.fault(at, _no_such("role", given, self.roles))
            return None
        return given

    def sla(self, given: Any, at: str) -> str:
        if not isinstance(given, str) or given not in self.slas:
            self.fault(at, _no_such("SLA policy", given, self.slas))
            return ""
        return given

    def stakes(self, given: Any, at: str) -> str:
        if not isinstance(given, str) or given not in Stakes.values:
            self.fault(at, f"This must be one of {', '.join(Stakes.values)}.")
            return Stakes.LOW
        return Stakes(given)

    def approvals(self, given: Any, at: str) -> int:
        if (
            isinstance(given, bool)
            or not isinstance(given, int)
            or not 1 <= given <= MOST_APPROVALS
        ):
            self.fault(at, f"This must be a whole number from 1 to {MOST_APPROVALS}.")
            return 1
        return given

    # shapes

    def object(
        self, data: Any, at: str, known: Collection[str], *, needed: Iterable[str]
    ) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fault(at, "This must be an object: names and their values.")
            return {}
        for key in data:
            if key not in known:
                where = at + pointed(str(key)[:64]) if isinstance(key, str) else at
                self.fault(where, f"There is no such field; known are {', '.join(known)}.")
        for key in needed:
            if key not in data:
                self.fault(f"{at}/{key}", "This is required.")
        return {key: value for key, value in data.items() if key in known}

    def listed(self, data: Any, at: str, most: int, what: str) -> list[Any]:
        if not isinstance(data, list):
            self.fault(at, "This must be a list.")
            return []
        if len(data) > most:
            self.fault(at, f"{most} {what} are the most there can be; these are {len(data)}.")
            return []
        return data

    def twice(self, named: list[tuple[str, str]]) -> None:
        seen: set[str] = set()
        for at, name in named:
            if name.casefold() in seen:
                self.fault(f"{at}/name", f"There are two routes “{name}”.")
            seen.add(name.casefold())


def _no_such(what: str, given: Any, known: Collection[str]) -> str:
    if not isinstance(given, str):
        return f"Give the short name of the {what}."
    near = get_close_matches(given[:64].lower(), known, 1, 0.6)
    ask = f" Did you mean {near[0]}?" if near else ""
    shown = given if len(given) <= 64 else f"{given[:63]}…"
    return f"There is no {what} “{shown}”.{ask}"
