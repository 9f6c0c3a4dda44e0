"""Fields within a text: JSON and what looks like it, forms, addresses, commands, XML, tables, base64.

A text is read so where the whole of it is written so; plain prose is not. What is found is a list of
``Pairs``: every field, also one that stands twice. Nothing here raises, and every pattern is linear.
"""

import base64
import binascii
import csv
import html
import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, unquote

from escalation.money.names import Sort, read_name

SCANNED = 20_000  # characters of what is no JSON; more is not read, as any prose
SAYS_MONEY = (Sort.AMOUNT, Sort.TOTAL, Sort.ACT, Sort.CURRENCY)
FORM = re.compile(r"[\w.\[\]%+-]+=[^&\s]*(?:&[\w.\[\]%+-]+=[^&\s]*)*")
FENCE = re.compile(r"\A```\w*\s*\n?(.*?)\n?```\Z", re.DOTALL)
BASE64 = re.compile(r"(?:ey|ew|W)[A-Za-z0-9+/_-]{10,}={0,2}", re.ASCII)
ELEMENT = re.compile(r"<([A-Za-z][\w.:-]{0,63})([^<>]{0,300})>([^<>]{0,300})(?=<|$)")
ATTRIBUTE = re.compile(r"""([A-Za-z][\w.:-]{0,63})\s*=\s*["']([^"']{0,300})["']""")
PAIR = re.compile(
    r"""(?<![\w.])--?(?P<flag>[A-Za-z][\w-]{0,40})[ =](?P<of>"[^"]{0,200}"|'[^']{0,200}'|[^\s-]\S{0,200})"""
    r"""|(?<![\w.])["']?(?P<name>[^\W\d][\w.-]{0,40})["']?\s{0,4}(?:[:=]|=>)\s{0,4}"""
    r"""(?P<value>"[^"]{0,200}"|'[^']{0,200}'|[^\s,;&{}()\[\]<>"']{1,200}(?:,\d+(?:\.\d+)?)*)"""
)
LINE = re.compile(r"(?:- ?)?[\w .-]{1,60}[:=].{0,300}|-?", re.DOTALL)
LISTED = re.compile(r"(?:\s?[\w.-]{1,40} ?= ?[^\s,;&=]{1,100}(?:[,;&\n]|$))+")
LONGEST_LINE = 400


class Pairs(list[tuple[str, Any]]):
    """An object within a text, with every key, also one that stands twice."""


def fields_in(text: str, *, is_prose: bool) -> Any:
    """Return the object or the list that a text is; None where it is none.

    ``is_prose``: the field is one for prose, which is read only where every line of it is a field.
    """
    bare = text.strip("\ufeff \t\r\n")
    fenced = FENCE.match(bare) if bare.startswith("```") else None
    bare = fenced[1].strip() if fenced else bare
    if bare[:1] in ("{", "[", '"') and len(bare) > 1:
        inner = _json(bare)
        if inner is not None:
            return inner if isinstance(inner, (list, str)) and inner != text else None
        if bare[0] != '"':
            return _scanned(html.unescape(bare))
    if not 3 <= len(bare) <= SCANNED:
        return None
    if BASE64.fullmatch(bare.replace(".", "")):
        return _encoded(bare)
    if "=" in bare and len(bare) <= 4096 and FORM.fullmatch(bare):
        return Pairs(parse_qsl(bare, keep_blank_values=True))
    if bare[:3].upper() in ("%7B", "%5B"):
        return fields_in(unquote(bare), is_prose=is_prose)
    if bare.startswith("<"):
        return _elements(bare)
    if "?" in bare and "=" in bare and len(bare) <= 4096 and not any(map(str.isspace, bare)):
        query = re.split("[?#]", bare, maxsplit=1)[-1]
        return Pairs(parse_qsl(re.sub("[?#]", "&", query), keep_blank_values=True))
    rows = _table(bare)
    if rows is not None:
        return rows
    is_fields = not is_prose or _is_all_fields(bare.splitlines()) or bool(LISTED.fullmatch(bare))
    return _scanned(bare) if is_fields else None


def _is_all_fields(lines: list[str]) -> bool:
    return len(lines) > 1 and all(
        len(line) <= LONGEST_LINE and LINE.fullmatch(line.strip()) for line in lines
    )


def _json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=Pairs, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError):
        return None


def _scanned(text: str) -> Pairs | None:
    """Return every ``name: value``, ``name=value`` and ``--name value``, if one of them is money's."""
    if len(text) > SCANNED or not any(sign in text for sign in (":", "=", "--")):
        return None
    pairs = Pairs()
    for match in PAIR.finditer(text):
        name = match["flag"] or match["name"]
        value = (match["of"] or match["value"]).strip("\"'")
        pairs.append((name, value))
    return pairs if says_money(name for name, _ in pairs) else None


def _elements(text: str) -> Pairs | None:
    found = Pairs()
    for name, attributes, inside in ELEMENT.findall(text):
        own = Pairs(ATTRIBUTE.findall(attributes))
        if not says_money((name, *(key for key, _ in own))):
            continue
        if inside.strip():
            own.append((name, html.unescape(inside.strip())))
        if own:
            found.append((name, own))
    return found or None


def _encoded(text: str) -> Any:
    """Return the JSON that stands in base64, as in the parts of a token."""
    parts = [part for part in text.split(".") if part.startswith(("ey", "ew", "W"))]
    inner = []
    for part in parts:
        try:
            raw = base64.urlsafe_b64decode(part.replace("+", "-").replace("/", "_") + "===")
            inner.append(_json(raw.decode()))
        except (ValueError, binascii.Error):
            continue
    return [value for value in inner if isinstance(value, list)] or None


def _table(text: str) -> list[Pairs] | None:
    """Return the rows of delimited text whose first line names a column of amounts."""
    first, _, rest = text.partition("\n")
    delimiter = next((sign for sign in "\t;|," if sign in first), "")
    if not delimiter or not rest.strip() or len(first) > LONGEST_LINE:
        return None
    try:
        names, *rows = csv.reader([first, *rest.splitlines()], delimiter=delimiter)
    except csv.Error:
        return None
    if not any(read_name(name).sort is Sort.AMOUNT for name in names) or len(rows[0]) != len(names):
        return None
    return [Pairs(zip(names, row, strict=False)) for row in rows if row]


def says_money(names: Iterable[str]) -> bool:
    return any(read_name(name).sort in SAYS_MONEY for name in names)


# Objects and lists that hold their names as values ------------------------------------------------

NAMES = ("name", "key", "field", "label", "param", "parameter", "id", "k")
VALUES = ("value", "values", "val", "content", "default", "v", "text")
HEADERS = ("columns", "headers", "header", "fields", "schema", "names")


def named_by_value(item: Any) -> tuple[str, Any] | None:
    """Return the field that ``{"name": "amount", "value": 9000}`` or ``["amount", 9000]`` is."""
    if isinstance(item, list) and not isinstance(item, Pairs):
        two = len(item) == 2 and isinstance(item[0], str) and not isinstance(item[1], list)
        return (item[0], item[1]) if two and says_money([item[0]]) else None
    fields = dict(item) if isinstance(item, (dict, Pairs)) and len(item) <= 8 else {}
    lower = {str(key).lower(): value for key, value in fields.items()}
    name = next((lower[key] for key in NAMES if isinstance(lower.get(key), str)), "")
    value = next((lower[key] for key in VALUES if key in lower), None)
    return (name, value) if value is not None and says_money([name]) else None


def rows_of(items: list[Any]) -> list[Pairs]:
    """Return the rows of a list whose first one names the columns; none where it is no table."""
    head, rest = (items[0], items[1:]) if items else (None, [])
    return with_names(head, rest)


def with_names(head: Any, rows: Any) -> list[Pairs]:
    if not isinstance(head, list) or not isinstance(rows, list):
        return []
    if isinstance(head, Pairs) or not all(isinstance(name, str) for name in head):
        return []
    if not any(read_name(name).sort is Sort.AMOUNT for name in head):
        return []
    return [Pairs(zip(head, row, strict=False)) for row in rows if type(row) is list]
