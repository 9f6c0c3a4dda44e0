"""What a person is told, until they have seen it; and the link by which they come to it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from escalation.views.people import person
from reviewers.models import Notice
from reviewers.notices import inbox
from reviewers.notifications import links


@require_POST
def see(request: HttpRequest, notice: UUID) -> HttpResponse:
    user = person(request)
    inbox.see(user, notice, at=now())
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "reviewers/_notices.html", {"notices": inbox.news(user)})
    return redirect("reviewers:work")


@require_GET
@never_cache
def open_once(request: HttpRequest, token: str) -> HttpResponse:
    """Lead whoever was told to what they were told of, once. It decides nothing."""
    user, at = person(request), now()
    notice_id = links.read(token, at=at)
    notice = Notice.objects.filter(pk=notice_id).first() if notice_id else None
    if notice is None:
        return _no_way(request, "This link is no longer good", status=410)
    if notice.user_id != user.pk:
        return _no_way(request, "This link was sent to somebody else", status=403)
    if not inbox.open_once(notice, at=at):
        return _no_way(request, "This link has been used before", notice.path, status=410)
    return redirect(notice.path or "reviewers:work")


def _no_way(request: HttpRequest, said: str, path: str = "", *, status: int) -> HttpResponse:
    context = {"said": said, "path": path}
    return render(request, "reviewers/used_link.html", context, status=status)
