"""The case page and its decision."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from escalation import access, ledger, lifecycle
from escalation.errors import EscalationError, EvidenceChanged, ParametersRejected
from escalation.models import Case, Evidence
from reviewers import notices
from reviewers.casefile import Casefile
from reviewers.forms import DecisionForm


def _case(request: HttpRequest, name: str) -> Case:
    try:
        return access.case_for_reader(request.user, name)
    except Case.DoesNotExist:
        raise Http404 from None


def _form(file: Casefile, request: HttpRequest | None = None) -> DecisionForm:
    return DecisionForm(file.case, file.options, file.arguments, request.POST if request else None)


def _context(file: Casefile, **more: Any) -> dict[str, Any]:
    return {"section": "queue", "file": file, "case": file.case, "at": file.at} | more


@require_GET
@never_cache
def case(request: HttpRequest, name: str) -> HttpResponse:
    """The whole case. That it was opened is on the record, with the digest that was on screen."""
    found = _case(request, name)
    at = now()
    ledger.append("case.viewed", subject=found, by=request.user, at=at, digest=found.digest)
    notices.see_case(request.user, found, at=at)
    file = Casefile(found, request.user, at=at)
    form = _form(file) if file.accepts_answer else None
    return render(request, "reviewers/case.html", _context(file, form=form))


@require_http_methods(["GET", "POST"])
@never_cache
def decide(request: HttpRequest, name: str) -> HttpResponse:
    """Record the answer. A refusal is an answer too: the page again, what was typed kept."""
    if request.method == "GET":  # the address of a refused answer, opened anew
        return redirect("reviewers:case", name=name)
    file = Casefile(_case(request, name), request.user, at=now())
    form = _form(file, request)
    if not form.is_valid() and file.accepts_answer:
        return _panel(request, file, form, status=422)
    try:
        _decide(request, file, form)
    except ParametersRejected as refusal:
        form.add_error(None, str(refusal))
        return _panel(request, file, form, status=422)
    except EscalationError as refusal:
        return _refused(request, name, form, refusal)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("reviewers:case", name=file.case.reference)
    try:
        file = Casefile(_case(request, name), request.user, at=now())
    except Http404:  # passed up to a role whose cases this reader does not see
        return render(
            request, "reviewers/_passed_up.html", {"case": file.case, "role": file.case.role}
        )
    return _panel(request, file, None, status=200, just_decided=True)


def _decide(request: HttpRequest, file: Casefile, form: DecisionForm) -> None:
    chosen = form.chosen
    lifecycle.decide(
        file.case.pk,
        chosen.option.key if chosen else "",
        filled=form.filled,
        rationale=form.cleaned_data.get("rationale", ""),
        digest=form.cleaned_data.get("digest", ""),
        by=request.user,  # type: ignore[arg-type]
        at=file.at,
    )


def _refused(
    request: HttpRequest, name: str, form: DecisionForm, refusal: EscalationError
) -> HttpResponse:
    """Show the case as it now stands, why the answer was not taken, and the answer itself."""
    seen = form.data.get("digest", "")
    file = Casefile(_case(request, name), request.user, at=now(), seen_digest=seen)
    if isinstance(refusal, EvidenceChanged):
        fresh = _form(file, request)
        fresh.is_valid()
        response = _panel(request, file, fresh, status=409, refusal=refusal, whole=True)
    else:
        response = _panel(request, file, None, status=refusal.status, refusal=refusal, draft=form)
    return response


def _panel(
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
    file = Casefile(_case(request, name), request.user, at=now())
    tag = f'"{file.state_tag}"'
    response = get_conditional_response(request, etag=tag)
    if response is None:
        page = "reviewers/_path.html" if file.decision else "reviewers/_standing.html"
        seen = request.GET.get("digest", "")
        response = render(request, page, _context(file, seen=seen, polled=True))
    response["ETag"] = tag
    response["Cache-Control"] = "no-cache, private"
    return response


@require_GET
@never_cache
def raw(request: HttpRequest, name: str, part: str, position: int = 0) -> HttpResponse:
    """One value of the package as JSON text, to copy: never as anything a browser would run."""
    found = _case(request, name)
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
        step = Evidence.objects.filter(case=case, position=position).first()
        if step is None or part not in step.body:
            raise Http404
        return step.body[part]
    file = Casefile(case, request.user, at=now())
    found = {"arguments": file.arguments, "request": file.request, "identity": file.identity}
    if part not in found:
        raise Http404
    return found[part]
