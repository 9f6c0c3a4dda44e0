"""What a JSON Schema says of one place: references followed, parts put together, bounded in every way.

A schema is an agent's word and may be of any depth or refer to itself; what cannot be followed here
comes back as a schema that says nothing, and is asked for as JSON.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

Schema = Mapping[str, Any]
MOST_HOPS = 16  # of references that refer on
NOTHING: Schema = {}
NULL = {"type": "null"}
JOINED = ("anyOf", "oneOf", "allOf", "$ref")


def resolved(root: Schema, given: Any) -> Schema:
    """Return a schema with its local references followed and its ``allOf`` of objects as one."""
    for _ in range(MOST_HOPS):
        if not isinstance(given, dict):
            return NOTHING
        if "$ref" in given:
            found = _found(root, given["$ref"])
            rest = {key: value for key, value in given.items() if key != "$ref"}
            given = {**found, **rest} if found is not None else None
        elif (merged := _merged(root, given)) is not None:
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


def _merged(root: Schema, given: Schema) -> Schema | None:
    """Return a schema without its ``allOf``, where that only adds words to it; None where it does not."""
    parts = given.get("allOf")
    if not isinstance(parts, list) or not 1 <= len(parts) <= MOST_HOPS:
        return None
    whole: dict[str, Any] = {key: value for key, value in given.items() if key != "allOf"}
    for part in parts:
        if isinstance(part, dict) and "$ref" in part:
            part = {**(_found(root, part["$ref"]) or {"not": {}}), **part}
            del part["$ref"]
        if not isinstance(part, dict) or any(word in part for word in (*JOINED, "not", "if")):
            return None
        for word, value in part.items():
            if word == "properties" and isinstance(value, dict):
                whole[word] = {**value, **whole.get(word, {})}
            elif word == "required" and isinstance(value, list):
                whole[word] = [*whole.get(word, []), *value]
            else:
                whole.setdefault(word, value)
    return whole


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
