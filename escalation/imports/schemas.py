"""A JSON Schema made from the arguments of one recorded call, so that a reviewer may change them."""

from typing import Any

KNOWN = {  # closed lists of the recorded desk's own tools
    "cabin": ["basic_economy", "economy", "business"],
    "flight_type": ["one_way", "round_trip"],
    "insurance": ["yes", "no"],
}


def schema_of(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that takes the same fields and kinds of value, each with its value as default."""
    properties = {name: _property(name, value) for name, value in arguments.items()}
    return {
        "type": "object",
        "required": list(arguments),
        "additionalProperties": False,
        "properties": properties,
    }


def _property(name: str, value: Any) -> dict[str, Any]:
    return {"title": _title(name)} | _kind(name, value) | {"default": value}


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _kind(name: str, value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer"}
        case float():
            return {"type": "number"}
        case str() if name in KNOWN and value in KNOWN[name]:
            return {"type": "string", "enum": KNOWN[name]}
        case str():
            return {"type": "string", "minLength": 1} if value else {"type": "string"}
        case list():
            return {"type": "array"} | ({"items": _item(value[0])} if value else {})
        case dict():
            return schema_of(value)
    return {}


def _item(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        fields = {
            name: {"title": _title(name)} | _kind(name, inner) for name, inner in value.items()
        }
        return {"type": "object", "required": list(value), "properties": fields}
    return _kind("", value)
