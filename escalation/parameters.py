"""What a reviewer may fill in: an option's JSON Schema 2020-12, checked when it comes and when it is used.

The schema is an agent's word, so it gets no network (no remote ``$ref``), only patterns that match in
linear time (no look-around, no back-references), and no more work than ``effort`` allows.
"""

from functools import lru_cache
from typing import Any

import jsonschema_rs

from escalation import canonical, effort
from escalation.errors import Fault, ParametersRejected

NOT_A_REGEX = 'is not a "regex"'
REGEX = jsonschema_rs.RegexOptions(size_limit=1_000_000)


@lru_cache(maxsize=512)
def _validator(schema: bytes) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        schema.decode(), pattern_options=REGEX, validate_formats=True, offline=True
    )


def check_schema(schema: dict[str, Any]) -> None:
    """Refuse a schema that no answer could be checked against.

    Raises ParametersRejected with a pointer into the schema.
    """
    if schema.get("type", "object") != "object":
        raise ParametersRejected(Fault("/type", "the parameters of an option are an object"))
    if leads := effort.foreign(schema):
        raise ParametersRejected(Fault("", f"{leads}; an option's schema stands by itself"))
    try:
        _validator(canonical.encode(schema))
    except jsonschema_rs.ValidationError as error:
        where = canonical.pointer(*error.instance_path)
        raise ParametersRejected(Fault(where, _said(error))) from None
    except ValueError as error:
        raise ParametersRejected(Fault("", str(error).splitlines()[0])) from None


def _said(error: jsonschema_rs.ValidationError) -> str:
    message = error.message.splitlines()[0][:500]
    return message.replace(NOT_A_REGEX, "is no pattern that can be matched in linear time")


def check(schema: dict[str, Any], value: dict[str, Any]) -> None:
    """Refuse parameters that do not fit an option's schema.

    Raises ParametersRejected with one Fault a place, the pointer leading into ``value``; a missing
    field is pointed at where it would stand.
    """
    try:
        effort.check(schema, value)
    except effort.TooMuch:
        raise ParametersRejected(
            Fault("", "cannot be checked: the agent's schema for this answer takes too much work")
        ) from None
    faults = []
    for error in _validator(canonical.encode(schema)).iter_errors(value):
        path: list[str | int] = list(error.instance_path)
        message = error.message.splitlines()[0][:500]
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
            path.append(error.kind.property)
            message = "is required"
        elif isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Pattern):
            message = f"does not have the form {error.kind.pattern}"
        faults.append(Fault(canonical.pointer(*path), message))
    if faults:
        raise ParametersRejected(*faults)


def fits(schema: dict[str, Any], value: Any) -> bool:
    """Return whether a value fits a schema; one that is no schema fits nothing.

    The work is not counted here: ``effort.check`` comes first where the schema is an agent's.
    """
    try:
        return _validator(canonical.encode(schema)).is_valid(value)
    except (ValueError, jsonschema_rs.ValidationError):
        return False
