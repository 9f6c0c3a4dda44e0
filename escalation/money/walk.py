"""One walk over arguments: every value that is money, by its name, by what is beside it, by what is declared.

Bounded in places, depth and text: what is beyond cannot be read, and that counts as over every limit.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Any
from urllib.parse import parse_qsl

from escalation.canonical import pointer
from escalation.money.currencies import EXACT, cut, decimals, is_known
from escalation.money.declared import ANY, ITEM, Hint, Hints
from escalation.money.lookalikes import skeleton
from escalation.money.moved import Found, Moved
from escalation.money.names import AMOUNTS, MAYBE_CURRENCIES, Name, Sort, is_word, read_name
from escalation.money.numbers import Number, Unread, currency_of, read_number

MOST_PLACES = 10_000  # values that are looked at
DEEPEST = 80
MOST_TEXT = 2**21  # characters of JSON within text, in all
UNKNOWN = "?"  # a currency that cannot be read
SHORT = 48  # a text that is money and nothing else is no longer
FORM = re.compile(r"[\w.\[\]%+-]+=[^&\s]*(?:&[\w.\[\]%+-]+=[^&\s]*)*")
NUMBERLIKE = re.compile(
    r"[^\w\s]{0,2}\s*[A-Za-z]{0,4}\s*[\d.,'’ \u00a0\u202f]+[^\w]{0,2}\s*[A-Za-z]{0,4}"
)
DIGIT = re.compile(r"\d")
ROOT = Name(Sort.OTHER)
Path = tuple[str | int, ...]


class _TooMuch(Exception):
    pass


class _Pairs(list[tuple[str, Any]]):
    """An object in JSON within text, with every key, also one that stands twice."""


@dataclass(frozen=True)
class _Seen:
    amount: Decimal
    currency: str
    path: Path


@dataclass(frozen=True)
class _Around:
    """What holds where a value stands: the currencies, and whether these stand right beside it."""

    codes: tuple[str, ...]
    beside: bool = False
    inside: bool = False  # in an object that is an amount
    in_text: bool = False  # no schema speaks of it


General = tuple[str, ...]  # a path in which every item of a list is one
Currencies = list[tuple[frozenset[str], tuple[str, ...]]]  # each with the words of its field
Named = list[tuple[Name, str, Any]]


class Walk:
    """One walk over some arguments, and what it found.

    ``declared`` is the proposal's own amount, ``minor`` the fields that the agent's registration
    declares, ``same`` places that are amounts whatever they are called.
    """

    def __init__(
        self,
        hints: Hints,
        *,
        declared: Found | None = None,
        minor: frozenset[str] = frozenset(),
        decimals: Mapping[str, int] | None = None,
        moves_money: bool = False,
        same: frozenset[General] = frozenset(),
    ) -> None:
        self.hints, self.minor, self.same = hints, minor, same
        self.decimals, self.moves_money = decimals or {}, moves_money
        self.declared = declared
        self.seen: list[_Seen] = []
        self.unreadable: list[Path] = []
        self.currencies: list[Path] = []
        self.equal: list[General] = []  # where the declared amount stands
        self.places = self.text = 0

    def begin(self, arguments: Any) -> None:
        codes = (self.declared.currency,) if self.declared else ()
        try:
            self.value(arguments, ROOT, (), _Around(codes), 0)
        except (_TooMuch, RecursionError):
            self.unreadable.append(())

    def moved(self) -> Moved:
        found = [Found(cut(one.amount), one.currency, pointer(*one.path)) for one in self.seen]
        return Moved(
            (*found, *self.sums()), tuple(dict.fromkeys(pointer(*path) for path in self.unreadable))
        )

    def sums(self) -> Iterator[Found]:
        """Yield what lists come to: ten payments of 4,999 move 49,990."""
        groups: dict[tuple[General, str], list[_Seen]] = {}
        for one in self.seen:
            place = general(one.path)
            if place != one.path:
                groups.setdefault((place, one.currency), []).append(one)
        for (place, currency), some in groups.items():
            if len({one.path for one in some}) > 1:
                total = reduce(EXACT.add, (one.amount for one in some))
                yield Found(cut(total), currency, pointer(*place))

    # Values ----------------------------------------------------------------------------------------

    def value(self, value: Any, name: Name, path: Path, around: _Around, depth: int) -> None:
        self.places += 1
        ahead = len(value) if isinstance(value, (dict, list)) else 0  # before one of them is read
        if self.places + ahead > MOST_PLACES or depth > DEEPEST:
            raise _TooMuch
        if isinstance(value, (dict, _Pairs)):
            self.fields_of(value, name, path, around, depth)
        elif isinstance(value, list):
            self.each_of(value, name, path, around, depth)
        elif isinstance(value, str):
            self.string(value, name, path, around, depth)
        elif isinstance(value, bool):
            if value and name.sort is Sort.AMOUNT and name.words[-1] in AMOUNTS:
                self.unreadable.append(path)  # all of it
        elif value is not None:
            self.number(value, name, path, around)

    def each_of(self, items: Any, name: Name, path: Path, around: _Around, depth: int) -> None:
        codes = tuple(dict.fromkeys(
            code for item in items if isinstance(item, str) and (code := _plain_code(item))
        ))  # fmt: skip
        if codes:  # ["9000.00", "USD"]
            around = _Around(codes, True, True, around.in_text)
        for index, item in enumerate(items):
            self.value(item, name, (*path, index), around, depth + 1)

    def fields_of(self, value: Any, name: Name, path: Path, around: _Around, depth: int) -> None:
        items = value if isinstance(value, _Pairs) else list(value.items())
        named = [(read_name(key), key, item) for key, item in items]
        own = self.own_codes(named, path)
        codes = tuple(dict.fromkeys(code for _, some in own for code in some))
        is_amount = name.sort in (Sort.AMOUNT, Sort.TOTAL)
        is_amount = is_amount or (around.inside and name.sort is Sort.OTHER)
        here = _Around(codes or around.codes, bool(codes), is_amount, around.in_text)
        before = len(self.seen) + len(self.unreadable)
        whole = self.units(named, path, here)
        for part, key, item in named:
            if part.sort is Sort.CURRENCY or part.sort in whole:
                continue
            mine = _Around(_paired(part, own) or here.codes, here.beside, is_amount, here.in_text)
            self.value(item, _inherited(name, part), (*path, key), mine, depth + 1)
        if codes and len(self.seen) + len(self.unreadable) == before:
            for part, key, item in named:  # a number beside a currency, whatever it is called
                if part.sort in (Sort.OTHER, Sort.UNITS, Sort.ACT):
                    self.nameless(item, (*path, key), here)

    def own_codes(self, named: Named, path: Path) -> Currencies:
        """Return the currencies that an object names, each with the words of its field."""
        certain: Currencies = []
        maybe: Currencies = []
        for part, key, item in named:
            if part.sort is Sort.CURRENCY:
                codes = self.codes(item)
                if codes:
                    certain.append((frozenset(part.words), codes))
                    self.currencies.append((*path, key))
            elif isinstance(item, str) and part.sort is not Sort.PROSE:
                loose = part.words[-1:] and part.words[-1] in MAYBE_CURRENCIES
                code = currency_of(item) if loose else (_plain_code(item),)
                if code and code[0] and all(map(is_known, code)):
                    maybe.append((frozenset(part.words), code))
        return certain or maybe

    def codes(self, item: Any) -> tuple[str, ...]:
        known = self.declared.currency if self.declared else ""
        if item is None or item == "":
            return ()
        if isinstance(item, (dict, _Pairs)):
            inner = item if isinstance(item, _Pairs) else item.items()
            codes = [code for _, part in inner for code in currency_of(part) if is_known(code)]
            return tuple(dict.fromkeys(codes)) or (UNKNOWN,)
        if isinstance(item, list):
            return tuple(dict.fromkeys(code for part in item for code in self.codes(part)))
        return currency_of(item, known) or (UNKNOWN,)

    def units(self, named: Named, path: Path, around: _Around) -> set[Sort]:
        """Read {units, nanos, currencyCode} as one amount; returned is what of it is read by that."""
        whole = [(key, item) for part, key, item in named if part.sort is Sort.UNITS]
        nanos = [item for part, _, item in named if part.sort is Sort.NANOS]
        if not (whole or nanos) or not (nanos or around.beside or around.inside):
            return set()
        key, units = whole[0] if whole else ("nanos", 0)
        try:
            parts = read_number(units or 0), read_number((nanos or [0])[0] or 0)
        except Unread:
            self.unreadable.append((*path, key))
        else:
            amount = EXACT.add(parts[0].amount, parts[1].amount.scaleb(-9, EXACT))
            self.add(Number(amount), around.codes, (*path, key))
        return {Sort.UNITS, Sort.NANOS}

    def string(self, text: str, name: Name, path: Path, around: _Around, depth: int) -> None:
        inner = self.parsed(text)
        if inner is not None:
            within = _Around(around.codes, around.beside, around.inside, True)
            self.value(inner, name, path, within, depth + 1)
        elif name.sort is not Sort.ASIDE or self.hint(path, around):
            self.number(text, name, path, around)

    def parsed(self, text: str) -> Any:
        """Return the object or list that a text is in JSON, or as a form is posted; else None."""
        bare = text.strip("\ufeff \t\r\n")
        if bare[:1] in ("{", "[", '"') and len(bare) > 1:
            self.text += len(bare)
            if self.text > MOST_TEXT:
                raise _TooMuch
            try:
                inner = json.loads(bare, object_pairs_hook=_Pairs, parse_float=Decimal)
            except (ValueError, RecursionError, ArithmeticError):
                return None
            return inner if isinstance(inner, (list, str)) and inner != text else None
        if "=" in bare and len(bare) <= 4096 and FORM.fullmatch(bare):
            return _Pairs(parse_qsl(bare, keep_blank_values=True))
        return None

    # Numbers ---------------------------------------------------------------------------------------

    def hint(self, path: Path, around: _Around) -> Hint | None:
        return None if around.in_text or not self.hints else self.hints.get(general(path))

    def number(self, value: Any, name: Name, path: Path, around: _Around) -> None:
        """Read a value that stands alone, by what its name and the schemas say of it."""
        hint, sort = self.hint(path, around), name.sort
        codes = (name.currency,) if name.currency else around.codes
        if hint and hint.currency and not (around.beside or name.currency):
            codes = (hint.currency,)
        if (
            (hint and hint.is_money)
            or general(path) in self.same
            or around.inside
            and sort in (Sort.OTHER, Sort.ACT, Sort.TOTAL)
        ):
            sort = Sort.AMOUNT
        known = codes[0] if len(codes) == 1 else ""
        try:
            number = read_number(value, known)
        except Unread:
            if sort is Sort.AMOUNT or (
                sort in (Sort.TOTAL, Sort.ACT)
                and DIGIT.search(value)
                and NUMBERLIKE.fullmatch(value)
            ):
                self.unreadable.append(path)
            return
        if self.declared and number.amount == self.declared.amount:
            self.equal.append(general(path))
        if not self.counts(number, value, sort, around):
            return
        minor = name.minor or bool(hint and hint.minor) or self.is_registered(name, sort)
        self.add(number, number.currencies or codes, path, minor, name.exponent)

    def counts(self, number: Number, value: Any, sort: Sort, around: _Around) -> bool:
        """Return whether a number is money, by the sort of its name."""
        if sort is Sort.AMOUNT:
            return True
        if sort is Sort.ASIDE:
            return False
        if number.currencies and sort is not Sort.PROSE:
            return _is_money_text(value)
        if sort is Sort.PROSE:
            return False
        is_plain_digits = isinstance(value, str) and not number.has_fraction
        if sort in (Sort.TOTAL, Sort.ACT):
            if number.has_fraction:
                return True
            known = bool(around.codes) or self.moves_money
            return known and not (sort is Sort.ACT and is_plain_digits)
        return around.beside and number.has_fraction

    def nameless(self, value: Any, path: Path, around: _Around) -> None:
        if isinstance(value, (str, int, float, Decimal)) and not isinstance(value, bool):
            with suppress(Unread):
                self.add(read_number(value, around.codes[0]), around.codes, path)

    def is_registered(self, name: Name, sort: Sort) -> bool:
        if not self.minor:
            return False
        return name.key in self.minor or (ANY in self.minor and sort is not Sort.OTHER)

    def add(
        self,
        number: Number,
        codes: tuple[str, ...],
        path: Path,
        minor: bool = False,
        exponent: int | None = None,
    ) -> None:
        """Keep an amount in each of the currencies that it may be of."""
        if UNKNOWN in codes:
            self.unreadable.append(path)
            return
        for code in codes or ("",):
            amount = number.amount
            if minor and number.amount != number.amount.to_integral_value(context=EXACT):
                self.unreadable.append(path)
                return
            if minor and code:
                places = exponent if exponent is not None else self.places_of(code)
                if places is None:
                    self.unreadable.append(path)
                    return
                amount = amount.scaleb(-places, EXACT)
            self.seen.append(_Seen(amount, code, path))

    def places_of(self, code: str) -> int | None:
        return self.decimals[code] if code in self.decimals else decimals(code)


def general(path: Path) -> General:
    """Return a path in which every item of a list is one."""
    return tuple(ITEM if isinstance(part, int) else part for part in path)


def _inherited(outer: Name, inner: Name) -> Name:
    """Return the name of a part of an amount: minor units and a currency hold for what is in it."""
    says = outer.minor or (outer.currency and not inner.currency)
    parts = (Sort.AMOUNT, Sort.TOTAL, Sort.OTHER)
    if outer.sort is not Sort.AMOUNT or inner.sort not in parts or not says:
        return inner
    return Name(
        Sort.AMOUNT,
        inner.words or outer.words,
        inner.currency or outer.currency,
        outer.minor or inner.minor,
        inner.exponent if inner.exponent is not None else outer.exponent,
    )


def _paired(name: Name, own: Currencies) -> tuple[str, ...]:
    """Return the currency that goes with one amount of several: source_amount, source_currency."""
    if len(own) < 2:
        return ()
    words = frozenset(name.words) - AMOUNTS
    return tuple(dict.fromkeys(code for of, codes in own if of & words for code in codes))


def _plain_code(text: str) -> str:
    """Return the currency whose code, in capitals, is the whole of a text; empty when it is none."""
    if not 3 <= len(text) <= 16:
        return ""
    bare = skeleton(text).strip()
    return bare if bare.isupper() and is_known(bare) else ""


def _is_money_text(value: Any) -> bool:
    """Return whether a text under any name is money and nothing else: ``9000 USD``, no ``500 ton``."""
    if not isinstance(value, str) or len(value) > SHORT:
        return False
    letters = "".join(c for c in skeleton(value) if c.isalpha())
    return not (is_word(letters) and not letters.isupper())
