"""How to reach a person, and when not to; what they are trained in, as they and their managers see it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from escalation.models import Competence, Conflict
from escalation.views.people import person
from reviewers import profiles
from reviewers.models import ContactPoint, QuietHours
from reviewers.reachforms import ContactForm, LanguagesForm, QuietForm


def _page(request: HttpRequest, status: int = 200, **forms: object) -> HttpResponse:
    user, at = person(request), now()
    profile = profiles.profile_of(user)
    given = {
        "languages": LanguagesForm(initial={"languages": ", ".join(profile.languages)}),
        "contact": ContactForm(user),
        "quiet": QuietForm(user),
    } | forms
    context = given | {
        "section": "account",
        "at": at,
        "profile": profile,
        "contacts": ContactPoint.objects.filter(user=user),
        "quiet_hours": QuietHours.objects.filter(user=user),
        "competences": Competence.objects.filter(user=user).order_by("name", "-since"),
        "conflicts": Conflict.objects.filter(user=user),
    }
    return render(request, "reviewers/reach.html", context, status=status)


@require_GET
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
@never_cache
def languages(request: HttpRequest) -> HttpResponse:
    form = LanguagesForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, languages=form)
    profiles.speak(person(request), form.cleaned_data["languages"])
    messages.success(request, "Kept.")
    return redirect("reviewers:reach")


@require_POST
@never_cache
def add_contact(request: HttpRequest) -> HttpResponse:
    form = ContactForm(person(request), request.POST)
    if not form.is_valid():
        return _page(request, status=422, contact=form)
    profiles.add_contact(form.user, form.cleaned_data["kind"], form.cleaned_data["address"])
    return redirect("reviewers:reach")


@require_POST
def remove_contact(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    profiles.remove_contact(person(request), contact_id)
    return redirect("reviewers:reach")


@require_POST
@never_cache
def add_quiet(request: HttpRequest) -> HttpResponse:
    form = QuietForm(person(request), request.POST)
    if not form.is_valid():
        return _page(request, status=422, quiet=form)
    profiles.keep_quiet(form.user, **form.cleaned_data)
    return redirect("reviewers:reach")


@require_POST
def lift_quiet(request: HttpRequest, quiet_id: UUID) -> HttpResponse:
    profiles.lift_quiet(person(request), quiet_id)
    return redirect("reviewers:reach")
