"""One walk over arguments: every value that is money, by its name, by what is beside it, by what is declared.

Bounded in places, depth and text: what is beyond cannot be read, and that counts as over every limit.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from typing import Any

from escalation.canonical import pointer
from escalation.money.currencies import EXACT, cut, decimals, is_known
from escalation.money.declared import ANY, ITEM, Hint, Hints
from escalation.money.moved import Found, Moved
from escalation.money.names import AMOUNTS, Name, Sort, read_name
from escalation.money.numbers import Number, Unread, currency_of, is_magnitude, read_number
from escalation.money.places import (
    UNKNOWN,
    Currencies,
    General,
    Named,
    Part,
    Path,
    alike,
    general,
    inherited,
    is_money_text,
    is_of_parts,
    is_scaled,
    loose_codes,
    paired,
    plain_code,
)
from escalation.money.repeats import QUANTITIES, may_count, repeated
from escalation.money.texts import HEADERS, Pairs, fields_in, named_by_value, rows_of, with_names

MOST_PLACES = 10_000  # values that are looked at
DEEPEST = 80
MOST_TEXT = 2**21  # characters of JSON within text, in all
MOST_PROSE = 1_000_000  # characters of other texts that are searched for fields, in all
NUMBERLIKE = re.compile(
    r"[^\w\s]{0,2}\s*[A-Za-z]{0,4}\s*[\d.,'’ \u00a0\u202f]+[^\w]{0,2}\s*[A-Za-z]{0,4}"
)
DIGIT = re.compile(r"\d")
HEX = re.compile(r"0x[0-9a-fA-F]{1,64}")
LONGEST = 80  # characters of a text that may be a number
NUMBERS = QUANTITIES | {"size", "count", "number"}
ROOT = Name(Sort.OTHER)


class _TooMuch(Exception):
    pass


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
        self.places = self.text = self.prose = 0

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
            place = alike(one.path)
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
        if isinstance(value, (dict, Pairs)):
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
            code for item in items if isinstance(item, str) and (code := plain_code(item))
        ))  # fmt: skip
        if codes:  # ["9000.00", "USD"]
            around = _Around(codes, True, True, around.in_text)
        if any(isinstance(item, str) and item.startswith("--") for item in items):
            words = " ".join(item for item in items if isinstance(item, str))
            self.string(words, name, path, around, depth + 1)
        rows = rows_of(items)
        if rows:
            items = [items[0], *rows]
        pairs = Pairs(pair for item in items if (pair := named_by_value(item)))
        if pairs and not codes:  # [{"name": "amount", "value": "9000"}, …], [["amount", 9000], …]
            self.value(pairs, ROOT, path, _Around(around.codes, in_text=True), depth + 1)
        for index, item in enumerate(items):
            self.value(item, name, (*path, index), around, depth + 1)

    def fields_of(self, value: Any, name: Name, path: Path, around: _Around, depth: int) -> None:
        items = value if isinstance(value, Pairs) else list(value.items())
        named = [(read_name(key), key, item) for key, item in items]
        if self.is_registered(name, name.sort):
            name = replace(name, minor=True)
        own = self.own_codes(named, path)
        codes = tuple(dict.fromkeys(code for _, some in own for code in some))
        is_amount = name.sort in (Sort.AMOUNT, Sort.TOTAL)
        is_amount = is_amount or (around.inside and name.sort is Sort.OTHER)
        here = _Around(codes or around.codes, bool(codes), is_amount, around.in_text)
        before = len(self.seen) + len(self.unreadable)
        since = len(self.seen)
        if is_amount and any(map(is_scaled, named)):
            self.unreadable.append(path)
        self.tables(named, path, here, depth)
        whole = self.units(named, path, here)
        key_of = Part if is_of_parts(name, named) else str
        for part, key, item in named:
            if part.sort is Sort.CURRENCY or part.sort in whole:
                continue
            mine = _Around(paired(part, own) or here.codes, here.beside, is_amount, here.in_text)
            self.value(item, inherited(name, part), (*path, key_of(key)), mine, depth + 1)
        if codes and len(self.seen) + len(self.unreadable) == before:
            for part, key, item in named:  # a number beside a currency, whatever it is called
                is_many = part.words[-1:] and part.words[-1] in NUMBERS
                if is_many or part.sort in (Sort.OTHER, Sort.UNITS, Sort.ACT):
                    self.nameless(item, (*path, key), here)
        else:
            self.repeat(named, path, name, since)

    def tables(self, named: Named, path: Path, around: _Around, depth: int) -> None:
        """Read {"columns": ["name", "amount"], "rows": [["Bob", 9000]]}."""
        heads = [item for part, _, item in named if part.key in HEADERS]
        for _, key, item in named if heads else ():
            rows = with_names(heads[0], item)
            if rows:
                self.value(rows, ROOT, (*path, key), around, depth + 1)

    def repeat(self, named: Named, path: Path, name: Name, since: int) -> None:
        """Count what was seen in an object since as many times as its quantity says."""
        if not any(may_count(part) for part, _, _ in named):
            return
        for index, one in enumerate(self.seen[since:], since):
            within = [read_name(key).words for key in one.path[len(path) :] if isinstance(key, str)]
            words = frozenset(word for words in (name.words, *within) for word in words)
            times = repeated(words, named)
            self.seen[index] = replace(one, amount=EXACT.multiply(one.amount, times))

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
                code = loose_codes(part, item, named)
                if code:
                    maybe.append((frozenset(part.words), code))
        return certain or maybe

    def codes(self, item: Any) -> tuple[str, ...]:
        known = self.declared.currency if self.declared else ""
        if item is None or item == "":
            return ()
        if isinstance(item, (dict, Pairs)):
            inner = item if isinstance(item, Pairs) else item.items()
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
        inner = self.parsed(text, name.sort in (Sort.PROSE, Sort.ASIDE))
        if inner is not None:
            within = _Around(around.codes, around.beside, around.inside, True)
            self.value(inner, name, path, within, depth + 1)
        elif name.sort is not Sort.ASIDE or self.hint(path, around):
            self.number(text, name, path, around)

    def parsed(self, text: str, is_prose: bool) -> Any:
        """Return the object or list that a text is; else None."""
        if text.lstrip()[:1] in ("{", "["):
            self.text += len(text)
            if self.text > MOST_TEXT:
                raise _TooMuch
        else:
            self.prose += len(text)
            if self.prose > MOST_PROSE:
                return None
        return fields_in(text, is_prose=is_prose)

    # Numbers ---------------------------------------------------------------------------------------

    def hint(self, path: Path, around: _Around) -> Hint | None:
        if around.in_text or not self.hints:
            return None
        place = general(path)
        return self.hints.get(place) or self.hints.get((*place[:-1], ITEM))

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
            if sort is Sort.AMOUNT or self.may_be_money(value, sort, around):
                self.unreadable.append(path)
            return
        if self.declared and number.amount == self.declared.amount:
            self.equal.append(general(path))
        if not self.counts(number, value, name, sort, around):
            return
        minor = name.minor or bool(hint and hint.minor) or self.is_registered(name, sort)
        self.add(number, number.currencies or codes, path, minor, name.exponent)

    def may_be_money(self, text: str, sort: Sort, around: _Around) -> bool:
        """Return whether a text that is no number may be one all the same: ``$9k``, ``0x2328``."""
        if sort in (Sort.PROSE, Sort.ASIDE) or not DIGIT.search(text) or len(text) > LONGEST:
            return False
        if is_magnitude(text):
            return True
        if sort not in (Sort.TOTAL, Sort.ACT):
            return False
        is_hex = bool(HEX.fullmatch(text)) and (around.beside or self.moves_money)
        return is_hex or bool(NUMBERLIKE.fullmatch(text))

    def counts(self, number: Number, value: Any, name: Name, sort: Sort, around: _Around) -> bool:
        """Return whether a number is money, by the sort of its name."""
        if sort is Sort.AMOUNT:
            return True
        if sort is Sort.ASIDE:
            return False
        if number.currencies and sort is not Sort.PROSE:
            return is_money_text(value)
        if sort is Sort.PROSE:
            return False
        is_plain_digits = isinstance(value, str) and not number.has_fraction
        if sort in (Sort.TOTAL, Sort.ACT):
            if number.has_fraction:
                return True
            if sort is Sort.ACT:
                return not is_plain_digits
            return bool(around.codes) or self.moves_money or name.is_total
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
