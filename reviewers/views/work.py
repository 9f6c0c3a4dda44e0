"""My work: what to do now, what is on my table and came back to it, what waits, what I decided."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from escalation import access, hats, opinions
from escalation.views.people import person
from reviewers import mywork, queue, shifts, starting, swaps
from reviewers.notices import inbox
from reviewers.starting import Nothing

SHOWN = 5  # of what breaches next


@require_GET
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    user, at = person(request), now()
    rights = hats.rights(request)
    reach, reading = access.deciding(user, rights), access.reading(user, rights)
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    counted = queue.counts(reach, reader=user, midnight=midnight, at=at) if reach.roles else None
    context = {
        "section": "work",
        "at": at,
        "on_now": shifts.held_by(user, at),
        "coming": shifts.coming_up_for(user, at),
        "notices": inbox.news(user),
        "opinions": opinions.wanted_of(user, access.working(user, rights)),
        **swaps.exchange(user, at),
        "roles": counted.roles if counted else [],
        "waiting_count": counted.of(queue.View.TODO) if counted else 0,
        "mine_count": counted.of(queue.View.MINE) if counted else 0,
        "table": mywork.table(user, reading, at=at),
        "soon": queue.page(reach, reader=user, at=at, size=SHOWN).rows if counted else [],
        "decisions": queue.decided_by(user, reading),
        "cap": queue.CAP,
    }
    return render(request, "reviewers/work.html", context)


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Take the next case and open it, or say why there is none."""
    found = starting.start(person(request), at=now())
    if isinstance(found, Nothing):
        messages.info(request, found.said)
        return redirect("reviewers:work")
    return redirect("reviewers:case", name=found.case.reference)
