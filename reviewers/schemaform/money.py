"""Which values of a form are money, and how an amount is typed: ``1,250.00``, ``€ 1 250.00``."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from escalation.money.currencies import SIGNS, decimals
from reviewers.schemaform.schemas import Schema

CODE = re.compile(r"[A-Z]{3}", re.ASCII)
TITLED = re.compile(r"\(([A-Z]{3})\)\s*$", re.ASCII)
DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?", re.ASCII)
APART = " ,\u00a0\u202f'’"  # what people put between thousands
GROUPED = re.compile(
    rf"-?[0-9]{{1,3}}([{APART}])[0-9]{{3}}(\1[0-9]{{3}})*(\.[0-9]{{1,10}})?", re.ASCII
)
TWO_PLACES = (r"\.[0-9]{2}", r"\.\d{2}")


def currency_of(key: str, schema: Schema, beside: Any, otherwise: str = "") -> str:
    """Return the currency of a value that is money, empty for what is none.

    ``beside`` is the object that the value stands in: a currency there is the value's own.
    ``otherwise`` is the currency of the proposal.
    """
    if not (is_amount(key) or has_cents(schema)) or not _may_hold(schema):
        return ""
    own = beside.get("currency") if isinstance(beside, Mapping) else None
    if isinstance(own, str) and CODE.fullmatch(own):
        return own
    if titled := TITLED.search(str(schema.get("title", ""))[:200]):
        return titled[1]
    return otherwise if is_amount(key) else ""


def is_amount(key: str) -> bool:
    folded = key.casefold().replace("-", "_")
    return folded == "amount" or folded.endswith("_amount") or key.endswith("Amount")


def has_cents(schema: Schema) -> bool:
    pattern = schema.get("pattern")
    return isinstance(pattern, str) and any(places in pattern for places in TWO_PLACES)


def _may_hold(schema: Schema) -> bool:
    return schema.get("type", "string") in ("string", "number", "integer") and "enum" not in schema


def number(value: Any) -> Decimal | None:
    """Return the amount that a JSON number or a decimal string says; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    text = value if isinstance(value, str) else repr(value)
    return Decimal(text) if DECIMAL.fullmatch(text) else None


def shown(value: Any) -> str:
    """Return an amount with its thousands apart, as it is typed: ``148,260.00``."""
    if number(value) is None:
        return value if isinstance(value, str) else repr(value)
    whole, point, rest = str(value).partition(".")
    return f"{int(whole):,}{point}{rest}" if whole != "-0" else str(value)


def typed(text: str, currency: str, schema: Schema) -> str:
    """Return ``1250.00`` for what a person writes: ``1,250``, ``$1 250.00``.

    Raises ValueError with what is wrong, as the end of a sentence that begins with the field.
    """
    bare = text.strip().replace("\u2212", "-")
    for mark in (currency, SIGNS.get(currency, "")):
        if mark:
            bare = bare.removeprefix(mark).removesuffix(mark).strip()
    if GROUPED.fullmatch(bare):
        bare = re.sub(f"[{APART}]", "", bare)
    if not DECIMAL.fullmatch(bare):
        raise ValueError("is not an amount; write it such as 1,250.00")
    return _with_cents(bare, currency) if has_cents(schema) else bare


def _with_cents(bare: str, currency: str) -> str:
    """Return whole or tenths as the two places that the schema asks for; nothing is rounded."""
    whole, _, places = bare.partition(".")
    return f"{whole}.{places:0<2}" if len(places) < 2 and decimals(currency) != 0 else bare
