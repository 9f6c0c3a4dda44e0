"""Numbers as payment APIs and people write them: read when there is one reading, refused otherwise."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from escalation.money.currencies import CODE, DOLLARS, NAMED, decimals, is_known
from escalation.money.lookalikes import skeleton

LONGEST = 80  # characters of a number
MOST_DIGITS = 60  # of the amount that one comes to
APART = " \u00a0\u2009\u202f'_"
DIGIT = re.compile(r"\d")
PLAIN = re.compile(r"\d+(?:\.\d+)?|\.\d+", re.ASCII)
DOTTED = re.compile(r"[1-9]\d{0,2}\.\d{3}", re.ASCII)  # a thousand, or one and a bit
EXPONENT = re.compile(r"\d+(?:\.\d+)?e[+-]?\d{1,3}", re.ASCII | re.IGNORECASE)
BY_COMMA = re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?", re.ASCII)
BY_POINT = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}", re.ASCII)
BY_SPACE = re.compile(rf"\d{{1,3}}(?:[{APART}]\d{{3}})+(?:\.\d+|,\d\d?)?")
AROUND = re.compile(
    r"(?P<before>[^\d,()+-]*?)[+-]?\s*(?P<number>[\d.](?:.*\d)?)(?P<after>[^\d.,()]*)", re.ASCII
)

SIZE = "k|m|mn|mm|mio|mln|mrd|bn|b|tn|t|tsd|lakhs?|crores?|grand|hundred|thousands?|millions?|billions?"
MAGNITUDE = re.compile(
    rf"(?P<before>[^\d\s]{{0,8}})\s?[\d.,]{{1,24}}\s?(?:{SIZE})\b\.?\s?(?:of )?(?P<after>[^\d]{{0,12}})",
    re.IGNORECASE,
)
ABBREVIATED = re.compile(r"(?<=[A-Za-z])\.(?=\s?\d)")  # Rs. 9,000
OVERRIDES = ("\u202d", "\u202e")  # what stands after one is seen the other way around


class Unread(Exception):
    """What stands there has no reading as a number, or two."""


@dataclass(frozen=True)
class Number:
    """A number without its sign: minus a million moves as much as a million.

    ``currencies`` are those that stand in the same text; several where its sign is of several.
    """

    amount: Decimal
    currencies: tuple[str, ...] = ()
    has_fraction: bool = False


def read_number(value: Any, currency: str = "") -> Number:
    """Return the number that a JSON value says, in or out of a string; raises Unread.

    ``currency`` is the one that is known from elsewhere: it tells 1.234 of dinars from a thousand,
    and whose dollar a ``$`` is.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        raise Unread
    if isinstance(value, int):
        return _bounded(Decimal(value))
    if isinstance(value, float):
        return _bounded(Decimal(repr(value)))
    if isinstance(value, Decimal):
        return _bounded(value)
    return _text(value, currency)


def currency_of(text: Any, known: str = "") -> tuple[str, ...]:
    """Return the currencies that a code, a sign or a word can mean; none for what means none.

    A code that nobody knows is one all the same: no limit is in it.
    """
    if not isinstance(text, str) or len(text) > LONGEST:
        return ()
    word = skeleton(text).strip().upper()
    if is_known(word):
        return (word,)
    raw = text.strip().upper()
    if len(word) > 3 and "$" in word and is_known(word.strip("$")):  # USD$
        word = word.strip("$")
        return (word,)
    if meant := NAMED.get(raw) or NAMED.get(word) or NAMED.get(word.rstrip(".")):
        if known in meant or (raw == "$" and known in DOLLARS):
            return (known,)
        return meant
    return (word,) if CODE.fullmatch(word) else ()


def is_magnitude(text: str) -> bool:
    """Return whether a text is a sum of money in thousands or so: ``$9k``, ``1.5 million USD``."""
    match = MAGNITUDE.fullmatch(skeleton(text).strip())
    sides = (match["before"], match["after"]) if match else ()
    codes = [currency_of(side.strip(" -+()")) for side in sides]
    return any(code and all(map(is_known, code)) for code in codes)


def _text(text: str, currency: str) -> Number:
    if len(text) > 4 * LONGEST or not DIGIT.search(text):
        raise Unread
    if PLAIN.fullmatch(text) and not DOTTED.fullmatch(text):  # as nearly all are
        return _bounded(Decimal(text))
    if any(sign in text for sign in OVERRIDES):
        raise Unread
    bare = skeleton(text).strip()
    if len(bare) > LONGEST:
        raise Unread
    if bare.startswith("(") and bare.endswith(")"):  # as accountants write what goes out
        bare = bare[1:-1].strip()
    bare = bare.replace("\u2212", "-").lstrip("+-").strip()
    if EXPONENT.fullmatch(bare):
        return _bounded(Decimal(bare))
    around = AROUND.fullmatch(ABBREVIATED.sub(" ", bare))
    if around is None:
        raise Unread
    beside = [word for side in ("before", "after") if (word := around[side].strip(" -+"))]
    named: list[str] = []
    for word in beside:
        found = currency_of(word, currency)
        if not found or not (all(map(is_known, found))):
            raise Unread
        named += [code for code in found if code not in named]
    digits = _joined(around["number"].strip(), named[0] if len(named) == 1 else currency)
    return _bounded(Decimal(digits), tuple(named))


def _joined(text: str, currency: str) -> str:
    """Return the digits with a point, if the text has one reading."""
    if DOTTED.fullmatch(text) and (decimals(currency) or 0) < 3:
        raise Unread  # 1.234 dollars, or a thousand of them
    if PLAIN.fullmatch(text):
        return text
    if BY_COMMA.fullmatch(text):
        return text.replace(",", "")
    if BY_POINT.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    if BY_SPACE.fullmatch(text):
        return re.sub(f"[{APART}]", "", text).replace(",", ".")
    raise Unread


def _bounded(number: Decimal, currencies: tuple[str, ...] = ()) -> Number:
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
        raise Unread
    return Number(number.copy_abs(), currencies, int(number.as_tuple().exponent) < 0)
