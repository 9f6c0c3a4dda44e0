"""Serious incidents of the cases that a person may read: open ones first, closed with a conclusion."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from escalation import access, cursors, incidents
from escalation.errors import EscalationError, PackageRejected
from escalation.models import Incident
from escalation.views.people import person
from reviewers.turnforms import CloseForm

PAGE = 50


@require_GET
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_http_methods(["GET", "POST"])
@never_cache
def close(request: HttpRequest, incident: UUID) -> HttpResponse:
    if request.method == "GET":
        return redirect("reviewers:incidents")
    user = person(request)
    if not incidents.of_reader(user).filter(pk=incident).exists():
        raise Http404
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, form=form, refused=incident)
    try:
        incidents.close(incident, form.cleaned_data["conclusion"], by=user, at=now())
    except EscalationError as refusal:
        form.add_error(None, refusal.told)
        return _page(request, status=refusal.status, form=form, refused=incident)
    return redirect("reviewers:incidents")


def _page(
    request: HttpRequest,
    *,
    status: int = 200,
    form: CloseForm | None = None,
    refused: UUID | None = None,
) -> HttpResponse:
    user, at = person(request), now()
    found = incidents.of_reader(user)
    try:
        closed = cursors.page(
            found.exclude(closed_at=None), request.GET.get("cursor", ""), size=PAGE
        )
    except PackageRejected:
        raise Http404 from None
    supervised = access.rights(user).roles(access.SUPERVISE)
    context = {
        "section": "incidents",
        "at": at,
        "open": _by_time_left(list(found.filter(closed_at=None)[:PAGE])),
        "closed": closed,
        "supervised": supervised,
        "form": form or CloseForm(),
        "refused": refused,
    }
    return render(request, "reviewers/incidents.html", context, status=status)


def _by_time_left(found: list[Incident]) -> list[Incident]:
    return sorted(found, key=lambda one: one.notify_by)
