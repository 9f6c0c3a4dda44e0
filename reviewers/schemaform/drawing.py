"""From a schema to the inputs that ask for it, filled in with what was proposed."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from escalation.cases.arguments import asked_about
from reviewers import wording
from reviewers.schemaform import hints, money, schemas
from reviewers.schemaform.inputs import ABSENT, Input
from reviewers.schemaform.schemas import Schema

SCALARS = ("string", "number", "integer")
FORMATS = {"date": "date", "date-time": "instant", "email": "email", "idn-email": "email"}
ALTERNATIVES = ("oneOf", "anyOf")
STRICT = (*ALTERNATIVES, "not", "if", "dependentSchemas")  # what fields side by side cannot show
MOST_DEPTH = 6
MOST_INPUTS = 150  # drawn of one schema; beyond them it is one text of JSON
MOST_MORE = 120  # in rows that are added
MOST_CHOICES = 200
MOST_TICKS = 12
MOST_ROWS = 100
MOST_VARIANTS = 6
LONG = 200  # letters from which a text has several lines
UTC_ZONE = ZoneInfo("UTC")


class TooMuch(Exception):
    """There is more to draw than a page can hold."""


def build(
    schema: Schema,
    prefix: str,
    proposed: Any = ABSENT,
    *,
    currency: str = "",
    zone: ZoneInfo = UTC_ZONE,
) -> list[Input]:
    """Return the inputs for an object schema, filled in with what it asks about of ``proposed``.

    ``currency`` is that of the proposal, for amounts with none beside them; instants are typed by the
    clock of ``zone``.
    """
    root = schemas.resolved(schema, schema)
    names = [name for name, _ in schemas.properties(root)]
    if isinstance(proposed, dict):
        proposed = asked_about(schema, proposed)
    asks_more = isinstance(proposed, dict) and not proposed.keys() <= set(names)
    try:
        if names and not asks_more and not any(word in root for word in ALTERNATIVES):
            drawing = _Drawing(schema, currency, zone)
            inputs = drawing.fields(root, prefix, (), proposed)
            drawing.left = MOST_MORE  # for the rows that are added
            return inputs
    except TooMuch:
        pass
    whole = Input(prefix, (), "json", "Parameters, as JSON", required=True)
    if isinstance(proposed, dict) and proposed:
        _prefill(whole, proposed, zone)
    return [whole]


class _Drawing:
    def __init__(self, root: Schema, currency: str, zone: ZoneInfo) -> None:
        self.root, self.currency, self.zone = root, currency, zone
        self.left = MOST_INPUTS

    def fields(
        self, schema: Schema, prefix: str, path: tuple[str, ...], proposed: Any
    ) -> list[Input]:
        """Return an input for each property, and one for what else the proposal holds there."""
        required = schemas.required(schema)
        given = proposed if isinstance(proposed, dict) else {}
        drawn = []
        for number, (key, part) in enumerate(schemas.properties(schema)):
            found, nullable = schemas.nullable(self.root, schemas.resolved(self.root, part))
            made = self.input(
                found, f"{prefix}-{number}", (*path, key), schemas.label(found, key),
                given.get(key, ABSENT), money.currency_of(key, found, given, self.currency),
            )  # fmt: skip
            made.required, made.nullable = key in required, nullable
            drawn.append(made)
        known = {made.path[-1] for made in drawn}
        more = {key: value for key, value in given.items() if key not in known}
        if path and more and schema.get("additionalProperties") is not False:
            rest = Input(f"{prefix}-rest", path, "rest", "What else it holds, as JSON")
            _prefill(rest, more, self.zone)
            drawn.append(rest)
        return drawn

    def input(
        self, schema: Schema, name: str, path: tuple[str, ...], label: str, proposed: Any,
        currency: str = "",
    ) -> Input:  # fmt: skip
        self.left -= 1
        if self.left < 0:
            raise TooMuch
        kind = "money" if currency else self.kind(schema, len(path), proposed)
        made = Input(name, path, kind, label, schema=schema, currency=currency)
        made.hint = hints.of(schema, says_pattern=not (currency and money.has_cents(schema)))
        getattr(self, f"_{kind}", self._plain)(made, proposed)
        return made

    def kind(self, schema: Schema, depth: int, proposed: Any) -> str:
        if "const" in schema:
            return "fixed"
        if _choices(self.root, schema):
            return "choice"
        kind = schema.get("type", _implied(schema))
        if any(schema.get(word) for word in STRICT) or "allOf" in schema:
            return "variants" if self.has_variants(schema, depth) else "json"
        if kind == "object" and next(schemas.properties(schema), None) and depth < MOST_DEPTH:
            return "group"
        if kind == "array" and "prefixItems" not in schema:
            return self.kind_of_list(schema, depth, proposed)
        if kind == "string":
            long = schema.get("maxLength", 0)
            is_long = "format" not in schema and isinstance(long, int) and long > LONG
            is_long = is_long or (isinstance(proposed, str) and "\n" in proposed)
            return FORMATS.get(str(schema.get("format")), "long" if is_long else "text")
        if kind == "boolean":
            return "choice"
        return str(kind) if kind in ("number", "integer") else "json"

    def kind_of_list(self, schema: Schema, depth: int, proposed: Any) -> str:
        items = schemas.at(self.root, schema, "")
        given = proposed if isinstance(proposed, list) else []
        offered = _choices(self.root, items)
        if offered and schema.get("uniqueItems") is True and len(offered) <= MOST_TICKS:
            return "several"
        plain = items.get("type") in SCALARS and not offered and not items.keys() & {
            "pattern", "format", "minimum", "maximum", "minLength", "maxLength", "multipleOf", "const",
        }  # fmt: skip
        if plain and all(_fits_a_line(item) for item in given):
            return "lines"
        drawable = depth + 1 < MOST_DEPTH and self.kind(items, depth + 1, ABSENT) != "json"
        return "rows" if drawable and len(given) <= MOST_ROWS else "json"

    def has_variants(self, schema: Schema, depth: int) -> bool:
        given = schema.get("oneOf", schema.get("anyOf"))
        only_that = not any(word in schema for word in ("properties", "not", "if", "allOf"))
        if not only_that or not isinstance(given, list) or not 2 <= len(given) <= MOST_VARIANTS:
            return False
        branches = [schemas.resolved(self.root, part) for part in given]
        return depth + 1 < MOST_DEPTH and all(
            self.kind(branch, depth + 1, ABSENT) != "json" for branch in branches
        )

    # Kinds that need more than a text ---------------------------------------------------------------

    def _plain(self, made: Input, proposed: Any) -> None:
        default = made.schema.get("default", ABSENT)
        if proposed is not ABSENT:
            _prefill(made, proposed, self.zone)
        elif default is not ABSENT:
            made.text = _fill(made, default, self.zone)

    def _instant(self, made: Input, proposed: Any) -> None:
        said = hints.instant(_instant_of(proposed), str(self.zone))
        made.hint = f"{made.hint}; {said}" if made.hint else said
        self._plain(made, proposed)

    def _fixed(self, made: Input, proposed: Any) -> None:
        made.values, made.text = [made.schema["const"]], _text(made.schema["const"])

    def _choice(self, made: Input, proposed: Any) -> None:
        offered = _choices(self.root, made.schema) or [(True, "Yes"), (False, "No")]
        made.values = [value for value, _ in offered]
        made.choices = [(str(n), label) for n, (_, label) in enumerate(offered)]
        self._plain(made, proposed)

    def _several(self, made: Input, proposed: Any) -> None:
        offered = _choices(self.root, schemas.at(self.root, made.schema, ""))
        made.values = [value for value, _ in offered]
        made.choices = [(str(n), label) for n, (_, label) in enumerate(offered)]
        self._plain(made, proposed)

    def _lines(self, made: Input, proposed: Any) -> None:
        made.item = schemas.at(self.root, made.schema, "")["type"]
        self._plain(made, proposed)

    def _group(self, made: Input, proposed: Any) -> None:
        made.inputs = self.fields(made.schema, made.name, made.path, proposed)

    def _rows(self, made: Input, proposed: Any) -> None:
        items = schemas.at(self.root, made.schema, "")
        given = proposed if isinstance(proposed, list) else made.schema.get("default", [])
        given = given if isinstance(given, list) else []

        def row(number: int, item: Any = ABSENT) -> Input:
            place = (*made.path, str(number))
            label = f"{made.label} {number + 1}"
            return self.input(items, f"{made.name}-{number}", place, label, item)

        made.inputs = [row(number, item) for number, item in enumerate(given[:MOST_ROWS])]
        made.given = proposed
        size = sum(1 for _ in row(0).walk())
        largest, fewest = made.schema.get("maxItems"), made.schema.get("minItems")
        made.most = min(largest if isinstance(largest, int) else MOST_ROWS, MOST_ROWS)
        made.most = max(min(made.most, MOST_MORE // size), len(made.inputs))
        made.fewest = min(fewest, made.most) if isinstance(fewest, int) else 0
        while len(made.inputs) < max(made.fewest, 0 if given else min(1, made.most)):
            made.inputs.append(row(len(made.inputs)))  # one to begin with
        made.row = row

    def _variants(self, made: Input, proposed: Any) -> None:
        given = made.schema.get("oneOf", made.schema.get("anyOf"))
        branches = [schemas.resolved(self.root, part) for part in given or []]
        chosen = next((n for n, one in enumerate(branches) if _is_of(one, proposed)), None)
        made.text = "" if chosen is None else str(chosen)
        for number, branch in enumerate(branches):
            label = str(branch.get("title") or "") or _kind_said(branch)
            fill = proposed if number == chosen else ABSENT
            made.inputs.append(
                self.input(branch, f"{made.name}-{number}", made.path, label[:200], fill)
            )
            made.choices.append((str(number), label[:200]))


def _implied(schema: Schema) -> str:
    """Return the type of a schema that does not say it but by its words."""
    return "object" if "properties" in schema else "array" if "items" in schema else ""


def _choices(root: Schema, schema: Schema) -> list[tuple[Any, str]]:
    """Return the values that a schema lists, each with its words; none where it lists none, or many."""
    given = schema.get("enum")
    if isinstance(given, list):
        found = [(value, _text(value)) for value in given[: MOST_CHOICES + 1]]
        return found if len(found) <= MOST_CHOICES else []
    for word in ALTERNATIVES:
        parts = schema.get(word)
        if isinstance(parts, list) and parts and len(parts) <= MOST_CHOICES:
            each = [schemas.resolved(root, part) for part in parts]
            if all("const" in one and "properties" not in one for one in each):
                return [
                    (one["const"], str(one.get("title") or _text(one["const"]))) for one in each
                ]
    return []


def _is_of(schema: Schema, value: Any) -> bool:
    """Return whether a value looks like one of a branch: its kind, and what is fixed in it."""
    kind = schema.get("type", _implied(schema))
    is_kind = {
        "object": isinstance(value, dict),
        "array": isinstance(value, list),
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
    }.get(kind, isinstance(value, (int, float)) and not isinstance(value, bool))
    if not is_kind or not isinstance(value, dict):
        return is_kind
    named = dict(schemas.properties(schema))
    fixed = {key: part["const"] for key, part in named.items() if "const" in part}
    return all(value.get(key) == const for key, const in fixed.items()) and all(
        key in value for key in schemas.required(schema)
    )


def _kind_said(schema: Schema) -> str:
    kind = str(schema.get("type", _implied(schema)))
    return {"object": "Several fields", "array": "A list", "string": "A text", "boolean": "Yes or no",
            "number": "A number", "integer": "A whole number"}.get(kind, "Another")  # fmt: skip


def _fits_a_line(item: Any) -> bool:
    if isinstance(item, str):
        return bool(item) and item == item.strip() and "\n" not in item
    return isinstance(item, (int, float)) and not isinstance(item, bool)


# Filling in ---------------------------------------------------------------------------------------


def _prefill(made: Input, value: Any, zone: ZoneInfo) -> None:
    made.text = _fill(made, value, zone)
    if made.text or value == "":
        made.given, made.prefilled = value, made.text
    if made.kind not in ("json", "rest"):
        made.proposed = _proposed(made, value)


def _fill(made: Input, value: Any, zone: ZoneInfo) -> str:
    """Return ``value`` as the input would hold it; a value that does not fit it is left out."""
    if made.kind == "choice":
        found = [i for i, offered in enumerate(made.values) if _same(offered, value)]
        return str(found[0]) if found else ""
    if made.kind == "several":
        given = value if isinstance(value, list) else []
        ticked = (i for i, one in enumerate(made.values) if any(_same(one, v) for v in given))
        return ",".join(map(str, ticked))
    if made.kind in ("json", "rest"):
        return json.dumps(value, ensure_ascii=False, indent=2)
    if made.kind == "lines":
        return "\n".join(map(_text, value)) if isinstance(value, list) else ""
    if made.kind == "instant":
        return _local(value, zone)
    if isinstance(value, (dict, list)) or value is None:
        return ""
    return money.shown(value) if made.kind == "money" else _text(value)


def _proposed(made: Input, value: Any) -> str:
    if made.kind == "choice":
        return dict(made.choices).get(made.text, "")
    if made.kind == "several":
        return ", ".join(dict(made.choices)[one] for one in made.text.split(",") if one)
    amount = money.number(value) if made.kind == "money" else None
    return made.text if amount is None else wording.money(amount, made.currency)


def _instant_of(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found.astimezone(UTC_ZONE) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _local(value: Any, zone: ZoneInfo) -> str:
    found = _instant_of(value)
    if found is None:
        return ""
    local = found.astimezone(zone)
    return local.strftime("%Y-%m-%dT%H:%M:%S" if local.second else "%Y-%m-%dT%H:%M")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other
