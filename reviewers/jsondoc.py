"""JSON set like a document: keys dim, values plain, long strings folded, deep parts behind a summary.

What does not fit into the room that a page has is a link to itself (``case.room``). A list of rows that
have the same few columns is a table. JSON that is a text is set as what it is.
"""

import json
from collections.abc import Iterator
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalation.inert import inert
from reviewers.case.room import Room, below
from reviewers.words import json_in_text
from reviewers.words.json_in_text import DEEPEST_TEXTS, Held, Written
from reviewers.words.pictures_in_text import is_picture

MOST_VALUES = 1_500  # of one document; what is beyond is asked for
MOST_BYTES = 60_000  # of one document, where there is more beside it on the page
MOST_ENTRIES = 500  # of one object or list that are looked at
OPEN_DEPTH = 3  # objects in each other; what lies deeper waits behind a summary
LONG = 600, 280  # from how many characters a text is folded, and how many of them show
PICTURE = 80, 40  # the same of the characters of a picture
LONG_KEY = 200
MOST_COLUMNS = 6
CELL_LENGTH = 60
OPEN_ENTRIES = 24
INLINE_ENTRIES = 4  # of a small part that stands in one line
INLINE_LENGTH = 72
LOOKS_LIKE_LITERAL = ("", "true", "false", "null")


class _Budget:
    def __init__(self, room: Room, values: int) -> None:
        self.room = room
        self.left = values
        self.bytes = min(room.left, MOST_BYTES)
        self.texts = 0  # how many texts that held JSON stand around this place
        self.is_cut = False

    @property
    def is_spent(self) -> bool:
        return self.left <= 0 or self.bytes <= 0

    def take(self, html: str) -> str:
        self.bytes -= len(html)
        self.left -= 1
        return html

    def rest(self, value: Any, at: str, start: int) -> Iterator[str]:
        """Yield the way to the entries of an object or a list from ``start`` on."""
        self.is_cut = True
        n = len(value) - start
        if not self.room.url:
            return
        if isinstance(value, dict):
            said = ngettext("%(n)s more field", "%(n)s more fields", n)
        else:
            said = ngettext("%(n)s more item", "%(n)s more items", n)
        yield self.room.more(self.room.address(at, start), said % {"n": f"{n:,}"})


def document(value: Any, room: Room | None = None, at: str = "", start: int = 0) -> SafeString:
    """Return ``value`` as HTML with one root, ``<div class="json">``.

    ``at`` is the pointer to it, by which what does not fit into ``room`` is asked for; of an object
    or a list, ``start`` is the entry to begin with.
    """
    room = room or Room(left=MOST_BYTES)
    budget = _Budget(room, MOST_VALUES)
    body = "".join(_value(value, 0, budget, at, start))
    room.take(body)
    if budget.is_cut and not room.url:
        body += f'<p class="type">{escape(_("The rest is too long for a page; “raw” has all of it."))}</p>'
    return mark_safe(f'<div class="json" dir="ltr">{body}</div>')  # noqa: S308 -- built of inert pieces


def text(value: str, room: Room | None = None, at: str = "") -> SafeString:
    """Return a text as HTML; the JSON in it is set as a document among its words."""
    room = room or Room()
    found = json_in_text.pieces(value)
    if room.url and is_picture(value):
        shown = room.take(_picture(value, _Budget(room, MOST_VALUES), at))
        return mark_safe(f'<div class="json" dir="ltr">{shown}</div>')  # noqa: S308 -- built of inert pieces
    if found == [value]:
        return room.text(value, at)
    body = "".join(_pieces(found, 0, _Budget(room, MOST_VALUES), at))
    return mark_safe(f'<div class="json" dir="ltr">{room.take(body)}</div>')  # noqa: S308 -- built of inert pieces


def _value(value: Any, depth: int, budget: _Budget, at: str, start: int = 0) -> Iterator[str]:
    if isinstance(value, str) and (found := _held(value, budget)):
        yield from _pieces(found, depth, budget, at)
    elif columns := _columns(value, start):
        yield from _table(value, columns, budget, at, start)
    elif isinstance(value, (dict, list)) and value:
        yield from _entries(value, depth, budget, at, start)
    else:
        yield budget.take(_scalar(value, budget, at))


def _held(value: str, budget: _Budget) -> list[str | Held]:
    """Return the words and the JSON of a text; nothing where it holds no JSON, or too deep within."""
    if budget.texts >= DEEPEST_TEXTS or budget.is_spent:
        return []
    found = json_in_text.pieces(value)
    return [] if found == [value] else found


def _pieces(found: list[str | Held], depth: int, budget: _Budget, at: str) -> Iterator[str]:
    budget.texts += 1
    yield f'<div class="in-text"><span class="type">{escape(_("JSON in a text"))}</span>'
    for number, piece in enumerate(found):
        there = below(at, f"#{number}")
        if isinstance(piece, Held):
            yield from _value(piece.value, depth, budget, there)
        else:
            said = _words(piece.strip(), budget, there)
            yield budget.take(f'<p class="string" dir="auto">{said}</p>')
    yield "</div>"
    budget.texts -= 1


def _words(value: str, budget: _Budget, at: str, folded: tuple[int, int] = LONG) -> SafeString:
    short, shows = folded if not budget.is_spent else (80, 80)
    room = Room(budget.room.url, max(budget.bytes, 0))
    shown = room.text(value, at, short, shows)
    budget.room.is_short = budget.room.is_short or room.is_short
    return shown


def _picture(value: str, budget: _Budget, at: str) -> str:
    """Return a text that is a picture as that picture, its characters folded below it."""
    source = escape(budget.room.address(at).replace("/piece/?", "/picture/?"))
    said = escape(_("Picture, %(n)s characters of text") % {"n": f"{len(value):,}"})
    text = _words(value, budget, at, PICTURE)
    return (
        f'<span class="string pictured"><img class="drawn" loading="lazy" src="{source}" alt="{said}">'
        f'<span class="type">{said}</span> {text}</span>'
    )


def _scalar(value: Any, budget: _Budget, at: str) -> str:
    if isinstance(value, str) and budget.room.url and is_picture(value):
        return _picture(value, budget, at)
    if isinstance(value, str):
        quote = '"' if value.casefold() in LOOKS_LIKE_LITERAL or value != value.strip() else ""
        shown = _words(value, budget, at)
        return f'<span class="string" dir="auto">{quote}{shown}{quote}</span>'
    if value is None or value == {} or value == []:
        said = {"None": "null", "{}": "{ } %s", "[]": "[ ] %s"}[str(value)]
        said = said.replace("%s", escape(_("empty")))
        return f'<span class="nothing">{said}</span>'
    said = value.literal if isinstance(value, Written) else json.dumps(value)
    return f'<span class="literal">{inert(said)}</span>'


def _key(key: str) -> SafeString:
    """Return a name, its end left out where it is longer than a name is."""
    if len(key) <= LONG_KEY:
        return inert(key)
    more = _("%(n)s more characters") % {"n": f"{len(key) - LONG_KEY:,}"}
    return mark_safe(f'{inert(key[:LONG_KEY])}… <span class="type">{escape(more)}</span>')  # noqa: S308 -- inert


def _named(
    value: dict[str, Any] | list[Any], at: str, start: int
) -> Iterator[tuple[str, Any, str]]:
    """Yield entries with their pointers, of an object by name, of a list by number.

    Stored objects keep no order.
    """
    if isinstance(value, dict):
        for key in sorted(value)[start : start + MOST_ENTRIES]:
            yield key, value[key], below(at, key)
    else:
        for number, item in enumerate(value[start : start + MOST_ENTRIES], start):
            yield str(number + 1), item, below(at, number)


def _is_small(value: Any) -> bool:
    """Return whether an object or a list reads well in one line."""
    items = value.values() if isinstance(value, dict) else value
    if len(value) > INLINE_ENTRIES or any(_has_parts(item) for item in items):
        return False
    texts = [str(item) for item in (*items, *(value if isinstance(value, dict) else ()))]
    return sum(map(len, texts)) <= INLINE_LENGTH and not any("\n" in text for text in texts)


def _inline(value: dict[str, Any] | list[Any], budget: _Budget, at: str) -> str:
    if isinstance(value, dict):
        pairs = (f'<bdi class="key">{_key(key)}</bdi> {_scalar(item, budget, there)}'
                 for key, item, there in _named(value, at, 0))  # fmt: skip
        return ' <span class="key">·</span> '.join(pairs)
    items = (_scalar(item, budget, there) for _, item, there in _named(value, at, 0))
    return '<span class="key">,</span> '.join(items)


def _has_parts(item: Any) -> bool:
    """Return whether something takes more than a line: an object, a list, or a short text that is one."""
    short = isinstance(item, str) and len(item) <= INLINE_LENGTH
    return isinstance(item, (dict, list)) or (short and json_in_text.holds(item))


def _columns(value: Any, start: int = 0) -> list[str]:
    """Return the columns of a list that is a table: short rows that have most of them; else none."""
    if not isinstance(value, list) or len(value) < 2:
        return []
    rows = value[start : start + MOST_ENTRIES]
    if not all(isinstance(row, dict) and row and _is_row(row) for row in rows):
        return []
    columns = sorted({key for row in rows for key in row})
    filled = sum(len(row) for row in rows)
    return columns if len(columns) <= MOST_COLUMNS and filled * 2 > len(columns) * len(rows) else []


def _is_row(row: dict[str, Any]) -> bool:
    return not any(
        _has_parts(cell) or (isinstance(cell, str) and len(cell) > CELL_LENGTH)
        for cell in row.values()
    )


def _table(
    rows: list[dict[str, Any]], columns: list[str], budget: _Budget, at: str, start: int
) -> Iterator[str]:
    yield "<table><thead><tr>"
    yield from (f'<th scope="col"><bdi>{_key(column)}</bdi></th>' for column in columns)
    yield "</tr></thead><tbody>"
    number = start
    for number, row in enumerate(rows[start : start + MOST_ENTRIES], start):
        if budget.is_spent:
            break
        budget.left -= len(columns) - 1
        cells = (_scalar(row[name], budget, below(at, number, name)) if name in row else ""
                 for name in columns)  # fmt: skip
        yield budget.take(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    else:
        number += 1
    yield "</tbody></table>"
    if number < len(rows):
        yield from budget.rest(rows, at, number)


def _entries(
    value: dict[str, Any] | list[Any], depth: int, budget: _Budget, at: str, start: int
) -> Iterator[str]:
    yield "<dl>"
    done = start
    for key, item, there in _named(value, at, start):
        if budget.is_spent:
            break
        yield from _entry(key, item, depth, budget, there)
        done += 1
    yield "</dl>"
    if done < len(value):
        yield from budget.rest(value, at, done)


def _entry(key: str, value: Any, depth: int, budget: _Budget, at: str) -> Iterator[str]:
    if isinstance(value, str) and (found := _held(value, budget)):
        yield budget.take(f'<dt class="deep"><bdi>{_key(key)}</bdi></dt><dd class="deep">')
        yield from _pieces(found, depth + 1, budget, at)
        yield "</dd>"
        return
    deep = isinstance(value, (dict, list)) and bool(value)
    is_table = len(value) <= OPEN_ENTRIES and bool(_columns(value)) if deep else False
    side = ' class="deep"' if deep else ""
    if not deep or _is_small(value):
        shown = _inline(value, budget, at) if deep else _scalar(value, budget, at)
        yield budget.take(f'<dt dir="auto">{_key(key)}</dt><dd>{shown}</dd>')
    elif is_table or (depth + 1 < OPEN_DEPTH and len(value) <= OPEN_ENTRIES):
        yield budget.take(f"<dt{side}><bdi>{_key(key)}</bdi></dt><dd{side}>")
        yield from _value(value, depth + 1, budget, at)
        yield "</dd>"
    else:
        yield budget.take(
            f'<dt class="visually-hidden">{_key(key)}</dt><dd{side}><details class="deep">'
            f"<summary><bdi>{_key(key)}</bdi> · {_size(value)}</summary>"
        )
        yield from _value(value, depth + 1, budget, at)
        yield "</details></dd>"


def _size(value: dict[str, Any] | list[Any]) -> str:
    n = len(value)
    if isinstance(value, dict):
        return ngettext("%(n)s field", "%(n)s fields", n) % {"n": f"{n:,}"}
    return ngettext("%(n)s item", "%(n)s items", n) % {"n": f"{n:,}"}
