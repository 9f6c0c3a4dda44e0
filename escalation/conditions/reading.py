"""From data that anybody may have typed to a condition, or to a fault for each thing wrong with it."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from escalation.canonical import text_problem
from escalation.conditions.terms import (
    LISTED,
    OPERATORS,
    Condition,
    Field,
    Group,
    Kind,
    Money,
    Operator,
    Quantifier,
    Scalar,
    Term,
    Value,
)
from escalation.errors import EscalationError, Fault

MAX_DEPTH = 5  # groups within groups
MAX_TERMS = 100
MAX_LISTED = 100  # values of one term
MAX_LENGTH = 255  # characters of one value
MAX_NUMBER = 10**15  # what a double holds exactly, and a reader takes in
FAULTS_SHOWN = 20
MONEY = re.compile(r"(-?\d{1,20}(?:\.\d{1,10})?) ([A-Z]{3})", re.ASCII)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
TERM_KEYS = ("field", "operator", "value")


class ConditionRefused(EscalationError):
    slug, title, status = "condition-refused", "The condition was refused", 422

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.message}" for fault in faults))
        self.faults = faults


class _Wrong(Exception):
    """One fault, on its way to the list of them."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.fault = Fault(pointer, message)


def parse(data: Any, fields: Mapping[str, Field], pointer: str = "") -> Condition:
    """Return the condition that ``data`` (JSON values) describes over ``fields``.

    Raises ConditionRefused with one fault for each term or group that is wrong, 20 at most;
    ``pointer`` is where the data stands in the document that it came in. Nothing else is raised,
    whatever the data is.
    """
    reader = _Reader(fields)
    condition = reader.condition(data, pointer, 1)
    if reader.terms > MAX_TERMS:
        raise ConditionRefused(Fault(pointer, f"This has more than {MAX_TERMS} terms."))
    if condition is None:
        raise ConditionRefused(*reader.faults)
    return condition


class _Reader:
    """Reads one condition and collects what is wrong, until that is enough."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields = fields
        self.faults: list[Fault] = []
        self.terms = 0

    @property
    def has_enough(self) -> bool:
        return self.terms > MAX_TERMS or len(self.faults) >= FAULTS_SHOWN

    def condition(self, data: Any, pointer: str, depth: int) -> Condition | None:
        try:
            if isinstance(data, dict) and any(key in data for key in Quantifier.values):
                return self.group(data, pointer, depth)
            self.terms += 1
            return _term(data, self.fields, pointer)
        except _Wrong as wrong:
            self.faults.append(wrong.fault)
            return None

    def group(self, data: dict[Any, Any], pointer: str, depth: int) -> Group | None:
        if depth > MAX_DEPTH:
            raise _Wrong(pointer, f"This is nested deeper than {MAX_DEPTH} groups.")
        if len(data) > 1:
            raise _Wrong(pointer, "all, any and none stand alone, with no other key beside them.")
        [(name, items)] = data.items()
        where = f"{pointer}/{name}"
        if not isinstance(items, list | tuple):
            raise _Wrong(where, f"This must be a list of conditions, not {_kind_of(items)}.")
        if not items:
            raise _Wrong(where, "This must not be empty.")
        read: list[Condition] = []
        for index, item in enumerate(items):
            if self.has_enough:
                return None
            if found := self.condition(item, f"{where}/{index}", depth + 1):
                read.append(found)
        return Group(Quantifier(name), tuple(read)) if len(read) == len(items) else None


def _term(data: Any, fields: Mapping[str, Field], pointer: str) -> Term:
    if not isinstance(data, dict):
        raise _Wrong(pointer, f"This must be a condition, not {_kind_of(data)}.")
    expected = "A term has field, operator and value"
    if unknown := [key for key in data if key not in TERM_KEYS]:
        raise _Wrong(pointer, f"{expected}; {_shown(unknown[0])} is not known.")
    if missing := [key for key in TERM_KEYS if key not in data]:
        raise _Wrong(pointer, f"{expected}; {missing[0]} is missing.")
    field = _field(data["field"], fields, f"{pointer}/field")
    operator = _operator(data["operator"], field, f"{pointer}/operator")
    return Term(field, operator, _value(data["value"], field, operator, f"{pointer}/value"))


def _field(name: Any, fields: Mapping[str, Field], pointer: str) -> Field:
    if isinstance(name, str) and name in fields:
        return fields[name]
    if not isinstance(name, str):
        raise _not(name, "the name of a field", pointer)
    raise _Wrong(pointer, f"There is no field {_shown(name)}{_nearest(name, fields)}")


def _operator(sign: Any, field: Field, pointer: str) -> Operator:
    known = OPERATORS[field.kind]
    if isinstance(sign, str) and sign in known:
        return Operator(sign)
    offered = ", ".join(known)
    raise _Wrong(pointer, f"{_shown(sign)} is no operator for {field.label}; use {offered}.")


def _value(data: Any, field: Field, operator: Operator, pointer: str) -> Value:
    if operator == Operator.GIVEN:
        return _scalar(data, Field(field.name, Kind.BOOLEAN, field.label), pointer)
    if operator not in LISTED:
        return _scalar(data, field, pointer)
    if not isinstance(data, list | tuple):
        raise _Wrong(pointer, f"This must be a list, not {_kind_of(data)}.")
    if not 0 < len(data) <= MAX_LISTED:
        raise _Wrong(pointer, f"This must list 1 to {MAX_LISTED} values.")
    texts: list[str] = []
    for index, item in enumerate(data):
        text = _text(item, field, f"{pointer}/{index}")
        if text in texts:
            raise _Wrong(f"{pointer}/{index}", f"{_shown(text)} stands twice.")
        texts.append(text)
    return tuple(texts)


def _scalar(data: Any, field: Field, pointer: str) -> Scalar:
    match field.kind:
        case Kind.BOOLEAN:
            if isinstance(data, bool):
                return data
            raise _not(data, "true or false", pointer)
        case Kind.NUMBER:
            return _number(data, pointer)
        case Kind.MONEY:
            return _money(data, pointer)
        case _:
            return _text(data, field, pointer)


def _text(data: Any, field: Field, pointer: str) -> str:
    if not isinstance(data, str):
        raise _not(data, "a text", pointer)
    if problem := _text_problem(data, field):
        raise _Wrong(pointer, problem)
    return data


def _text_problem(text: str, field: Field) -> str:
    if not text.strip():
        return "This must not be blank."
    if len(text) > MAX_LENGTH:
        return f"This must have at most {MAX_LENGTH} characters."
    if problem := text_problem(text):
        return f"This {problem}."
    if CONTROL.search(text):
        return "This must not hold control characters."
    if field.choices and text not in field.choices:
        near = _nearest(text, field.choices)
        return f"{_shown(text)} is none of {', '.join(field.choices)}{near}"
    return ""


def _number(data: Any, pointer: str) -> int | float:
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise _not(data, "a number", pointer)
    if not abs(data) <= MAX_NUMBER:  # said so that what is no number at all is refused as well
        raise _Wrong(pointer, f"This must lie between -{MAX_NUMBER:,} and {MAX_NUMBER:,}.")
    return data


def _money(data: Any, pointer: str) -> Money:
    found = MONEY.fullmatch(data) if isinstance(data, str) else None
    if found is None:
        raise _not(data, "an amount and its currency, such as 500 USD", pointer)
    return Money(Decimal(found[1]), found[2])


def _not(data: Any, wanted: str, pointer: str) -> _Wrong:
    return _Wrong(pointer, f"This must be {wanted}, not {_shown(data)}.")


def _nearest(name: str, known: Iterable[str]) -> str:
    if len(name) > MAX_LENGTH:
        return "."
    near = get_close_matches(name.lower(), known, 1, 0.6)
    return f"; did you mean {near[0]}?" if near else "."


def _shown(value: Any) -> str:
    """Return a value as a sentence can hold it: texts cut and escaped, others by their kind only."""
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else f"{value[:59]}…")
    return _kind_of(value)


def _kind_of(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, int | float):
        return "a number"
    return "a text" if isinstance(value, str) else "something that JSON does not know"
