"""Answering a case in two steps, with what comes before and after: a draft, undo, overturning."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from escalation import access, lifecycle
from escalation.errors import (
    ConfirmationNeeded,
    EscalationError,
    EvidenceChanged,
    EvidenceUnread,
    ParametersRejected,
    RationaleMissing,
    ReasonMissing,
)
from escalation.models import Answer, Decision, Release
from escalation.views.people import person
from reviewers import drafts, factors, overlimit, signing
from reviewers.answering import Stage
from reviewers.casefile import Casefile
from reviewers.forms import DecisionForm, OverturnForm
from reviewers.views import cases

AT_THE_FORM = (ParametersRejected, EvidenceUnread, RationaleMissing, ReasonMissing)


@require_http_methods(["GET", "POST"])
@never_cache
def decide(request: HttpRequest, name: str) -> HttpResponse:
    """Answer the case: ``step`` says whether to show what would happen, or to sign it.

    A refusal is an answer too: the page again, what was typed kept.
    """
    file = Casefile(cases.find(request, name), person(request), at=now())
    if request.method == "GET":
        return _resumed(request, file, cases.decision_form(file))
    is_behind = _posted(request, file).get("digest") != file.case.digest
    if request.POST.get("step") == "keep" and (is_behind or file.answering.stage == Stage.REVEALED):
        return _kept(request, name, file)
    return _stepped(request, name, file, DecisionForm(file, _posted(request, file)))


@require_http_methods(["GET", "POST"])
@never_cache
def overturn(request: HttpRequest, name: str) -> HttpResponse:
    """Answer in place of the decision that stands, in the same two steps."""
    file = Casefile(cases.find(request, name), person(request), at=now())
    if request.method == "GET":
        return _resumed(request, file, cases.overturn_form(file))
    return _stepped(request, name, file, OverturnForm(file, _posted(request, file)))


def _posted(request: HttpRequest, file: Casefile) -> QueryDict:
    """Return what was posted, the version that was on screen by its digest."""
    posted = request.POST.copy()
    if "digest" in posted:
        posted["digest"] = file.sight.digest_named(posted["digest"])
    return posted


def _stepped(request: HttpRequest, name: str, file: Casefile, form: DecisionForm) -> HttpResponse:
    may = file.may_overturn if isinstance(form, OverturnForm) else file.accepts_answer
    if may or (file.may_decide and not file.obstacle):  # somebody may have come first
        drafts.save(file.case, file.reader, form.typed, at=file.at)
    if request.POST.get("step") == "edit":
        return _again(request, name)
    if form.is_reshaped and may:  # a row more or less; nothing is judged by it
        return _shown(request, file, form, status=200)
    sound = form.is_valid()
    signs = sound and request.POST.get("step") == "sign"
    if not sound and may:
        return _shown(request, file, form, status=422)
    try:
        made = _go(request, file, signing.Given.of(form), form, signs=signs)
    except AT_THE_FORM as refusal:
        form.add_error(None, refusal.told)
        return _shown(request, file, form, status=422)
    except ConfirmationNeeded:
        return _prove(request, file, form)
    except EscalationError as refusal:
        return _refused(request, name, form, refusal)
    if signs:
        return _done(request, name, file, made)
    return _shown(request, file, form, status=200, summary=_summary(request, form))


def _go(
    request: HttpRequest, file: Casefile, given: signing.Given, form: DecisionForm | None, *,
    signs: bool,
) -> Any:  # fmt: skip
    """Carry the answer out where it is signed, else only see whether it would be taken."""
    proof = factors.last_proof(request, file.reader) if signs else file.at
    act = signing.act(
        file, given, by=file.reader, confirmed_at=proof, overturns=isinstance(form, OverturnForm)
    )
    if signs:
        return act()
    return signing.rehearse(act)


def _kept(request: HttpRequest, name: str, file: Casefile) -> HttpResponse:
    """Sign what was committed as it is; what it comes to was on screen beside it.

    Where evidence came meanwhile nothing is committed any more, and the door says so.
    """
    form = DecisionForm(file, _posted(request, file))
    own = file.answering.own if file.answering.stage == Stage.REVEALED else None
    given = (
        signing.Given.again(own) if own else signing.Given("", digest=form.typed.get("digest", ""))
    )
    try:
        made = _go(request, file, given, None, signs=True)
    except ConfirmationNeeded:
        return _prove(request, file, None)
    except EscalationError as refusal:
        return _refused(request, name, form, refusal)
    return _done(request, name, file, made)


def _summary(request: HttpRequest, form: DecisionForm) -> signing.Summary:
    proof_at = factors.last_proof(request, form.file.reader)
    return signing.Summary.of(form, form.file.reader, proof_at)


def _shown(
    request: HttpRequest, file: Casefile, form: DecisionForm, *, status: int, **more: Any
) -> HttpResponse:
    """Show the form in its place in the panel, or its summary in place of the form."""
    if isinstance(form, OverturnForm):
        return cases.panel(request, file, None, status=status, overturning=form, **more)
    return cases.panel(request, file, form, status=status, **more)


def _again(request: HttpRequest, name: str) -> HttpResponse:
    """Lead back from the summary: the form as it was typed."""
    file = Casefile(cases.find(request, name), person(request), at=now())
    return cases.panel(request, file, cases.decision_form(file), status=200, back=True)


def _resumed(request: HttpRequest, file: Casefile, form: DecisionForm | None) -> HttpResponse:
    """Go on with a draft where its signing was interrupted; else lead to the case."""
    if form is not None and form.draft is not None:
        again = type(form)(file, form.typed)
        if again.is_valid() and again.typed.get("digest") == file.case.digest:
            try:
                _go(request, file, signing.Given.of(again), again, signs=False)
            except EscalationError:
                return redirect("reviewers:case", name=file.case.reference)
            return _shown(request, file, again, status=200, summary=_summary(request, again))
    return redirect("reviewers:case", name=file.case.reference)


def _prove(request: HttpRequest, file: Casefile, form: DecisionForm | None) -> HttpResponse:
    """Lead to where the signer shows who they are; from there back to what they were signing."""
    back = "overturn" if isinstance(form, OverturnForm) else "decide" if form else "case"
    where = {"next": reverse(f"reviewers:{back}", args=[file.case.reference])}
    address = f"{reverse('account_reauthenticate')}?{urlencode(where)}"
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(address)
    return redirect(address)


def _done(request: HttpRequest, name: str, file: Casefile, made: Any) -> HttpResponse:
    """Show what came of a signature. A draft outlives it only while it can be undone."""
    if not isinstance(made, Release):
        drafts.discard(file.case, file.reader)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("reviewers:case", name=file.case.reference)
    try:
        fresh = Casefile(cases.find(request, name), file.reader, at=now())
    except Http404:  # passed up to a role whose cases this reader does not see
        return render(
            request, "reviewers/_passed_up.html", {"case": file.case, "role": file.case.role}
        )
    just = {
        "just_answered": isinstance(made, Answer),
        "just_signed": isinstance(made, Release),
        "just_decided": isinstance(made, Decision),
    }
    whole = file.answering.review.protocol.withholds  # the left side has more to show now
    form = cases.decision_form(fresh)
    return cases.panel(request, fresh, form, status=200, whole=whole, **just)


def _refused(
    request: HttpRequest, name: str, form: DecisionForm, refusal: EscalationError
) -> HttpResponse:
    """Show the case as it now stands, why the answer was not taken, and the answer itself.

    Where a fallback has ended the case meanwhile, the answer stands in the form that overturns it.
    """
    seen = form.typed.get("digest", "")
    file = Casefile(cases.find(request, name), person(request), at=now(), seen_digest=seen)
    if isinstance(refusal, EvidenceChanged) and file.accepts_answer:
        kept = cases.decision_form(file)
        return cases.panel(request, file, kept, status=409, refusal=refusal, whole=True)
    if file.may_overturn:
        return cases.panel(request, file, None, status=refusal.status, refusal=refusal, late=True)
    still = cases.decision_form(file)  # what is refused now may be answered otherwise
    more = {"refusal": refusal} if still else {"refusal": refusal, "draft": form}
    return cases.panel(request, file, still, status=refusal.status, **more)


@require_POST
@never_cache
def difference(request: HttpRequest, name: str) -> HttpResponse:
    """What an answer, as it is typed, changes of the proposal, and where it is more than one's limit.

    Nothing is kept, and nothing is decided.
    """
    file = Casefile(cases.find(request, name), person(request), at=now())
    form = DecisionForm(file, _posted(request, file))
    card = form.chosen
    if card is None or not card.inputs:
        return HttpResponse(status=204)
    card.fill(form.typed)
    overlimit.measure(file, card, card.filled)
    return render(request, "reviewers/_difference_typed.html", {"card": card, "live": True})


# Before and after ------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@never_cache
def undo(request: HttpRequest, name: str) -> HttpResponse:
    """Take a signed answer back before it goes out."""
    if request.method == "GET":
        return redirect("reviewers:case", name=name)
    found, more = cases.find(request, name), {}
    status = 200
    try:
        lifecycle.undo(found.pk, by=person(request), at=now())
        more = {"undone": True}
    except EscalationError as refusal:
        status, more = refusal.status, {"refusal": refusal}
    if not request.htmx and status == 200:  # type: ignore[attr-defined]
        return redirect("reviewers:case", name=found.reference)
    file = Casefile(cases.find(request, name), person(request), at=now())
    return cases.panel(request, file, cases.decision_form(file), status=status, **more)


@require_POST
@never_cache
def draft(request: HttpRequest, name: str) -> HttpResponse:
    """Keep what is typed, or throw away what was kept."""
    found = cases.find(request, name)
    if request.POST.get("step") != "discard":
        if access.may_decide(request.user, found) or found.is_ended:
            typed = _posted(request, Casefile(found, person(request), at=now()))
            drafts.save_while_typing(found, person(request), typed, at=now())
        return HttpResponse(status=204)
    drafts.discard(found, person(request))
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("reviewers:case", name=found.reference)
    file = Casefile(found, person(request), at=now())
    return cases.panel(request, file, cases.decision_form(file), status=200)
