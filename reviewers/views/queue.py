"""The queue: what waits in a reader's roles, in views that everybody has and views of one's own."""

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from escalation import access, hats
from escalation.access import Reach
from escalation.models import Case
from escalation.models.cases import reference_number
from escalation.views.people import person
from reviewers import queue, shifts
from reviewers.models import SavedView
from reviewers.queue import View
from reviewers.queueforms import FilterForm, SaveViewForm


def _context(request: HttpRequest, reach: Reach) -> dict[str, object]:
    """Return what a view of the queue shows: its head with all counts, and its first rows or next."""
    reader, at = person(request), now()
    try:
        view = View(request.GET.get("view", ""))
    except ValueError:
        raise Http404 from None
    form = FilterForm(request.GET, roles=reach.roles)
    role, after = form.role_chosen, request.GET.get("after", "")
    found: dict[str, object] = {
        "section": "queue",
        "at": at,
        "view": view,
        "form": form,
        "filters": form.filters,
        "role": role,
        "roles": reach.roles,
        "after": after,
        "newest": queue.newest(reach),
        "cap": queue.CAP,
        "q": form.filters.q,
    }
    counted = queue.counts(reach, reader=reader, midnight=_midnight(), at=at)
    found |= {
        "tabs": [_tab(one, view, counted.of(one, role), form) for one in View],
        "by_role": counted.roles,
        "count": counted.of(View.TODO, role),
        "next_due_at": counted.next_due_at(role),
        "saved": list(SavedView.objects.filter(user=reader)),
        "save": SaveViewForm(initial={"query": form.query}),
        "may_act": not {access.DECIDE, access.SUPERVISE}.isdisjoint(hats.rights(request).on),
    }
    narrowed = Reach(frozenset([role.pk]), reach.tenants) if role else reach
    if view in queue.PAST:
        return found | {"cases": _past(view, narrowed, at), "rows": []}
    try:
        page = queue.page(narrowed, view, form.filters, reader=reader, at=at, after=after)
    except (ValueError, OverflowError):
        raise Http404 from None
    coming = [] if page.rows else shifts.coming_up_for(reader, at)
    return found | {"page": page, "rows": page.rows, "coming": coming}


def _tab(one: View, current: View, count: int, form: FilterForm) -> dict[str, object]:
    """Return a view of everybody's as its tab: seldom ones only while there is something in them."""
    kept = form.query_without(*(name for name in form.fields if name != "role"), "view")
    query = "&".join(part for part in (f"view={one}" if one else "", kept) if part)
    seldom = one in (View.SNOOZED, View.OVERTURNED)
    return {
        "name": queue.NAMES[one],
        "query": query,
        "count": count,
        "is_current": one == current,
        "is_shown": not seldom or bool(count) or one == current,
    }


def _past(view: View, reach: Reach, at: datetime) -> list[Case]:
    if view == View.OVERTURNED:
        return queue.overturned(reach, at=at, size=queue.SIZE)
    return list(queue.decided(reach, since=_midnight())[: queue.SIZE])


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
    context = _context(request, access.reading(request.user, hats.rights(request)))
    return render(request, "reviewers/queue.html", context)


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
    reach = access.reading(request.user, hats.rights(request))
    found = queue.arrived(reach, since=since)
    tag = f'"{found.newest.timestamp()}-{found.total}"' if found else '"none"'
    response = get_conditional_response(request, etag=tag)
    if response is None and found and "empty" in request.GET:
        response = render(request, "reviewers/_queue.html", _context(request, reach))
    elif response is None:
        context = {"news": found, "newest": since, "tag": tag, "most": queue.NEWS}
        response = render(request, "reviewers/_news.html", context)
    response["ETag"] = tag
    response["Cache-Control"] = "no-cache, private"
    return response


# Views of one's own --------------------------------------------------------------------------------


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the view that the reader has before them under a name."""
    form = SaveViewForm(request.POST, instance=SavedView(user=person(request), saved_at=now()))
    return _kept(request, form)


@require_POST
def rename_view(request: HttpRequest, view_id: UUID) -> HttpResponse:
    saved = get_object_or_404(SavedView, pk=view_id, user=request.user)
    return _kept(
        request,
        SaveViewForm({"name": request.POST.get("name", ""), "query": saved.query}, instance=saved),
    )


def _kept(request: HttpRequest, form: SaveViewForm) -> HttpResponse:
    if form.is_valid():
        saved = form.save()
        return redirect(f"{reverse('reviewers:queue')}?{saved.query}")
    context = {"section": "queue", "save": form, "query": request.POST.get("query", "")}
    return render(request, "reviewers/save_view.html", context, status=422)


@require_POST
def remove_view(request: HttpRequest, view_id: UUID) -> HttpResponse:
    get_object_or_404(SavedView, pk=view_id, user=request.user).delete()
    return redirect("reviewers:queue")
