"""Every refusal is RFC 9457 ``application/problem+json``, with a pointer to each wrong place."""

import json
import logging
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from escalation.errors import Fault

CONTENT_TYPE = "application/problem+json"
logger = logging.getLogger(__name__)


def document(
    status: int, slug: str, title: str, detail: str, faults: tuple[Fault, ...] = ()
) -> dict[str, Any]:
    """Return a problem document; ``slug`` is the part of ``type`` that docs/problems.md explains."""
    body: dict[str, Any] = {
        "type": f"{settings.BASE_URL}/docs/problems/#{slug}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if faults:
        body["errors"] = [{"pointer": f.pointer, "message": f.message} for f in faults]
    return body


def problem(
    status: int, slug: str, title: str, detail: str, faults: tuple[Fault, ...] = ()
) -> HttpResponse:
    body = json.dumps(document(status, slug, title, detail, faults))
    return HttpResponse(body, status=status, content_type=CONTENT_TYPE)


def refused(request: HttpRequest, refusal: Any) -> HttpResponse:
    """Answer any refusal of the domain with the status and the name that it carries."""
    faults = getattr(refusal, "faults", ())
    answer = problem(refusal.status, refusal.slug, refusal.title, str(refusal), faults)
    if retry_after := getattr(refusal, "retry_after", 0):
        answer["Retry-After"] = str(retry_after)
    return answer


def not_found(request: HttpRequest, _: Any) -> HttpResponse:
    return problem(404, "not-found", "Not found", "There is no such case of yours.")


def broken(request: HttpRequest, error: Any) -> HttpResponse:
    """A fault of ours: said so, with the name under which the log has it."""
    name = getattr(request, "id", "")
    logger.error("%s %s failed (%s)", request.method, request.path, name, exc_info=error)
    detail = f"The desk failed; nothing was recorded. Its log names this request {name}."
    return problem(500, "internal-error", "The desk failed", detail)


def unavailable(request: HttpRequest, error: Any) -> HttpResponse:
    """PostgreSQL is away, or gave way to another transaction: the same call may be made again."""
    logger.warning("%s %s waits for PostgreSQL: %s", request.method, request.path, error)
    detail = "The desk cannot reach its record just now. Make the same call again in a moment."
    answer = problem(503, "desk-unavailable", "The desk is not available", detail)
    answer["Retry-After"] = "1"
    return answer
