"""The case page and its decision."""

import json
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from escalation import access, ledger, lifecycle
from escalation.errors import EscalationError, EvidenceChanged, ParametersRejected
from escalation.models import Answer, Case
from reviewers import notices, presence
from reviewers.casefile import Casefile
from reviewers.forms import DecisionForm, OverturnForm
from reviewers.turnforms import Acts


def find(request: HttpRequest, name: str) -> Case:
    try:
        return access.case_for_reader(request.user, name)
    except Case.DoesNotExist:
        raise Http404 from None


def decision_form(file: Casefile) -> DecisionForm | None:
    """Return the empty form of an answer, for who may give one."""
    return DecisionForm(file.case, file.options, file.arguments) if file.accepts_answer else None


def overturn_form(file: Casefile) -> OverturnForm | None:
    return OverturnForm(file.case, file.options, file.arguments) if file.may_overturn else None


def _posted(file: Casefile, request: HttpRequest, kind: type[DecisionForm]) -> DecisionForm:
    return kind(file.case, file.options, file.arguments, request.POST)


def _context(file: Casefile, **more: Any) -> dict[str, Any]:
    given = {
        "section": "queue",
        "file": file,
        "case": file.case,
        "at": file.at,
        "acts": Acts(file),
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
    notices.see_case(request.user, found, at=at)
    file = Casefile(found, request.user, at=at)
    presence.arrive(found, file.reader, at=at)
    if file.lease.state == "mine":
        lifecycle.renew(found.pk, by=file.reader, at=at)
        file = Casefile(found, request.user, at=at)
    if file.is_unread:
        lifecycle.see(found.pk, by=file.reader, at=at)
        file = Casefile(find(request, name), request.user, at=at)
    return render(request, "reviewers/case.html", _context(file, form=decision_form(file)))


@require_http_methods(["GET", "POST"])
@never_cache
def decide(request: HttpRequest, name: str) -> HttpResponse:
    """Record the answer. A refusal is an answer too: the page again, what was typed kept."""
    if request.method == "GET":  # the address of a refused answer, opened anew
        return redirect("reviewers:case", name=name)
    file = Casefile(find(request, name), request.user, at=now())
    form = _posted(file, request, DecisionForm)
    if not form.is_valid() and file.accepts_answer:
        return panel(request, file, form, status=422)
    return _answered(request, name, file, form, lifecycle.decide)


@require_http_methods(["GET", "POST"])
@never_cache
def overturn(request: HttpRequest, name: str) -> HttpResponse:
    """Record an answer in place of a fallback's."""
    if request.method == "GET":
        return redirect("reviewers:case", name=name)
    file = Casefile(find(request, name), request.user, at=now())
    form = _posted(file, request, OverturnForm)
    if not form.is_valid() and file.may_overturn:
        return panel(request, file, None, status=422, overturning=form)
    return _answered(request, name, file, form, lifecycle.overturn)


def _answered(
    request: HttpRequest, name: str, file: Casefile, form: DecisionForm, door: Callable[..., Any]
) -> HttpResponse:
    """Go through ``door`` with the answer, and show what came of it."""
    chosen = form.chosen
    try:
        made = door(
            file.case.pk,
            chosen.option.key if chosen else "",
            filled=form.filled,
            rationale=form.cleaned_data.get("rationale", ""),
            digest=form.cleaned_data.get("digest", ""),
            by=request.user,
            at=file.at,
        )
    except ParametersRejected as refusal:
        form.add_error(None, str(refusal))
        return panel(request, file, **_again(form), status=422)
    except EscalationError as refusal:
        return _refused(request, name, form, refusal)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("reviewers:case", name=file.case.reference)
    try:
        file = Casefile(find(request, name), request.user, at=now())
    except Http404:  # passed up to a role whose cases this reader does not see
        return render(
            request, "reviewers/_passed_up.html", {"case": file.case, "role": file.case.role}
        )
    just = {"just_answered": True} if isinstance(made, Answer) else {"just_decided": True}
    return panel(request, file, None, status=200, **just)


def _again(form: DecisionForm) -> dict[str, Any]:
    """Return where in the panel a form that was not taken stands."""
    if isinstance(form, OverturnForm):
        return {"form": None, "overturning": form}
    return {"form": form}


def _refused(
    request: HttpRequest, name: str, form: DecisionForm, refusal: EscalationError
) -> HttpResponse:
    """Show the case as it now stands, why the answer was not taken, and the answer itself.

    Where a fallback has ended the case meanwhile, the answer stands in the form that overturns it.
    """
    seen = form.data.get("digest", "")
    file = Casefile(find(request, name), request.user, at=now(), seen_digest=seen)
    if isinstance(refusal, EvidenceChanged):
        fresh = _posted(file, request, DecisionForm)
        fresh.is_valid()
        return panel(request, file, fresh, status=409, refusal=refusal, whole=True)
    if file.may_overturn:
        kept = _posted(file, request, OverturnForm)
        kept.is_valid()
        return panel(
            request, file, None, status=refusal.status, refusal=refusal, overturning=kept, late=True
        )
    return panel(request, file, None, status=refusal.status, refusal=refusal, draft=form)


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
        page = "reviewers/_path.html" if file.decision else "reviewers/_standing.html"
        seen, was = request.GET.get("digest", ""), request.GET.get("was", "")
        response = render(request, page, _context(file, seen=seen, was=was, polled=True))
    response["ETag"] = tag
    response["Cache-Control"] = "no-cache, private"
    return response


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
