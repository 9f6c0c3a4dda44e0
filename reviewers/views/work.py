"""My work: what to do now, what waits in my roles, what I decided lately."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from escalation import access
from escalation.views.people import person
from reviewers import notices, queue, shifts, swaps


@require_GET
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    reach, user = access.deciding(request.user), person(request)
    mine = queue.waiting(reach, mine=user, size=1).cases if reach.roles else []
    oldest = mine or (queue.waiting(reach, size=1).cases if reach.roles else [])
    roles = queue.counts(reach) if reach.roles else []
    at = now()
    context = {
        "section": "work",
        "at": at,
        "on_now": shifts.held_by(user, at),
        "coming": shifts.coming_up_for(user, at),
        "notices": notices.news(user),
        **swaps.exchange(user, at),
        "roles": roles,
        "waiting_count": sum(each.count for each in roles),
        "oldest": oldest[0] if oldest else None,
        "decisions": queue.decided_by(user, access.reading(user)),
        "cap": queue.CAP,
    }
    return render(request, "reviewers/work.html", context)
