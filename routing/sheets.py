"""Forms whose fields follow from facts: each is named for the place of its value, as faults are.

``chain/steps/0/wait`` is both the name of an input and, with a slash before it, the pointer of a
fault, so what a reader of facts refuses stands at the field where it was typed. Rows are added, moved
and removed by buttons that post what is typed, so nothing here needs a script.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from escalation.errors import Fault

Values = dict[str, Any]


class Rows:
    """Rows of a sheet as they were typed, and the acts of their buttons."""

    def __init__(self, prefix: str, columns: tuple[str, ...], rows: Iterable[Values]) -> None:
        self.prefix, self.columns = prefix, columns
        self.rows = list(rows)

    @classmethod
    def typed(cls, prefix: str, columns: tuple[str, ...], data: QueryDict, most: int) -> "Rows":
        """Return the rows of a post, in order, until one is missing."""
        rows: list[Values] = []
        while len(rows) < most and f"{prefix}/{len(rows)}/{columns[0]}" in data:
            at = f"{prefix}/{len(rows)}"
            rows.append({name: data.get(f"{at}/{name}", "") for name in columns})
        return cls(prefix, columns, rows)

    def act(self, act: str, number: int, blank: Values) -> int:
        """Add, move or remove a row, and return which row to go on at; -1: none is left."""
        there = 0 <= number < len(self.rows)
        if act == "add":
            at = min(max(number, 0), len(self.rows))
            self.rows.insert(at, blank)
            return at
        if act == "remove" and there:
            del self.rows[number]
            return min(number, len(self.rows) - 1)
        other = number + {"up": -1, "down": 1}.get(act, 0)
        if there and 0 <= other < len(self.rows):
            self.rows[number], self.rows[other] = self.rows[other], self.rows[number]
            return other
        return number

    def values(self) -> Values:
        return {
            f"{self.prefix}/{number}/{name}": row[name]
            for number, row in enumerate(self.rows)
            for name in self.columns
        }


class Sheet(forms.Form):
    """A form over facts; ``seen`` names the draft as it stood when this was opened."""

    seen = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **given: Any) -> None:
        super().__init__(data, use_required_attribute=False, **given)

    def point_out(self, faults: Iterable[Fault], within: str = "") -> None:
        """Put each fault at the field that its pointer names, or at the nearest around it."""
        for fault in faults:
            name = self.field_at(fault.pointer.removeprefix(within).strip("/"))
            self.add_error(name, fault.message)

    def field_at(self, place: str) -> str | None:
        while place:
            if place in self.fields:
                return place
            place = place.rpartition("/")[0]
        return None

    def focus_on_fault(self) -> None:
        """Let the page begin at the first field with something wrong."""
        for name in self.fields:
            if name in self.errors:
                self.focus(name)
                return

    def focus(self, name: str) -> None:
        """Let the page begin at a field, as after a row was added."""
        if name in self.fields:
            self.fields[name].widget.attrs["autofocus"] = True

    def cell(self, *path: object) -> BoundField:
        return self["/".join(str(part) for part in path)]


def flat(values: Mapping[str, Any], prefix: str = "") -> Values:
    """Return nested facts by the names that their fields have."""
    found: Values = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{key}/")
        else:
            found[f"{prefix}{key}"] = value
    return found


def pressed(data: QueryDict) -> tuple[str, int]:
    """Return which button of a row was pressed: ``up``, 2. Nothing pressed is ``save``."""
    act, _, number = data.get("act", "save").partition(":")
    return act, int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
