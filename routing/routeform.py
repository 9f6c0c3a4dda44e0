"""A route as a form: a condition built of rows, and what a case that matches it gets."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from escalation.conditions import MAX_TERMS, OPERATORS, Field, Kind, Operator, Quantifier
from escalation.conditions.terms import LISTED
from escalation.enums import Stakes
from routing.cases import FIELDS
from routing.sheets import Rows, Sheet, Values, pressed

TERMS = "terms"
COLUMNS = ("field", "operator", "value")
FILLED = ("field", "value")  # an operator is always chosen, so it says nothing
BLANK = {"field": "", "operator": "==", "value": ""}
WISHED = "the role that the agent asks for"
MATCHES = [
    (Quantifier.ALL, "all of these hold"),
    (Quantifier.ANY, "any of these holds"),
    (Quantifier.NONE, "none of these holds"),
]
MONEY = [("", "as the case says"), ("yes", "always: without an amount, over every limit")]
FLOORS = [
    (Stakes.LOW, "as the agent sends them"),
    *((stakes, f"{stakes.label} at least") for stakes in list(Stakes)[1:]),
]
YES = {"yes": True, "true": True, "no": False, "false": False}
PLACEHOLDERS = {
    Kind.TEXT: "as it is written",
    Kind.TEXTS: "one of them",
    Kind.NUMBER: "0.8",
    Kind.MONEY: "500 USD",
    Kind.BOOLEAN: "yes or no",
}

Choices = Iterable[tuple[str, str]]


class FieldSelect(forms.Select):
    """Lets the page know which operators a field takes, and what a value of it looks like."""

    def create_option(self, name: str, value: Any, *args: Any, **given: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **given)
        if field := FIELDS.get(str(value)):
            shape = ", ".join(field.choices) or PLACEHOLDERS.get(field.kind, "")
            option["attrs"] |= {
                "data-operators": "|".join(OPERATORS[field.kind]),
                "data-shape": shape,
            }
        return option


def _choice(choices: Choices, label: str, widget: Any = forms.Select) -> forms.CharField:
    """A choice that the reader of facts judges, so that it says the same here as anywhere."""
    return forms.CharField(label=label, required=False, widget=widget(choices=list(choices)))


class RouteForm(Sheet):
    was = forms.CharField(max_length=120, required=False, widget=forms.HiddenInput)
    name = forms.CharField(max_length=120, required=False)
    quantifier = _choice(MATCHES, "It takes a case where")
    nested = forms.CharField(
        required=False,
        label="Groups within",
        strip=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    stakes_floor = _choice(FLOORS, "Stakes")
    moves_money = _choice(MONEY, "Moves money")
    approvals = forms.CharField(
        max_length=20,
        required=False,
        label="People who must approve",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 3}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        roles: Choices,
        slas: Choices,
        terms: int = 0,
        is_default: bool = False,
        **given: Any,
    ) -> None:
        super().__init__(data, **given)
        self.count, self.is_default = terms, is_default
        self.fields["role"] = _choice(
            [*([] if is_default else [("", WISHED)]), *roles], "Who decides"
        )
        self.fields["sla"] = _choice(slas, "By when")
        if is_default:
            for name in ("quantifier", "nested"):
                del self.fields[name]
        kinds = [("", "choose a field"), *((field.name, field.label) for field in FIELDS.values())]
        for number in range(terms):
            at, row = f"{TERMS}/{number}", f"Row {number + 1}"
            self.fields[f"{at}/field"] = _choice(kinds, f"{row}: field", FieldSelect)
            self.fields[f"{at}/operator"] = _choice(Operator.choices, f"{row}: operator")
            self.fields[f"{at}/value"] = forms.CharField(
                max_length=2_000,
                required=False,
                label=f"{row}: value",
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )  # fmt: skip

    def rows(self) -> Iterator[tuple[int, BoundField, BoundField, BoundField]]:
        for number in range(self.count):
            field, operator, value = (self.cell(TERMS, number, name) for name in COLUMNS)
            yield number, field, operator, value

    @property
    def gets(self) -> list[BoundField]:
        return [self[name] for name in ("role", "sla", "stakes_floor", "approvals", "moves_money")]

    @property
    def has_room(self) -> bool:
        return self.count < MAX_TERMS

    def facts(self, nested: list[Any]) -> Values:
        """Return what is typed as a route's facts, ``nested`` being what its groups say."""
        typed = self.cleaned_data
        approvals = (typed.get("approvals") or "").strip()
        found: Values = {
            "name": (typed.get("name") or "").strip(),
            "role": typed.get("role") or None,
            "stakes_floor": typed.get("stakes_floor") or "",
            "sla": typed.get("sla") or "",
            "approvals": int(approvals)
            if approvals.isascii() and approvals.isdigit()
            else approvals,
        }
        if typed.get("moves_money") == "yes":
            found["moves_money"] = True
        if not self.is_default:
            terms = [self._term(number) for number in self.filled()]
            found["when"] = {typed.get("quantifier") or "": [*terms, *nested]}
        return found

    def filled(self) -> list[int]:
        """Return which rows say anything."""
        typed = self.cleaned_data
        return [
            number
            for number in range(self.count)
            if any((typed.get(f"{TERMS}/{number}/{name}") or "").strip() for name in FILLED)
        ]

    def _term(self, number: int) -> Values:
        name, sign, value = (
            self.cleaned_data.get(f"{TERMS}/{number}/{part}") or "" for part in COLUMNS
        )
        return {
            "field": name,
            "operator": sign,
            "value": value_typed(value, FIELDS.get(name), sign),
        }

    def field_at(self, place: str) -> str | None:
        """Return the field for a place in the facts: ``when/all/2/value`` is in the third filled row."""
        if not place.startswith("when"):
            return super().field_at(place)
        _, _, number, *rest = [*place.split("/"), "", ""]
        if not number.isdigit():
            return "quantifier"
        filled = self.filled()
        if int(number) >= len(filled):
            return "nested"
        row = f"{TERMS}/{filled[int(number)]}"
        return f"{row}/{rest[0]}" if rest[0] in COLUMNS else f"{row}/value"


# Between facts and fields -------------------------------------------------------------------------


def shown(facts: Values | None, nested_text: Any, **offer: Any) -> RouteForm:
    """Return the form of a route as it stands, or of a new one.

    ``nested_text`` writes the groups within its condition as the text of their field.
    """
    if facts is None:
        return RouteForm(
            initial=_initial([BLANK], "all", "") | {"approvals": "1"}, terms=1, **offer
        )
    facts = facts | {"moves_money": "yes" if facts.get("moves_money") else ""}
    if "when" not in facts:
        return RouteForm(initial=facts, is_default=True, **offer)
    quantifier, items = _opened(facts["when"])
    terms = [item for item in items if "field" in item]
    groups = [item for item in items if "field" not in item]
    rows = [term | {"value": value_shown(term["value"])} for term in terms]
    initial = facts | _initial(rows, quantifier, nested_text(groups) if groups else "")
    return RouteForm(initial=initial, terms=len(rows), **offer)


def typed(data: QueryDict, *, is_default: bool, **offer: Any) -> RouteForm:
    """Return the form that was posted: to be saved, or with a row more, less or elsewhere."""
    rows = Rows.typed(TERMS, COLUMNS, data, MAX_TERMS)
    act, number = pressed(data)
    if act == "save":
        return RouteForm(data, terms=len(rows.rows), is_default=is_default, **offer)
    if act != "add" or len(rows.rows) < MAX_TERMS:
        number = rows.act(act, number, dict(BLANK))
    initial = data.dict() | rows.values()
    form = RouteForm(initial=initial, terms=len(rows.rows), is_default=is_default, **offer)
    form.focus(f"{TERMS}/{number}/field")
    return form


def _initial(rows: Iterable[Values], quantifier: str, nested: str) -> Values:
    return Rows(TERMS, COLUMNS, rows).values() | {"quantifier": quantifier, "nested": nested}


def _opened(condition: Values) -> tuple[str, list[Values]]:
    """Return the quantifier and the items of a condition; a lone term is one of which all hold."""
    if "field" in condition:
        return Quantifier.ALL.value, [condition]
    [(quantifier, items)] = condition.items()
    return quantifier, items


def value_typed(text: str, field: Field | None, sign: str) -> Any:
    """Return what a text means for a field and an operator; what makes no sense stays the text."""
    text = text.strip()
    if sign in LISTED:
        parts = next(csv.reader([text], skipinitialspace=True), [])
        return [part.strip() for part in parts if part.strip()]
    if sign == Operator.GIVEN or (field and field.kind == Kind.BOOLEAN):
        return YES.get(text.lower(), text)
    return _number(text) if field and field.kind == Kind.NUMBER else text


def value_shown(value: Any) -> str:
    """Return a value of a condition as one line that ``value_typed`` reads back."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_quoted(part) for part in value)
    return str(value)


def _quoted(part: str) -> str:
    plain = part.strip() == part and not any(mark in part for mark in ',"')
    return part if plain else '"' + part.replace('"', '""') + '"'


def _number(text: str) -> Any:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text
