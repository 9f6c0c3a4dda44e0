"""My work: what to do now, what waits in my roles, what I decided lately."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from escalation import access
from reviewers import queue


@require_GET
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    mine = list(access.roles_with(access.DECIDE, request.user))
    oldest = queue.waiting(mine, size=1).cases if mine else []
    roles = queue.counts(mine) if mine else []
    context = {
        "section": "work",
        "at": now(),
        "roles": roles,
        "waiting_count": sum(each.count for each in roles),
        "oldest": oldest[0] if oldest else None,
        "decisions": queue.decided_by(request.user),
        "cap": queue.CAP,
    }
    return render(request, "reviewers/work.html", context)
