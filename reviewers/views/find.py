"""What the command bar finds on the server: cases, by reference or by their words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from escalation import access, hats, search
from escalation.models import Case
from escalation.models.cases import reference_number

MOST = 8
LONGEST = 200  # characters of what is searched for


@require_GET
@never_cache
def find(request: HttpRequest) -> HttpResponse:
    """Return the cases that this reader may see and may mean, the newest first."""
    q = request.GET.get("q", "").strip()[:LONGEST]
    mine = access.reading(request.user, hats.rights(request)).of(Case.objects.all())
    number = reference_number(q)
    found = search.among(mine, q) if number is None else mine.filter(number=number)
    if not q:
        found = found.none()
    cases = found.only("number", "question", "status").order_by("-number")[:MOST]
    return render(request, "reviewers/_found.html", {"cases": cases})
