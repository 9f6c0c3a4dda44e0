"""Small layers of our own around every page and call."""

import re
import zoneinfo
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation
from uuid_utils.compat import uuid7

from escalation.api.problems import CONTENT_TYPE, problem

GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
Next = Callable[[HttpRequest], HttpResponse]


class RequestId:
    """Names each request, or keeps the name that a proxy gave, so that logs can be joined."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request.id = given if GIVEN.fullmatch(given) else uuid7().hex  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.id  # type: ignore[attr-defined]
        return response


class OwnLanguage(LocaleMiddleware):
    """Speaks the reader's language on pages. What agents are answered stays English, as it is written."""

    def process_request(self, request: HttpRequest) -> None:
        if request.path.startswith("/api/"):
            translation.deactivate_all()
        else:
            super().process_request(request)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.path.startswith("/api/"):
            return response
        return super().process_response(request, response)


class OwnTimeZone:
    """Shows instants in the reader's own zone; what is stored and sent stays UTC."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/") or not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(request.user.time_zone)):
            return self.get_response(request)


class Unkept:
    """Lets no browser and no proxy keep an answer that does not say otherwise: it may hold evidence."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store, private"
        return response


class ProblemAnswers:
    """Turns what Django itself refuses under the API (405 above all) into a problem document."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        said_otherwise = response.get("Content-Type", "").startswith(CONTENT_TYPE)
        if not request.path.startswith("/api/") or response.status_code < 400 or said_otherwise:
            return response
        detail = f"{request.method} {request.path} was refused: {response.reason_phrase}."
        answer = problem(response.status_code, "bad-request", response.reason_phrase, detail)
        if "Allow" in response:
            answer["Allow"] = response["Allow"]
        return answer


class SignedIn(LoginRequiredMiddleware):
    """Closes every page that does not open itself. Calls of agents carry a key instead."""

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if request.path.startswith("/api/"):
            return None
        return super().process_view(request, view, args, kwargs)

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view: Any
    ) -> HttpResponseBase:
        """Send the whole browser to sign in, also when only a part of a page was asked for."""
        response = super().handle_no_permission(request, view)
        if request.headers.get("HX-Request") != "true":
            return response
        came_from = urlsplit(request.headers.get("HX-Current-URL", "/")).path
        target = f"{settings.LOGIN_URL}?{urlencode({'next': came_from})}"
        return HttpResponse(status=200, headers={"HX-Redirect": target})
