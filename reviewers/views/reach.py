"""How to reach a person, and when not to; what they are trained in, as they and their managers see it."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime, now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from escalation import tries
from escalation.enums import Stakes
from escalation.models import Competence, Conflict, User
from escalation.views.people import person
from reviewers import profiles, quiet, reaching, trying
from reviewers.models import ContactPoint, Profile, QuietHours
from reviewers.notices import channels
from reviewers.reachforms import ContactForm, DigestForm, LanguagesForm, QuietForm, UsesForm


def _page(request: HttpRequest, status: int = 200, **forms: object) -> HttpResponse:
    user, at = person(request), now()
    profile = profiles.profile_of(user)
    given = {
        "languages": LanguagesForm(initial={"languages": ", ".join(profile.languages)}),
        "contact": ContactForm(user),
        "quiet": QuietForm(user),
        "digest": DigestForm(initial={"digest_at": profile.digest_at}),
    } | forms
    context = given | _told(user, profile) | {
        "section": "account",
        "at": at,
        "profile": profile,
        "levels": list(Stakes),
        "competences": Competence.objects.filter(user=user).order_by("name", "-since"),
        "conflicts": Conflict.objects.filter(user=user),
    }  # fmt: skip
    return render(request, "reviewers/reach.html", context, status=status)


def _told(user: User, profile: Profile) -> dict[str, Any]:
    """Return how the person would be told now, and what that follows from."""
    ways = list(ContactPoint.objects.filter(user=user))
    quiet_hours = list(QuietHours.objects.filter(user=user))
    wishes = reaching.Wishes(
        ways,
        channels.offered(),
        tuple(quiet.Span(frozenset(one.weekdays), one.begins, one.ends) for one in quiet_hours),
        profile.digest_at,
        ZoneInfo(user.time_zone),
    )
    return {
        "ways": ways,
        "offered": wishes.offered,
        "quiet_hours": quiet_hours,
        "told": reaching.now_told(wishes),
        "quiet_now": reaching.quiet_now(wishes, now()),
    }


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
    messages.success(request, _("Kept."))
    return redirect("reviewers:reach")


# Ways ----------------------------------------------------------------------------------------------


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
def move_contact(request: HttpRequest, contact_id: UUID, way: str) -> HttpResponse:
    if way not in ("up", "down"):
        raise Http404
    profiles.move_contact(person(request), contact_id, up=way == "up")
    return redirect("reviewers:reach")


@require_POST
@never_cache
def uses(request: HttpRequest) -> HttpResponse:
    """Keep for which stakes each way is used; a script is shown at once what follows."""
    user = person(request)
    form = UsesForm(user, request.POST)
    if not form.is_valid():  # of a way that was removed meanwhile: nothing that was typed
        messages.error(request, _("One of these ways is gone. Nothing was changed."))
        return redirect("reviewers:reach")
    profiles.use_for(user, form.wanted)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "reviewers/_told.html", _told(user, profiles.profile_of(user)))
    return redirect("reviewers:reach")


@require_POST
@never_cache
def try_out(request: HttpRequest, contact_id: UUID) -> HttpResponse:
    """Send a test, and say what came of it."""
    contact = ContactPoint.objects.filter(user=person(request), pk=contact_id).first()
    if contact is None:
        raise Http404
    if contact.kind not in channels.offered():
        messages.error(
            request,
            _("%(way)s is not set up here.") % {"way": contact.get_kind_display()},
        )
        return redirect("reviewers:reach")
    try:
        tried = trying.try_out(contact, at=now())
    except tries.TooManyTries as refusal:
        said = _("Many tests were sent. The next is at %(time)s.") % {
            "time": f"{localtime(refusal.until):%H:%M:%S}"
        }
        messages.error(request, said)
        return redirect("reviewers:reach")
    if tried.error:
        messages.error(
            request,
            _("%(way)s could not be reached: %(error)s.") % {"way": contact, "error": tried.error},
        )
    elif contact.confirmed_at:
        messages.success(request, _("A test went to %(way)s.") % {"way": contact})
    else:
        messages.success(
            request,
            _("A test went to %(way)s. Open the link in it to confirm.") % {"way": contact},
        )
    return redirect("reviewers:reach")


@require_http_methods(["GET", "POST"])
@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whoever opened the link of a test; their yes confirms the way. A mere look changes nothing."""
    user, at = person(request), now()
    contact = trying.named(token, at=at)
    if contact is None or contact.user_id != user.pk:
        status = 410 if contact is None else 403
        return render(
            request,
            "reviewers/confirm.html",
            {"contact": None, "mine": status == 410},
            status=status,
        )
    if request.method == "GET" and contact.confirmed_at is None:
        return render(request, "reviewers/confirm.html", {"contact": contact})
    trying.confirm(contact, by=user, at=at)
    messages.success(request, _("%(way)s is confirmed.") % {"way": contact})
    return redirect("reviewers:reach")


# When ----------------------------------------------------------------------------------------------


@require_POST
@never_cache
def digest(request: HttpRequest) -> HttpResponse:
    form = DigestForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, digest=form)
    profiles.collect(person(request), form.cleaned_data["digest_at"])
    messages.success(request, _("Kept."))
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
