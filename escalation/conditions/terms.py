"""What conditions are made of: typed fields, the operators of each kind, terms and groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

from django.db.models import TextChoices


class Kind(TextChoices):
    TEXT = "text", "a text"
    TEXTS = "texts", "a set of texts"
    NUMBER = "number", "a number"
    MONEY = "money", "an amount of money"
    CHOICE = "choice", "one of an ordered list"
    BOOLEAN = "boolean", "true or false"


class Operator(TextChoices):
    """The labels follow a field's: amount *is above* 500 USD."""

    EQUAL = "==", "is"
    NOT_EQUAL = "!=", "is not"
    IN = "in", "is one of"
    NOT_IN = "not in", "is none of"
    BELOW = "<", "is below"
    AT_MOST = "<=", "is at most"
    ABOVE = ">", "is above"
    AT_LEAST = ">=", "is at least"
    STARTS_WITH = "starts with", "starts with"
    HAS = "has", "includes"
    HAS_ANY = "has any", "includes any of"
    HAS_ALL = "has all", "includes all of"
    GIVEN = "given", "is given"


ORDERED = (Operator.BELOW, Operator.AT_MOST, Operator.ABOVE, Operator.AT_LEAST)
LISTED = (Operator.IN, Operator.NOT_IN, Operator.HAS_ANY, Operator.HAS_ALL)

OPERATORS: dict[Kind, tuple[Operator, ...]] = {
    Kind.TEXT: (
        Operator.EQUAL,
        Operator.NOT_EQUAL,
        Operator.IN,
        Operator.NOT_IN,
        Operator.STARTS_WITH,
        Operator.GIVEN,
    ),
    Kind.TEXTS: (Operator.HAS, Operator.HAS_ANY, Operator.HAS_ALL, Operator.GIVEN),
    Kind.NUMBER: (Operator.EQUAL, Operator.NOT_EQUAL, *ORDERED, Operator.GIVEN),
    Kind.MONEY: (Operator.EQUAL, *ORDERED, Operator.GIVEN),
    Kind.CHOICE: (
        Operator.EQUAL,
        Operator.NOT_EQUAL,
        Operator.IN,
        Operator.NOT_IN,
        *ORDERED,
        Operator.GIVEN,
    ),
    Kind.BOOLEAN: (Operator.EQUAL, Operator.NOT_EQUAL, Operator.GIVEN),
}


class Quantifier(TextChoices):
    ALL = "all", "all of"
    ANY = "any", "any of"
    NONE = "none", "none of"


@dataclass(frozen=True)
class Money:
    """An amount in one currency, three capital letters."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{_short(f'{self.amount:f}')} {self.currency}"

    @property
    def said(self) -> str:
        """Return the amount as people read it: ``12,500.50 USD``."""
        return f"{_short(f'{self.amount:,f}')} {self.currency}"


@dataclass(frozen=True)
class Amounts:
    """All that is moved: the largest amount of each currency, without their signs.

    ``unreadable``: some of it cannot be read, or names no currency; that counts as over every amount.
    """

    largest: tuple[Money, ...] = ()
    unreadable: bool = False

    def of(self, currency: str) -> Money | None:
        return next((money for money in self.largest if money.currency == currency), None)


def _short(number: str) -> str:
    """Return a decimal without idle zeros; a fraction keeps two digits at least."""
    whole, _, fraction = number.partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction.ljust(2, '0')}" if fraction else whole


Scalar = str | bool | int | float | Decimal | Money
Value = Scalar | tuple[str, ...]
Observed = Scalar | frozenset[str] | Amounts
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """One fact that conditions may ask for.

    ``choices`` are all the values there are; those of an ordered choice go from low to high. A set of
    texts has a ``label`` in the plural, as has whatever else is ``plural``.
    """

    name: str
    kind: Kind
    label: str
    choices: tuple[str, ...] = ()
    plural: bool = False

    def observed(self, facts: Facts) -> Observed | None:
        """Return the fact as this field's kind has it; None when it is missing or of another kind."""
        fact = facts.get(self.name)
        return None if fact is None else READ[self.kind](self, fact)

    def rank(self, value: Any) -> Any:
        """Return what the order of this kind goes by."""
        return self.choices.index(value) if self.kind is Kind.CHOICE else value


def _text(_field: Field, fact: Any) -> str | None:
    return fact if isinstance(fact, str) and fact else None


def _texts(_field: Field, fact: Any) -> frozenset[str] | None:
    if not isinstance(fact, list | tuple | set | frozenset):
        return None
    return frozenset(item for item in fact if isinstance(item, str)) or None


def _number(_field: Field, fact: Any) -> int | float | Decimal | None:
    if isinstance(fact, float):
        return fact if isfinite(fact) else None
    if isinstance(fact, Decimal):
        return fact if fact.is_finite() else None
    return fact if isinstance(fact, int) and not isinstance(fact, bool) else None


def _money(_field: Field, fact: Any) -> Amounts | None:
    if isinstance(fact, Money):
        return Amounts((fact,)) if fact.amount.is_finite() else None
    is_given = isinstance(fact, Amounts) and (fact.largest or fact.unreadable)
    return fact if is_given else None


def _choice(field: Field, fact: Any) -> str | None:
    return fact if isinstance(fact, str) and fact in field.choices else None


def _boolean(_field: Field, fact: Any) -> bool | None:
    return fact if isinstance(fact, bool) else None


READ: dict[Kind, Callable[[Field, Any], Observed | None]] = {
    Kind.TEXT: _text,
    Kind.TEXTS: _texts,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.CHOICE: _choice,
    Kind.BOOLEAN: _boolean,
}


def environment(*fields: Field) -> dict[str, Field]:
    """Return the fields by their names, as conditions name them."""
    return {field.name: field for field in fields}


@dataclass(frozen=True)
class Term:
    field: Field
    operator: Operator
    value: Value


@dataclass(frozen=True)
class Group:
    quantifier: Quantifier
    conditions: tuple[Condition, ...]


Condition = Term | Group
