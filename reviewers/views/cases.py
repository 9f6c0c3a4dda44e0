"""The case page and its decision."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from escalation import access, ledger, lifecycle
from escalation.models import Case
from reviewers import drafts, presence
from reviewers.acts import Acts
from reviewers.casefile import Casefile
from reviewers.forms import DecisionForm, OverturnForm
from reviewers.notices import inbox
from reviewers.talk import Talk


def find(request: HttpRequest, name: str) -> Case:
    try:
        return access.case_for_reader(request.user, name)
    except Case.DoesNotExist:
        raise Http404 from None


def decision_form(file: Casefile) -> DecisionForm | None:
    """Return the form of an answer, for who may give one, with what they had begun to write."""
    if not file.accepts_answer:
        return None
    return DecisionForm(file, draft=drafts.draft_of(file.case, file.reader))


def overturn_form(file: Casefile) -> OverturnForm | None:
    if not file.may_overturn:
        return None
    return OverturnForm(file, draft=drafts.draft_of(file.case, file.reader))


def _context(file: Casefile, **more: Any) -> dict[str, Any]:
    given = {
        "section": "queue",
        "file": file,
        "case": file.case,
        "at": file.at,
        "acts": Acts(file),
        "talk": Talk(file),
        "overturning": overturn_form(file),
    }
    return given | more


@require_GET
@never_cache
def case(request: HttpRequest, name: str) -> HttpResponse:
    """The whole case. That it was opened is on the record, with the digest that was on screen."""
    found = find(request, name)
    at = now()
    ledger.append("case.viewed", subject=found, by=request.user, at=at, digest=found.digest)
    inbox.see_case(request.user, found, at=at)
    file = Casefile(found, request.user, at=at)
    presence.arrive(found, file.reader, at=at)
    if file.lease.state == "mine":
        lifecycle.renew(found.pk, by=file.reader, at=at)
        file = Casefile(found, request.user, at=at)
    if file.is_unread:
        lifecycle.see(found.pk, by=file.reader, at=at)
        file = Casefile(find(request, name), request.user, at=at)
    return render(request, "reviewers/case.html", _context(file, form=decision_form(file)))


def panel(
    request: HttpRequest, file: Casefile, form: DecisionForm | None, *, status: int,
    whole: bool = False, **more: Any,
) -> HttpResponse:  # fmt: skip
    """Answer with the panel where htmx asked, with the page around it where a plain form did."""
    context = _context(file, form=form, **more)
    if not request.htmx:  # type: ignore[attr-defined]
        return render(request, "reviewers/case.html", context, status=status)
    page = "reviewers/_case.html" if whole else "reviewers/_decision_answer.html"
    response = render(request, page, context, status=status)
    if whole:  # the evidence on the left is no longer what it was
        response["HX-Retarget"] = "#case"
        response["HX-Reswap"] = "outerHTML"
    return response


@require_GET
def standing(request: HttpRequest, name: str) -> HttpResponse:
    """How the case stands, for a page that is open: 304 while nothing has changed."""
    file = Casefile(find(request, name), request.user, at=now())
    tag = f'"{file.state_tag}"'
    response = get_conditional_response(request, etag=tag)
    if response is None:
        response = _changed(request, file)
    response["ETag"] = tag
    response["Cache-Control"] = "no-store, private"
    return response


def _changed(request: HttpRequest, file: Casefile) -> HttpResponse:
    """What a page that is open puts in the place that it asked for."""
    if "panel" in request.GET:  # nothing is typed there: all of it may change
        shown = _context(file, form=decision_form(file))
        return render(request, "reviewers/_decision_answer.html", shown)
    page = "reviewers/_path.html" if "path" in request.GET else "reviewers/_standing.html"
    seen, was = request.GET.get("digest", ""), request.GET.get("was", "")
    is_behind = file.sight.digest_named(seen) != file.case.digest
    shown = _context(file, seen=seen, is_behind=is_behind, was=was, polled=True)
    return render(request, page, shown)


@require_GET
@never_cache
def raw(request: HttpRequest, name: str, part: str, position: int = 0) -> HttpResponse:
    """One value of the package as JSON text, to copy: never as anything a browser would run."""
    found = find(request, name)
    at = now()
    value = _raw(found, request, part, position)
    ledger.append(
        "case.viewed", subject=found, by=request.user, at=at, digest=found.digest, part=request.path
    )
    text = json.dumps(value, ensure_ascii=False, indent=2)
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _raw(case: Case, request: HttpRequest, part: str, position: int) -> Any:
    if part in ("input", "output"):
        step = Casefile(case, request.user, at=now()).sight.step(position)
        if step is None or part not in step.body:
            raise Http404
        return step.body[part]
    file = Casefile(case, request.user, at=now())
    found = {"arguments": file.arguments, "request": file.request, "identity": file.identity}
    if part not in found:
        raise Http404
    return found[part]
