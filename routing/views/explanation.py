"""Why a case went to its role, by when it is due, and how many must agree."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from escalation import access
from escalation.models import Case
from routing.explain import explain


@require_GET
@never_cache
def explanation(request: HttpRequest, name: str) -> HttpResponse:
    """What the version that the case started with made of it; 404 also for who may not read it."""
    try:
        case = access.case_for_reader(request.user, name)
    except Case.DoesNotExist:
        raise Http404 from None
    context = {"section": "queue", "case": case, "found": explain(case)}
    return render(request, "routing/explanation.html", context)
