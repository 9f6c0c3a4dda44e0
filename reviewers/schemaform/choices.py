"""The values that a schema lists: their words, which of them a page shows, and how they are searched."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from typing import Any

from reviewers.schemaform import schemas
from reviewers.schemaform.schemas import Schema

ALTERNATIVES = ("oneOf", "anyOf")
MOST_CHOICES = 20_000  # of one field
MOST_SHOWN = 400  # on the page, of one field
MOST_FOUND = 100  # of a longer list, once it is searched
MOST_LETTERS = 200  # of one label
Choice = tuple[Any, str]


def of(root: Schema, schema: Schema) -> list[Choice]:
    """Return the values that a schema lists, each with its words; none where it lists none."""
    listed = schema.get("enum")
    if isinstance(listed, list) and 0 < len(listed) <= MOST_CHOICES:
        return _apart([(value, _titled(schema, n, value)) for n, value in enumerate(listed)])
    for word in ALTERNATIVES:
        parts = schema.get(word)
        if not isinstance(parts, list) or not 0 < len(parts) <= MOST_CHOICES:
            continue
        each = [schemas.resolved(root, part) for part in parts]
        if all(map(_is_value, each)):
            return _apart([(schemas.only_value(part)[0], _label(part)) for part in each])
    return []


def _is_value(part: Schema) -> bool:
    return "properties" not in part and bool(schemas.only_value(part))


def _label(part: Schema) -> str:
    return str(part.get("title") or text(schemas.only_value(part)[0]))


def _titled(schema: Schema, number: int, value: Any) -> str:
    """Return the words of a listed value, as the generators of forms write them beside the list."""
    for word in ("x-enumNames", "enumNames", "x-enum-varnames"):
        names = schema.get(word)
        if isinstance(names, list) and number < len(names) and isinstance(names[number], str):
            return names[number]
    return text(value)


def _apart(found: list[Choice]) -> list[Choice]:
    """Return choices of which no two have the same words: the value itself stands beside those."""
    count = Counter(label for _, label in found)
    marked = []
    for value, label in found:
        if count[label] > 1 or not label.strip():
            exact = json.dumps(value, ensure_ascii=False)
            label = exact if label == text(value) else f"{label} ({exact})"
        marked.append((value, label))
    return marked


def text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def index_of(values: list[Any], value: Any) -> int | None:
    """Return which of the values one is; the very same type before what only is the same number."""
    return next((n for n, one in enumerate(values) if schemas.same(one, value)), None)


def narrowed(
    choices: list[tuple[str, str]], chosen: list[str], searched: str, most: int
) -> list[tuple[str, str]]:
    """Return the choices for the page: those that are searched for, and always what is chosen."""
    words = folded(searched).split()
    if not words and len(choices) <= most:
        return sorted(
            choices, key=lambda one: one[0] not in chosen
        )  # what is chosen is in sight first
    found = [one for one in choices if all(word in folded(one[1]) for word in words)]
    begins = [one for one in found if words and folded(one[1]).startswith(words[0])]
    rest = [one for one in found if one not in begins] if len(found) <= MOST_SHOWN else found
    kept = [one for one in choices if one[0] in chosen]
    first = (begins + rest)[: min(most, MOST_FOUND) if len(choices) > most else most]
    return [*(one for one in kept if one not in first), *first]


def folded(given: str) -> str:
    """Return a text for searching: without case, without accents."""
    apart = unicodedata.normalize("NFKD", given[:MOST_LETTERS].casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
