"""What the service worker needs: itself, the page for when it is offline, and subscriptions to push."""

from pathlib import Path

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from escalation.views.people import person
from reviewers import subscriptions
from reviewers.notices.channels import webpush
from reviewers.views.account_sessions import browser


class SubscriptionForm(forms.Form):
    endpoint = forms.CharField(max_length=subscriptions.LONGEST)
    p256dh = forms.CharField(max_length=128)
    auth = forms.CharField(max_length=64)
    server = forms.CharField(max_length=128)
    replaces = forms.CharField(max_length=subscriptions.LONGEST, required=False)


@require_safe
@login_not_required
def worker(request: HttpRequest) -> HttpResponse:
    """Answer the service worker from the root, for its address is the highest it may act under."""
    found = finders.find("js/service-worker.js")
    assert isinstance(found, str)
    answer = HttpResponse(Path(found).read_bytes(), content_type="text/javascript; charset=utf-8")
    answer["Service-Worker-Allowed"] = "/"
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
@login_not_required
def offline(request: HttpRequest) -> HttpResponse:
    """The page that the service worker keeps, for when no other can be had. It says nothing of anybody."""
    return render(request, "offline.html")


@require_http_methods(["GET", "POST"])
@never_cache
def push(request: HttpRequest) -> HttpResponse:
    """Tell a script what it subscribes with; keep what it subscribed to.

    The service worker, which sees no page, takes the token against forged posts from here too.
    """
    if request.method == "GET":
        return JsonResponse({"key": webpush.server_key(), "token": get_token(request)})
    form = SubscriptionForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"said": _("This is no subscription of a browser.")}, status=422)
    given = dict(form.cleaned_data)
    replaces = given.pop("replaces")
    agent = request.headers.get("User-Agent", "")
    try:
        subscriptions.subscribe(
            person(request),
            subscriptions.Subscription(**given, browser=browser(agent)),
            replaces=replaces,
        )
    except ValidationError as refusal:
        return JsonResponse({"said": refusal.message}, status=422)
    return JsonResponse({"said": _("This browser is told from now on.")})
