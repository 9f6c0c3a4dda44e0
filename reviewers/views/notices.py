"""What a person is told, until they have seen it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from escalation.views.people import person
from reviewers import notices


@require_POST
def see(request: HttpRequest, notice: UUID) -> HttpResponse:
    user = person(request)
    notices.see(user, notice, at=now())
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "reviewers/_notices.html", {"notices": notices.unseen(user)})
    return redirect("reviewers:work")
