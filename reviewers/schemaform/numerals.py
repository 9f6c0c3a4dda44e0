"""How a person writes numbers: which sign stands before the decimals, and which between thousands.

``1.250`` is a thousand and more to one reader and little more than one to the next. A number is read by
every way of writing it that there is; where two readings differ and the reader's own way does not
settle it, it is refused, with what to type instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from babel import Locale, UnknownLocaleError

Unclear = Literal["none", "two", "places"]
SPACES = "\u0020\u00a0\u2009\u202f"
APOSTROPHES = "'’"
MINUSES = "-−\u2010\u2011\u2012\u2013"
INVISIBLE = "\u200e\u200f\u061c"  # which way the text runs
DECIMALS = (".", ",", "٫")
GROUPS = (",", ".", "٬", SPACES, APOSTROPHES)
MOST_LETTERS = 60
MOST_DIGITS = 30
PLAIN = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)
EXACT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?[eE][+-]?[0-9]+", re.ASCII)


class Unreadable(ValueError):
    """A text is no number, or more than one. ``why``: none, two (readings), places (too many)."""

    def __init__(self, why: Unclear, readings: tuple[str, ...] = ()) -> None:
        super().__init__(why)
        self.why, self.readings = why, readings


@dataclass(frozen=True)
class Numerals:
    """A way of writing numbers. ``is_chosen``: by the person, not guessed from a browser's language."""

    key: str
    decimal: str
    group: str
    is_indian: bool = False
    is_chosen: bool = False

    def written(self, plain: str, *, grouped: bool = False) -> str:
        """Return a plain decimal such as ``-1250.50`` in this way of writing; others stay as they are."""
        found = PLAIN.fullmatch(plain)
        if not found:
            return plain
        minus, whole, places = found.groups()
        if grouped:
            whole = self._grouped(whole)
        return f"{minus}{whole}{self.decimal}{places}" if places else f"{minus}{whole}"

    def _grouped(self, whole: str) -> str:
        if not self.is_indian or len(whole) < 4:
            return f"{int(whole):,}".replace(",", self.group)
        head, tail = str(int(whole))[:-3], str(int(whole))[-3:]
        pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)]
        return self.group.join([*reversed(pairs), tail])


POINT = Numerals("point", ".", ",")
COMMA = Numerals("comma", ",", ".")
SPACE = Numerals("space", ",", "\u00a0")
SWISS = Numerals("swiss", ".", "’")
INDIAN = Numerals("indian", ".", ",", is_indian=True)
EACH = {one.key: one for one in (POINT, COMMA, SPACE, SWISS, INDIAN)}
_current: ContextVar[Numerals] = ContextVar("numerals", default=POINT)


def current() -> Numerals:
    return _current.get()


def activate(numerals: Numerals) -> None:
    _current.set(numerals)


def chosen(key: str) -> Numerals | None:
    """Return the way of writing that a person chose; None where they chose none."""
    return replace(EACH[key], is_chosen=True) if key in EACH else None


def of_languages(header: str) -> Numerals:
    """Return how numbers are written in the first language that a browser asks for (``de-CH,de;q=0.9``)."""
    for tag in header[:200].split(","):
        name = tag.partition(";")[0].strip().replace("-", "_")
        if re.fullmatch(r"[A-Za-z]{2,3}(_[A-Za-z0-9]{2,8}){0,3}", name):
            try:
                return _of_locale(Locale.parse(name))
            except (UnknownLocaleError, ValueError):
                continue
    return POINT


def _of_locale(locale: Locale) -> Numerals:
    symbols = locale.number_symbols
    latin = symbols.get("latn", symbols)
    decimal, group = str(latin.get("decimal", ".")), str(latin.get("group", ","))
    if decimal == ",":
        return COMMA if group == "." else SPACE
    if group in APOSTROPHES:
        return SWISS
    pattern = locale.decimal_formats.get(None)
    return INDIAN if pattern and "#,##,##0" in pattern.pattern else POINT


# Reading ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """One way to read a text: a plain decimal, and the signs that it takes for that."""

    plain: str
    decimal: str = ""
    group: str = ""

    @property
    def places(self) -> int:
        return len(self.plain.partition(".")[2])


def number(
    text: str,
    numerals: Numerals,
    *,
    places: int | None = None,
    shown: str = "",
    indian: bool = False,
) -> str:
    """Return ``1250.50`` for what a person writes.

    At most ``places`` decimals make sense, None says nothing of that. ``shown`` is the number as the
    page had it: its decimal sign is known to who read it. Raises Unreadable.
    """
    found = list(_readings(text, numerals.is_indian or indian))
    if not found:
        raise Unreadable("none")
    if len({Decimal(one.plain) for one in found}) == 1:
        return _within(found[0], places)
    own = next((one for one in found if numerals.decimal == one.decimal), None)
    own = own or next((one for one in found if not one.decimal and _groups(numerals, one)), None)
    other = next((one for one in found if own and one.plain != own.plain), None)
    readings = tuple(one.plain for one in found)
    if own is None or other is None:
        raise Unreadable("two", readings)
    if not own.decimal:  # thousands to the reader, decimals to others: where there can be such
        if places is None or other.places <= places:
            raise Unreadable("two", readings)
        return own.plain
    exact = places is not None and own.places == places
    known = places is None and (numerals.is_chosen or numerals.decimal in shown)
    if exact or known:
        return own.plain
    raise Unreadable("two", readings)


def _groups(numerals: Numerals, reading: Reading) -> bool:
    """Return whether somebody who writes so takes the sign for thousands."""
    return reading.group != numerals.decimal


def _within(reading: Reading, places: int | None) -> str:
    if places is not None and reading.places > places:
        raise Unreadable("places", (reading.plain,))
    return reading.plain


def _readings(text: str, indian: bool) -> Iterator[Reading]:
    """Yield each way to read a text as a number: digits, one sign between thousands, one for decimals."""
    if len(text.strip()) > MOST_LETTERS:
        return
    bare = _digits(text)
    minus = "-" if bare[:1] in [*MINUSES] and bare else ""
    bare = bare[1:].lstrip(SPACES) if minus else bare
    seen = set()
    for decimal in ("", *DECIMALS):
        whole, sign, fraction = bare.partition(decimal) if decimal else (bare, "", "")
        if decimal and (not sign or not (fraction.isascii() and fraction.isdigit())):
            continue
        for group in ("", *GROUPS):
            digits = None if decimal and decimal in group else _ungrouped(whole, group, indian)
            if digits is None or (not digits and not fraction):
                continue
            plain = f"{int(digits or '0')}{f'.{fraction}' if fraction else ''}"
            if len(plain) <= MOST_DIGITS and (plain, decimal) not in seen:
                seen.add((plain, decimal))
                yield Reading(f"{minus}{plain}" if Decimal(plain) else plain, decimal, group)


def _ungrouped(whole: str, group: str, indian: bool) -> str | None:
    """Return the digits before the decimals; None where they are not written so."""
    if not group:
        return whole if not whole or (whole.isascii() and whole.isdigit()) else None
    sign = next((one for one in group if one in whole), "")
    if not sign:
        return None
    parts = whole.split(sign)
    if not all(part.isascii() and part.isdigit() for part in parts) or parts[0].startswith("0"):
        return None
    thousands = len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:])
    lakhs = (
        len(parts[0]) <= 2 and len(parts[-1]) == 3 and {len(part) for part in parts[1:-1]} == {2}
    )
    return "".join(parts) if thousands or (indian and lakhs) else None


def _digits(text: str) -> str:
    """Return a text with the digits of any script as our own, and without marks of direction."""
    bare = text.strip().translate(dict.fromkeys(map(ord, INVISIBLE)))
    return "".join(
        str(unicodedata.digit(letter)) if letter.isdecimal() else letter for letter in bare.strip()
    )
