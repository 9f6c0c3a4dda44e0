"""How many times an amount is moved: a price times a quantity, a payment times its repetitions."""

from decimal import Decimal
from typing import Any

from escalation.money.currencies import EXACT
from escalation.money.names import Name, word_set
from escalation.money.numbers import Unread, read_number

QUANTITIES = word_set("quantity qty quantities")
COUNTED = word_set("count pieces nights seats licenses licences tickets")
TIMES = word_set(
    "times repeat repeats repetitions occurrences recurrences iterations copies recipients"
)
IN_STOCK = word_set("available stock max min remaining limit")
OF_ONE = word_set("unit price prices cost each per apiece rate preis prix precio prezzo")


def repeated(amount: frozenset[str], beside: list[tuple[Name, str, Any]]) -> Decimal:
    """Return how many times an amount counts, by what stands beside it.

    ``amount`` holds the words of every field that leads to it: a quantity multiplies what is of one
    piece, a number of times whatever it is beside.
    """
    times = Decimal(1)
    for name, _, value in beside:
        if _is_count(name, bool(amount & OF_ONE)):
            times = EXACT.multiply(times, _number(value))
    return times


def may_count(name: Name) -> bool:
    return _is_count(name, True)


def _is_count(name: Name, of_one: bool) -> bool:
    if name.key in TIMES:
        return True
    is_quantity = name.key in COUNTED or name.words[-1:] and name.words[-1] in QUANTITIES
    return of_one and bool(is_quantity) and not IN_STOCK & frozenset(name.words)


def _number(value: Any) -> Decimal:
    """Return a count of one and more; what is none counts once."""
    try:
        return max(Decimal(1), read_number(value).amount)
    except Unread:
        return Decimal(1)
