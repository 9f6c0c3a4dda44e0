"""Layers around every page that need to know roles."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from reviewers import factors
from reviewers.schemaform import numerals

Next = Callable[[HttpRequest], HttpResponse]
OPEN = (
    "/account/security/",
    "/sign-in/",
    "/sign-out/",
    "/offline/",
    "/static/",
    "/api/",
    "/healthz",
    "/readyz",
)


class SecondFactor:
    """Shows who must set up a second factor that page and nothing else."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OPEN) or not request.user.is_authenticated:
            return self.get_response(request)
        if not factors.is_due(request, request.user):
            return self.get_response(request)
        target = reverse("mfa_index")
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=200, headers={"HX-Redirect": target})
        return redirect(target)


class OwnNumerals:
    """Reads and shows numbers as the person chose, or as the language of their browser has them."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        own = numerals.chosen(request.COOKIES.get("numbers", ""))
        numerals.activate(own or numerals.of_languages(request.headers.get("Accept-Language", "")))
        return self.get_response(request)
