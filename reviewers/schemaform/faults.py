"""Each fault of an answer at the input that it is about, in words for who types there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from escalation import parameters
from escalation.errors import Fault, ParametersRejected
from reviewers.schemaform import hints
from reviewers.schemaform.inputs import Input
from reviewers.schemaform.schemas import Schema

NOT_OF_THE_FORM = "does not have the form "


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
    chosen = {
        made.pointer: made
        for made in _live(inputs)
        if made.kind == "variants" and made.text in dict(made.choices)
    }
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
