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
from escalation.models import Case, Role
from escalation.models.cases import reference_number
from reviewers import queue


def _context(request: HttpRequest, roles: list[Role]) -> dict[str, object]:
    query = request.GET.get("q", "").strip()[:200].replace("\x00", "")
    newest = queue.newest(roles)
    try:
        page = queue.waiting(roles, q=query, after=request.GET.get("after", ""))
    except (ValueError, OverflowError):
        raise Http404 from None
    counted = queue.counts(roles)
    return {
        "section": "queue",
        "at": now(),
        "page": page,
        "q": query,
        "after": request.GET.get("after", ""),
        "newest": newest,
        "roles": roles,
        "cap": queue.CAP,
        "count": sum(each.count for each in counted),
        "oldest": min((each.oldest for each in counted if each.oldest), default=None),
        "decided_count": queue.decided(roles, since=_midnight())[: queue.CAP + 1].count(),
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
    context = _context(request, queue.roles_for(request.user))
    return render(request, "reviewers/queue.html", context | {"view": "waiting"})


@require_GET
@never_cache
def decided(request: HttpRequest) -> HttpResponse:
    """What these roles decided since midnight in the reader's zone, the latest first."""
    roles = queue.roles_for(request.user)
    cases = list(queue.decided(roles, since=_midnight())[: queue.SIZE])
    counted = queue.counts(roles)
    context = {
        "section": "queue",
        "view": "decided",
        "at": now(),
        "cases": cases,
        "roles": roles,
        "cap": queue.CAP,
        "count": sum(each.count for each in counted),
        "decided_count": queue.decided(roles, since=_midnight())[: queue.CAP + 1].count(),
    }
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
    roles = queue.roles_for(request.user)
    found = queue.arrived(roles, since=since)
    tag = f'"{found.newest.timestamp()}-{found.total}"' if found else '"none"'
    response = get_conditional_response(request, etag=tag)
    if response is None and found and "empty" in request.GET:
        context = _context(request, roles)
        response = render(request, "reviewers/_queue.html", context)
    elif response is None:
        context = {"news": found, "newest": since, "tag": tag, "most": queue.NEWS}
        response = render(request, "reviewers/_news.html", context)
    response["ETag"] = tag
    response["Cache-Control"] = "no-cache, private"
    return response
