"""JSON set like a document: keys dim, values plain, long strings folded, deep parts behind a summary."""

import json
from collections.abc import Iterator
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from escalation.inert import folded, inert

MOST_VALUES = 1_500  # of one document; the raw text has the rest
OPEN_DEPTH = 3  # deeper objects wait behind a summary
OPEN_ENTRIES = 24
LOOKS_LIKE_LITERAL = ("", "true", "false", "null")


class _Budget:
    def __init__(self, values: int) -> None:
        self.left = values


def document(value: Any) -> SafeString:
    """Return ``value`` as HTML with one root, ``<div class="json">``."""
    budget = _Budget(MOST_VALUES)
    body = "".join(_value(value, 0, budget))
    if budget.left < 0:
        body += '<p class="type">The rest is too long for a page; “raw” has all of it.</p>'
    return mark_safe(f'<div class="json" dir="ltr">{body}</div>')  # noqa: S308 -- built of inert pieces


def _value(value: Any, depth: int, budget: _Budget) -> Iterator[str]:
    if isinstance(value, dict) and value:
        yield from _entries("dl", list(value.items()), depth, budget)
    elif isinstance(value, list) and value:
        named = [(str(number), item) for number, item in enumerate(value, 1)]
        yield from _entries("dl", named, depth, budget)
    else:
        budget.left -= 1
        yield _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        quote = '"' if value.casefold() in LOOKS_LIKE_LITERAL or value != value.strip() else ""
        return f'<span class="string" dir="auto">{quote}{folded(value)}{quote}</span>'
    if value is None or value == {} or value == []:
        said = {"None": "null", "{}": "{ } empty", "[]": "[ ] empty"}[str(value)]
        return f'<span class="nothing">{said}</span>'
    return f'<span class="literal">{inert(json.dumps(value))}</span>'


def _entries(tag: str, entries: list[tuple[str, Any]], depth: int, budget: _Budget) -> Iterator[str]:
    yield f"<{tag}>"
    for key, value in entries:
        if budget.left <= 0:
            budget.left = -1
            break
        deep = isinstance(value, (dict, list)) and bool(value)
        side = ' class="deep"' if deep else ""
        if not deep:
            yield f'<dt dir="auto">{inert(key)}</dt><dd>{_scalar(value)}</dd>'
            budget.left -= 1
        elif depth + 1 < OPEN_DEPTH and len(value) <= OPEN_ENTRIES:
            yield f'<dt{side}><bdi>{inert(key)}</bdi></dt><dd{side}>'
            yield from _value(value, depth + 1, budget)
            yield "</dd>"
        else:
            yield f'<dt class="visually-hidden">{inert(key)}</dt><dd{side}><details class="deep">'
            yield f"<summary><bdi>{inert(key)}</bdi> · {_size(value)}</summary>"
            yield from _value(value, depth + 1, budget)
            yield "</details></dd>"
    yield f"</{tag}>"


def _size(value: dict[str, Any] | list[Any]) -> str:
    noun = "field" if isinstance(value, dict) else "item"
    return f"{len(value):,} {noun}{'' if len(value) == 1 else 's'}"
