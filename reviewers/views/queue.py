"""The queue: what waits in a reader's roles, in views that everybody has and views of one's own."""

from datetime import datetime
from uuid import UUID
from zlib import crc32

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
from escalation.models import Case, Role
from escalation.models.cases import reference_number
from escalation.views.people import person
from reviewers import presence, queue, shifts
from reviewers.models import SavedView
from reviewers.queue import View
from reviewers.queueforms import FilterForm, SaveViewForm


def _context(request: HttpRequest, reach: Reach) -> dict[str, object]:
    """Return what a view of the queue shows: its head with all counts, and its first rows or next."""
    reader, at = person(request), now()
    form = FilterForm(request.GET, roles=reach.roles)
    view = _view(request, form)
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
        "cap": queue.CAP,
        "q": form.filters.q,
        "all_roles": form.query_without("role", "after"),
    }
    counted = queue.counts(reach, reader=reader, midnight=_midnight(), at=at)
    found |= {
        "lists": queue.LISTS,
        "tabs": [_tab(one, view, counted, role, form) for one in View],
        "elsewhere": form.address(View.ALL) if form.filters.q and view != View.ALL else "",
        "by_role": counted.roles,
        "count": counted.of(View.TODO, role),
        "next_due_at": counted.next_due_at(role),
        "saved": list(SavedView.objects.filter(user=reader)),
        "save": SaveViewForm(initial={"query": form.query}),
        "may_act": not {access.DECIDE, access.SUPERVISE}.isdisjoint(hats.rights(request).on),
    }
    is_whole = view == View.TODO and not (role or after or form.filters)
    if is_whole:  # what comes is told where all of it would stand
        found["newest"] = queue.newest(reach)
    narrowed = Reach(frozenset([role.pk]), reach.tenants) if role else reach
    if view in queue.LISTS:
        past = {"after": _number(after)} if after else {}
        page = queue.listed(narrowed, view, form.filters, midnight=_midnight(), at=at, **past)
        return found | {"page": page, "cases": page.cases, "rows": []}
    try:
        page = queue.page(narrowed, view, form.filters, reader=reader, at=at, after=after)
    except (ValueError, OverflowError):
        raise Http404 from None
    coming = [] if page.rows else shifts.coming_up_for(reader, at)
    found |= {"listed": ".".join(str(row.number) for row in page.rows)}
    found |= {"tag": _tag(None, {row.number: row.looking for row in page.rows})}
    return found | {"page": page, "rows": page.rows, "coming": coming}


def _tag(news: queue.News | None, looking: dict[int, list[str]]) -> str:
    """Return a validator of what a page of the queue says by itself: what came, and who reads what."""
    reading = sorted((number, names) for number, names in looking.items() if names)
    parts = [f"{news.newest.timestamp()}-{news.total}"] if news else []
    parts += [f"{crc32(repr(reading).encode()):x}"] if reading else []
    return f'"{"-".join(parts) or "none"}"'


def _tab(
    one: View, current: View, counted: queue.Counts, role: Role | None, form: FilterForm
) -> dict[str, object]:
    """Return a view of everybody's as its tab, under the same filters.

    Seldom ones are there only while there is something in them."""
    count = None if one == View.ALL else counted.of(one, role)
    seldom = one in (View.SNOOZED, View.OVERTURNED)
    return {
        "name": queue.NAMES[one],
        "query": form.address(one),
        "count": None if form.filters else count,  # it is of the view without its filters
        "is_current": one == current,
        "is_shown": not seldom or bool(count) or one == current,
    }


def _view(request: HttpRequest, form: FilterForm) -> View:
    """Return the view that is asked for; words without one are looked for among all cases."""
    asked = request.GET.get("view") or (View.ALL if form.filters.q else View.TODO)
    try:
        return View(asked)
    except ValueError:
        raise Http404 from None


def _number(after: str) -> int:
    """Return the number of the case that the page before ended with."""
    if not (after.isascii() and after.isdigit() and len(after) < 18):
        raise Http404
    return int(after)


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
    """What changed since the page was made: what came, and who reads what it lists.

    A banner names what came, or the rows where there were none. Answers 304 while there is nothing
    that the page has not already said.
    """
    reach, at = access.reading(request.user, hats.rights(request)), now()
    listed, since = _listed(request), _since(request)
    looking = presence.looking_at(reach, listed, but=person(request), at=at) if listed else {}
    found = queue.arrived(reach, since=since) if since else None
    tag = _tag(found, looking)
    response = get_conditional_response(request, etag=tag)
    if response is None and found and "empty" in request.GET:
        response = render(request, "reviewers/_queue.html", _context(request, reach))
    elif response is None:
        context = {"news": found, "newest": since, "tag": tag, "most": queue.NEWS}
        context |= {"listed": ".".join(map(str, listed)), "looking": looking.items()}
        response = render(request, "reviewers/_news.html", context)
    response["ETag"] = tag
    response["Cache-Control"] = "no-store, private"
    return response


def _since(request: HttpRequest) -> datetime | None:
    text = request.GET.get("since")
    if text is None:
        return None
    try:
        since = datetime.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    if timezone.is_naive(since):
        raise Http404
    return since


def _listed(request: HttpRequest) -> list[int]:
    """Return the numbers of the cases that the page lists."""
    given = request.GET.get("listed", "").split(".")[: queue.SIZE]
    return [int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 18]


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
