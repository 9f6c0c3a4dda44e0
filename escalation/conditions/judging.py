"""Whether a condition matches the facts of a case, and why, with the values that were there."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from escalation.conditions.terms import (
    ORDERED,
    Amounts,
    Condition,
    Facts,
    Field,
    Group,
    Kind,
    Money,
    Observed,
    Operator,
    Quantifier,
    Term,
)
from escalation.conditions.wording import seen, verb, wanted

# What follows the observed value in a sentence; a negative term is told as its positive one is.
TOLD = {
    Operator.NOT_EQUAL: "",
    Operator.NOT_IN: "one of ",
    Operator.STARTS_WITH: "starting with ",
    Operator.HAS: "including ",
    Operator.HAS_ANY: "including any of ",
    Operator.HAS_ALL: "including all of ",
}
NEGATIVE = (Operator.NOT_EQUAL, Operator.NOT_IN)
Test = Callable[[Field, Any, Any], bool]


def matches(condition: Condition, facts: Facts) -> bool:
    """Return whether the condition holds of the facts. Microseconds, and it raises nothing."""
    if isinstance(condition, Term):
        return _holds(condition, condition.field.observed(facts))
    found = (matches(each, facts) for each in condition.conditions)
    if condition.quantifier is Quantifier.ALL:
        return all(found)
    return any(found) == (condition.quantifier is Quantifier.ANY)


def _holds(term: Term, observed: Observed | None) -> bool:
    if term.operator is Operator.GIVEN:
        return (observed is not None) == term.value
    if term.operator in NEGATIVE:
        return observed is None or not _is_so(term, observed)
    return observed is not None and _is_so(term, observed)


def _is_so(term: Term, observed: Observed) -> bool:
    """Return whether the term holds, a negative one read as its positive."""
    return SO[term.operator](term.field, observed, term.value)


def _ordered(compares: Callable[[Any, Any], bool]) -> Test:
    def test(field: Field, observed: Any, value: Any) -> bool:
        if field.kind is Kind.MONEY:
            if observed.unreadable:  # over every amount
                return compares in (operator.gt, operator.ge)
            same = observed.of(value.currency)
            return same is not None and compares(same.amount, value.amount)
        return compares(field.rank(observed), field.rank(value))

    return test


def _equal(_field: Field, observed: Any, value: Any) -> bool:
    if isinstance(observed, Amounts):
        return not observed.unreadable and observed.of(value.currency) == value
    return bool(observed == value)


SO: dict[Operator, Test] = {
    Operator.EQUAL: _equal,
    Operator.NOT_EQUAL: lambda _, observed, value: bool(observed == value),
    Operator.IN: lambda _, observed, value: observed in value,
    Operator.NOT_IN: lambda _, observed, value: observed in value,
    Operator.BELOW: _ordered(operator.lt),
    Operator.AT_MOST: _ordered(operator.le),
    Operator.ABOVE: _ordered(operator.gt),
    Operator.AT_LEAST: _ordered(operator.ge),
    Operator.STARTS_WITH: lambda _, observed, value: bool(observed.startswith(value)),
    Operator.HAS: lambda _, observed, value: value in observed,
    Operator.HAS_ANY: lambda _, observed, value: any(each in observed for each in value),
    Operator.HAS_ALL: lambda _, observed, value: all(each in observed for each in value),
}


# Why -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judgement:
    """Whether a condition matched, and what made it so: ``amount is 412.50 USD, not above 500 USD``."""

    matched: bool
    why: tuple[str, ...]


def judge(condition: Condition, facts: Facts) -> Judgement:
    """Return what ``matches`` does, and only those observations that decided it."""
    if isinstance(condition, Term):
        observed = condition.field.observed(facts)
        return Judgement(_holds(condition, observed), (_sentence(condition, observed),))
    judged = [judge(each, facts) for each in condition.conditions]
    hits = [each for each in judged if each.matched]
    if condition.quantifier == Quantifier.ALL:
        matched = len(hits) == len(judged)
        deciding = judged if matched else [each for each in judged if not each.matched]
    else:
        matched = bool(hits) == (condition.quantifier == Quantifier.ANY)
        deciding = hits or _compared(condition, judged, facts)
    return Judgement(matched, tuple(dict.fromkeys(line for each in deciding for line in each.why)))


def _compared(group: Group, judged: list[Judgement], facts: Facts) -> list[Judgement]:
    """Return what missed; of amounts only those of the case's currency, where there are such."""
    compared = [
        each
        for each, condition in zip(judged, group.conditions, strict=True)
        if isinstance(condition, Group)
        or not _of_another_currency(condition, condition.field.observed(facts))
    ]
    return compared or judged


def _sentence(term: Term, observed: Observed | None) -> str:
    field = term.field
    if observed is None:
        return f"{field.label} {verb(field)} not given"
    is_so = f"{field.label} {verb(field)} {seen(observed)}"
    if term.operator == Operator.GIVEN:
        return is_so
    if _of_another_currency(term, observed):
        return f"{is_so}, which is not compared with {wanted(term.value)}"
    holds = _is_so(term, observed)
    if holds and term.operator in (Operator.EQUAL, Operator.NOT_EQUAL):
        return is_so
    told = TOLD.get(
        term.operator, str(term.operator.label).removeprefix("is").lstrip() + " "
    ).lstrip()
    return f"{is_so}, {'' if holds else 'not '}{told}{wanted(term.value)}"


def _of_another_currency(term: Term, observed: Observed | None) -> bool:
    return (
        isinstance(term.value, Money)
        and isinstance(observed, Amounts)
        and term.operator in ORDERED
        and not observed.unreadable
        and observed.of(term.value.currency) is None
    )
