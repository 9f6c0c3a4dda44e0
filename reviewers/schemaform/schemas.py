"""What a JSON Schema says of one place: references followed, parts put together, bounded in every way.

A schema is an agent's word and may be of any depth or refer to itself; what cannot be followed here
comes back as a schema that says nothing, and is asked for as JSON.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

Schema = Mapping[str, Any]
MOST_HOPS = 64  # of references that refer on, and of parts that are put together
MOST_PARTS = 16  # of one allOf
NOTHING: Schema = {}
NULL = {"type": "null"}
JOINED = ("anyOf", "oneOf", "allOf", "$ref")


def resolved(root: Schema, given: Any) -> Schema:
    """Return a schema with its local references followed and its ``allOf`` of objects as one."""
    return _resolved(root, given, [MOST_HOPS])


def _resolved(root: Schema, given: Any, hops: list[int]) -> Schema:
    while hops[0] > 0:
        hops[0] -= 1
        if not isinstance(given, dict):
            return NOTHING
        if "$ref" in given:
            found = _found(root, given["$ref"])
            rest = {key: value for key, value in given.items() if key != "$ref"}
            given = {**found, **rest} if found is not None else None
        elif (merged := _merged(root, given, hops)) is not None:
            given = merged
        else:
            return given
    return NOTHING


def _found(root: Schema, reference: Any) -> Schema | None:
    """Return what ``#/$defs/iban`` names; nothing elsewhere is ever looked up."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    found: Any = root
    for part in filter(None, unquote(reference[1:]).split("/")):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and name.isascii() and name.isdigit() and len(name) < 6:
            found = found[int(name)] if int(name) < len(found) else None
        else:
            found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _merged(root: Schema, given: Schema, hops: list[int]) -> Schema | None:
    """Return a schema without its ``allOf``, where that only adds words to it; None where it does not."""
    parts = given.get("allOf")
    if not isinstance(parts, list) or not 1 <= len(parts) <= MOST_PARTS:
        return None
    whole: dict[str, Any] = {key: value for key, value in given.items() if key != "allOf"}
    for one in parts:
        part = _resolved(root, one, hops)
        if part is NOTHING or any(word in part for word in (*JOINED, "not", "if")):
            return None
        for word, value in part.items():
            if word == "properties" and isinstance(value, dict):
                whole[word] = {**value, **_dict(whole.get(word))}
            elif word == "required" and isinstance(value, list):
                whole[word] = [*required(whole), *value]
            else:
                whole.setdefault(word, value)
    return whole


def _dict(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}


def nullable(root: Schema, schema: Schema) -> tuple[Schema, bool]:
    """Return a schema without the null that it also allows, and whether it does."""
    kinds = schema.get("type")
    if isinstance(kinds, list) and len(kinds) == 2 and kinds.count("null") == 1:
        return {**schema, "type": next(one for one in kinds if one != "null")}, True
    for word in ("anyOf", "oneOf"):
        parts = schema.get(word)
        if isinstance(parts, list) and len(parts) == 2 and parts.count(NULL) == 1:
            part = next(one for one in parts if one != NULL)
            rest = {key: value for key, value in schema.items() if key != word}
            return {**resolved(root, part), **rest}, True
    return schema, False


def properties(schema: Schema) -> Iterator[tuple[str, Any]]:
    """Yield what an object must hold, in the order that it says, and then what else it may hold.

    Stored objects keep no order of their own; what must be there may not even be described.
    """
    named = schema.get("properties")
    named = named if isinstance(named, dict) else {}
    first = required(schema)
    yield from ((name, named.get(name, NOTHING)) for name in first)
    yield from ((name, part) for name, part in named.items() if name not in set(first))


def required(schema: Schema) -> list[str]:
    given = schema.get("required")
    found = given if isinstance(given, list) else []
    return list(dict.fromkeys(name for name in found if isinstance(name, str)))


def implied(schema: Schema) -> str:
    """Return the type of a schema that does not say it but by its words."""
    return "object" if "properties" in schema else "array" if "items" in schema else ""


def is_kind(kind: Any, value: Any) -> bool:
    """Return whether a value is of a JSON type; True and False are no numbers, 2.0 is an integer."""
    if isinstance(value, bool) or value is None:
        return bool(kind == ("null" if value is None else "boolean"))
    if isinstance(value, (int, float)):
        return kind == "number" or (kind == "integer" and value == int(value))
    return bool(kind == {dict: "object", list: "array", str: "string"}.get(type(value)))


def only_value(schema: Schema) -> list[Any]:
    """Return the one value that a schema allows, in a list; an empty one where it allows more."""
    if "const" in schema:
        return [schema["const"]]
    listed = schema.get("enum")
    if isinstance(listed, list) and len(listed) == 1:
        return listed
    return [None] if schema.get("type") == "null" else []


def same(one: Any, other: Any) -> bool:
    """Return whether two values are one and the same JSON: 1 is 1.0 there, and never true."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def label(schema: Schema, key: str) -> str:
    """Return what a field is called: its title, else its key as words."""
    title = schema.get("title")
    said = title if isinstance(title, str) and title.strip() else key.replace("_", " ").capitalize()
    return said[:200]


def at(root: Schema, schema: Schema, key: str) -> Schema:
    """Return the schema of one property of an object, or of the items of a list."""
    if schema.get("type") == "array" or "items" in schema:
        return nullable(root, resolved(root, schema.get("items")))[0]
    named = schema.get("properties")
    part = named.get(key) if isinstance(named, dict) else None
    return nullable(root, resolved(root, part))[0]
