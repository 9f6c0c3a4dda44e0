"""A form from an option's JSON Schema: what to ask, what was filled in, and how both come together.

The schema is checked elsewhere (``escalation.parameters``); here it only becomes inputs. What has no
input of its own is asked for as JSON, so that no schema is beyond a reviewer's reach.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from escalation import canonical
from escalation.errors import EscalationError, Fault

SCALARS = ("string", "number", "integer", "boolean")
# Patterns that agents send for what people would say in words.
PATTERNS = {
    r"^[0-9]+\.[0-9]{2}$": "digits, a point and two decimals, such as 200.00",
    r"^\d+\.\d{2}$": "digits, a point and two decimals, such as 200.00",
    r"^[0-9]+$": "digits only",
    r"^\d+$": "digits only",
    r"^[A-Z]{3}$": "three capital letters, such as USD",
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "a date, such as 2026-11-20",
}
NOT_OF_THE_FORM = "does not have the form "
FORMATS = {"date": "date", "date-time": "instant", "email": "email"}
MOST_DEPTH = 6
ABSENT = object()


@dataclass
class Input:
    """One input of the form, or a group of them."""

    name: str  # in the post
    path: tuple[str, ...]
    kind: (
        str  # text, long, number, integer, choice, fixed, date, instant, email, lines, json, group
    )
    label: str
    hint: str = ""
    required: bool = False
    choices: list[tuple[str, str]] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)  # of the choices, in their own type
    item: str = "string"  # of one line, in ``lines``
    inputs: list[Input] = field(default_factory=list)
    text: str = ""  # as typed, or prefilled
    proposed: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def pointer(self) -> str:
        return canonical.pointer(*self.path)

    @property
    def described_by(self) -> str:
        ids = [(self.errors, "error"), (self.hint or self.proposed, "hint")]
        return " ".join(f"{self.name}-{part}" for given, part in ids if given)

    def walk(self) -> Iterator[Input]:
        yield self
        for inner in self.inputs:
            yield from inner.walk()


def build(schema: Mapping[str, Any], prefix: str, proposed: Any = ABSENT) -> list[Input]:
    """Return the inputs for an object schema; ``proposed`` fills those whose names it has."""
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        return [_json(prefix, (), "Parameters, as JSON", proposed, required=True)]
    return _inputs(schema, schema, prefix, (), proposed)


def _inputs(
    root: Mapping[str, Any],
    schema: Mapping[str, Any],
    prefix: str,
    path: tuple[str, ...],
    proposed: Any,
) -> list[Input]:
    required = schema.get("required", [])
    given = proposed if isinstance(proposed, dict) else {}
    return [
        _input(root, _resolved(root, part), f"{prefix}-{number}", (*path, key),
               key in required, given.get(key, ABSENT))
        for number, (key, part) in enumerate(schema["properties"].items())
    ]  # fmt: skip


def _resolved(root: Mapping[str, Any], schema: Any) -> Mapping[str, Any]:
    """Follow one local ``$ref``; what cannot be followed is asked for as JSON."""
    if not isinstance(schema, dict):
        return {}
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Any = root
    for part in str(reference).removeprefix("#/").split("/"):
        found = (
            found.get(part.replace("~1", "/").replace("~0", "~"))
            if isinstance(found, dict)
            else None
        )
    rest = {key: value for key, value in schema.items() if key != "$ref"}
    return {**found, **rest} if isinstance(found, dict) and "$ref" not in found else {}


def _input(
    root: Mapping[str, Any], schema: Mapping[str, Any], name: str, path: tuple[str, ...],
    required: bool, proposed: Any,
) -> Input:  # fmt: skip
    label = str(schema.get("title") or path[-1].replace("_", " ").capitalize())
    made = Input(name, path, _kind(schema, len(path)), label, _hint(schema), required)
    if made.kind == "group":
        made.inputs = _inputs(root, schema, name, path, proposed)
        return made
    if made.kind == "fixed":
        made.values, made.text = [schema["const"]], _text(schema["const"])
        return made
    if made.kind == "choice":
        made.values = schema.get("enum", [True, False])
        shown = ["Yes", "No"] if "enum" not in schema else [_text(v) for v in made.values]
        made.choices = [(str(index), text) for index, text in enumerate(shown)]
    if made.kind == "lines":
        made.item = _resolved(root, schema["items"])["type"]
    if proposed is ABSENT:
        proposed = schema.get("default", ABSENT)
    elif made.kind != "json":
        made.proposed = _shown(made, proposed)
    if proposed is not ABSENT:
        made.text = _fill(made, proposed)
    return made


def _kind(schema: Mapping[str, Any], depth: int) -> str:
    if "const" in schema:
        return "fixed"
    if isinstance(schema.get("enum"), list):
        return "choice"
    if any(word in schema for word in ("anyOf", "oneOf", "allOf", "not", "if")):
        return "json"
    kind = schema.get("type")
    if kind == "object" and schema.get("properties") and depth < MOST_DEPTH:
        return "group"
    if kind == "array":
        items = schema.get("items")
        plain = isinstance(items, dict) and items.get("type") in SCALARS and "enum" not in items
        return "lines" if plain and items.get("type") != "boolean" else "json"
    if kind == "string":
        long = "format" not in schema and schema.get("maxLength", 0) > 200
        return FORMATS.get(schema.get("format", ""), "long" if long else "text")
    if kind == "boolean":
        return "choice"
    return str(kind) if kind in ("number", "integer") else "json"


def _hint(schema: Mapping[str, Any]) -> str:
    said = [str(schema["description"])] if schema.get("description") else []
    for word, text in (("minimum", "from {}"), ("exclusiveMinimum", "above {}"),
                       ("maximum", "up to {}"), ("exclusiveMaximum", "below {}"),
                       ("maxLength", "at most {} characters")):  # fmt: skip
        if word in schema and not (word == "maxLength" and schema[word] > 200):
            said.append(text.format(schema[word]))
    if "pattern" in schema:
        pattern = str(schema["pattern"])
        said.append(PATTERNS.get(pattern, f"of the form {pattern}"))
    return "; ".join(said)


def _json(name: str, path: tuple[str, ...], label: str, proposed: Any, *, required: bool) -> Input:
    made = Input(name, path, "json", label, required=required)
    if isinstance(proposed, dict) and proposed:
        made.text = _fill(made, proposed)
    return made


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _fill(made: Input, value: Any) -> str:
    """Return ``value`` as the input would hold it; a value that does not fit it is left out."""
    if made.kind == "choice":
        found = [i for i, offered in enumerate(made.values) if _same(offered, value)]
        return str(found[0]) if found else ""
    if made.kind == "json":
        return json.dumps(value, ensure_ascii=False, indent=2)
    if made.kind == "lines":
        return "\n".join(map(_text, value)) if isinstance(value, list) else ""
    return "" if isinstance(value, (dict, list)) or value is None else _text(value)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def _shown(made: Input, value: Any) -> str:
    filled = _fill(made, value)
    return dict(made.choices).get(filled, "") if made.kind == "choice" else filled


# Reading what was posted ---------------------------------------------------------------------------


def read(inputs: list[Input], data: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters that ``data`` fills in, and keep in each input what was typed.

    A blank input is left out, unless it is a text that must be there. What cannot be read is noted
    as an error at its input.
    """
    if len(inputs) == 1 and not inputs[0].path:
        value = _read(inputs[0], data)
        return value if isinstance(value, dict) else {}
    found: dict[str, Any] = {}
    for made in inputs:
        value = read(made.inputs, data) if made.kind == "group" else _read(made, data)
        if value is not ABSENT and (made.kind != "group" or value or made.required):
            found[made.path[-1]] = value
    return found


def _read(made: Input, data: Mapping[str, str]) -> Any:
    if made.kind == "fixed":
        return made.values[0]
    made.text = typed = data.get(made.name, "").replace("\r\n", "\n")
    if "\x00" in typed:
        made.errors.append("holds a NUL character, which no record can keep")
        return ABSENT
    if not typed.strip():
        return ABSENT
    if made.kind == "choice":
        return made.values[int(typed)] if typed in dict(made.choices) else ABSENT
    if made.kind == "lines":
        lines = [line.strip() for line in typed.split("\n") if line.strip()]
        return lines if made.item == "string" else [_number(made, line) for line in lines]
    if made.kind in ("number", "integer"):
        return _number(made, typed.strip())
    if made.kind == "json":
        return _parsed(made, typed)
    return typed if made.kind == "long" else typed.strip()


def _number(made: Input, typed: str) -> Any:
    value = _parsed(made, typed, "is not a number")
    if value is not ABSENT and (isinstance(value, bool) or not isinstance(value, (int, float))):
        made.errors.append("is not a number")
        return ABSENT
    return value


def _parsed(made: Input, typed: str, otherwise: str = "") -> Any:
    try:
        return canonical.parse(typed.encode())
    except EscalationError as refusal:
        faults = getattr(refusal, "faults", ())
        made.errors.append(faults[0].message if faults else otherwise or str(refusal))
    except ValueError:
        made.errors.append(otherwise or "is not JSON")
    return ABSENT


def point_out(inputs: list[Input], faults: tuple[Fault, ...]) -> list[Fault]:
    """Write each fault at the input it points to, or the nearest around it; return those with none."""
    known = {made.pointer: made for top in inputs for made in top.walk()}
    homeless = []
    for fault in faults:
        where = fault.pointer
        while where and where not in known:
            where = where.rpartition("/")[0]
        if where not in known:
            homeless.append(fault)
        elif not known[where].errors:
            known[where].errors.append(_in_words(fault.message))
    return homeless


def _in_words(message: str) -> str:
    pattern = message.removeprefix(NOT_OF_THE_FORM)
    if pattern == message:
        return message
    return f"must be {PATTERNS[pattern]}" if pattern in PATTERNS else message
