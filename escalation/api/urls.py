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
from escalation.package import PackageBody, StepsBody

BODIES = (PackageBody, StepsBody, AnswerBody, WithdrawalBody, ResumptionBody)
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
    return document


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
