"""From what was posted to the parameters that it fills in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from reviewers.schemaform import breaks, choices, money, numerals, saying, spoken
from reviewers.schemaform.drawing import TooMuch
from reviewers.schemaform.filling import UTC_ZONE
from reviewers.schemaform.inputs import ABSENT, GROUPS, KEPT, SEVERAL_LINES, Input
from reviewers.schemaform.numerals import POINT, Numerals, Unreadable


def read(
    inputs: list[Input],
    data: Mapping[str, str],
    *,
    zone: ZoneInfo = UTC_ZONE,
    numerals: Numerals = POINT,
) -> dict[str, Any]:
    """Return the parameters that ``data`` fills in, and keep in each input what was typed.

    What comes back as it was drawn is the very value that was proposed, whole objects and lists too. A
    blank input is left out. What cannot be read is noted as an error at its input.
    """
    return _Post(data, zone, numerals).parameters(inputs)


def posted(inputs: list[Input]) -> dict[str, str]:
    """Return what a browser would send of inputs as they stand."""
    sent: dict[str, str] = {}
    for made in (one for top in inputs for one in top.walk()):
        if made.origin is not None:
            sent[f"{made.name}-from"] = str(made.origin)
        if made.kind == "rows":
            sent[f"{made.name}-count"] = str(len(made.inputs))
        elif made.kind == "several":
            sent |= {f"{made.name}-{number}": "on" for number in made.ticked if number}
            sent[f"{made.name}-ticks"] = ""
        elif made.kind not in ("group", "fixed"):
            sent[made.name] = made.text
    return sent


@dataclass
class _Post:
    """What was posted, and how its reader writes times and numbers."""

    data: Mapping[str, str]
    zone: ZoneInfo
    numerals: Numerals

    def parameters(self, inputs: list[Input]) -> dict[str, Any]:
        if len(inputs) != 1 or inputs[0].path or inputs[0].kind == "rest":
            return self.members(inputs)
        value = self.value(inputs[0])
        if isinstance(value, dict):
            return value
        if value is not ABSENT and not inputs[0].errors:
            inputs[0].errors.append(_("is not an object of names and values"))
        return {}

    def members(self, inputs: list[Input]) -> dict[str, Any]:
        """Return what the inputs of an object fill in."""
        found: dict[str, Any] = {}
        for made in sorted(inputs, key=_is_amount):  # its currency may be another by now
            if made.kind == "money":
                made.currency = money.named_in(found) or made.currency
            value = self.value(made)
            if made.kind == "rest":
                found = _with_rest(found, made, value, {one.path[-1] for one in inputs if one.path})
            elif value is not ABSENT and (value != {} or _may_be_bare(made)):
                found[made.path[-1]] = value
        return found

    def value(self, made: Input) -> Any:
        """Return what one input says; ABSENT for nothing, or for what cannot be read."""
        if self.is_untouched(made) and not saying.adds(made):
            self.show(made)
            return made.given
        return self.reading(made)

    def reading(self, made: Input) -> Any:
        if made.kind == "fixed":
            return made.values[0] if made.given is ABSENT else made.given
        if made.kind == "group":
            return self.members(made.inputs)
        if made.kind == "rows":
            return self.rows(made)
        if made.kind == "variants":
            return self.variant(made)
        if made.kind == "several":
            return self.several(made)
        self.show(made)
        if "\x00" in made.text:
            made.errors.append(_("holds a NUL character, which no record can keep"))
            return ABSENT
        if self.is_as_drawn(made) and (made.given, made.default) != (ABSENT, ABSENT):
            return made.given if made.default is ABSENT else made.default
        if not made.text.strip() and not saying.keeps_blanks(made):
            return saying.blank(made)
        return self.typed(made, made.text)

    # Untouched ------------------------------------------------------------------------------------

    def is_untouched(self, made: Input) -> bool:
        """Return whether an input, and all within it, comes back as it was drawn."""
        if made.kind == "fixed":
            return True
        if made.kind == "group":
            return all(map(self.is_untouched, made.inputs))
        if made.kind == "rows":
            rows = range(int(made.prefilled or 0))
            return self.count(made) == len(rows) and all(
                self.origin(made, number) == made.inputs[number].origin
                and self.is_untouched(made.inputs[number])
                for number in rows
            )
        if made.kind == "variants":
            chosen = self.data.get(made.name, made.prefilled)
            branch = saying.branch_of(made, chosen)
            return chosen == made.prefilled and (branch is None or self.is_untouched(branch))
        if made.kind == "several":
            return self.ticks(made) == made.prefilled
        return self.is_as_drawn(made)

    def is_as_drawn(self, made: Input) -> bool:
        """Return whether a text comes back as a browser sends the one that was drawn."""
        if made.name not in self.data:
            return True
        text = self.data[made.name]
        if made.kind == "instant" and not made.plain:
            return text == made.prefilled or saying.is_same_time(text, made.prefilled)
        if made.kind not in SEVERAL_LINES:
            return breaks.without(text) == breaks.without(made.prefilled)
        return breaks.plain(text) == breaks.plain(made.prefilled)

    def show(self, made: Input) -> None:
        """Keep in an input, and in those within it, what was typed."""
        for inner in made.walk():
            if inner.kind == "several":
                inner.text = self.ticks(inner)
            elif inner.kind not in ("group", "rows", "fixed"):
                inner.text = breaks.plain(self.data.get(inner.name, inner.prefilled))
            inner.searched = self.data.get(f"{inner.name}-find", "")
            inner.posted = inner.name in self.data

    # By kind --------------------------------------------------------------------------------------

    def typed(self, made: Input, typed: str) -> Any:
        if made.kind == "choice":
            return self.chosen(made, typed)
        if made.kind == "lines":
            lines = [line.strip() for line in typed.split("\n") if line.strip()]
            return lines if made.item == "string" else [self.number(made, line) for line in lines]
        if made.kind in ("money", "number", "integer"):
            return self.number(made, typed.strip())
        if made.kind == "instant":
            return saying.instant(made, typed.strip(), self.zone)
        if made.kind in ("json", "rest"):
            return saying.parsed(made, typed)
        if isinstance(made.given, str):
            typed = breaks.as_in(made.given, typed)
        return typed if made.kind == "long" or saying.keeps_blanks(made) else typed.strip()

    def chosen(self, made: Input, typed: str) -> Any:
        if typed == KEPT and made.misfit:
            return made.given
        if typed in dict(made.choices):
            return made.values[int(typed)]
        made.errors.append(_("is none of the choices"))
        return ABSENT

    def number(self, made: Input, typed: str) -> Any:
        """Return a number, or the text of one, as the reader writes it; say how it was read."""
        try:
            if made.kind != "money" and numerals.EXACT.fullmatch(typed):
                return saying.parsed(made, typed)
            if made.kind == "money":
                plain = money.typed(typed, made, self.numerals)
            else:
                places = 0 if made.kind == "integer" or made.item == "integer" else None
                plain = numerals.number(typed, self.numerals, places=places, shown=made.prefilled)
        except Unreadable as why:
            made.errors.append(money.refusal(why, made, self.numerals))
            return ABSENT
        if made.kind != "lines":
            made.heard = spoken.heard(plain, made.currency)
        return plain if saying.is_text(made) else saying.parsed(made, plain)

    def ticks(self, made: Input) -> str:
        if f"{made.name}-ticks" not in self.data and not any(
            f"{made.name}-{number}" in self.data for number, _label in made.choices
        ):
            return made.prefilled
        return ",".join(
            number for number, _label in made.choices if f"{made.name}-{number}" in self.data
        )

    def several(self, made: Input) -> Any:
        """Return what is ticked: first what was proposed and still is, in its order, then the rest."""
        made.text = self.ticks(made)
        ticked = {int(number) for number in made.ticked if number}
        if not ticked and not made.required:
            return ABSENT
        given = made.given if isinstance(made.given, list) else []
        kept = [one for one in given if choices.index_of(made.values, one) in ticked]
        there = {choices.index_of(made.values, one) for one in kept}
        return [*kept, *(made.values[number] for number in sorted(ticked - there))]

    def variant(self, made: Input) -> Any:
        made.text = self.data.get(made.name, made.prefilled)
        chosen = saying.branch_of(made, made.text)
        value: Any = ABSENT
        for branch in made.inputs:
            found = self.value(branch)
            if branch is chosen:
                is_new = (
                    found is ABSENT and branch.kind in GROUPS
                )  # chosen, with nothing typed in it
                value = self.reading(branch) if is_new else found
            else:
                for inner in branch.walk():
                    inner.errors.clear()
        if chosen is None and not made.errors:
            return None if made.nullable and made.required else ABSENT
        return value

    # Rows -----------------------------------------------------------------------------------------

    def count(self, made: Input) -> int:
        said = self.data.get(f"{made.name}-count", made.prefilled)
        return min(saying.number_of(said) or 0, made.most)

    def origin(self, made: Input, number: int) -> int | None:
        """Return which item of the proposal a row is drawn from; None for one that was added."""
        name = f"{made.name}-{number}-from"
        if f"{made.name}-count" not in self.data and number < len(made.inputs):
            return made.inputs[number].origin
        return saying.number_of(self.data.get(name, ""))

    def rows(self, made: Input) -> Any:
        """Return the items that are filled in; a row that was added and is blank is none."""
        assert made.row
        drawn, made.inputs = made.inputs, []
        found: list[Any] = []
        for number in range(self.count(made)):
            origin = self.origin(made, number)
            row = drawn[number] if number < len(drawn) else None
            try:
                if row is None or row.origin != origin:
                    row = made.row(number, origin)
            except TooMuch:
                made.most = len(made.inputs)
                made.errors.append(_("holds more than a page can"))
                break
            made.inputs.append(row)
            value = self.value(row)
            if _is_blank(row) and (row.given is ABSENT or not self.is_untouched(row)):
                for inner in row.walk():
                    inner.errors.clear()
                continue
            _place(row, (*made.path, str(len(found))))
            found.append(None if value is ABSENT else value)
        was_given = isinstance(made.given, list)
        return found if found or made.required or was_given else ABSENT


def _may_be_bare(made: Input) -> bool:
    """Return whether an object without anything in it is an answer, not a group that was left blank."""
    return made.kind != "group" or made.required or made.given == {}


def _is_amount(made: Input) -> int:
    """Sort amounts behind what may be their currency, and what else there is behind all."""
    return 2 if made.kind == "rest" else int(made.kind == "money")


def _with_rest(found: dict[str, Any], made: Input, value: Any, known: set[str]) -> dict[str, Any]:
    if value is ABSENT:
        return found
    if not isinstance(value, dict):
        made.errors.append(_("is not an object of names and values"))
        return found
    if twice := sorted(known & set(value)):
        made.errors.append(_("holds %(name)s, which has a field of its own") % {"name": twice[0]})
        return found
    return {**found, **value}


def _is_blank(row: Input) -> bool:
    return not any(
        one.text.strip() for one in row.walk() if one.kind != "fixed" and one.kind not in GROUPS
    )


def _place(made: Input, path: tuple[str, ...]) -> None:
    """Let an input stand for the place that its value has: blank rows before it do not count."""
    for inner in made.inputs:
        _place(inner, (*path, *inner.path[len(made.path) :]))
    made.path = path
