"""Bringing in an .ics file: looked at first, then saved, with nothing in between to tamper with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from escalation import access, wallclock
from escalation.models import Role, User
from escalation.views.people import person
from reviewers import icsimport, rosters
from reviewers.enums import AbsenceKind, OverrideKind
from reviewers.errors import ImportRefused
from reviewers.icsforms import AbsenceFileForm, FileForm, OverrideFileForm, people_of
from reviewers.icsimport import Found
from reviewers.models import Absence, Membership, Override

SALT = "reviewers.import"
STANDS_FOR = 60 * 60  # seconds that a preview may be saved in
LATE = "This look ahead is no longer good. Choose the file again; nothing was saved."


@dataclass(frozen=True)
class Row:
    """One event of the preview, and what keeps it from being saved."""

    found: Found
    problem: str = ""


@require_http_methods(["GET", "POST"])
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Show what a file would make; a post of that preview saves it."""
    reader, at = person(request), now()
    manages = access.managed_roles(reader).exists()
    if not manages and not Membership.objects.current(at).filter(user=reader).exists():
        raise PermissionDenied
    if request.method == "GET":
        return _page(request, manages)
    if "plan" in request.POST:
        return _save(request, manages, at)
    return _look(request, manages, at)


def _page(request: HttpRequest, manages: bool, status: int = 200, **context: Any) -> HttpResponse:
    reader = person(request)
    forms = {"absence_form": AbsenceFileForm(auto_id="absence_%s")}
    if manages:
        forms["override_form"] = OverrideFileForm(reader, auto_id="override_%s")
    context = {"section": "on_call"} | forms | context
    return render(request, "reviewers/import.html", context, status=status)


# Looking -----------------------------------------------------------------------------------------


def _look(request: HttpRequest, manages: bool, at: datetime) -> HttpResponse:
    reader = person(request)
    of_overrides = request.POST.get("what") == "overrides"
    if of_overrides and not manages:
        raise PermissionDenied
    form: FileForm = (
        OverrideFileForm(reader, request.POST, request.FILES, auto_id="override_%s")
        if of_overrides
        else AbsenceFileForm(request.POST, request.FILES, auto_id="absence_%s")
    )
    named = {"override_form" if of_overrides else "absence_form": form}
    if not form.is_valid():
        return _page(request, manages, status=422, **named)
    about = form.cleaned_data["person"] if of_overrides else reader
    try:
        reading = icsimport.read(form.cleaned_data["file"], about.time_zone, at)
        if not reading.found:
            raise ImportRefused("No event in this file lies between now and a year from now.")
    except ImportRefused as refusal:
        form.add_error("file", refusal.told)
        return _page(request, manages, status=422, **named)
    role = form.cleaned_data["role"] if of_overrides else None
    rows = _rows(reading.found, about, role)
    sound = not any(row.problem for row in rows)
    context = named | {
        "rows": rows,
        "reading": reading,
        "about": about,
        "given": form.cleaned_data,
        "of_overrides": of_overrides,
        "plan": _sealed(reader, form, reading.found) if sound else "",
    }
    return _page(request, manages, status=200 if sound else 422, **context)


def _rows(found: list[Found], about: User, role: Role | None) -> list[Row]:
    """Return the events with what each overlaps: another of the file, or what stands already."""
    said = icsimport.overlaps(found, about.time_zone)
    window = found[0].since, max(one.until for one in found)
    if role:
        theirs = Q(in_user=about) | Q(out_user=about)
        held = Override.objects.within(*window).filter(theirs, roster__role=role)
        taken = f"{about} already has an override in {role}"
    else:
        held = Absence.objects.within(*window).filter(user=about)
        taken = f"{about} is already away"
    for span in held.values_list("during", flat=True):
        when = wallclock.said(span.lower, span.upper, about.time_zone)
        for place, one in enumerate(found):
            if one.since < span.upper and span.lower < one.until:
                said.setdefault(place, f"{taken} {when}.")
    return [Row(one, said.get(place, "")) for place, one in enumerate(found)]


def _sealed(reader: User, form: FileForm, found: list[Found]) -> str:
    """Return the preview as text that only this desk can have written, for this reader."""
    given = {
        name: str(value.pk) if isinstance(value, Role | User) else value
        for name, value in form.cleaned_data.items()
        if name != "file"
    }
    rows = [(one.line, one.since.isoformat(), one.until.isoformat()) for one in found]
    plan = {"for": str(reader.pk), "given": given, "rows": rows}
    return signing.dumps(plan, salt=SALT, compress=True)


# Saving ------------------------------------------------------------------------------------------


def _save(request: HttpRequest, manages: bool, at: datetime) -> HttpResponse:
    reader = person(request)
    try:
        plan = signing.loads(request.POST["plan"], salt=SALT, max_age=STANDS_FOR)
    except signing.BadSignature:
        return _page(request, manages, status=422, refusal=LATE)
    if plan["for"] != str(reader.pk):
        return _page(request, manages, status=422, refusal=LATE)
    found = [
        Found(line, datetime.fromisoformat(since), datetime.fromisoformat(until))
        for line, since, until in plan["rows"]
    ]
    save: Callable[..., str] = _save_overrides if "role" in plan["given"] else _save_absences
    try:
        said = save(reader, found, plan["given"], at)
    except ImportRefused as refusal:
        return _page(request, manages, status=422, refusal=f"{refusal} Nothing was saved.")
    messages.success(request, said)
    return redirect("reviewers:import")


def _save_absences(reader: User, found: list[Found], given: dict[str, Any], at: datetime) -> str:
    kind = AbsenceKind(given["kind"])
    icsimport.save_absences(reader, found, kind=kind, note=given["note"], by=reader, at=at)
    return f"{_count(found, 'absence')} saved. You are not planned with then, in any role."


def _save_overrides(reader: User, found: list[Found], given: dict[str, Any], at: datetime) -> str:
    """Save for a role that the reader still manages and somebody who is still in it."""
    role = access.managed_roles(reader).filter(pk=given["role"]).first()
    stand_in = (
        role and people_of(Role.objects.filter(pk=role.pk)).filter(pk=given["person"]).first()
    )
    if not role or not stand_in:
        raise ImportRefused(LATE)
    icsimport.save_overrides(
        rosters.roster_of(role),
        OverrideKind(given["kind"]),
        stand_in,
        found,
        position=given["position"],
        reason=given["reason"],
        by=reader,
        at=at,
    )
    return f"{_count(found, 'override')} saved for {stand_in} in {role}."


def _count(found: list[Found], word: str) -> str:
    return f"1 {word} is" if len(found) == 1 else f"{len(found)} {word}s are"
