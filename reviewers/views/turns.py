"""What else somebody does with a case than decide it, each by its door: hand it over, ask, hold, stop."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from escalation import lifecycle, needless
from escalation.enums import Asked
from escalation.errors import EscalationError
from escalation.lifecycle.moves import LEASE
from escalation.views.people import person
from reviewers import hands, heard, wording
from reviewers.acts import Acts
from reviewers.casefile import Casefile
from reviewers.talk import Talk
from reviewers.views import cases

Given = dict[str, Any]  # what was filled in; where there is no form, what was posted
Door = Callable[[Casefile, Given], str]
View = Callable[[HttpRequest, str], HttpResponse]


def _act(request: HttpRequest, name: str, act: str, door: Door) -> HttpResponse:
    """Go through a door with what was filled in; a refusal is the panel again, nothing of it lost."""
    if request.method == "GET":  # the address of a refused form, opened anew
        return redirect("reviewers:case", name=name)
    file = Casefile(cases.find(request, name), person(request), at=now())
    acts = Acts(file, act, request.POST)
    form = getattr(acts, act, None)
    if form is not None and not form.is_valid():
        return cases.panel(request, file, cases.decision_form(file), status=422, acts=acts)
    try:
        said = door(file, request.POST.dict() if form is None else form.cleaned_data)
    except EscalationError as refusal:
        fresh = Casefile(cases.find(request, name), file.reader, at=now())
        kept = Acts(fresh, act, request.POST)
        form = cases.decision_form(fresh)
        return cases.panel(request, fresh, form, status=refusal.status, refusal=refusal, acts=kept)
    if request.POST.get("from") == "queue":  # where what was put aside is listed
        return redirect(f"{reverse('reviewers:queue')}?view=snoozed")
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("reviewers:case", name=file.case.reference)
    try:
        fresh = Casefile(cases.find(request, name), file.reader, at=now())
    except Http404:  # it is another role's now, whose cases this reader does not see
        return render(request, "reviewers/_passed_up.html", {"case": file.case, "said": said})
    form = cases.decision_form(fresh)
    return cases.panel(request, fresh, form, status=200, said=said, talk=Talk(fresh))


def by_form(act: str) -> Callable[[Door], View]:
    """Make the view of a door: ``act`` is its form among ``Acts``; what the door returns is said."""

    def view_of(door: Door) -> View:
        @require_http_methods(["GET", "POST"])
        @never_cache
        @wraps(door)
        def view(request: HttpRequest, name: str) -> HttpResponse:
            return _act(request, name, act, door)

        return view

    return view_of


@by_form("claim")
def claim(file: Casefile, given: Given) -> str:
    lifecycle.claim(file.case.pk, by=file.reader, at=file.at)
    said = _("It is yours for %(time)s, and for as long as you work on it.")
    return said % {"time": wording.span(LEASE)}


@by_form("hand_over")
def hand_over(file: Casefile, given: Given) -> str:
    handoff = hands.hand_over(
        file.case, given["to"], note=given["note"], by=file.reader, at=file.at
    )
    if handoff.user is None:
        said = _("Nobody on call can take it now; %(role)s has it.")
        return said % {"role": handoff.role}
    return _("%(person)s has it now and was told.") % {"person": handoff.user}


@by_form("ask")
def ask(file: Casefile, given: Given) -> str:
    lifecycle.ask(file.case.pk, given["text"], of=given["of"], by=file.reader, at=file.at)
    said = _("%(agent)s was asked.")
    if given["of"] == Asked.REQUESTER:
        said = _("%(agent)s was told to ask the requester.")
    return said % {"agent": file.case.agent.name}


@by_form("hold")
def hold(file: Casefile, given: Given) -> str:
    lifecycle.hold(file.case.pk, given["reason"], until=given["until"], by=file.reader, at=file.at)
    return _("It is held.")


@by_form("take_up")
def take_up(file: Casefile, given: Given) -> str:
    lifecycle.take_up(file.case.pk, by=file.reader, at=file.at)
    return _("It awaits a decision again.")


@by_form("opinion")
def ask_opinion(file: Casefile, given: Given) -> str:
    asked = heard.ask_opinion(
        file.case, given["to"], note=given["note"], by=file.reader, at=file.at
    )
    return _("%(person)s was asked and told. You can decide meanwhile.") % {"person": asked.of}


@by_form("pass_up")
def pass_up(file: Casefile, given: Given) -> str:
    handoff = heard.pass_up(file.case, given["note"], by=file.reader, at=file.at)
    return _("%(role)s has it now and was told.") % {"role": handoff.role}


@by_form("needless")
def judge_needless(file: Casefile, given: Given) -> str:
    """Say that the case should not have been escalated, or, with ``back``, take that back."""
    is_needless = "back" not in given
    needless.judge(file.case.pk, is_needless, by=file.reader, at=file.at)
    if is_needless:
        return _("Noted: this should not have been escalated. Nothing else changes.")
    return _("Taken back.")


@by_form("incident")
def report_incident(file: Casefile, given: Given) -> str:
    heard.report_incident(file.case, given["kind"], given["text"], by=file.reader, at=file.at)
    return _("The incident is on record; who answers for it was told at once.")


@by_form("stop")
def stop_agent(file: Casefile, given: Given) -> str:
    agent = heard.stop_agent(
        file.case, given["reason"], drill=given["drill"], by=file.reader, at=file.at
    )
    said = _("%(agent)s is stopped: its calls are refused, and its open cases are being held.")
    return said % {"agent": agent}


@by_form("end_snooze")
def end_snooze(file: Casefile, given: Given) -> str:
    lifecycle.end_snooze(file.case.pk, by=file.reader, at=file.at)
    return _("It is in your queue again.")
