"""A case beside the queue, on wide screens: enough to know whether it is the one to open."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from escalation import ledger
from escalation.models.handoffs import CURRENT
from escalation.views.people import person
from reviewers.casefile import Casefile
from reviewers.views.cases import find


@require_GET
@never_cache
def glance(request: HttpRequest, name: str) -> HttpResponse:
    """Show what a case asks, why it stopped and the beginning of its request.

    That somebody saw so much is on the record. It opens no evidence, counts no time in view, and the
    case stays unread.
    """
    found, at = find(request, name), now()
    ledger.append("case.previewed", subject=found, by=request.user, at=at, digest=found.digest)
    turn = None if found.is_ended else found.handoffs.filter(CURRENT).select_related("user").first()
    context = {
        "file": Casefile(found, person(request), at=at),
        "case": found,
        "turn": turn,
        "at": at,
    }
    return render(request, "reviewers/_glance.html", context)
