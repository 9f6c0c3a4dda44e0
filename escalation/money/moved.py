"""What is moved, once it is read: amounts and where they stand, and what could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

KEPT = 12  # findings that are kept with a case


@dataclass(frozen=True)
class Found:
    """One amount, without its sign, and where it stands; ``pointer`` is empty for the declared one.

    ``currency`` is empty where none is named.
    """

    amount: Decimal
    currency: str
    pointer: str = ""


@dataclass(frozen=True)
class Moved:
    """All that is moved. ``unreadable`` are the places of what cannot be read as an amount."""

    found: tuple[Found, ...] = ()
    unreadable: tuple[str, ...] = ()
    moves_money: bool = False
    differs: tuple[Found, ...] = ()  # what contradicts the declared amount

    @property
    def largest(self) -> dict[str, Found]:
        """The largest amount of each currency."""
        most: dict[str, Found] = {}
        for one in self.found:
            if one.currency not in most or one.amount > most[one.currency].amount:
                most[one.currency] = one
        return most

    @property
    def is_unread(self) -> bool:
        """Whether money moves and nothing says how much, or something cannot be read."""
        return bool(self.unreadable) or (self.moves_money and not self.found)

    def __add__(self, other: "Moved") -> "Moved":
        return Moved(
            tuple(dict.fromkeys((*self.found, *other.found))),
            tuple(dict.fromkeys((*self.unreadable, *other.unreadable))),
            self.moves_money or other.moves_money,
            self.differs,
        )

    def as_json(self) -> dict[str, Any]:
        """Return what a case keeps: the largest first, at least one of each currency."""
        largest = sorted(self.largest.values(), key=lambda one: -one.amount)
        return {
            "found": [[f"{one.amount:f}", one.currency, one.pointer] for one in largest],
            "unreadable": list(self.unreadable[:KEPT]),
            "differs": [[f"{o.amount:f}", o.currency, o.pointer] for o in self.differs[:KEPT]],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any], *, moves_money: bool = False) -> "Moved":
        found, differs = (
            tuple(Found(Decimal(amount), currency, place) for amount, currency, place in rows)
            for rows in (kept.get("found", ()), kept.get("differs", ()))
        )
        return cls(found, tuple(kept.get("unreadable", ())), moves_money, differs)
