"""What else somebody does with a case than decide it, each by its door: hand it over, ask, hold, stop."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from escalation import incidents, lifecycle, needless, stopping
from escalation.enums import Asked
from escalation.errors import EscalationError
from escalation.views.people import person
from reviewers import casenews, hands
from reviewers.acts import Acts
from reviewers.casefile import Casefile
from reviewers.talk import Talk
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
    try:
        fresh = Casefile(cases.find(request, name), file.reader, at=now())
    except Http404:  # it is another role's now, whose cases this reader does not see
        return render(request, "reviewers/_passed_up.html", {"case": file.case, "said": said})
    form = cases.decision_form(fresh)
    return cases.panel(request, fresh, form, status=200, said=said, talk=Talk(fresh))


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
        lifecycle.ask(file.case.pk, given["text"], of=given["of"], by=person(request), at=file.at)
        if given["of"] == Asked.REQUESTER:
            return f"{file.case.agent.name} was told to ask the requester."
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


@require_http_methods(["GET", "POST"])
@never_cache
def ask_opinion(request: HttpRequest, name: str) -> HttpResponse:
    def door(file: Casefile, given: dict[str, Any]) -> str:
        asked = hands.ask_opinion(
            file.case, given["to"], note=given["note"], by=person(request), at=file.at
        )
        return f"{asked.of} was asked and told. You can decide meanwhile."

    return _act(request, name, "opinion", door)


@require_http_methods(["GET", "POST"])
@never_cache
def pass_up(request: HttpRequest, name: str) -> HttpResponse:
    def door(file: Casefile, given: dict[str, Any]) -> str:
        handoff = hands.pass_up(file.case, given["note"], by=person(request), at=file.at)
        return f"{handoff.role} has it now and was told."

    return _act(request, name, "pass_up", door)


@require_http_methods(["GET", "POST"])
@never_cache
def judge_needless(request: HttpRequest, name: str) -> HttpResponse:
    """Say that the case should not have been escalated, or, with ``back``, take that back."""
    is_needless = "back" not in request.POST

    def door(file: Casefile, given: dict[str, Any]) -> str:
        needless.judge(file.case.pk, is_needless, by=person(request), at=file.at)
        if is_needless:
            return "Noted: this should not have been escalated. Nothing else changes."
        return "Taken back."

    return _act(request, name, "needless", door)


@require_http_methods(["GET", "POST"])
@never_cache
def report_incident(request: HttpRequest, name: str) -> HttpResponse:
    def door(file: Casefile, given: dict[str, Any]) -> str:
        reported = incidents.report(
            file.case.pk, given["kind"], given["text"], by=person(request), at=file.at
        )
        casenews.incident(reported, at=file.at)
        return "The incident is on record; who answers for it was told at once."

    return _act(request, name, "incident", door)


@require_http_methods(["GET", "POST"])
@never_cache
def stop_agent(request: HttpRequest, name: str) -> HttpResponse:
    def door(file: Casefile, given: dict[str, Any]) -> str:
        case, by = file.case, person(request)
        agent = stopping.stop(
            case.agent_id, given["reason"], case=case, drill=given["drill"], by=by, at=file.at
        )
        casenews.stopped(agent, case, by, at=file.at)
        return f"{agent} is stopped: its calls are refused, and its open cases are being held."

    return _act(request, name, "stop", door)
