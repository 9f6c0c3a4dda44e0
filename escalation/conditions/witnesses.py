"""Whether a condition can match at all, and whether others leave it anything: found by trying.

Of each field only so many values behave differently under given conditions: those that are named,
what lies between and beyond them, another, and none. Trying all of their combinations is exact.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations, pairwise, product
from math import prod
from typing import Any

from escalation.conditions.judging import matches
from escalation.conditions.terms import (
    Amounts,
    Condition,
    Field,
    Group,
    Kind,
    Money,
    Operator,
    Term,
)

MOST_TRIED = 4096
MOST_TOGETHER = 256  # amounts in several currencies at once
MOST_MEMBERS = 6  # of a set, whose subsets are tried
OTHER = "\U0010fffd"  # a text, and a currency, that nobody names


def can_match(
    condition: Condition, unless: Sequence[Condition] = (), always_given: Collection[str] = ()
) -> bool:
    """Return False only when it is certain that nothing matches ``condition`` and none of ``unless``.

    Of ``unless`` those count that ask for no other field than ``condition`` does. Facts named in
    ``always_given`` are never missing. What would take more than 4,096 tries counts as possible.
    """
    fields = {term.field.name: term.field for term in terms(condition)}
    rivals = [each for each in unless if all(t.field.name in fields for t in terms(each))]
    asked = [term for each in (condition, *rivals) for term in terms(each)]
    tried = _all_facts(list(fields.values()), asked, always_given)
    if tried is None:
        return True
    return any(
        matches(condition, facts) and not any(matches(each, facts) for each in rivals)
        for facts in tried
    )


def always(condition: Condition, always_given: Collection[str] = ()) -> bool:
    """Return whether it is certain that the condition matches whatever there is."""
    fields = {term.field.name: term.field for term in terms(condition)}
    tried = _all_facts(list(fields.values()), list(terms(condition)), always_given)
    return tried is not None and all(matches(condition, facts) for facts in tried)


def terms(condition: Condition) -> Iterator[Term]:
    if isinstance(condition, Group):
        for each in condition.conditions:
            yield from terms(each)
    else:
        yield condition


def _all_facts(
    fields: Sequence[Field], asked: Sequence[Term], always_given: Collection[str]
) -> Iterable[dict[str, Any]] | None:
    """Return facts of every behaviour; None: these are more than may be tried."""
    values = []
    for field in fields:
        named = [term for term in asked if term.field.name == field.name]
        found = _values(field, named)
        if found is None:
            return None
        values.append(found if field.name in always_given else [*found, None])
    if prod(len(each) for each in values) > MOST_TRIED:
        return None
    names = [field.name for field in fields]
    return (dict(zip(names, each, strict=True)) for each in product(*values))


def _values(field: Field, asked: Sequence[Term]) -> list[Any] | None:
    named = [
        value for term in asked if term.operator is not Operator.GIVEN for value in _each(term)
    ]
    match field.kind:
        case Kind.BOOLEAN:
            return [True, False]
        case Kind.NUMBER:
            return _between(named)
        case Kind.MONEY:
            return _moneys(named)
        case Kind.TEXTS:
            return _subsets(set(named))
    if field.choices:
        return list(field.choices)
    begun = [f"{term.value}{OTHER}" for term in asked if term.operator is Operator.STARTS_WITH]
    return [*dict.fromkeys([*named, *begun]), OTHER]


def _each(term: Term) -> Iterable[Any]:
    return term.value if isinstance(term.value, tuple) else (term.value,)


def _between(named: Iterable[Any]) -> list[Any]:
    """Return the values, one between each two, and one beyond either end."""
    order = sorted(set(named))
    if not order:
        return [0]
    return [
        order[0] - 1,
        *order,
        *((low + high) / 2 for low, high in pairwise(order)),
        order[-1] + 1,
    ]


def _moneys(named: Iterable[Money]) -> list[Amounts]:
    """Return what is moved in each currency by itself, in all of them at once, and what is unreadable."""
    amounts: dict[str, list[Any]] = {}
    for money in named:
        amounts.setdefault(money.currency, []).append(money.amount)
    each = [[Money(a, currency) for a in _between(some)] for currency, some in amounts.items()]
    found = [Amounts((money,)) for some in each for money in some]
    if len(each) > 1 and prod(len(some) for some in each) <= MOST_TOGETHER:
        found += [Amounts(together) for together in product(*each)]
    return [*found, Amounts((Money(Decimal(), OTHER),)), Amounts(unreadable=True)]


def _subsets(named: Collection[str]) -> list[frozenset[str]] | None:
    if len(named) > MOST_MEMBERS:
        return None
    some = [set(each) for size in range(len(named) + 1) for each in combinations(named, size)]
    return [frozenset(each | {OTHER}) for each in some] + [frozenset(each) for each in some if each]
