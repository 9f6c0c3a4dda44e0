"""Evidence that must be read, opened by who is to answer."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from escalation import lifecycle
from escalation.views.people import person
from reviewers.case.room import step_address
from reviewers.casefile import Casefile
from reviewers.views.cases import find


@require_http_methods(["GET", "POST"])
@never_cache
def open_step(request: HttpRequest, name: str, position: int) -> HttpResponse:
    """Note that the reader opened a step, and show it: in its place, or on the page led to it."""
    there = step_address(name, position)
    if request.method == "GET":  # the address of a form, opened anew
        return redirect(there)
    case = find(request, name)
    file = Casefile(case, person(request), at=now())
    if file.sight.step(position) is None:  # also where it is withheld
        raise Http404
    lifecycle.open_evidence(case.pk, position, by=file.reader, at=file.at)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(there)
    [step] = [step for step in file.steps if step.position == position]
    context = {"case": case, "file": file, "step": step, "just_opened": True}
    return render(request, "reviewers/_opened.html", context)
