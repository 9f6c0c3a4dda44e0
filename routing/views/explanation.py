"""Why a case went to its role, by when it is due, and how many must agree."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from escalation import access, ledger
from escalation.models import Case
from routing.ahead import ahead
from routing.explain import explain


@require_GET
@never_cache
def explanation(request: HttpRequest, name: str) -> HttpResponse:
    """What the version that the case started with made of it; 404 also for who may not read it.

    The conditions name values of the case, so reading them is on the record. The page of the case
    shows a short form as a part of itself.
    """
    try:
        case = access.case_for_reader(request.user, name)
    except Case.DoesNotExist:
        raise Http404 from None
    at = now()
    ledger.append(
        "case.viewed", subject=case, by=request.user, at=at, digest=case.digest, part=request.path
    )
    context = {
        "section": "queue",
        "case": case,
        "found": explain(case),
        "ahead": ahead(case),
    }
    page = "routing/_ruling.html" if request.htmx else "routing/explanation.html"  # type: ignore[attr-defined]
    return render(request, page, context)
