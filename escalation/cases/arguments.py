"""The complete arguments that an agent acts with: its proposal's, and what a reviewer made of them.

An option's schema asks about some of the proposed arguments. Its form is filled in with exactly those,
so an answer that lacks one has removed it; every argument that was not asked about stands as proposed.
A value that was asked about is taken whole, objects and lists included: nothing is merged inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from escalation import effort, parameters
from escalation.enums import PERMITTING

if TYPE_CHECKING:
    from escalation.models import Option

MOST_PARTS = 2_000  # of a schema that are looked at for the names it asks about
EACH = ("allOf", "anyOf", "oneOf")
BRANCHES = ("if", "then", "else")
OF_OTHERS = ("additionalProperties", "unevaluatedProperties")


def acts_with(
    proposal: Mapping[str, Any] | None, option: Option | None, filled: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """Return what the agent acts with once that option is chosen; None where it is not let act."""
    if option is None or option.outcome not in PERMITTING:
        return None
    return complete_arguments(proposal, option.parameters, filled)


def complete_arguments(
    proposal: Mapping[str, Any] | None,
    schema: Mapping[str, Any] | None,
    filled: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return what the agent acts with where an option with this schema was chosen, so filled in.

    ``proposal`` is the package's, or None where it proposes nothing; ``schema`` is None for an option
    that takes no parameters. A parameter that is null is an argument that is null, not one removed.
    """
    arguments = (proposal or {}).get("arguments") or {}
    asked = asked_about(schema, arguments) if schema is not None else {}
    stands = {name: value for name, value in arguments.items() if name not in asked}
    return {**stands, **(filled or {})}


def asked_about(schema: Mapping[str, Any], arguments: Any) -> dict[str, Any]:
    """Return the proposed arguments that a schema asks about: those its form is filled in with.

    They are those whose names it mentions at its root, in any branch: one by one, by a pattern, or as
    all others where it says what those are (``additionalProperties`` with a schema of its own). A
    schema that mentions none asks about all that it lets be there by ``propertyNames``; one that
    cannot be looked through asks about all.
    """
    if not isinstance(arguments, Mapping):
        return {}
    try:
        asked = _asked(schema)
    except _Unknown:
        return dict(arguments)
    return {name: value for name, value in arguments.items() if asked.has(name)}


class _Unknown(Exception):
    """A schema refers to what cannot be followed, or is too large to be looked through."""


@dataclass
class _Asked:
    """What a schema mentions of the object itself, not of what is in it."""

    names: set[str] = field(default_factory=set)
    patterns: set[str] = field(default_factory=set)
    others: bool = False  # it says what any other name holds
    permitted: list[Any] = field(default_factory=list)  # schemas that each other name fits

    def has(self, name: str) -> bool:
        if name in self.names or any(_fits({"pattern": one}, name) for one in self.patterns):
            return True
        is_any = self.others or not (self.names or self.patterns)
        return is_any and all(_fits(each, name) for each in self.permitted)


def _asked(schema: Mapping[str, Any]) -> _Asked:
    """Return what a schema asks about. Raises _Unknown where not all of it can be found."""
    asked = _Asked()
    followed: set[str] = set()
    waiting: list[tuple[Any, bool]] = [(schema, True)]  # each with whether it holds in any case
    for _ in range(MOST_PARTS):
        if not waiting:
            return asked
        part, holds = waiting.pop()
        if not isinstance(part, Mapping):
            continue
        asked.names.update(_mentioned(part))
        asked.patterns.update(_object(part.get("patternProperties")))
        asked.others = asked.others or any(_object(part.get(word)) for word in OF_OTHERS)
        if holds and "propertyNames" in part:
            asked.permitted.append(_alone(schema, part["propertyNames"]))
        waiting += _in_place(schema, part, followed, holds)
    raise _Unknown


def _alone(root: Mapping[str, Any], part: Any) -> Any:
    """Return a part of a schema that can be asked by itself: with what it may refer to."""
    held = {word: root[word] for word in ("$defs", "definitions") if word in root}
    return {**held, **part} if isinstance(part, Mapping) else part


def _fits(schema: Any, name: str) -> bool:
    """Return whether a name fits a schema; False, too, where that takes too much work to say."""
    if isinstance(schema, bool):
        return schema
    try:
        effort.check(schema, name)
    except effort.TooMuch:
        return False
    return parameters.fits(schema, name)


def _mentioned(part: Mapping[str, Any]) -> Iterator[str]:
    yield from _object(part.get("properties"))
    yield from _texts(part.get("required"))
    for name, others in _object(part.get("dependentRequired")).items():
        yield from (name, *_texts(others))
    yield from _object(part.get("dependentSchemas"))


def _in_place(
    root: Mapping[str, Any], part: Mapping[str, Any], followed: set[str], holds: bool
) -> Iterator[tuple[Any, bool]]:
    """Yield the schemas that apply to the same object as ``part`` does; each reference once.

    Each with whether it holds in any case: what stands in a branch need not.
    """
    for word in EACH:
        yield from ((one, holds and word == "allOf") for one in _list(part.get(word)))
    yield from ((part[word], False) for word in BRANCHES if word in part)
    yield from ((one, False) for one in _object(part.get("dependentSchemas")).values())
    if "$dynamicRef" in part:
        raise _Unknown
    if "$ref" in part and (reference := str(part["$ref"])) not in followed:
        followed.add(reference)
        yield _target(root, reference), holds


def _target(root: Any, reference: str) -> Any:
    """Return what ``#/$defs/payee`` names; nothing outside the schema is ever looked up."""
    if reference != "#" and not reference.startswith("#/"):
        raise _Unknown
    found = root
    for step in unquote(reference[1:]).split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and name.isascii() and name.isdigit() and len(name) < 6:
            found = found[int(name)] if int(name) < len(found) else None
        else:
            found = found.get(name) if isinstance(found, Mapping) else None
    if found is None:
        raise _Unknown
    return found


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return [one for one in _list(value) if isinstance(one, str)]
