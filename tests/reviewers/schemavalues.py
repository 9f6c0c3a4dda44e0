"""Values that are valid by a JSON Schema, by the generator inside schemathesis: the one place that knows it.

It is internal there, so its version is pinned; the public hypothesis-jsonschema fails on most schemas.
"""

import json
from typing import Any

import jsonschema_rs
from hypothesis import assume
from hypothesis import strategies as st
from schemathesis.generation.jsonschema import builder

from escalation import canonical
from escalation.errors import EscalationError

INSTANTS = st.from_regex(
    r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(\.[0-9]{1,9})?([Zz]|[+-](0[0-9]|1[0-3]):(00|30|45))",
    fullmatch=True,
)
FORMATS = {
    "date-time": INSTANTS,
    "date": st.dates().map(str),
    "email": st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.example", fullmatch=True),
    "uuid": st.uuids().map(str),
}


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that fit ``schema`` and that the desk would store, as it has them stored."""
    drawn = builder.build(schema, draft=jsonschema_rs.Draft202012, formats=FORMATS)
    return drawn.map(_stored).filter(lambda value: value is not REFUSED)


REFUSED = object()


def _stored(value: Any) -> Any:
    try:
        return json.loads(canonical.encode(canonical.parse(json.dumps(value).encode())))
    except (EscalationError, ValueError):
        return REFUSED


def drawn(data: st.DataObject, schema: dict[str, Any]) -> Any:
    """Draw a value for a schema; an example without one is left aside."""
    try:
        strategy = values(schema)
    except Exception as unsatisfiable:  # noqa: BLE001 -- it raises whatever it meets
        assume(f"{unsatisfiable}" == "")
        raise
    return data.draw(strategy)
