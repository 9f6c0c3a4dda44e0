"""The pages and answers of what goes wrong outside any view of ours."""

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from escalation.api.problems import problem


def _said(
    request: HttpRequest, status: int, title: str, detail: str, slug: str, template: str
) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem(status, slug, title, detail)
    return render(request, template, {"detail": detail}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    detail = "The request could not be read. Nothing was changed."
    return _said(request, 400, "Bad request", detail, "bad-request", "400.html")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    detail = str(exception or "") or "Your account has no right to this. Nothing was changed."
    return _said(request, 403, "Forbidden", detail, "forbidden", "403.html")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    detail = "There is nothing here, or nothing that you may see."
    return _said(request, 404, "Not found", detail, "not-found", "404.html")


def broken(request: HttpRequest) -> HttpResponse:
    """Answer for an exception that nothing caught: Django calls this while it is being handled."""
    if isinstance(sys.exc_info()[1], OperationalError):
        return _away(request)
    name = getattr(request, "id", "")
    detail = f"The desk failed. Its log names this request {name}."
    return _said(request, 500, "The desk failed", detail, "internal-error", "500.html")


def _away(request: HttpRequest) -> HttpResponse:
    """PostgreSQL does not answer, or gave way to another transaction: soon the same will work.

    It may have gone away between recording an act and saying so: nothing is claimed of that.
    """
    detail = (
        "The desk cannot reach its record just now. "
        "If you sent something, look whether it was recorded before you send it again."
    )
    answer = _said(
        request, 503, "The desk is not available", detail, "desk-unavailable", "503.html"
    )
    answer["Retry-After"] = "1"
    return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    detail = (
        "The form was too old or came from elsewhere. Load the page again; nothing was changed."
    )
    return render(request, "403.html", {"detail": detail}, status=403)
