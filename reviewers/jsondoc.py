"""JSON set like a document: keys dim, values plain, long strings folded, deep parts behind a summary.

A list of rows that have the same few columns is a table. JSON that is a text is set as what it is.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalation.inert import folded, inert
from reviewers.words import json_in_text
from reviewers.words.json_in_text import DEEPEST_TEXTS, Held, Written

MOST_VALUES = 1_500  # of one document; the raw text has the rest
OPEN_DEPTH = 3  # objects in each other; what lies deeper waits behind a summary
LONG_TEXT, LONG_TEXT_SHOWS = 600, 280
MOST_COLUMNS = 6
CELL_LENGTH = 60
OPEN_ENTRIES = 24
INLINE_ENTRIES = 4  # of a small part that stands in one line
INLINE_LENGTH = 72
LOOKS_LIKE_LITERAL = ("", "true", "false", "null")


class _Budget:
    def __init__(self, values: int) -> None:
        self.left = values
        self.texts = 0  # how many texts that held JSON stand around this place


def document(value: Any) -> SafeString:
    """Return ``value`` as HTML with one root, ``<div class="json">``."""
    budget = _Budget(MOST_VALUES)
    body = "".join(_value(value, 0, budget))
    if budget.left < 0:
        body += f'<p class="type">{escape(_("The rest is too long for a page; “raw” has all of it."))}</p>'
    return mark_safe(f'<div class="json" dir="ltr">{body}</div>')  # noqa: S308 -- built of inert pieces


def text(value: str) -> SafeString:
    """Return a text as HTML; the JSON in it is set as a document among its words."""
    found = json_in_text.pieces(value)
    if found == [value]:
        return folded(value)
    body = "".join(_pieces(found, 0, _Budget(MOST_VALUES)))
    return mark_safe(f'<div class="json" dir="ltr">{body}</div>')  # noqa: S308 -- built of inert pieces


def _value(value: Any, depth: int, budget: _Budget) -> Iterator[str]:
    if isinstance(value, str) and (found := _held(value, budget)):
        yield from _pieces(found, depth, budget)
    elif columns := _columns(value):
        yield from _table(value, columns, budget)
    elif isinstance(value, (dict, list)) and value:
        yield from _entries(_named(value), depth, budget)
    else:
        budget.left -= 1
        yield _scalar(value)


def _held(value: str, budget: _Budget) -> list[str | Held]:
    """Return the words and the JSON of a text; nothing where it holds no JSON, or too deep within."""
    if budget.texts >= DEEPEST_TEXTS:
        return []
    found = json_in_text.pieces(value)
    return [] if found == [value] else found


def _pieces(found: list[str | Held], depth: int, budget: _Budget) -> Iterator[str]:
    budget.texts += 1
    yield f'<div class="in-text"><span class="type">{escape(_("JSON in a text"))}</span>'
    for piece in found:
        if isinstance(piece, Held):
            yield from _value(piece.value, depth, budget)
        else:
            budget.left -= 1
            said = folded(piece.strip(), LONG_TEXT, LONG_TEXT_SHOWS)
            yield f'<p class="string" dir="auto">{said}</p>'
    yield "</div>"
    budget.texts -= 1


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        quote = '"' if value.casefold() in LOOKS_LIKE_LITERAL or value != value.strip() else ""
        shown = folded(value, LONG_TEXT, LONG_TEXT_SHOWS)
        return f'<span class="string" dir="auto">{quote}{shown}{quote}</span>'
    if value is None or value == {} or value == []:
        said = {"None": "null", "{}": "{ } %s", "[]": "[ ] %s"}[str(value)]
        said = said.replace("%s", escape(_("empty")))
        return f'<span class="nothing">{said}</span>'
    said = value.literal if isinstance(value, Written) else json.dumps(value)
    return f'<span class="literal">{inert(said)}</span>'


def _named(value: dict[str, Any] | list[Any]) -> list[tuple[str, Any]]:
    """Return the entries of an object by name, of a list by number; stored objects keep no order."""
    if isinstance(value, dict):
        return sorted(value.items())
    return [(str(number), item) for number, item in enumerate(value, 1)]


def _is_small(value: Any) -> bool:
    """Return whether an object or a list reads well in one line."""
    items = value.values() if isinstance(value, dict) else value
    if len(value) > INLINE_ENTRIES or any(_has_parts(item) for item in items):
        return False
    texts = [str(item) for item in (*items, *(value if isinstance(value, dict) else ()))]
    return sum(map(len, texts)) <= INLINE_LENGTH and not any("\n" in text for text in texts)


def _inline(value: dict[str, Any] | list[Any]) -> str:
    if isinstance(value, dict):
        pairs = (
            f'<bdi class="key">{inert(k)}</bdi> {_scalar(v)}' for k, v in sorted(value.items())
        )
        return ' <span class="key">·</span> '.join(pairs)
    return '<span class="key">,</span> '.join(map(_scalar, value))


def _has_parts(item: Any) -> bool:
    """Return whether something takes more than a line: an object, a list, or a short text that is one."""
    short = isinstance(item, str) and len(item) <= INLINE_LENGTH
    return isinstance(item, (dict, list)) or (short and json_in_text.holds(item))


def _columns(value: Any) -> list[str]:
    """Return the columns of a list that is a table: short rows that have most of them; else none."""
    if not isinstance(value, list) or len(value) < 2:
        return []
    if not all(isinstance(row, dict) and row and _is_row(row) for row in value):
        return []
    columns = sorted({key for row in value for key in row})
    filled = sum(len(row) for row in value)
    return (
        columns if len(columns) <= MOST_COLUMNS and filled * 2 > len(columns) * len(value) else []
    )


def _is_row(row: dict[str, Any]) -> bool:
    return not any(
        _has_parts(cell) or (isinstance(cell, str) and len(cell) > CELL_LENGTH)
        for cell in row.values()
    )


def _table(rows: list[dict[str, Any]], columns: list[str], budget: _Budget) -> Iterator[str]:
    yield "<table><thead><tr>"
    yield from (f'<th scope="col"><bdi>{inert(column)}</bdi></th>' for column in columns)
    yield "</tr></thead><tbody>"
    for row in rows:
        if budget.left <= 0:
            budget.left = -1
            break
        budget.left -= len(columns)
        cells = (_scalar(row[name]) if name in row else "" for name in columns)
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    yield "</tbody></table>"


def _entries(entries: list[tuple[str, Any]], depth: int, budget: _Budget) -> Iterator[str]:
    yield "<dl>"
    for key, value in entries:
        if budget.left <= 0:
            budget.left = -1
            break
        if isinstance(value, str) and (found := _held(value, budget)):
            yield f'<dt class="deep"><bdi>{inert(key)}</bdi></dt><dd class="deep">'
            yield from _pieces(found, depth + 1, budget)
            yield "</dd>"
            continue
        deep = isinstance(value, (dict, list)) and bool(value)
        is_table = len(value) <= OPEN_ENTRIES and bool(_columns(value)) if deep else False
        side = ' class="deep"' if deep else ""
        if not deep or _is_small(value):
            shown = _inline(value) if deep else _scalar(value)
            yield f'<dt dir="auto">{inert(key)}</dt><dd>{shown}</dd>'
            budget.left -= 1
        elif is_table or (depth + 1 < OPEN_DEPTH and len(value) <= OPEN_ENTRIES):
            yield f"<dt{side}><bdi>{inert(key)}</bdi></dt><dd{side}>"
            yield from _value(value, depth + 1, budget)
            yield "</dd>"
        else:
            yield f'<dt class="visually-hidden">{inert(key)}</dt><dd{side}><details class="deep">'
            yield f"<summary><bdi>{inert(key)}</bdi> · {_size(value)}</summary>"
            yield from _value(value, depth + 1, budget)
            yield "</details></dd>"
    yield "</dl>"


def _size(value: dict[str, Any] | list[Any]) -> str:
    n = len(value)
    if isinstance(value, dict):
        return ngettext("%(n)s field", "%(n)s fields", n) % {"n": f"{n:,}"}
    return ngettext("%(n)s item", "%(n)s items", n) % {"n": f"{n:,}"}
