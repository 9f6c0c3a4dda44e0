"""Acts on several cases of the queue: which, why, and then what was done and what was refused."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from escalation.views.people import person
from reviewers import bulk
from reviewers.queueforms import AssignForm, MoveForm, ReasonForm, SnoozeForm

ACTS: dict[str, tuple[type[ReasonForm], Any, Any, Any]] = {
    "move": (MoveForm, bulk.mover, _("Move to another role"), _("Move")),
    "assign": (AssignForm, bulk.assigner, _("Assign to somebody"), _("Assign")),
    "snooze": (SnoozeForm, bulk.snoozer, _("Snooze"), _("Snooze")),
}


@require_http_methods(["GET", "POST"])
@never_cache
def act(request: HttpRequest, act: str) -> HttpResponse:
    """Ask what the act takes; then do it to each case for itself, and tell of each."""
    if act not in ACTS:
        raise Http404
    kind, doing, title, button = ACTS[act]
    given = request.POST if request.method == "POST" else request.GET
    names = given.getlist("case") or given.getlist("one")  # what is selected, else the row's own
    if not names:
        return redirect("reviewers:queue")
    cases, at = bulk.chosen(names, person(request)), now()
    choices = {"at": at}
    if act == "move":
        choices["roles"] = bulk.takers(cases)
    if act == "assign":
        choices["people"] = bulk.people(cases)
    form = kind(request.POST if request.method == "POST" else None, **choices)
    context = {"section": "queue", "act": act, "title": title, "button": button, "cases": cases}
    context |= {"form": form, "left_out": max(0, len(set(names)) - bulk.MOST), "most": bulk.MOST}
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        return render(request, "reviewers/bulk.html", context, status=status)
    told = bulk.each(cases, doing(form.cleaned_data, person(request), at))
    done = [one for one in told if one.is_done]
    context |= {"told": told, "done": done, "refused": [one for one in told if not one.is_done]}
    return render(request, "reviewers/bulk_told.html", context)
