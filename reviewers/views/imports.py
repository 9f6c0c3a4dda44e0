"""Bringing in an .ics file: looked at first, then what was chosen saved, with nothing to tamper with."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from escalation import access
from escalation.models import Role, User
from escalation.views.people import person
from reviewers.enums import AbsenceKind, OverrideKind
from reviewers.errors import ImportRefused
from reviewers.ics import reading, saving
from reviewers.ics.comparing import Act, Comparison, compare
from reviewers.ics.forms import AbsenceFileForm, FileForm, OverrideFileForm, people_of
from reviewers.ics.saving import Change
from reviewers.ics.shelves import Absences, Overrides
from reviewers.models import Membership

SALT = "reviewers.import.2"  # another number once a plan holds something else: older ones are late
STANDS_FOR = 60 * 60  # seconds that a preview may be saved in
LATE = "This look ahead is no longer good. Choose the file again; nothing was saved."
NOTHING = "Choose at least one row, or choose another file. Nothing was saved."
SHOWN_ODD = 20


@require_http_methods(["GET", "POST"])
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Show what a file would change; a post of that preview saves the rows that were chosen."""
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
    given = form.cleaned_data
    about = given["person"] if of_overrides else reader
    try:
        found = reading.read(given["file"], about.time_zone, at)
    except ImportRefused as refusal:
        form.add_error("file", refusal.told)
        return _page(request, manages, status=422, **named)
    shelf = Overrides(given["role"], about, at) if of_overrides else Absences(about, at)
    compared = compare(found, shelf, at)
    if not (compared.rows or compared.same or found.odd):
        form.add_error("file", "No event in this file lies between now and a year from now.")
        return _page(request, manages, status=422, **named)
    can_save = any(not row.problem for row in compared.rows)
    context = named | {
        "compared": compared,
        "counts": _counts(compared),
        "reading": found,
        "odd": found.odd[:SHOWN_ODD],
        "more_odd": len(found.odd[SHOWN_ODD:]),
        "about": about,
        "given": given,
        "of_overrides": of_overrides,
        "plan": _sealed(reader, form, found.calendar, compared) if can_save else "",
    }
    return _page(request, manages, **context)


def _counts(compared: Comparison) -> dict[str, int]:
    return Counter(row.act.value for row in compared.rows)


def _sealed(reader: User, form: FileForm, calendar: str, compared: Comparison) -> str:
    """Return the preview as text that only this desk can have written, for this reader."""
    given = {
        name: str(value.pk) if isinstance(value, Role | User) else value
        for name, value in form.cleaned_data.items()
        if name != "file"
    }
    rows = [Change.of(row).plain() if not row.problem else None for row in compared.rows]
    plan = {"for": str(reader.pk), "given": given, "calendar": calendar, "rows": rows}
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
    chosen = set(request.POST.getlist("row"))
    changes = [
        Change.read(plain)
        for number, plain in enumerate(plan["rows"])
        if plain and str(number) in chosen
    ]
    if not changes:
        return _page(request, manages, status=422, refusal=NOTHING)
    try:
        shelf = _shelf(reader, plan["given"], at)
        done = saving.carry_out(changes, shelf, calendar=plan["calendar"], by=reader, at=at)
    except ImportRefused as refusal:
        return _page(request, manages, status=422, refusal=f"{refusal} Nothing was saved.")
    messages.success(request, _said(done, shelf))
    return redirect("reviewers:import")


def _shelf(reader: User, given: dict[str, Any], at: datetime) -> Absences | Overrides:
    """Return where it is saved: for a role, one that the reader still manages, with its people."""
    if "role" not in given:
        return Absences(reader, at, AbsenceKind(given["kind"]), given["note"])
    role = access.managed_roles(reader).filter(pk=given["role"]).first()
    stand_in = (
        role and people_of(Role.objects.filter(pk=role.pk)).filter(pk=given["person"]).first()
    )
    if not role or not stand_in:
        raise ImportRefused(LATE)
    kind = OverrideKind(given["kind"])
    return Overrides(role, stand_in, at, kind, given["position"], given["reason"])


def _said(done: Counter[Act], shelf: Absences | Overrides) -> str:
    """Return what was saved, moved and withdrawn, in a sentence."""
    word = "absence" if isinstance(shelf, Absences) else "override"
    verbs = {Act.ADD: "saved", Act.MOVE: "moved", Act.WITHDRAW: "withdrawn"}
    parts = [_count(done[act], word, verb) for act, verb in verbs.items() if done[act]]
    if isinstance(shelf, Overrides):
        return f"{', '.join(parts)} for {shelf.person} in {shelf.role}."
    rest = " You are not planned with then, in any role." if done[Act.ADD] or done[Act.MOVE] else ""
    return f"{', '.join(parts)}.{rest}"


def _count(number: int, word: str, verb: str) -> str:
    return f"1 {word} is {verb}" if number == 1 else f"{number} {word}s are {verb}"
