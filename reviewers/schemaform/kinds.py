"""Which kind of input asks for what a schema describes."""

from __future__ import annotations

from typing import Any

from reviewers.schemaform import choices, schemas
from reviewers.schemaform.inputs import ABSENT
from reviewers.schemaform.schemas import Schema

SCALARS = ("string", "number", "integer")
FORMATS = {"date": "date", "date-time": "instant", "email": "email", "idn-email": "email"}
ALTERNATIVES = ("oneOf", "anyOf")
CONDITIONS = ("not", "if", "dependentSchemas")  # what fields side by side cannot show
BESIDE = ("title", "description", "default", "discriminator", "examples", "$comment", "deprecated")
NARROWS = (
    "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength",
    "maxLength", "multipleOf", "const", "enum",
)  # fmt: skip
MOST_DEPTH = 6
MOST_TICKS = 12
MOST_ROWS = 100
MOST_VARIANTS = 16
LONG = 200  # letters from which a text has several lines
BREAKS = ("\n", "\r")


def kind_of(root: Schema, schema: Schema, depth: int, proposed: Any, required: bool = True) -> str:
    """Return the kind of input for a schema at ``depth``, such that it can hold what is ``proposed``."""
    if schemas.only_value(schema):
        return "fixed" if required else "choice"
    if choices.of(root, schema):
        return "choice"
    if any(schema.get(word) for word in CONDITIONS) or "allOf" in schema:
        return "json"
    if branches := alternatives(schema):
        return "variants" if _can_be_drawn(root, branches, depth) else "json"
    kind = schema.get("type", schemas.implied(schema))
    if kind == "object" and next(schemas.properties(schema), None) and depth < MOST_DEPTH:
        return "group"
    if kind == "array" and "prefixItems" not in schema:
        return _kind_of_list(root, schema, depth, proposed)
    if kind == "string":
        return _kind_of_text(schema, proposed)
    if kind == "boolean":
        return "choice"
    return str(kind) if kind in ("number", "integer") else "json"


def _kind_of_text(schema: Schema, proposed: Any) -> str:
    if isinstance(proposed, str) and any(mark in proposed for mark in BREAKS):
        return "long"  # whatever its format: one line would lose them
    long = schema.get("maxLength", 0)
    is_long = "format" not in schema and isinstance(long, int) and long > LONG
    is_long = is_long or (isinstance(proposed, str) and len(proposed) > LONG)
    return "long" if is_long else FORMATS.get(str(schema.get("format")), "text")


def _kind_of_list(root: Schema, schema: Schema, depth: int, proposed: Any) -> str:
    items, nullable = schemas.nullable(root, schemas.resolved(root, schema.get("items")))
    given = proposed if isinstance(proposed, list) else []
    offered = choices.of(root, items)
    if (
        offered
        and schema.get("uniqueItems") is True
        and len(offered) <= MOST_TICKS
        and not nullable
    ):
        return "several"
    kind = items.get("type")
    plain = kind in SCALARS and not offered and not nullable
    narrows = items.keys() & {*NARROWS, *ALTERNATIVES, *CONDITIONS, "allOf"}
    if plain and not narrows and all(_fits_a_line(str(kind), item) for item in given):
        return "lines"
    drawable = depth + 1 < MOST_DEPTH and kind_of(root, items, depth + 1, ABSENT) != "json"
    return "rows" if drawable and len(given) <= MOST_ROWS else "json"


def _fits_a_line(kind: str, item: Any) -> bool:
    if kind == "string" and isinstance(item, str):
        return bool(item) and item == item.strip() and len(item.splitlines()) == 1
    return kind != "string" and schemas.is_kind("number", item)


def alternatives(schema: Schema) -> list[Any]:
    """Return the branches of a schema that is one of several, each whole; none where it is not.

    What stands beside ``oneOf`` holds for each; several types are one branch each.
    """
    words = [word for word in ALTERNATIVES if word in schema]
    if len(words) > 1:
        return []
    if words:
        parts = schema[words[0]]
        if not isinstance(parts, list) or not 2 <= len(parts) <= MOST_VARIANTS:
            return []
        base = {word: said for word, said in schema.items() if word not in (*words, *BESIDE)}
        return [{"allOf": [base, part]} if base else part for part in parts]
    kinds = schema.get("type")
    if isinstance(kinds, list) and 2 <= len(kinds) <= MOST_VARIANTS:
        several = [kind for kind in kinds if kind != "integer" or "number" not in kinds]
        return [{**schema, "type": kind} for kind in several] if len(several) > 1 else []
    return []


def _can_be_drawn(root: Schema, branches: list[Any], depth: int) -> bool:
    """Return whether at least one of several branches is more than a text of JSON."""
    if depth + 1 >= MOST_DEPTH:
        return False
    each = [schemas.resolved(root, part) for part in branches]
    return any(kind_of(root, branch, depth + 1, ABSENT) not in ("json", "fixed") for branch in each)


def holds(kind: str, schema: Schema, values: list[Any], value: Any, nullable: bool) -> bool:
    """Return whether an input of a kind can hold a value, as one of its own."""
    if value is None and nullable:
        return True
    if kind in ("choice", "fixed"):
        return choices.index_of(values, value) is not None
    if kind == "several":
        found = (
            [choices.index_of(values, one) for one in value] if isinstance(value, list) else [None]
        )
        return None not in found and len(set(found)) == len(found)
    if kind in ("text", "long", "date", "instant", "email"):
        return isinstance(value, str)
    if kind in ("number", "integer"):
        return schemas.is_kind("number", value)
    if kind == "money":
        wants = schema.get("type", "string" if isinstance(value, str) else "number")
        return isinstance(value, str) if wants == "string" else schemas.is_kind("number", value)
    if kind in ("lines", "rows"):
        return isinstance(value, list)
    return kind != "group" or isinstance(value, dict)
