"""What people say on a case: comments, and the opinions that were asked of them."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from escalation.errors import EscalationError
from escalation.models import OpinionRequest
from escalation.views.people import person
from reviewers import heard
from reviewers.casefile import Casefile
from reviewers.talk import Talk
from reviewers.turnforms import CommentForm, GivenForm
from reviewers.views import cases


def _file(request: HttpRequest, name: str) -> Casefile:
    return Casefile(cases.find(request, name), person(request), at=now())


@require_http_methods(["GET", "POST"])
@never_cache
def comment(request: HttpRequest, name: str) -> HttpResponse:
    if request.method == "GET":
        return redirect("reviewers:case", name=name)
    file, form = _file(request, name), CommentForm(request.POST)
    if not form.is_valid():
        return _shown(request, Talk(file, comment=form), status=422)
    try:
        heard.comment(file.case, form.cleaned_data["text"], by=file.reader, at=file.at)
    except EscalationError as refusal:
        form.add_error("text", refusal.told)
        return _shown(request, Talk(file, comment=form), status=refusal.status)
    return _done(request, name, _("Said."))


@require_http_methods(["GET", "POST"])
@never_cache
def give_opinion(request: HttpRequest, name: str, asked: UUID) -> HttpResponse:
    """Give the opinion that was asked of who is signed in."""
    if request.method == "GET":
        return redirect("reviewers:case", name=name)
    file = _file(request, name)
    wanted = OpinionRequest.objects.filter(pk=asked, case=file.case, of=file.reader.pk)
    wanted = wanted.select_related("case__terms", "of", "asked_by").first()
    if wanted is None:
        raise Http404
    form = GivenForm(request.POST, options=file.options)
    if not form.is_valid():
        return _shown(request, Talk(file, given=form), status=422)
    try:
        heard.give_opinion(
            wanted, form.cleaned_data["text"], key=form.cleaned_data["option"], by=file.reader,
            at=file.at,
        )  # fmt: skip
    except EscalationError as refusal:
        form.add_error(None, refusal.told)
        return _shown(request, Talk(file, given=form), status=refusal.status)
    said = _("%(person)s was told that it is there.") % {"person": wanted.asked_by}
    return _done(request, name, said)


@require_GET
def talk(request: HttpRequest, name: str) -> HttpResponse:
    """What was said, for a page that is open: 304 while nothing has changed."""
    shown = Talk(_file(request, name))
    response = get_conditional_response(request, etag=f'"{shown.tag}"')
    if response is None:
        response = render(request, "reviewers/_talk.html", _context(shown))
    response["ETag"] = f'"{shown.tag}"'
    response["Cache-Control"] = "no-store, private"
    return response


def _done(request: HttpRequest, name: str, said: str) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"/cases/{name}/#talk")
    return _shown(request, Talk(_file(request, name), said=said), status=200)


def _shown(request: HttpRequest, talk: Talk, *, status: int) -> HttpResponse:
    """Answer with what was said where htmx asked, with the page around it where a plain form did."""
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "reviewers/_talk.html", _context(talk), status=status)
    return cases.panel(request, talk.file, cases.decision_form(talk.file), status=status, talk=talk)


def _context(talk: Talk) -> dict[str, object]:
    return {"talk": talk, "file": talk.file, "case": talk.file.case, "at": talk.file.at}
