"""Conditions in words for people, and back as the data they were read from."""

import re
from decimal import Decimal
from typing import Any

from escalation.conditions.terms import (
    Amounts,
    Condition,
    Field,
    Group,
    Kind,
    Money,
    Observed,
    Operator,
    Quantifier,
    Term,
    Value,
)

PLAIN = re.compile(r"[\w.:/@+-]+")
SHOWN = 60  # characters of an observed text
LISTED = 5  # members of an observed set


def written(condition: Condition) -> dict[str, Any]:
    """Return the condition as JSON values; ``parse`` reads the same condition from them."""
    if isinstance(condition, Group):
        return {str(condition.quantifier): [written(each) for each in condition.conditions]}
    value: Any = condition.value
    if isinstance(value, Money):
        value = str(value)
    elif isinstance(value, tuple):
        value = list(value)
    return {"field": condition.field.name, "operator": str(condition.operator), "value": value}


def said(condition: Condition) -> str:
    """Return the condition in words, without a full stop: ``amount is above 500 USD``."""
    if isinstance(condition, Term):
        return _term(condition)
    if condition.quantifier != Quantifier.ALL:
        return _listed(condition, last=True)
    *before, last = condition.conditions
    parts = [_part(each, last=False) for each in before] + [_part(last, last=True)]
    text = parts[0]
    for part, each in zip(parts[1:], condition.conditions[1:], strict=True):
        text += f"{', ' if isinstance(each, Group) else ' '}and {part}"
    return text


def _part(condition: Condition, *, last: bool) -> str:
    """Return one of several: what could run into the next stands in brackets."""
    if isinstance(condition, Term):
        return _term(condition)
    if condition.quantifier == Quantifier.ALL:
        return f"({said(condition)})"
    return _listed(condition, last=last)


def _listed(group: Group, *, last: bool) -> str:
    items = "; ".join(_part(each, last=False) for each in group.conditions)
    return f"{group.quantifier.label}: {items}" if last else f"{group.quantifier.label} ({items})"


def _term(term: Term) -> str:
    words = str(term.operator.label)
    if term.operator == Operator.GIVEN:
        return f"{term.field.label} {verb(term.field)} {'' if term.value else 'not '}given"
    if words.startswith("is"):
        words = verb(term.field) + words[2:]
    elif is_plural(term.field):
        words = words.replace("includes", "include").replace("starts", "start")
    return f"{term.field.label} {words} {wanted(term.value)}"


def is_plural(field: Field) -> bool:
    return field.plural or field.kind == Kind.TEXTS


def verb(field: Field) -> str:
    return "are" if is_plural(field) else "is"


def wanted(value: Value) -> str:
    """Return what a term asks for, whole."""
    if isinstance(value, tuple):
        return ", ".join(_quoted(text) for text in value)
    return _quoted(value) if isinstance(value, str) else _said(value)


def seen(value: Observed) -> str:
    """Return what was observed, cut where it is long."""
    if isinstance(value, Amounts):
        told = [money.said for money in value.largest[:LISTED]]
        return " and ".join([*told, *(["unreadable"] if value.unreadable else [])])
    if isinstance(value, frozenset):
        some = [_quoted(_cut(text)) for text in sorted(value)[:LISTED]]
        more = len(value) - len(some)
        return ", ".join(some) + (f" and {more} more" if more else "")
    return _quoted(_cut(value)) if isinstance(value, str) else _said(value)


def _said(value: bool | int | float | Decimal | Money) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Money):
        return value.said
    return f"{value:,}" if isinstance(value, int) else str(value)


def _quoted(text: str) -> str:
    """Return a text as one word, or in quotation marks, so that it cannot be read as more."""
    return text if PLAIN.fullmatch(text) else f"“{text}”"


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
