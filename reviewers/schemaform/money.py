"""Which values of a form are money, and how an amount is typed: ``1,250.00``, ``€ 1 250.00``."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalation.money.currencies import SIGNS, decimals, is_known
from escalation.money.declared import TITLED, TWO_PLACES, is_minor
from escalation.money.names import Sort, is_amount, read_name
from escalation.money.numbers import currency_of as currencies_of
from reviewers.schemaform import numerals as numerals_of
from reviewers.schemaform.inputs import Input
from reviewers.schemaform.numerals import Numerals, Unreadable
from reviewers.schemaform.schemas import Schema

DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,18})?", re.ASCII)
PLACES = re.compile(r"\\\.(?:\[0-9\]|\\d)\{(?:[0-9],)?([0-9]{1,2})\}", re.ASCII)
MOST_PATTERN = 400


def currency_of(key: str, schema: Schema, beside: Any, otherwise: str = "") -> str:
    """Return the currency of a value that is money, empty for what is none.

    ``beside`` is the object that the value stands in: a currency there is the value's own.
    ``otherwise`` is the currency of the proposal. Minor units are a count, no amount to be typed.
    Names are read as limits read them (``escalation.money.names``).
    """
    if is_minor(key, schema) or not _may_hold(schema):
        return ""
    if not (is_amount(key) or has_cents(schema)):
        return ""
    if named := read_name(key).currency:
        return named
    if own := named_in(beside):
        return own
    titled = TITLED.search(str(schema.get("title", ""))[:200])
    if titled and is_known(titled[1]):
        return titled[1]
    return otherwise if is_amount(key) else ""


def named_in(value: Any) -> str:
    """Return the one currency that an object names for what stands in it; empty for none, or several."""
    if not isinstance(value, Mapping):
        return ""
    said = (one for key, one in value.items() if read_name(key).sort is Sort.CURRENCY)
    codes = {code for one in said for code in currencies_of(one)}
    return codes.pop() if len(codes) == 1 and is_known(min(codes)) else ""


def has_cents(schema: Schema) -> bool:
    pattern = schema.get("pattern")
    return isinstance(pattern, str) and any(places in pattern for places in TWO_PLACES)


def _may_hold(schema: Schema) -> bool:
    return schema.get("type", "string") in ("string", "number", "integer") and "enum" not in schema


def is_worded(schema: Schema, value: Any) -> bool:
    """Return whether an amount is written as the schema's own pattern has it, not as a decimal."""
    return isinstance(value, str) and number(value) is None and "pattern" in schema


def number(value: Any) -> Decimal | None:
    """Return the amount that a JSON number or a decimal string says; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    text = value if isinstance(value, str) else repr(value)
    return Decimal(text) if DECIMAL.fullmatch(text) else None


def shown(value: Any, numerals: Numerals) -> str:
    """Return an amount with its thousands apart, as it is typed: ``148,260.00``."""
    if number(value) is None:
        return value if isinstance(value, str) else json.dumps(value)
    return numerals.written(str(value), grouped=True)


def typed(text: str, made: Input, numerals: Numerals) -> str:
    """Return ``1250.00`` for what a person writes: ``1,250``, ``$1 250.00``.

    Raises Unreadable.
    """
    bare = text.strip()
    for mark in (made.currency, SIGNS.get(made.currency, "")):
        if mark:
            bare = bare.removeprefix(mark).removesuffix(mark).strip()
    most = places_of(made)
    plain = numerals_of.number(bare, numerals, places=most, shown=made.prefilled)
    return _with_cents(plain, made.currency) if has_cents(made.schema) else plain


def places_of(made: Input) -> int | None:
    """Return how many decimals an amount may have: its currency's, or more where more were proposed."""
    usual = 0 if made.schema.get("type") == "integer" else decimals(made.currency)
    amount = number(made.given)
    given = len(f"{amount:f}".partition(".")[2]) if amount is not None else 0
    return None if usual is None else max(usual, given, _places_asked(made.schema))


def _places_asked(schema: Schema) -> int:
    """Return how many decimals a schema itself names, by the step of its numbers or in its pattern."""
    step = schema.get("multipleOf")
    if isinstance(step, (int, float)) and not isinstance(step, bool) and step > 0:
        exponent = Decimal(repr(step)).normalize().as_tuple().exponent
        return -exponent if isinstance(exponent, int) and exponent < 0 else 0
    pattern = schema.get("pattern")
    found = PLACES.search(pattern[:MOST_PATTERN]) if isinstance(pattern, str) else None
    return int(found[1]) if found else 0


def example(made: Input, numerals: Numerals) -> str:
    """Return how a number is typed here: ``1,250.00``, ``1.250,00``, ``1,250`` yen."""
    if made.kind == "integer":
        return numerals.written("1250")
    if made.kind == "number":
        return numerals.written("12.5")
    places = places_of(made)
    plain = f"1250.{'0' * (2 if places is None else places)}".removesuffix(".")
    return numerals.written(plain, grouped=True)


def _with_cents(bare: str, currency: str) -> str:
    """Return whole or tenths as the two places that the schema asks for; nothing is rounded."""
    whole, _, places = bare.partition(".")
    return f"{whole}.{places:0<2}" if len(places) < 2 and decimals(currency) != 0 else bare


def refusal(why: Unreadable, made: Input, numerals: Numerals) -> str:
    """Return what is wrong with a number as it was typed, and what to type."""
    if why.why == "two":
        first, second = (numerals.written(one, grouped=True) for one in why.readings[:2])
        said = _("It can be read as %(first)s or %(second)s. ")
        return said % {"first": first, "second": second} + _enter(made)
    if why.why == "places" and made.currency and (places := places_of(made)) is not None:
        said = ngettext(
            "%(currency)s has %(n)d decimal. ", "%(currency)s has %(n)d decimals. ", places
        )
        return said % {"currency": made.currency, "n": places} + _enter(made)
    return _enter(made)


def _enter(made: Input) -> str:
    if made.kind == "money":
        return _("Enter an amount, e.g. %(example)s") % {"example": made.example}
    if made.kind == "integer" or made.item == "integer":
        return _("Enter a whole number, e.g. %(example)s") % {"example": made.example or "1250"}
    return _("Enter a number, e.g. %(example)s") % {"example": made.example or "12.5"}
