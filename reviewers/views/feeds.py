"""Shifts in a calendar program: the feed itself, and where its address is made and revoked."""

from hashlib import sha256
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalation import access
from escalation.views.people import person
from reviewers import feeds
from reviewers.models import Feed


@require_safe
@login_not_required
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Answer a calendar program, which knows the address and no password."""
    at = now()
    found = feeds.feed_called(secret, at=at)
    if found is None:
        raise Http404
    body = feeds.render(found, at)
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, max-age=300"
    answer["X-Robots-Tag"] = "noindex"
    answer["Content-Disposition"] = 'inline; filename="on-call.ics"'
    kept: HttpResponse = get_conditional_response(request, etag=etag, response=answer)
    return kept


@require_http_methods(["GET", "POST"])
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """List one's feeds; a post makes one, anew where there is one, and shows its address once."""
    owner = person(request)
    if request.method == "GET":
        return _page(request)
    slug = request.POST.get("role", "")
    role = get_object_or_404(access.rosters_of(owner), slug=slug) if slug else None
    secret = feeds.make_feed(owner, role, by=owner, at=now())
    return _page(request, address=feeds.address(secret), made=role.name if role else "")


@require_POST
def revoke(request: HttpRequest, feed_id: UUID) -> HttpResponse:
    owner = person(request)
    found = get_object_or_404(Feed.objects.select_related("role"), pk=feed_id, owner=owner)
    feeds.revoke_feed(found, by=owner, at=now())
    return redirect("reviewers:feeds")


def _page(request: HttpRequest, **context: object) -> HttpResponse:
    owner = person(request)
    standing = {each.role_id: each for each in Feed.objects.filter(owner=owner, revoked_at=None)}
    roles = [(role, standing.get(role.pk)) for role in access.rosters_of(owner)]
    context = {"section": "account", "own": standing.get(None), "roles": roles} | context
    return render(request, "reviewers/feeds.html", context)
