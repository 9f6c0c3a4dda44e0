"""What the open page of a case says by itself: that it is in view, and that its reader works on it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from escalation import lifecycle
from escalation.models import Case
from escalation.views.people import person
from reviewers import presence
from reviewers.leases import lease_of
from reviewers.views.cases import find


@require_POST
@never_cache
def beat(request: HttpRequest, name: str) -> HttpResponse:
    """Count what was in view; while its reader is active, their lease holds. Says how that stands."""
    case, user, at = find(request, name), person(request), now()
    told = request.POST.get("seconds", "")
    seconds = int(told) if told.isascii() and told.isdigit() and len(told) < 6 else 0
    presence.beat(case, user, seconds=seconds, at=at)
    if request.POST.get("active") == "yes":
        lifecycle.renew(case.pk, by=user, at=at)
    return _lease(request, case)


@require_POST
@never_cache
def keep(request: HttpRequest, name: str) -> HttpResponse:
    """Let the reader's lease hold for another while."""
    case = find(request, name)
    lifecycle.renew(case.pk, by=person(request), at=now())
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("reviewers:case", name=case.reference)
    return _lease(request, case, kept=True)


def _lease(request: HttpRequest, case: Case, *, kept: bool = False) -> HttpResponse:
    lease = lease_of(case, person(request), at=now())
    shown = {"case": case, "lease": lease, "kept": kept}
    return render(request, "reviewers/_lease.html", shown)
