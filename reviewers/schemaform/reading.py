"""From what was posted to the parameters that it fills in, and each fault to the input it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from escalation import canonical, parameters
from escalation.errors import EscalationError, Fault, ParametersRejected
from reviewers.schemaform import hints, money
from reviewers.schemaform.drawing import UTC_ZONE, TooMuch
from reviewers.schemaform.inputs import ABSENT, GROUPS, Input
from reviewers.schemaform.schemas import Schema

NOT_OF_THE_FORM = "does not have the form "


def read(
    inputs: list[Input], data: Mapping[str, str], *, zone: ZoneInfo = UTC_ZONE
) -> dict[str, Any]:
    """Return the parameters that ``data`` fills in, and keep in each input what was typed.

    A blank input is left out, and a text that still says what was proposed is that very value. What
    cannot be read is noted as an error at its input.
    """
    if len(inputs) == 1 and not inputs[0].path:
        value = _read(inputs[0], data, zone)
        return value if isinstance(value, dict) else {}
    found: dict[str, Any] = {}
    for made in inputs:
        value = _read(made, data, zone)
        if made.kind == "rest":
            found = _with_rest(found, made, value, {one.path[-1] for one in inputs})
        elif value is ABSENT and made.nullable and made.required and not made.errors:
            found[made.path[-1]] = None
        elif value is not ABSENT and (value != {} or made.kind != "group" or made.required):
            found[made.path[-1]] = value
    return found


def _with_rest(found: dict[str, Any], made: Input, value: Any, known: set[str]) -> dict[str, Any]:
    if value is ABSENT:
        return found
    if not isinstance(value, dict):
        made.errors.append("is not an object of names and values")
        return found
    if twice := sorted(known & set(value)):
        made.errors.append(f"holds {twice[0]}, which has a field of its own")
        return found
    return {**found, **value}


def posted(inputs: list[Input]) -> dict[str, str]:
    """Return what a browser would send of inputs as they stand."""
    sent: dict[str, str] = {}
    for made in (one for top in inputs for one in top.walk()):
        if made.kind == "rows":
            sent[f"{made.name}-count"] = str(len(made.inputs))
        elif made.kind == "several":
            sent |= {f"{made.name}-{number}": "on" for number in made.ticked if number}
        else:
            sent[made.name] = made.text
    return sent


def _read(made: Input, data: Mapping[str, str], zone: ZoneInfo) -> Any:
    if made.kind == "fixed":
        return made.values[0]
    if made.kind == "group":
        return read(made.inputs, data, zone=zone)
    if made.kind == "rows":
        return _rows(made, data, zone)
    if made.kind == "variants":
        return _variant(made, data, zone)
    if made.kind == "several":
        return _several(made, data)
    made.text = typed = data.get(made.name, "").replace("\r\n", "\n")
    if "\x00" in typed:
        made.errors.append("holds a NUL character, which no record can keep")
        return ABSENT
    if made.given is not ABSENT and typed.strip() == made.prefilled.strip():
        return made.given
    if not typed.strip():
        return ABSENT
    return _value(made, typed, zone)


def _value(made: Input, typed: str, zone: ZoneInfo) -> Any:
    if made.kind == "choice":
        return made.values[int(typed)] if typed in dict(made.choices) else ABSENT
    if made.kind == "lines":
        lines = [line.strip() for line in typed.split("\n") if line.strip()]
        return lines if made.item == "string" else [_number(made, line) for line in lines]
    if made.kind == "money":
        return _amount(made, typed)
    if made.kind in ("number", "integer"):
        return _number(made, typed.strip())
    if made.kind == "instant":
        return _instant(made, typed.strip(), zone)
    if made.kind in ("json", "rest"):
        return _parsed(made, typed)
    return typed if made.kind == "long" else typed.strip()


def _amount(made: Input, typed: str) -> Any:
    try:
        bare = money.typed(typed, made.currency, made.schema)
    except ValueError as refusal:
        made.errors.append(str(refusal))
        return ABSENT
    is_number = made.schema.get("type") in ("number", "integer") or (
        "type" not in made.schema and isinstance(made.given, (int, float))
    )
    return _number(made, bare) if is_number else bare


def _instant(made: Input, typed: str, zone: ZoneInfo) -> Any:
    """Return an instant in UTC; typed without an offset it is by the clock of the reader."""
    try:
        found = datetime.fromisoformat(typed)
        local = found if found.tzinfo else found.replace(tzinfo=zone)
        utc = local.astimezone(UTC)
        there_is_none = utc.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(
            tzinfo=None
        )
    except (ValueError, OverflowError):
        made.errors.append("is no day and time, such as 2026-11-20 09:30")
        return ABSENT
    if there_is_none:
        made.errors.append(f"is no time in {zone}: the clocks skip it that night")
        return ABSENT
    return utc.isoformat().replace("+00:00", "Z")


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
    except (ValueError, RecursionError):
        made.errors.append(otherwise or "is not JSON")
    return ABSENT


def _several(made: Input, data: Mapping[str, str]) -> Any:
    ticked = [number for number, _ in made.choices if f"{made.name}-{number}" in data]
    made.text = ",".join(ticked)
    if made.given is not ABSENT and made.text == made.prefilled:
        return made.given
    if not ticked and not made.required and made.given is ABSENT:
        return ABSENT
    return [made.values[int(number)] for number in ticked]


def _variant(made: Input, data: Mapping[str, str], zone: ZoneInfo) -> Any:
    made.text = data.get(made.name, "")
    chosen = made.text if made.text in dict(made.choices) else ""
    value: Any = ABSENT
    for number, branch in enumerate(made.inputs):
        found = _read(branch, data, zone)
        if str(number) == chosen:
            value = found
        else:
            for inner in branch.walk():
                inner.errors.clear()
    return value


# Rows ---------------------------------------------------------------------------------------------


def _rows(made: Input, data: Mapping[str, str], zone: ZoneInfo) -> Any:
    """Return the items that are filled in; a row that is blank is none."""
    count = _count(made, data)
    assert made.row
    del made.inputs[count:]
    try:
        while len(made.inputs) < count:
            made.inputs.append(made.row(len(made.inputs)))
    except TooMuch:
        made.most = len(made.inputs)
        made.errors.append("holds more than a page can")
    found: list[Any] = []
    for row in made.inputs:
        value = _read(row, data, zone)
        if _is_blank(row):
            for inner in row.walk():
                inner.errors.clear()
            continue
        _place(row, (*made.path, str(len(found))))
        found.append(None if value is ABSENT else value)
    was_given = isinstance(made.given, list)
    return found if found or made.required or was_given else ABSENT


def _count(made: Input, data: Mapping[str, str]) -> int:
    return min(_number_of(data.get(f"{made.name}-count", "")) or 0, made.most)


def _is_blank(row: Input) -> bool:
    return not any(
        one.text.strip() for one in row.walk() if one.kind != "fixed" and one.kind not in GROUPS
    )


def _place(made: Input, path: tuple[str, ...]) -> None:
    """Let an input stand for the place that its value has: blank rows before it do not count."""
    for inner in made.inputs:
        _place(inner, (*path, *inner.path[len(made.path) :]))
    made.path = path


def reshaped(data: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Return a post with a row more or less, as its button asks, and the name of the row to go on at.

    ``row`` is ``add:p1-2``, or ``remove:p1-2-0`` for the first row of the same list.
    """
    values = {name: data[name] for name in data}
    act, _, name = data.get("row", "").partition(":")
    if act == "add":
        count = _number_of(values.get(f"{name}-count", "")) or 0
        return values | {f"{name}-count": str(count + 1)}, f"{name}-{count}"
    rows, _, said = name.rpartition("-")
    gone, count = _number_of(said), _number_of(values.get(f"{rows}-count", "")) or 0
    if act != "remove" or gone is None or gone >= count:
        return values, ""
    kept = {}
    for key, value in values.items():
        number = _row_of(key, rows)
        if number is None or number < gone:
            kept[key] = value
        elif number > gone:
            kept[f"{rows}-{number - 1}{key[len(f'{rows}-{number}') :]}"] = value
    last = max(0, min(gone, count - 2))
    return kept | {f"{rows}-count": str(count - 1)}, f"{rows}-{last}"


def _row_of(key: str, rows: str) -> int | None:
    """Return in which row of a list a field stands; None for one elsewhere."""
    if not key.startswith(f"{rows}-"):
        return None
    return _number_of(key[len(rows) + 1 :].partition("-")[0])


def _number_of(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 6 else None


# Faults -------------------------------------------------------------------------------------------


def check(schema: Schema, inputs: list[Input], filled: dict[str, Any]) -> list[Fault]:
    """Check what was filled in, and write each fault at its input; return those that have none."""
    try:
        parameters.check(dict(schema), filled)
    except ParametersRejected as refusal:
        return point_out(inputs, tuple(_closer(schema, inputs, filled, refusal.faults)))
    return []


def _closer(
    schema: Schema, inputs: list[Input], filled: Any, faults: tuple[Fault, ...]
) -> Iterator[Fault]:
    """Yield faults, and for one of several alternatives those of the alternative that was chosen."""
    chosen = {made.pointer: made for made in _live(inputs) if made.kind == "variants" and made.text}
    for fault in faults:
        made = chosen.get(fault.pointer)
        told = _of_branch(schema, made, filled) if made else ()
        yield from told or (fault,)


def _of_branch(schema: Schema, made: Input, filled: Any) -> tuple[Fault, ...]:
    branch = made.inputs[int(made.text)].schema
    value = filled
    for key in made.path:
        value = value[int(key)] if isinstance(value, list) else value[key]
    shared = {word: schema[word] for word in ("$defs", "definitions") if word in schema}
    try:
        parameters.check({**shared, **branch}, value)
    except ParametersRejected as refusal:
        return tuple(Fault(f"{made.pointer}{one.pointer}", one.message) for one in refusal.faults)
    except (ValueError, KeyError):  # it refers to more than it brought along
        return ()
    return ()


def _live(inputs: list[Input]) -> Iterator[Input]:
    """Yield every input that counts: of alternatives only the one that was chosen."""
    for made in inputs:
        yield made
        chosen = made.text if made.kind == "variants" else ""
        inner = made.inputs
        if made.kind == "variants":
            inner = [one for number, one in enumerate(inner) if str(number) == chosen]
        yield from _live(inner)


def point_out(inputs: list[Input], faults: tuple[Fault, ...]) -> list[Fault]:
    """Write each fault at the input it points to, or the nearest around it; return those with none."""
    known = {made.pointer: made for made in _live(inputs) if made.path and made.kind != "rest"}
    homeless = []
    for fault in faults:
        where = fault.pointer
        while where and where not in known:
            where = where.rpartition("/")[0]
        if where not in known:
            homeless.append(fault)
        elif not known[where].errors:
            known[where].errors.append(_in_words(fault, known[where]))
    return homeless


def _in_words(fault: Fault, made: Input) -> str:
    message = fault.message
    pattern = message.removeprefix(NOT_OF_THE_FORM)
    if pattern != message:
        said = hints.pattern(pattern)
        message = message if said.startswith("of the form") else f"must be {said}"
    line = fault.pointer.removeprefix(made.pointer).strip("/")
    if made.kind == "lines" and line.isdigit():
        return f"line {int(line) + 1}: {message}"
    return message
