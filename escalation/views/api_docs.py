"""The agent API to browse: made from the same document that programs read."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from escalation.api.urls import api


@login_not_required
def browse(request: HttpRequest) -> HttpResponse:
    document = api.get_openapi_schema(path_prefix="/api/v1/")
    schemas = document["components"]["schemas"]
    context = {
        "calls": _calls(document),
        "schemas": [(name, _fields(schema)) for name, schema in sorted(schemas.items())],
        "title": document["info"]["title"],
    }
    return render(request, "escalation/api_docs.html", context)


def _calls(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "method": method.upper(),
            "path": path,
            "summary": call["summary"],
            "body": _name(
                call.get("requestBody", {})
                .get("content", {})
                .get("application/json", {})
                .get("schema", {})
            ),
            "parameters": call.get("parameters", []),
            "answers": [
                (status, answer.get("description", ""))
                for status, answer in call["responses"].items()
            ],
        }
        for path, methods in document["paths"].items()
        for method, call in methods.items()
    ]


def _name(schema: dict[str, Any]) -> str:
    """Return a schema in a word or two: ``Step``, ``list of Trigger``, ``string or null``."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in schema:
        return " or ".join(_name(choice) for choice in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_name(schema.get('items', {}))}"
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    return str(schema.get("format") or schema.get("type") or "any JSON")


def _fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", [])
    return [
        {"name": name, "type": _name(found), "required": name in required}
        for name, found in schema.get("properties", {}).items()
    ]
