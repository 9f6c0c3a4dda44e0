"""How much work it is to check a value by a JSON Schema, counted before anything is checked.

A schema is an agent's word. Some hundred bytes of references that each double what the next asks
would keep a process busy for years, and nothing stops a check once it has begun.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

MOST = 200_000  # applications of a part of the schema to a part of the value
DEEPEST = 250  # two of Python's thousand calls for each
LISTS = ("allOf", "anyOf", "oneOf")
IN_PLACE = ("not", "if", "then", "else")
OF_MEMBERS = ("additionalProperties", "unevaluatedProperties")
OF_ITEMS = ("items", "contains", "unevaluatedItems")
OF_NAMES = ("properties", "patternProperties", "dependentSchemas", "$defs")
REFERENCES = ("$ref", "$dynamicRef")


class TooMuch(Exception):
    """The value cannot be checked by the schema within MOST."""


def foreign(schema: Any, *, is_root: bool = True) -> str:
    """Return what in a schema cannot be followed within it, in words; empty where all can."""
    if not isinstance(schema, dict):
        return ""
    for word in REFERENCES:
        if not str(schema.get(word, "#")).startswith("#"):
            return f"{word} leads out of the schema"
    if "$id" in schema and not is_root:
        return "$id stands in a part of the schema"
    return next(filter(None, (foreign(part, is_root=False) for part in _parts(schema))), "")


def check(schema: dict[str, Any], value: Any, most: int = MOST) -> int:
    """Return what is left of ``most`` once ``value`` is checked; it counts as if all were asked.

    Raises TooMuch where checking takes more.
    """
    count = _Count(schema, most)
    count.visit(schema, value, 0)
    return count.left


def _parts(schema: dict[str, Any]) -> Iterator[Any]:
    """Yield the schemas that stand in a schema."""
    for word in (*IN_PLACE, *OF_MEMBERS, *OF_ITEMS, "propertyNames"):
        yield schema.get(word)
    for word in (*LISTS, "prefixItems"):
        yield from _list(schema, word)
    for word in OF_NAMES:
        yield from _dict(schema, word).values()


def _list(schema: dict[str, Any], word: str) -> list[Any]:
    found = schema.get(word)
    return found if isinstance(found, list) else []


def _dict(schema: dict[str, Any], word: str) -> dict[str, Any]:
    found = schema.get(word)
    return found if isinstance(found, dict) else {}


class _Count:
    def __init__(self, root: dict[str, Any], most: int) -> None:
        self.root, self.left = root, most
        self.anchors: dict[str, list[Any]] = {}
        self._note_anchors(root)

    def _note_anchors(self, schema: Any) -> None:
        if isinstance(schema, dict):
            for word in ("$anchor", "$dynamicAnchor"):
                if word in schema:
                    self.anchors.setdefault(f"#{schema[word]}", []).append(schema)
            for part in _parts(schema):
                self._note_anchors(part)

    def visit(self, schema: Any, value: Any, depth: int) -> None:
        self.left -= 1
        if self.left < 0 or depth > DEEPEST:
            raise TooMuch
        if not isinstance(schema, dict):
            return
        for part in self._in_place(schema):
            self.visit(part, value, depth + 1)
        if isinstance(value, dict):
            self._members(schema, value, depth)
        elif isinstance(value, list):
            self._items(schema, value, depth)

    def _in_place(self, schema: dict[str, Any]) -> Iterator[Any]:
        for word in REFERENCES:
            if word in schema:
                yield from self._found(schema[word])
        for word in LISTS:
            yield from _list(schema, word)
        yield from (schema[word] for word in IN_PLACE if word in schema)
        yield from _dict(schema, "dependentSchemas").values()

    def _members(self, schema: dict[str, Any], value: dict[str, Any], depth: int) -> None:
        named = _dict(schema, "properties")
        for name, member in value.items():
            if name in named:
                self.visit(named[name], member, depth + 1)
            for part in _dict(schema, "patternProperties").values():
                self.visit(part, member, depth + 1)
            for word in OF_MEMBERS:
                if word in schema:
                    self.visit(schema[word], member, depth + 1)
            if "propertyNames" in schema:
                self.visit(schema["propertyNames"], name, depth + 1)

    def _items(self, schema: dict[str, Any], value: list[Any], depth: int) -> None:
        for part, item in zip(_list(schema, "prefixItems"), value, strict=False):
            self.visit(part, item, depth + 1)
        for word in OF_ITEMS:
            if word in schema:
                for item in value:
                    self.visit(schema[word], item, depth + 1)

    def _found(self, reference: Any) -> Iterator[Any]:
        """Yield what a reference within the schema may lead to."""
        if not isinstance(reference, str):
            return
        if reference in self.anchors:
            yield from self.anchors[reference]
            return
        found: Any = self.root
        for part in unquote(reference[1:]).split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(found, list) and name.isascii() and name.isdigit() and len(name) < 6:
                found = found[int(name)] if int(name) < len(found) else None
            else:
                found = found.get(name) if isinstance(found, dict) else None
        yield found
