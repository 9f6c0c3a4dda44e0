"""What is declared about the amounts of an action: by the schemas of its options, and by its agent.

Minor units are taken from here or from a field's own name (``amount_cents``), and never guessed. A
schema declares them in a property's title (``Amount in cents``), in its description, or with
``x-minor-units``; an agent's registration by the name of the field.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from escalation.money.currencies import is_known
from escalation.money.names import Sort, read_name, split

Path = tuple[str, ...]  # into the arguments; ``*`` stands for each item of a list
ITEM = "*"
ANY = "*"  # any action, or any field
MOST_HINTS = 500
DEEPEST = 12
IN_MINOR = re.compile(
    r"\b(?:cents?|pence|minor[ -]units?|subunits?|øre|öre|centimes?|kopecks|paise|centavos|"
    r"smallest (?:currency )?unit)\b",
    re.IGNORECASE,
)
NOT_SO = re.compile(r"\b(?:not|never|no|major|dollars|euros?|pounds)\b|\bwithout\b", re.IGNORECASE)
TITLED = re.compile(r"\(([A-Z]{3,5})\)\s*$", re.ASCII)
TWO_PLACES = (r"\.[0-9]{2}", r"\.\d{2}")
NUMERIC = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,18})?", re.ASCII)
FORMATS = ("money", "currency", "monetary", "amount")
DESCRIBED = re.compile(
    r"\W*(?:how much|how many (?:us )?(?:dollars|euros?|pounds|yen|rupees)) ", re.IGNORECASE
)
BRANCHES = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True)
class Hint:
    """What schemas say of one place: that it is money, in which currency, whether in minor units."""

    is_money: bool = False
    currency: str = ""
    minor: bool = False


Hints = Mapping[Path, Hint]


def read_hints(schemas: Iterable[Any]) -> Hints:
    """Return what the schemas say of each place; minor units only where none says otherwise."""
    found: dict[Path, Hint] = {}
    for schema in schemas:
        for path, hint in _walk(schema, schema, (), 0):
            if len(found) >= MOST_HINTS:
                return found
            was = found.get(path)
            found[path] = hint if was is None else _both(was, hint)
    return {path: hint for path, hint in found.items() if hint != Hint()}


def _both(one: Hint, other: Hint) -> Hint:
    return Hint(
        one.is_money or other.is_money,
        one.currency or other.currency,
        one.minor and other.minor,
    )


def _walk(root: Any, schema: Any, path: Path, depth: int) -> Iterator[tuple[Path, Hint]]:
    schema = _resolved(root, schema)
    if not isinstance(schema, Mapping) or depth > DEEPEST:
        return
    for branch in BRANCHES:
        for part in _listed(schema.get(branch)):
            yield from _walk(root, part, path, depth + 1)
    for branch in ("then", "else"):
        yield from _walk(root, schema.get(branch), path, depth + 1)
    for part in _valued(schema.get("dependentSchemas")):
        yield from _walk(root, part, path, depth + 1)
    others = [schema.get("additionalProperties"), *_valued(schema.get("patternProperties"))]
    for part in others:
        place = _resolved(root, part)
        if isinstance(place, Mapping):
            yield (*path, ANY), hint_of("", place)
            yield from _walk(root, place, (*path, ANY), depth + 1)
    for part in _listed(schema.get("prefixItems")):
        if isinstance(part, Mapping) and path:
            yield (*path, ITEM), hint_of(path[-1], part)
            yield from _walk(root, part, (*path, ITEM), depth + 1)
    properties = schema.get("properties")
    for name, part in properties.items() if isinstance(properties, Mapping) else ():
        place = _resolved(root, part)
        if isinstance(place, Mapping):
            if "properties" not in place and "items" not in place:
                yield (*path, name), hint_of(name, place)
            yield from _walk(root, place, (*path, name), depth + 1)
    items = _resolved(root, schema.get("items"))
    if isinstance(items, Mapping):
        if path and "properties" not in items:
            yield (*path, ITEM), hint_of(path[-1], items)
        yield from _walk(root, items, (*path, ITEM), depth + 1)


def hint_of(name: str, schema: Mapping[str, Any]) -> Hint:
    """Return what a property's own schema says of its value."""
    if schema.get("type") in ("boolean", "object", "array") or not _is_of_numbers(schema):
        return Hint()
    title = schema.get("title")
    title = title[:200] if isinstance(title, str) else ""
    titled = TITLED.search(title)
    currency = titled[1] if titled and is_known(titled[1]) else ""
    minor = is_minor(name, schema)
    named = read_name(title).sort is Sort.AMOUNT or schema.get("format") in FORMATS
    described = schema.get("description")
    if isinstance(described, str) and not title:
        named = named or bool(DESCRIBED.match(described))
        named = named or read_name(" ".join(described[:60].split()[:3])).sort is Sort.AMOUNT
    sorts = (read_name(name).sort, read_name(title).sort)
    cents = _has_cents(schema) or (schema.get("multipleOf") == 0.01 and Sort.ASIDE not in sorts)
    return Hint(bool(currency) or minor or named or cents, currency, minor)


def is_minor(name: str, schema: Mapping[str, Any]) -> bool:
    """Return whether a property counts minor units: by its name, or because its schema says so."""
    if read_name(name).minor:
        return True
    said = schema.get("x-minor-units")
    if isinstance(said, bool):
        return said
    for key in ("title", "description"):
        text = schema.get(key)
        if isinstance(text, str) and IN_MINOR.search(text[:300]):
            return not NOT_SO.search(text[:300])
    return False


def _has_cents(schema: Mapping[str, Any]) -> bool:
    pattern = schema.get("pattern")
    return isinstance(pattern, str) and any(places in pattern for places in TWO_PLACES)


def _is_of_numbers(schema: Mapping[str, Any]) -> bool:
    """Return whether an enumeration is one of amounts, and none of words; anything else is."""
    values = schema.get("enum")
    if not isinstance(values, list):
        return True
    return all(not isinstance(v, str) or NUMERIC.fullmatch(v) for v in values[:50])


def _valued(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, Mapping) else []


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _resolved(root: Any, schema: Any) -> Any:
    """Return the schema that a local reference names; what leads elsewhere as it is."""
    for _ in range(DEEPEST):
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return schema
        place = root
        for part in reference[2:].split("/"):
            part = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(place, Mapping) or part not in place:
                return schema
            place = place[part]
        schema = place
    return schema


def mark_minor(schema: Any, fields: frozenset[str], depth: int = 0) -> Any:
    """Return a schema that says itself of which fields an agent registered that they are minor units."""
    if not fields or not isinstance(schema, Mapping) or depth > DEEPEST:
        return schema
    marked = dict(schema)
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        marked["properties"] = {
            name: mark_minor(_named_minor(name, part, fields), fields, depth + 1)
            for name, part in properties.items()
        }
    for branch in BRANCHES:
        if isinstance(schema.get(branch), list):
            marked[branch] = [mark_minor(part, fields, depth + 1) for part in schema[branch]]
    if "items" in schema:
        marked["items"] = mark_minor(schema["items"], fields, depth + 1)
    return marked


def _named_minor(name: str, part: Any, fields: frozenset[str]) -> Any:
    amounts = ANY in fields and read_name(name).sort in (Sort.AMOUNT, Sort.TOTAL, Sort.ACT)
    if not isinstance(part, Mapping) or "properties" in part:
        return part
    return {**part, "x-minor-units": True} if amounts or action_key(name) in fields else part


# An agent's registration ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Registration:
    """What an agent's registration says of the money that it moves.

    ``moves_money`` names actions, ``*`` for all; ``minor_units`` fields, ``amount`` for any action and
    ``create_charge:amount`` for one, ``create_charge:*`` for every amount of it; ``decimals`` is how
    many decimals a minor unit stands for where the agent's API has others than ISO 4217.
    """

    moves_money: tuple[str, ...] = ()
    minor_units: tuple[str, ...] = ()
    decimals: Mapping[str, int] = field(default_factory=dict)

    def moves(self, action: str) -> bool:
        return ANY in self.moves_money or action_key(action) in map(action_key, self.moves_money)

    def minor_fields(self, action: str) -> frozenset[str]:
        """Return the fields of an action whose amounts are in minor units; ``*`` stands for all."""
        found = set()
        for entry in self.minor_units:
            of, colon, name = entry.rpartition(":")
            if not colon or of == ANY or action_key(of) == action_key(action):
                found.add(ANY if name == ANY else action_key(name))
        return frozenset(found)


def action_key(name: str) -> str:
    """Return an action, a category or a field in lower snake case, as it looks."""
    return "_".join(word.lower() for word in split(name))
