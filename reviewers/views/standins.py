"""Standing in, asking for a swap, being away: each a form on a page of its own, or in a dialog."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from escalation import access
from escalation.errors import EscalationError
from escalation.models import Role, User
from escalation.views.people import person
from escalation.wallclock import said
from reviewers import absences, overrides, rosters, swaps, volunteers
from reviewers.models import Absence, Membership, Override, Swap
from reviewers.oncallforms import AwayForm, FillForm, OverrideForm, SpanForm, SwapForm
from reviewers.views.oncall import overview, role_for, viewer_of, zone_of

ACTS: dict[str, Callable[..., Swap]] = {
    "accept": swaps.accept,
    "decline": swaps.decline,
    "approve": swaps.approve,
    "refuse": swaps.refuse,
    "withdraw": swaps.withdraw,
}
DONE = {
    "accept": "The shift is yours.",
    "decline": "Declined; the shift stays where it was.",
    "approve": "Approved; the shift has changed hands.",
    "refuse": "Refused; the shift stays where it was.",
    "withdraw": "Withdrawn; nobody is asked any more.",
}


# Forms of a role -----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@never_cache
def stand_in(request: HttpRequest, slug: str) -> HttpResponse:
    """A member stands in where nobody is; a manager lets anybody stand in for anybody."""
    role, user, at = role_for(request, slug), person(request), now()
    viewer = viewer_of(user, role, at)
    if not (viewer.is_member or viewer.manages):
        raise Http404
    given = _span_asked(request, role)
    form: SpanForm
    if viewer.manages:
        out = request.GET.get("out", "")
        kind = "replace" if out else "add"
        people = _members(role, at)
        form = OverrideForm(
            _data(request), people=people, kind=kind, out=out, position=_position(request), **given
        )
    else:
        form = FillForm(_data(request), position=_position(request) or 1, **given)
    if form.is_valid() and _done(form, lambda **given: _override(role, form, user, at, given)):
        return _back(request, role, "Standing in from the time you gave; those concerned are told.")
    title = "Let somebody stand in" if viewer.manages else "Stand in"
    lead = (
        "What you say here goes before every layer; an absence goes before it."
        if viewer.manages
        else "You are on call in a time in which nobody is. Somebody's own shift they give by a swap."
    )
    return _form_page(request, role, form, title=title, lead=lead, button=title)


def _override(role: Role, form: SpanForm, by: User, at: datetime, given: dict[str, Any]) -> None:
    roster = rosters.roster_of(role)
    if isinstance(form, OverrideForm):
        overrides.make(roster, given.pop("kind"), **given, by=by, at=at)
    else:
        volunteers.fill(roster, **given, by=by, at=at)


@require_http_methods(["GET", "POST"])
@never_cache
def swap(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask a colleague to take one's own shift, or a part of it."""
    role, user, at = role_for(request, slug), person(request), now()
    if not viewer_of(user, role, at).is_member:
        raise Http404
    colleagues = [each for each in _members(role, at) if each != user]
    form = SwapForm(_data(request), people=colleagues, **_span_asked(request, role))
    roster = rosters.roster_of(role)
    if form.is_valid() and _done(form, lambda **given: swaps.ask(roster, **given, by=user, at=at)):
        return _back(request, role, f"{form.cleaned_data['colleague']} is asked.")
    lead = "Until they accept, the shift stays yours."
    if roster.swaps_need_approval:
        lead = "Until they accept and a manager approves, the shift stays yours."
    return _form_page(
        request, role, form, title="Ask for a swap", lead=lead, button="Ask", people=colleagues
    )


@require_POST
def withdraw(request: HttpRequest, slug: str, override: UUID) -> HttpResponse:
    """Take back an override: one's own, or as a manager any."""
    role, user, at = role_for(request, slug), person(request), now()
    found = get_object_or_404(Override, pk=override, roster__role=role)
    if not (access.may_manage(user, role) or found.made_by_id == user.pk):
        raise Http404
    overrides.withdraw(found, by=user, at=at)
    return _back(request, role, "Taken back; the layers decide again.")


# Being away ---------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@never_cache
def away(request: HttpRequest) -> HttpResponse:
    """One's own absences, and a new one, on one's own wall clock."""
    user, at = person(request), now()
    zone = ZoneInfo(user.time_zone)
    form = AwayForm(_data(request), zone=zone)
    if form.is_valid() and _done(
        form, lambda **given: absences.note(user, **given, by=user, at=at)
    ):
        until = form.cleaned_data
        when = said(until["since"], until["until"], user.time_zone)
        return _to(request, reverse("reviewers:away"), f"You are away {when}, in every role.")
    coming = Absence.objects.standing().filter(user=user, during__endswith__gt=at)
    context = {
        "section": "on_call",
        "form": form,
        "coming": coming,
        "at": at,
        "title": "I am away",
        "lead": "You are on call in none of your roles in that time; managers see why, "
        "colleagues only that.",
        "button": "Note it",
        "place": user.time_zone,
        "back": reverse("reviewers:on_call"),
    }
    return _rendered(request, "reviewers/away.html", form, context)


@require_POST
def return_early(request: HttpRequest, absence: UUID) -> HttpResponse:
    user = person(request)
    found = get_object_or_404(Absence, pk=absence, user=user)
    absences.withdraw(found, by=user, at=now())
    return _to(request, reverse("reviewers:away"), "Taken back; you are planned with again.")


# Answering a swap ---------------------------------------------------------------------------------


@require_POST
def answer(request: HttpRequest, swap: UUID, act: str) -> HttpResponse:
    """Accept, decline, approve, refuse or withdraw. A refusal is a sentence above the swaps."""
    user, at = person(request), now()
    if act not in ACTS:
        raise Http404
    found = get_object_or_404(Swap.objects.select_related("roster__role"), pk=swap)
    concerned = user.pk in (found.asked_by_id, found.colleague_id)
    if not concerned and not access.may_manage(user, found.roster.role):
        raise Http404
    try:
        settled = ACTS[act](found.pk, by=user, at=at)
    except EscalationError as refusal:
        return _swaps(request, user, at, refusal=refusal.told)
    words = DONE[act]
    if act == "accept" and settled.override is None:
        words = "Accepted; a manager decides."
    if request.htmx:  # type: ignore[attr-defined]
        return _swaps(request, user, at, done=words)
    return _to(request, reverse("reviewers:on_call"), words)


def _swaps(request: HttpRequest, user: User, at: datetime, **more: Any) -> HttpResponse:
    status = 422 if "refusal" in more else 200
    if request.htmx:  # type: ignore[attr-defined]
        context = swaps.exchange(user, at) | more | {"at": at}
        return render(request, "reviewers/_swaps.html", context, status=status)
    return render(request, "reviewers/on_call.html", overview(user, at) | more, status=status)


# How a form is asked, and answered ----------------------------------------------------------------


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _members(role: Role, at: datetime) -> list[User]:
    held = Membership.objects.open(at).filter(role=role, user__is_active=True)
    found = User.objects.filter(pk__in=held.values("user"))
    return list(found.order_by("first_name", "last_name", "username"))


def _span_asked(request: HttpRequest, role: Role) -> dict[str, Any]:
    """Return the zone and the instants that the address names; what is none is left empty."""
    zone, _ = zone_of(request, role)
    found: dict[str, Any] = {"zone": zone}
    for name in ("since", "until"):
        try:
            at = datetime.fromisoformat(request.GET.get(name, ""))
        except ValueError:
            continue
        if at.tzinfo and 2000 <= at.year <= 2100:
            found[name] = at
    return found


def _position(request: HttpRequest) -> int | None:
    text = request.GET.get("position", "")
    return int(text) if text in set("123456789") else None


def _done(form: SpanForm, act: Callable[..., object]) -> bool:
    """Carry out what a form asks for; a refusal becomes its error."""
    try:
        act(**form.cleaned_data)
    except EscalationError as refusal:
        form.add_error(None, refusal.told)
        return False
    return True


def _form_page(request: HttpRequest, role: Role, form: SpanForm, **words: Any) -> HttpResponse:
    zone, which = zone_of(request, role)
    context = {
        "section": "on_call",
        "role": role,
        "form": form,
        "place": zone.key,
        "back": _calendar(role, which),
        **words,
    }
    return _rendered(request, "reviewers/on_call_form.html", form, context)


def _rendered(
    request: HttpRequest, page: str, form: SpanForm, context: dict[str, Any]
) -> HttpResponse:
    status = 422 if form.errors else 200
    if request.htmx:  # type: ignore[attr-defined]
        page = "reviewers/_on_call_form.html"
    return render(request, page, context, status=status)


def _calendar(role: Role, which: str) -> str:
    address = reverse("reviewers:role_on_call", args=[role.slug])
    return f"{address}?zone=role" if which else address


def _back(request: HttpRequest, role: Role, words: str) -> HttpResponse:
    _, which = zone_of(request, role)
    return _to(request, _calendar(role, which), words)


def _to(request: HttpRequest, address: str, words: str) -> HttpResponse:
    """Say that it is done: a dialog shows the page below it anew, a page of its own leads back."""
    messages.success(request, words)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRefresh()
    return redirect(address)
