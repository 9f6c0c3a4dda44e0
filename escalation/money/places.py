"""What the place of a value says of it: its path, the name around it, a code or a scale beside it."""

import re
from typing import Any

from escalation.money.currencies import is_known
from escalation.money.declared import ITEM
from escalation.money.lookalikes import skeleton
from escalation.money.names import AMOUNTS, FIXED, MAYBE_CURRENCIES, Name, Sort, is_word
from escalation.money.numbers import currency_of

SHORT = 48  # a text that is money and nothing else is no longer
PAIR = re.compile(r"[-/_:]")
NUMBERED = re.compile(r"(?<=\D)\d{1,4}\Z")
ADDRESS = re.compile(r"0x[0-9a-fA-F]{8,64}")
ASSETS = frozenset(("asset", "coin", "denom", "denomination", "ticker"))
SIZES = frozenset(FIXED) | {
    "thousand", "thousands", "k", "million", "millions", "m", "mn", "mio", "billion", "billions", "bn",
    "hundred", "hundreds", "lakh", "lakhs", "crore", "crores", "sat", "grand",
}  # fmt: skip
MANTISSA = frozenset(("mantissa", "unscaled", "coefficient", "significand"))
UNKNOWN = "?"  # a currency that cannot be read
Path = tuple[str | int, ...]
General = tuple[str, ...]  # a path in which every item of a list is one
Currencies = list[tuple[frozenset[str], tuple[str, ...]]]  # each with the words of its field
Named = list[tuple[Name, str, Any]]


class Part(str):
    """The key of one of many alike, which are summed as the items of a list: {"alice": …, "bob": …}."""


def loose_codes(part: Name, text: str, named: Named) -> tuple[str, ...]:
    """Return the currencies that stand under a name which may hold one: a symbol, an asset."""
    if not part.words or part.words[-1] not in MAYBE_CURRENCIES:
        plain = plain_code(text)
        return (plain,) if plain else ()
    code = currency_of(text)
    if code and all(map(is_known, code)):
        return code
    pair = [plain for half in PAIR.split(text) if (plain := plain_code(half))]
    if pair:
        return tuple(dict.fromkeys(pair))
    is_unit = part.words[-1] == "unit"
    is_asset = part.words[-1] in ASSETS or ADDRESS.fullmatch(text) or code
    is_odd = text.strip().lower() in SIZES if is_unit else is_asset
    has_amount = any(other.sort is Sort.AMOUNT for other, _, _ in named)
    return (UNKNOWN,) if has_amount and is_odd else ()


def general(path: Path) -> General:
    """Return a path in which every item of a list is one."""
    return tuple(ITEM if isinstance(part, int) else part for part in path)


def alike(path: Path) -> General:
    """Return a path in which what is numbered is one, as the items of a list are: refund_1, refund_2."""
    return tuple(
        ITEM if isinstance(part, (int, Part)) else NUMBERED.sub(ITEM, part) for part in path
    )


def inherited(outer: Name, inner: Name) -> Name:
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


def is_of_parts(name: Name, named: Named) -> bool:
    """Return whether an object is a list whose items have names: ``payouts`` to alice and to bob."""
    if len(named) < 2 or not name.words or not name.words[-1].endswith("s"):
        return False
    if any(part.sort not in (Sort.OTHER, Sort.ASIDE) for part, _, _ in named):
        return False
    is_money = name.sort in (Sort.AMOUNT, Sort.TOTAL, Sort.ACT)
    return is_money or all(isinstance(item, dict) for _, _, item in named)


def is_scaled(field: tuple[Name, str, Any]) -> bool:
    """Return whether a field of an amount makes more of it than is written: {"mantissa", "exponent"}."""
    name, _, value = field
    if frozenset(name.words) & MANTISSA:
        return True
    if name.key == "scale":
        return isinstance(value, (int, str)) and str(value).strip().startswith("-")
    return name.key in ("exponent", "power", "multiplier") and value not in (0, "0", 1, "1", None)


def paired(name: Name, own: Currencies) -> tuple[str, ...]:
    """Return the currency that goes with one amount of several: source_amount, source_currency."""
    if len(own) < 2:
        return ()
    words = frozenset(name.words) - AMOUNTS
    return tuple(dict.fromkeys(code for of, codes in own if of & words for code in codes))


def plain_code(text: str) -> str:
    """Return the currency whose code, in capitals, is the whole of a text; empty when it is none."""
    if not 3 <= len(text) <= 16:
        return ""
    bare = skeleton(text).strip()
    return bare if bare.isupper() and is_known(bare) else ""


def is_money_text(value: Any) -> bool:
    """Return whether a text under any name is money and nothing else: ``9000 USD``, no ``500 ton``."""
    if not isinstance(value, str) or len(value) > SHORT:
        return False
    letters = "".join(c for c in skeleton(value) if c.isalpha())
    return not (is_word(letters) and not letters.isupper())
