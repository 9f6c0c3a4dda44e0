"""The queue: what awaits a decision in my roles, and what was decided today."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from escalation import access
from escalation.access import Reach
from escalation.models import Case
from escalation.models.cases import reference_number
from escalation.views.people import person
from reviewers import queue, shifts


def _context(request: HttpRequest, reach: Reach) -> dict[str, object]:
    query = request.GET.get("q", "").strip()[:200].replace("\x00", "")
    after, mine = request.GET.get("after", ""), "mine" in request.GET
    newest = queue.newest(reach)
    try:
        page = queue.waiting(reach, mine=person(request) if mine else None, q=query, after=after)
    except (ValueError, OverflowError):
        raise Http404 from None
    return _tabs(request, reach) | {
        "view": "mine" if mine else "waiting",
        "page": page,
        "q": query,
        "after": after,
        "newest": newest,
        "coming": [] if page.cases else shifts.coming_up_for(person(request), now()),
    }


def _tabs(request: HttpRequest, reach: Reach) -> dict[str, object]:
    """Return what every view of the queue counts."""
    counted = queue.counts(reach)
    return {
        "section": "queue",
        "at": now(),
        "roles": reach.roles,
        "cap": queue.CAP,
        "count": sum(each.count for each in counted),
        "oldest": min((each.oldest for each in counted if each.oldest), default=None),
        "mine_count": queue.count_mine(reach, person(request)),
        "decided_count": queue.decided(reach, since=_midnight())[: queue.CAP + 1].count(),
    }


def _named(request: HttpRequest) -> Case | None:
    """Return the case whose reference was searched for, wherever it stands."""
    text = request.GET.get("q", "").strip()
    if reference_number(text) is None:
        return None
    try:
        return access.case_for_reader(request.user, text)
    except Case.DoesNotExist:
        return None


def _midnight() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


@require_GET
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    if found := _named(request):
        return redirect("reviewers:case", name=found.reference)
    context = _context(request, access.reading(request.user))
    return render(request, "reviewers/queue.html", context)


@require_GET
@never_cache
def decided(request: HttpRequest) -> HttpResponse:
    """What these roles decided since midnight in the reader's zone, the latest first."""
    reach = access.reading(request.user)
    cases = list(queue.decided(reach, since=_midnight())[: queue.SIZE])
    context = _tabs(request, reach) | {"view": "decided", "cases": cases, "oldest": None}
    return render(request, "reviewers/decided.html", context)


@require_GET
def news(request: HttpRequest) -> HttpResponse:
    """What came since the page was made: a banner that names it, or the rows where there were none.

    Answers 304 while there is nothing that the page has not already said.
    """
    try:
        since = datetime.fromisoformat(request.GET.get("since", ""))
    except ValueError:
        raise Http404 from None
    if timezone.is_naive(since):
        raise Http404
    reach = access.reading(request.user)
    found = queue.arrived(reach, since=since)
    tag = f'"{found.newest.timestamp()}-{found.total}"' if found else '"none"'
    response = get_conditional_response(request, etag=tag)
    if response is None and found and "empty" in request.GET:
        context = _context(request, reach)
        response = render(request, "reviewers/_queue.html", context)
    elif response is None:
        context = {"news": found, "newest": since, "tag": tag, "most": queue.NEWS}
        response = render(request, "reviewers/_news.html", context)
    response["ETag"] = tag
    response["Cache-Control"] = "no-cache, private"
    return response
