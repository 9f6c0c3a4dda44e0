"""Conditions over the facts of a case: data that is validated, said back and judged, never code.

``{"all": [...]}``, ``{"any": [...]}``, ``{"none": [...]}`` hold conditions, and
``{"field": "amount", "operator": ">", "value": "500 USD"}`` is a term. There are no expressions and
no patterns, so a condition cannot loop, and its cost is that of its terms, 100 at most.

A fact that is missing (none, an empty text, an empty set, or one of another kind than its field)
matches no term, but for those that say what it is not: ``!=`` and ``not in`` are exactly the
opposite of ``==`` and ``in``, and so match it, and ``given`` asks for it. ``none`` is exactly the
opposite of ``any``, and so holds where all its terms miss their facts. Money is compared within its
currency only: 900 EUR is neither above nor at most 500 USD. Of several amounts in one currency the
largest counts, and what cannot be read is above every amount and at most none. Texts are compared
exactly, case included.
"""

from escalation.conditions.judging import Judgement, judge, matches
from escalation.conditions.reading import (
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_LISTED,
    MAX_TERMS,
    ConditionRefused,
    parse,
)
from escalation.conditions.terms import (
    OPERATORS,
    Amounts,
    Condition,
    Field,
    Group,
    Kind,
    Money,
    Operator,
    Quantifier,
    Term,
    environment,
)
from escalation.conditions.witnesses import always, can_match
from escalation.conditions.wording import said, written

__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_LISTED",
    "MAX_TERMS",
    "OPERATORS",
    "Amounts",
    "Condition",
    "ConditionRefused",
    "Field",
    "Group",
    "Judgement",
    "Kind",
    "Money",
    "Operator",
    "Quantifier",
    "Term",
    "always",
    "can_match",
    "environment",
    "judge",
    "matches",
    "parse",
    "said",
    "written",
]
