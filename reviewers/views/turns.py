"""What else somebody does with a case than decide it: take it, hand it over, ask, hold, take up again."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from escalation import lifecycle
from escalation.errors import EscalationError
from escalation.views.people import person
from reviewers import hands
from reviewers.casefile import Casefile
from reviewers.turnforms import Acts
from reviewers.views import cases

Door = Callable[[Casefile, dict[str, Any]], str]


def _act(request: HttpRequest, name: str, act: str, door: Door) -> HttpResponse:
    """Go through a door with what was filled in; a refusal is the panel again, nothing of it lost."""
    if request.method == "GET":  # the address of a refused form, opened anew
        return redirect("reviewers:case", name=name)
    file = Casefile(cases.find(request, name), request.user, at=now())  # type: ignore[arg-type]
    acts = Acts(file, act, request.POST)
    form = getattr(acts, act, None)
    if form is not None and not form.is_valid():
        return cases.panel(request, file, cases.decision_form(file), status=422, acts=acts)
    try:
        said = door(file, form.cleaned_data if form is not None else {})
    except EscalationError as refusal:
        fresh = Casefile(cases.find(request, name), file.reader, at=now())
        kept = Acts(fresh, act, request.POST)
        form = cases.decision_form(fresh)
        return cases.panel(request, fresh, form, status=refusal.status, refusal=refusal, acts=kept)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("reviewers:case", name=file.case.reference)
    fresh = Casefile(cases.find(request, name), file.reader, at=now())
    return cases.panel(request, fresh, cases.decision_form(fresh), status=200, said=said)


@require_http_methods(["GET", "POST"])
@never_cache
def claim(request: HttpRequest, name: str) -> HttpResponse:
    def door(file: Casefile, given: dict[str, Any]) -> str:
        lifecycle.claim(file.case.pk, by=person(request), at=file.at)
        return "It is yours for 15 minutes, and for as long as you work on it."

    return _act(request, name, "claim", door)


@require_http_methods(["GET", "POST"])
@never_cache
def hand_over(request: HttpRequest, name: str) -> HttpResponse:
    def door(file: Casefile, given: dict[str, Any]) -> str:
        handoff = hands.hand_over(
            file.case, given["to"], note=given["note"], by=person(request), at=file.at
        )
        if handoff.user is None:
            return f"Nobody on call can take it now; {handoff.role} has it."
        return f"{handoff.user} has it now and was told."

    return _act(request, name, "hand_over", door)


@require_http_methods(["GET", "POST"])
@never_cache
def ask(request: HttpRequest, name: str) -> HttpResponse:
    def door(file: Casefile, given: dict[str, Any]) -> str:
        lifecycle.ask(file.case.pk, given["text"], by=person(request), at=file.at)
        return f"{file.case.agent.name} was asked."

    return _act(request, name, "ask", door)


@require_http_methods(["GET", "POST"])
@never_cache
def hold(request: HttpRequest, name: str) -> HttpResponse:
    def door(file: Casefile, given: dict[str, Any]) -> str:
        lifecycle.hold(
            file.case.pk, given["reason"], until=given["until"], by=person(request), at=file.at
        )
        return "It is held."

    return _act(request, name, "hold", door)


@require_http_methods(["GET", "POST"])
@never_cache
def take_up(request: HttpRequest, name: str) -> HttpResponse:
    def door(file: Casefile, given: dict[str, Any]) -> str:
        lifecycle.take_up(file.case.pk, by=person(request), at=file.at)
        return "It awaits a decision again."

    return _act(request, name, "take_up", door)
