"""Past cases like the one that is open, for a reader who may be told how others answered."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from escalation import access
from escalation.views.people import person
from escalation.withholding import Sight
from reviewers import precedents
from reviewers.views.cases import find


@require_GET
@never_cache
def index(request: HttpRequest, name: str) -> HttpResponse:
    """Answers 404 while what would lean on the reader's own answer is withheld from them."""
    case = find(request, name)
    if not Sight(case, person(request)).is_revealed:
        raise Http404
    found = precedents.of_case(case, access.reading(request.user))
    page = "_precedents.html" if request.htmx else "similar.html"  # type: ignore[attr-defined]
    context = {"section": "queue", "case": case, "precedents": found}
    return render(request, f"reviewers/{page}", context)
