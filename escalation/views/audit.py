"""The auditor's pages: read-only, and every reading is itself on the record."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.http import require_GET

from escalation import access, actors, cursors, export, ledger
from escalation.access import Reach
from escalation.errors import PackageRejected
from escalation.forms import AuditFilter
from escalation.models import Case
from escalation.streams import download
from escalation.views.people import person
from escalation.withholding import Sight

PAGE = 50


def for_auditors(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Open a view to auditors alone, and give it whose record this one reads."""

    @wraps(view)
    def checked(request: HttpRequest, **given: Any) -> HttpResponseBase:
        reach = access.auditing(request.user)
        if reach is None:
            raise PermissionDenied
        return view(request, reach, **given)

    return require_GET(checked)


@for_auditors
def index(request: HttpRequest, reach: Reach) -> HttpResponse:
    form = AuditFilter(request.GET, reach=reach)
    if not form.is_valid():
        context = {"form": form, "page": cursors.Page([], None), "reach": reach}
        return render(request, "escalation/audit.html", context, status=422)
    try:
        cases = form.narrow(reach.of(export.decided_cases().defer("state")))
        page = cursors.page_by_time(cases, "decided_at", request.GET.get("cursor", ""), size=PAGE)
    except PackageRejected:
        raise Http404 from None
    ledger.append(
        "audit.listed", subject=request.user, by=request.user, at=now(), filter=form.said()
    )
    query = request.GET.copy()
    query.pop("cursor", None)
    context = {"form": form, "page": page, "query": query.urlencode(), "reach": reach}
    return render(request, "escalation/audit.html", context)


@for_auditors
def case(request: HttpRequest, reach: Reach, name: str) -> HttpResponse:
    """One history in order, checked as it is shown."""
    try:
        found = access.case_within(reach, name)
    except Case.DoesNotExist:
        raise Http404 from None
    ledger.append("audit.read", subject=found, by=request.user, at=now(), digest=found.digest)
    events = list(ledger.events_of(found))
    names = actors.names(event.actor for event in events)
    lines = Sight(found, person(request)).lines([ledger.Line.of(event) for event in events])
    context = {
        "case": found,
        "history": [
            (line, event, names[event.actor]) for line, event in zip(lines, events, strict=True)
        ],
        "break": ledger.first_break(events),
    }
    return render(request, "escalation/audit_case.html", context)


@for_auditors
def export_file(request: HttpRequest, reach: Reach) -> HttpResponseBase:
    form = AuditFilter(request.GET, reach=reach)
    chosen = request.GET.get("format", "jsonl")
    if not form.is_valid() or chosen not in export.FORMATS:
        raise Http404
    at, scope = now(), reach.said()
    ledger.append(
        "audit.exported",
        subject=request.user,
        by=request.user,
        at=at,
        filter=form.said(),
        format=chosen,
        scope=scope,
    )
    lines, content_type = export.FORMATS[chosen]
    return download(
        export.chunks(lines(form.narrow(reach.of(export.decided_cases())), scope)),
        content_type=content_type,
        filename=f"decisions-{at:%Y%m%d-%H%M%S}.{chosen}",
    )
