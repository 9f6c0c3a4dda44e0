"""What differs between two versions, for the page that shows it and for the record."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from routing.policies.content import Content, RouteFacts
from routing.sla import Sla

ROUTE, SLA, DEFAULT = "route", "SLA policy", "default route"
AGENT = "the role that the agent asks for"


@dataclass(frozen=True)
class Line:
    """One property that differs, in words; empty where it is not there before or after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One route or SLA policy that came, went, or differs; or the order of routes."""

    what: str
    how: Literal["added", "removed", "changed", "moved"]
    name: str
    lines: tuple[Line, ...]
    before: Any = None
    after: Any = None

    def as_facts(self) -> dict[str, Any]:
        """Return the change as the record keeps it, both sides in full."""
        facts = {"what": self.what, "how": self.how, "name": self.name}
        sides = {"before": self.before, "after": self.after}
        return facts | {side: value for side, value in sides.items() if value is not None}

    def __str__(self) -> str:
        return f"{self.what} {self.name} {self.how}".strip()


def between(before: Content, after: Content) -> list[Change]:
    """Return what differs: SLA policies first, then routes in the new order, then the default."""
    return [
        *_named(SLA, before.sla_named, after.sla_named, _sla_lines),
        *_named(ROUTE, *_paired(before, after), _route_lines),
        *_moved(before, after),
        *_named(DEFAULT, {"": before.default}, {"": after.default}, _route_lines),
    ]


def _named(
    what: str, before: Mapping[str, Any], after: Mapping[str, Any], lines: Any
) -> Iterator[Change]:
    for name in [*after, *(name for name in before if name not in after)]:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        how: Any = "added" if old is None else "removed" if new is None else "changed"
        yield Change(
            what,
            how,
            (new or old).name,
            tuple(lines(old, new)),
            old and old.as_facts(),
            new and new.as_facts(),
        )


def _paired(before: Content, after: Content) -> tuple[dict[str, RouteFacts], dict[str, RouteFacts]]:
    """Return both sides' routes by one key: their name, or for one that was only renamed, its old."""
    old = {route.name: route for route in before.routes}
    new = {route.name: route for route in after.routes}
    gone = {_nameless(route): name for name, route in old.items() if name not in new}
    return old, {
        (name if name in old else gone.pop(_nameless(route), name)): route
        for name, route in new.items()
    }


def _nameless(route: RouteFacts) -> tuple[Any, ...]:
    return (
        route.condition,
        route.role,
        route.sla,
        route.stakes_floor,
        route.approvals,
        route.moves_money,
    )


def _moved(before: Content, after: Content) -> Iterator[Change]:
    old, new = _paired(before, after)
    was = [name for name in old if name in new]
    now = [name for name in new if name in old]
    if was != now:
        line = Line("order", " · ".join(was), " · ".join(now))
        yield Change(ROUTE, "moved", "order", (line,), was, now)


def _route_lines(old: RouteFacts | None, new: RouteFacts | None) -> Iterator[Line]:
    before, after = _route_words(old), _route_words(new)
    for label in before | after:
        if before.get(label, "") != after.get(label, ""):
            yield Line(label, before.get(label, ""), after.get(label, ""))


def _route_words(route: RouteFacts | None) -> dict[str, str]:
    if route is None:
        return {}
    return {
        "name": route.name,
        "takes": route.said,
        "role": route.role or AGENT,
        "SLA policy": route.sla,
        "stakes at least": str(route.stakes_floor),
        "approvals": str(route.approvals),
        "moves money": "always" if route.moves_money else "as the case says",
    }


def _sla_lines(old: Sla | None, new: Sla | None) -> Iterator[Line]:
    before = _sla_words(old)
    after = _sla_words(new)
    for label in before | after:
        if before.get(label, "") != after.get(label, ""):
            yield Line(label, before.get(label, ""), after.get(label, ""))


def _sla_words(sla: Sla | None) -> dict[str, str]:
    """Return the sentences of an SLA policy by what each is about, its first word."""
    if sla is None:
        return {}
    said = {"name": sla.name}
    for sentence in sla.sentences():
        head, colon, tail = sentence.partition(": ")
        label = head if colon else " ".join(sentence.split()[:2]).rstrip(".")
        said[label] = tail if colon else sentence
    # the key of a reason is what is counted, so another key is a difference too
    said["Reasons"] = " · ".join(f"{one.label} ({one.key})" for one in sla.reasons)
    return said
