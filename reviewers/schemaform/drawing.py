"""From a schema to the inputs that ask for it, filled in with what was proposed."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from escalation.cases.arguments import asked_about
from reviewers.schemaform import choices, filling, hints, kinds, money, schemas
from reviewers.schemaform.filling import UTC_ZONE
from reviewers.schemaform.fitting import Judge
from reviewers.schemaform.inputs import ABSENT, KEPT, Input
from reviewers.schemaform.kinds import MOST_ROWS
from reviewers.schemaform.numerals import POINT, Numerals
from reviewers.schemaform.schemas import Schema

MOST_INPUTS = 150  # drawn of one schema; beyond them it is one text of JSON
MOST_MORE = 120  # in rows that are added
MOST_OPTIONS = 3_000  # of all lists of a page; beyond them a list shows what is searched for
FEW_OPTIONS = 20
WHOLES = ("group", "rows", "lines", "several")  # in place of which a value that does not fit is set


class TooMuch(Exception):
    """There is more to draw than a page can hold."""


def build(
    schema: Schema,
    prefix: str,
    proposed: Any = ABSENT,
    *,
    currency: str = "",
    zone: ZoneInfo = UTC_ZONE,
    numerals: Numerals = POINT,
) -> list[Input]:
    """Return the inputs for an object schema; ``proposed`` fills those that it asks about.

    ``currency`` is that of the proposal, for amounts with none beside them; instants are typed by the
    clock of ``zone``, numbers as ``numerals`` has them.
    """
    root = schemas.resolved(schema, schema)
    drawing = _Drawing(schema, currency, zone, numerals)
    if isinstance(proposed, dict):
        proposed = drawing.asked(proposed)
    try:
        if branches := kinds.alternatives(root):
            inputs = [drawing.whole_of(root, branches, prefix, proposed)]
        elif next(schemas.properties(root), None):
            inputs = drawing.fields(root, prefix, (), proposed, is_asked=True)
        else:
            raise TooMuch
        drawing.left = MOST_MORE  # for the rows that are added
        return inputs
    except TooMuch:
        whole = Input(prefix, (), "json", _("Parameters, as JSON"), required=True)
        if isinstance(proposed, dict):
            drawing.fill(whole, proposed)
        return [whole]


class _Drawing:
    def __init__(self, root: Schema, currency: str, zone: ZoneInfo, numerals: Numerals) -> None:
        self.root, self.currency = root, currency
        self.zone, self.numerals = zone, numerals
        self.left, self.options_left = MOST_INPUTS, MOST_OPTIONS
        self.judge = Judge(root)

    def asked(self, proposed: dict[str, Any]) -> dict[str, Any]:
        """Return what is asked about: more than what is named, where an answer needs more to fit."""
        named = asked_about(self.root, proposed)
        if len(named) == len(proposed) or self.judge.fits(self.root, named):
            return named
        return proposed if self.judge.fits(self.root, proposed) else named

    def whole_of(self, root: Schema, branches: list[Any], prefix: str, proposed: Any) -> Input:
        """Return the input for parameters that as a whole are one of several."""
        each = [schemas.resolved(self.root, part) for part in branches]
        if not any(next(schemas.properties(branch), None) for branch in each):
            raise TooMuch
        made = Input(prefix, (), "variants", _("Parameters"), required=True, schema=root)
        made.given = proposed
        self._variants(made, proposed, is_asked=True)
        return made

    def fields(
        self, schema: Schema, prefix: str, path: tuple[str, ...], proposed: Any, *, is_asked: bool
    ) -> list[Input]:
        """Return an input for each property, and one for what else the proposal holds there.

        ``is_asked`` is whether the object has to be there, so that defaults fill in what must be.
        """
        required = schemas.required(schema)
        is_there = isinstance(proposed, dict)
        given = proposed if is_there else {}
        drawn = []
        for number, (key, part) in enumerate(schemas.properties(schema)):
            found, nullable = schemas.nullable(self.root, schemas.resolved(self.root, part))
            drawn.append(
                self.input(
                    found, f"{prefix}-{number}", (*path, key), schemas.label(found, key),
                    given.get(key, ABSENT), money.currency_of(key, found, given, self.currency),
                    required=key in required, nullable=nullable,
                    is_asked=is_asked and key in required, is_there=is_there,
                )
            )  # fmt: skip
        known = {made.path[-1] for made in drawn}
        if more := {key: value for key, value in given.items() if key not in known}:
            rest = Input(f"{prefix}-rest", path, "rest", _("What else it holds, as JSON"))
            self.fill(rest, more)
            drawn.append(rest)
        return drawn

    def input(
        self, schema: Schema, name: str, path: tuple[str, ...], label: str, proposed: Any,
        currency: str = "", *, required: bool = True, nullable: bool = False, is_asked: bool = True,
        is_there: bool = False,
    ) -> Input:  # fmt: skip
        """Return the input for a schema. ``is_there``: the object around it was proposed.

        ``is_asked`` is whether a value has to be there, so that a default fills it in.
        """
        self.left -= 1
        if self.left < 0:
            raise TooMuch
        kind = kinds.kind_of(self.root, schema, len(path), proposed, required or not is_there)
        if (
            currency
            and kind in ("text", "number", "integer")
            and not money.is_worded(schema, proposed)
        ):
            kind = "money"
        made = Input(name, path, kind, label, schema=schema, currency=currency)
        made.required, made.nullable, made.given = required, nullable, proposed
        made.hint = hints.of(schema, says_pattern=not (currency and money.has_cents(schema)))
        self.prepare(made)
        if proposed is not ABSENT:
            made.misfit = not kinds.holds(kind, schema, made.values, proposed, nullable)
        if made.misfit and kind in WHOLES:
            return self.beside_a_misfit(made)
        if made.misfit and kind == "fixed":
            made.kind = "choice"
        if made.misfit and kind in ("text", "long", "date", "instant", "email"):
            made.kind, made.hint = "json", hints.in_quotes(made.hint)
        getattr(self, f"_{made.kind}", self._plain)(made, proposed, is_asked=is_asked)
        if made.default is not ABSENT or made.kind in ("fixed", "group", "rows", "variants"):
            return made
        if not required and "default" in schema:
            made.hint = hints.joined(made.hint, hints.left_out(schema["default"]))
        return made

    def prepare(self, made: Input) -> None:
        """Note what an input of lists has to offer."""
        if made.kind in ("choice", "several", "fixed"):
            schema = (
                schemas.at(self.root, made.schema, "") if made.kind == "several" else made.schema
            )
            only = schemas.only_value(schema)
            offered = [(only[0], choices.text(only[0]))] if only else choices.of(self.root, schema)
            offered = offered or [(True, _("Yes")), (False, _("No"))]
            made.values = [value for value, _label in offered]
            made.choices = [(str(n), label) for n, (_value, label) in enumerate(offered)]
        if made.kind == "lines":
            made.item = schemas.at(self.root, made.schema, "")["type"]

    def fill(self, made: Input, value: Any) -> None:
        """Fill an input in with what was proposed for it."""
        made.given = value
        made.text = made.prefilled = filling.text_of(made, value, self.zone, self.numerals)
        if made.kind not in ("json", "rest"):
            made.proposed = filling.proposed_of(made, value)

    def beside_a_misfit(self, made: Input) -> Input:
        """Return a choice between what was proposed and the input that it does not fit."""
        outer = Input(made.name, made.path, "variants", made.label, schema=made.schema)
        outer.given, outer.required, outer.nullable = made.given, made.required, made.nullable
        outer.misfit = True
        self.left += 1
        own = self.input(
            made.schema, f"{made.name}-0", made.path, _("Another"), ABSENT, made.currency,
            required=made.required, is_asked=False,
        )  # fmt: skip
        outer.inputs, outer.choices = [own], [("0", own.label)]
        self.keep(outer)
        return outer

    def keep(self, made: Input) -> None:
        """Offer what was proposed as it is beside the alternatives, and choose it."""
        number = len(made.inputs)
        label = _("As proposed")
        kept = Input(f"{made.name}-{number}", made.path, "fixed", label, required=True)
        kept.given, kept.values = made.given, [made.given]
        kept.text = json.dumps(made.given, ensure_ascii=False)
        made.inputs.append(kept)
        made.choices.append((str(number), label))
        made.text = made.prefilled = str(number)

    # By kind ------------------------------------------------------------------------------------------

    def _plain(self, made: Input, proposed: Any, *, is_asked: bool) -> None:
        default = made.schema.get("default", ABSENT)
        if proposed is not ABSENT:
            self.fill(made, proposed)
        elif default is not ABSENT and is_asked and self.may_be(made, default):
            made.default = default
            made.text = made.prefilled = filling.text_of(made, default, self.zone, self.numerals)
        made.may_be_empty = (
            made.required and made.kind in ("text", "long") and self.judge.fits(made.schema, "")
        )
        if made.kind in ("number", "integer", "money"):
            made.example = money.example(made, self.numerals)

    def may_be(self, made: Input, default: Any) -> bool:
        return kinds.holds(made.kind, made.schema, made.values, default, made.nullable)

    def _instant(self, made: Input, proposed: Any, *, is_asked: bool) -> None:
        at = filling.instant_of(proposed)
        made.hint = hints.joined(made.hint, hints.instant(at, str(self.zone)))
        self._plain(made, proposed, is_asked=is_asked)
        made.plain = isinstance(proposed, str) and not filling.local(proposed, self.zone)
        if made.plain and proposed:
            made.misfit, made.proposed = True, proposed

    def _date(self, made: Input, proposed: Any, *, is_asked: bool) -> None:
        self._plain(made, proposed, is_asked=is_asked)
        made.plain = bool(made.text) and not made.is_date

    def _fixed(self, made: Input, proposed: Any, *, is_asked: bool) -> None:
        made.text = choices.text(made.values[0])

    def _choice(self, made: Input, proposed: Any, *, is_asked: bool) -> None:
        if made.misfit:
            said = choices.text(proposed)[: choices.MOST_LETTERS]
            made.choices.append((KEPT, _("%(value)s (as proposed)") % {"value": said}))
        if len(made.choices) > min(choices.MOST_SHOWN, max(self.options_left, FEW_OPTIONS)):
            made.most_shown = FEW_OPTIONS
        self.options_left -= min(len(made.choices), made.most_shown)
        self._plain(made, proposed, is_asked=is_asked)

    def _group(self, made: Input, proposed: Any, *, is_asked: bool) -> None:
        is_there = is_asked or isinstance(proposed, dict)
        made.inputs = self.fields(made.schema, made.name, made.path, proposed, is_asked=is_there)

    def _rows(self, made: Input, proposed: Any, *, is_asked: bool) -> None:
        items, nullable = schemas.nullable(
            self.root, schemas.resolved(self.root, made.schema.get("items"))
        )
        given = proposed if isinstance(proposed, list) else []

        def row(number: int, origin: int | None = None) -> Input:
            place = (*made.path, str(number))
            item = ABSENT if origin is None or origin >= len(given) else given[origin]
            found = self.input(
                items, f"{made.name}-{number}", place, f"{made.label} {number + 1}", item,
                nullable=nullable, is_asked=False,
            )  # fmt: skip
            found.origin = None if item is ABSENT else origin
            return found

        made.inputs = [row(number, number) for number in range(min(len(given), MOST_ROWS))]
        before = self.left
        self.left = max(before, MOST_MORE)
        size = sum(1 for _inner in row(0).walk())
        self.left = before
        largest, fewest = made.schema.get("maxItems"), made.schema.get("minItems")
        made.most = min(largest if isinstance(largest, int) else MOST_ROWS, MOST_ROWS)
        made.most = max(min(made.most, MOST_MORE // size), len(made.inputs))
        made.fewest = min(fewest, made.most) if isinstance(fewest, int) else 0
        is_blank = proposed is ABSENT and made.required  # one to begin with
        while len(made.inputs) < max(made.fewest, min(1, made.most) if is_blank else 0):
            made.inputs.append(row(len(made.inputs)))
        made.row = row
        made.prefilled = str(len(made.inputs))

    def _variants(self, made: Input, proposed: Any, *, is_asked: bool) -> None:
        branches = kinds.alternatives(made.schema)
        chosen = None
        if proposed is not ABSENT:
            chosen = self.judge.branch_of(made.schema, branches, proposed)
        for number, part in enumerate(branches):
            found, nullable = schemas.nullable(self.root, schemas.resolved(self.root, part))
            fill = proposed if number == chosen else ABSENT
            label = hints.branch(self.root, found)
            if made.path or next(schemas.properties(found), None):
                branch = self.input(
                    found, f"{made.name}-{number}", made.path, label, fill, made.currency,
                    nullable=nullable, is_asked=is_asked or chosen is not None,
                )  # fmt: skip
            else:
                branch = Input(f"{made.name}-{number}", (), "json", label, required=True)
                if fill is not ABSENT:
                    self.fill(branch, fill)
            made.inputs.append(branch)
        labels = hints.apart([branch.label for branch in made.inputs])
        for branch, label in zip(made.inputs, labels, strict=True):
            branch.label = label
        made.choices = [(str(number), label) for number, label in enumerate(labels)]
        made.text = made.prefilled = "" if chosen is None else str(chosen)
        if chosen is None and proposed is not ABSENT and not (proposed is None and made.nullable):
            made.misfit = True
            self.keep(made)
