"""The API under ``/api/v1``: its document, its errors, its calls."""

from functools import cache
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError as QueryError
from ninja.openapi.schema import OpenAPISchema

from escalation.api import problems
from escalation.api.schema import AnswerBody, ResumptionBody, WithdrawalBody
from escalation.api.views import router
from escalation.errors import EscalationError, Fault
from escalation.longpoll import MOST_SECONDS
from escalation.package import PackageBody, StepsBody

BODIES = (PackageBody, StepsBody, AnswerBody, WithdrawalBody, ResumptionBody)
ONCE = (  # what no schema can say of a list
    ("PackageBody", "steps", "Each key stands once in a case."),
    ("StepsBody", "steps", "Each key stands once in a case, those that it has counted in."),
    ("Question", "options", "Each key stands once."),
)
AROUND: dict[Any, Any] = {
    414: {
        "description": "URI Too Long: the address is longer than the server reads; not a problem document"
    },
    408: {"description": "Request Timeout: the body took too long to arrive"},
    503: {"description": "Service Unavailable: make the same call again after `Retry-After`"},
}
REF = "#/components/schemas/{model}"


class DeskAPI(NinjaAPI):
    """Ninja's API whose document also holds the bodies that we read ourselves."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        if path_prefix is None:
            path_prefix = self.get_root_path(path_params or {})
        return _document(path_prefix)


@cache
def _document(path_prefix: str) -> OpenAPISchema:
    """Return it as it stays for as long as the process lives; nobody may change it."""
    document = NinjaAPI.get_openapi_schema(api, path_prefix=path_prefix)
    schemas = document["components"].setdefault("schemas", {})
    for body in BODIES:
        found = body.model_json_schema(ref_template=REF)
        schemas.update(found.pop("$defs", {}))
        schemas[body.__name__] = found
    for name, property_name, said in ONCE:
        schemas[name]["properties"][property_name]["description"] = said
    for calls in document["paths"].values():
        for call in calls.values():
            _say_refusals(call)
    return document


def _say_refusals(call: dict[str, Any]) -> None:
    """Say of a call that refusals are problem documents, and what the server around it refuses."""
    for status, answer in call["responses"].items():
        if int(status) >= 400 and "content" in answer:
            answer["content"] = {problems.CONTENT_TYPE: answer["content"]["application/json"]}
    call["responses"] |= AROUND
    for parameter in call.get("parameters", []):
        if parameter["name"] == "wait":
            parameter["schema"] |= {"minimum": 0, "maximum": MOST_SECONDS}


api = DeskAPI(
    title="Recourse",
    version="1",
    description="Where an agent stops and a person decides. Errors are RFC 9457 problem documents.",
    urls_namespace="api-v1",
    docs_url=None,
)
api.add_router("", router)
api.add_exception_handler(EscalationError, problems.refused)
api.add_exception_handler(ObjectDoesNotExist, problems.not_found)
api.add_exception_handler(Http404, problems.not_found)
api.add_exception_handler(OperationalError, problems.unavailable)
api.add_exception_handler(Exception, problems.broken)


@api.exception_handler(QueryError)
def query_refused(request: HttpRequest, error: QueryError) -> HttpResponse:
    faults = tuple(
        Fault("/" + "/".join(str(part) for part in found["loc"][1:]), found["msg"])
        for found in error.errors
    )
    return problems.problem(422, "query-rejected", "The query was refused", "See errors.", faults)
