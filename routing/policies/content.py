"""All of a version as plain values: its SLA policies, its routes in their order, and the default."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import cached_property

from escalation.conditions import Condition, said, written
from escalation.enums import Stakes
from routing.models import PolicyVersion, Route, SlaPolicy
from routing.sla import Sla


@dataclass(frozen=True)
class RouteFacts:
    """One route; ``condition`` is None in the default, ``role`` the slug, None: the agent's wish."""

    name: str
    condition: Condition | None
    role: str | None
    sla: str
    stakes_floor: str = Stakes.LOW
    approvals: int = 1
    moves_money: bool = False

    @property
    def said(self) -> str:
        """Say when the route is taken, as a sentence without its full stop."""
        return said(self.condition) if self.condition else "whatever no other route takes"

    def as_facts(self) -> dict[str, Any]:
        """Return the route in full, as JSON values."""
        when = {} if self.condition is None else {"when": written(self.condition)}
        return {
            "name": self.name,
            **when,
            "role": self.role,
            "sla": self.sla,
            "stakes_floor": str(self.stakes_floor),
            "approvals": self.approvals,
            **({"moves_money": True} if self.moves_money else {}),
        }

    def as_written(self) -> dict[str, Any]:
        """Return the route as people write it: what is as always stands nowhere."""
        plain = {"role": None, "stakes_floor": str(Stakes.LOW), "approvals": 1}
        return {
            name: value
            for name, value in self.as_facts().items()
            if name not in plain or value != plain[name]
        }


@dataclass(frozen=True)
class Content:
    """What one version says. Equal contents are the same policy, whoever wrote them."""

    slas: tuple[Sla, ...]  # by their slugs
    routes: tuple[RouteFacts, ...]  # in their order, without the default
    default: RouteFacts

    @cached_property
    def sla_named(self) -> dict[str, Sla]:
        return {sla.slug: sla for sla in self.slas}

    @property
    def all_routes(self) -> tuple[RouteFacts, ...]:
        return (*self.routes, self.default)

    def as_facts(self) -> dict[str, Any]:
        """Return everything in full, lengths in seconds: what the record keeps."""
        return {
            "sla_policies": [sla.as_facts() for sla in self.slas],
            "routes": [route.as_facts() for route in self.routes],
            "default": self.default.as_facts(),
        }

    def as_written(self) -> dict[str, Any]:
        """Return everything as people write it in YAML; ``read`` takes it back."""
        return {
            "sla_policies": [sla.as_written() for sla in self.slas],
            "routes": [route.as_written() for route in self.routes],
            "default": self.default.as_written(),
        }

    def with_routes(self, *routes: RouteFacts) -> "Content":
        return replace(self, routes=routes)


def rows(content: Content, version: PolicyVersion, roles: dict[str, Any]) -> Iterator[Any]:
    """Yield the rows, not yet saved, that say ``content``: SLA policies first, then routes."""
    slas = {
        sla.slug: SlaPolicy(version=version, slug=sla.slug, name=sla.name, facts=sla.as_facts())
        for sla in content.slas
    }
    yield from slas.values()
    for position, route in enumerate(content.all_routes, 1):
        yield Route(
            version=version,
            position=position,
            name=route.name,
            condition=None if route.condition is None else written(route.condition),
            role_id=route.role and roles[route.role],
            sla=slas[route.sla],
            stakes_floor=route.stakes_floor,
            approvals=route.approvals,
            moves_money=route.moves_money,
            is_default=route is content.default,
        )
