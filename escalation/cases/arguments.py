"""The complete arguments that an agent acts with: its proposal's, and what a reviewer made of them.

An option's schema asks about some of the proposed arguments. Its form is filled in with exactly those,
so an answer that lacks one has removed it; every argument that was not asked about stands as proposed.
A value that was asked about is taken whole, objects and lists included: nothing is merged inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from escalation.enums import PERMITTING

if TYPE_CHECKING:
    from escalation.models import Option

MOST_PARTS = 2_000  # of a schema that are looked at for the names it asks about
EACH = ("allOf", "anyOf", "oneOf")
BRANCHES = ("if", "then", "else")


def acts_with(
    proposal: Mapping[str, Any] | None, option: Option | None, parameters: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """Return what the agent acts with once that option is chosen; None where it is not let act."""
    if option is None or option.outcome not in PERMITTING:
        return None
    return complete_arguments(proposal, option.parameters, parameters)


def complete_arguments(
    proposal: Mapping[str, Any] | None,
    schema: Mapping[str, Any] | None,
    parameters: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return what the agent acts with where an option with this schema was chosen, so filled in.

    ``proposal`` is the package's, or None where it proposes nothing; ``schema`` is None for an option
    that takes no parameters. A parameter that is null is an argument that is null, not one removed.
    """
    arguments = (proposal or {}).get("arguments") or {}
    asked = asked_about(schema, arguments) if schema is not None else {}
    stands = {name: value for name, value in arguments.items() if name not in asked}
    return {**stands, **(parameters or {})}


def asked_about(schema: Mapping[str, Any], arguments: Any) -> dict[str, Any]:
    """Return the proposed arguments that a schema asks about: those its form is filled in with.

    They are those whose names it mentions at its root, in any branch. A schema that mentions none, or
    whose names cannot all be found, asks about all of them.
    """
    if not isinstance(arguments, Mapping):
        return {}
    try:
        names = _names(schema)
    except _Unknown:
        names = set()
    return {name: value for name, value in arguments.items() if not names or name in names}


class _Unknown(Exception):
    """A schema refers to what cannot be followed, or is too large to be looked through."""


def _names(schema: Mapping[str, Any]) -> set[str]:
    """Return the names that a schema mentions of the object itself, not of what is in it.

    Raises _Unknown where they cannot all be found.
    """
    names: set[str] = set()
    followed: set[str] = set()
    waiting: list[Any] = [schema]
    for _ in range(MOST_PARTS):
        if not waiting:
            return names
        part = waiting.pop()
        if isinstance(part, Mapping):
            names.update(_mentioned(part))
            waiting += _in_place(schema, part, followed)
    raise _Unknown


def _mentioned(part: Mapping[str, Any]) -> Iterator[str]:
    yield from _object(part.get("properties"))
    yield from _texts(part.get("required"))
    for name, others in _object(part.get("dependentRequired")).items():
        yield from (name, *_texts(others))
    yield from _object(part.get("dependentSchemas"))


def _in_place(
    root: Mapping[str, Any], part: Mapping[str, Any], followed: set[str]
) -> Iterator[Any]:
    """Yield the schemas that apply to the same object as ``part`` does; each reference once."""
    for word in EACH:
        yield from _list(part.get(word))
    yield from (part[word] for word in BRANCHES if word in part)
    yield from _object(part.get("dependentSchemas")).values()
    if "$dynamicRef" in part:
        raise _Unknown
    if "$ref" in part and (reference := str(part["$ref"])) not in followed:
        followed.add(reference)
        yield _target(root, reference)


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
