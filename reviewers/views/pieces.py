"""Pieces of a case that its page has no room for, as they are asked for; and searching all of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from escalation import inert, ledger
from escalation.models import Case
from escalation.views.people import person
from reviewers import jsondoc
from reviewers.case.room import PIECE_BYTES, SCREENFUL, STEPS, Room, entry
from reviewers.case.seek import search_case
from reviewers.casefile import Casefile
from reviewers.evidence import StepView, WithheldStep
from reviewers.viewer import pictures
from reviewers.views.cases import find
from reviewers.words.pictures_in_text import picture_bytes

SIDES = ("name", "text", "input", "output")  # of a step
LONGEST_POINTER = 4000


@dataclass(frozen=True)
class Screenful:
    """So much of one text or value as is sent at once. Counts are of characters, or of entries."""

    at: str
    start: int
    end: int
    whole: int
    html: SafeString

    @property
    def before(self) -> int:
        return max(0, self.start - SCREENFUL)

    @property
    def more(self) -> str:
        """How much is left, with its thousands apart; empty where nothing is."""
        return f"{self.whole - self.end:,}" if self.whole > self.end else ""


def _read(request: HttpRequest, name: str) -> Casefile:
    """Return the case as its reader sees it; that they asked for a piece of it is on the record."""
    return Casefile(find(request, name), person(request), at=now())


def _viewed(request: HttpRequest, case: Case) -> None:
    part = request.get_full_path() if "at" in request.GET else request.path
    ledger.append(
        "case.viewed", subject=case, by=person(request), at=now(), digest=case.digest, part=part
    )


def _number(request: HttpRequest, name: str, least: int = 0) -> int:
    given = request.GET.get(name, str(least))
    if not (given.isascii() and given.isdigit() and len(given) < 9):
        raise Http404
    return max(int(given), least)


@require_GET
@never_cache
def piece(request: HttpRequest, name: str) -> HttpResponse:
    """A screenful of one text or value, in its place or on a page of its own."""
    file = _read(request, name)
    at, start = request.GET.get("at", "/request/content"), _number(request, "from")
    parts = _parts(at)
    if parts[0] == "steps" and (there := _closed(file, parts)):
        return redirect(there)
    try:
        value = _value(file, parts)
    except (LookupError, TypeError):
        raise Http404 from None
    file.room = Room.of(file.case.reference, PIECE_BYTES)
    shown = _screenful(file.room, value, at, start, request.GET.get("q", "")[:200])
    _viewed(request, file.case)
    context = {"section": "queue", "file": file, "case": file.case, "shown": shown}
    page = "_piece" if request.htmx else "piece"  # type: ignore[attr-defined]
    return render(request, f"reviewers/{page}.html", context)


@require_GET
@never_cache
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """A picture that came as text within a step, drawn anew; whoever sees it has asked for its page."""
    file = _read(request, name)
    parts = _parts(request.GET.get("at", "/request/content"))
    if parts[0] == "steps" and _closed(file, parts):
        raise Http404
    try:
        body = picture_bytes(_value(file, parts))
    except (LookupError, TypeError):
        raise Http404 from None
    drawn = pictures.picture(body, at=file.at) if body else None
    if drawn is None or drawn.body is None:
        raise Http404
    return HttpResponse(bytes(drawn.body), content_type="image/webp")


def _parts(at: str) -> list[str]:
    if not at.startswith("/") or len(at) > LONGEST_POINTER:
        raise Http404
    return [part.replace("~1", "/").replace("~0", "~") for part in at[1:].split("/")]


def _closed(file: Casefile, parts: list[str]) -> str:
    """Return where a step is opened that must be, before anything of it is sent."""
    position = _position(parts)
    return next((file.where(step.position) for step in file.left_to_open
                 if step.position == position), "")  # fmt: skip


def _position(parts: list[str]) -> int:
    if len(parts) < 2 or not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 7):
        raise Http404
    return int(parts[1])


def _value(file: Casefile, parts: list[str]) -> Any:
    """Return what stands at a pointer in what this reader may be sent; raises LookupError."""
    root, *rest = parts
    found: Any
    if root == "steps":
        step = file.sight.step(_position(parts))
        if step is None or len(rest) < 2 or rest[1] not in SIDES:
            raise LookupError
        found, rest = step.body, rest[1:]
    elif root in ("options", "triggers"):
        listed = file.package["question"]["options"] if root == "options" else file.package[root]
        if not rest:
            found = listed
        else:
            position = _position(parts)
            found, rest = listed[position - 1 if position else len(listed)], rest[1:]
    elif root in ("request", "proposal", "identity", "question"):
        found = file.package[root]
    else:
        raise LookupError
    for part in rest:
        found = entry(found, part)
    return found


def _screenful(room: Room, value: Any, at: str, start: int, q: str) -> Screenful:
    if isinstance(value, str):
        shown = value[start : start + SCREENFUL]
        html = mark_safe(f'<div class="text inert" dir="auto">{_marked(shown, q)}</div>')  # noqa: S308 -- inert
        return Screenful(at, start, min(start + SCREENFUL, len(value)), len(value), html)
    whole = len(value) if isinstance(value, (dict, list)) else 0
    if start and start >= whole:
        raise Http404
    html = jsondoc.document(value, room, at, start)
    return Screenful(at, start, whole, whole, html)


def _marked(text: str, q: str) -> str:
    """Return a text inert, with what was searched for marked."""
    if not q:
        return inert.inert(text)
    pieces, end = [], 0
    for found in re.finditer(re.escape(q), text, re.IGNORECASE):
        pieces += [inert.inert(text[end : found.start()]), f"<mark>{inert.inert(found[0])}</mark>"]
        end = found.end()
        if len(pieces) > 400:
            break
    return "".join([*pieces, inert.inert(text[end:])])


@require_GET
@never_cache
def steps(request: HttpRequest, name: str) -> HttpResponse:
    """The steps from one on, as many as a page has."""
    file = _read(request, name)
    first = _number(request, "from", 1)
    shown: Sequence[StepView | WithheldStep] = file.steps[first - 1 : first - 1 + STEPS]
    if not shown and first > 1:
        raise Http404
    _viewed(request, file.case)
    end = first - 1 + len(shown)
    context = {
        "section": "queue",
        "file": file,
        "case": file.case,
        "shown": shown,
        "first": first,
        "end": end,
        "before": max(1, first - STEPS),
        "next": end + 1 if end < len(file.steps) else 0,
    }
    page = "_steps_more" if request.htmx else "steps"  # type: ignore[attr-defined]
    return render(request, f"reviewers/{page}.html", context)


@require_GET
@never_cache
def closer(request: HttpRequest, name: str) -> HttpResponse:
    """What does not fit together in a package that is too large to be compared with its page."""
    file = _read(request, name)
    _viewed(request, file.case)
    context = {
        "section": "queue",
        "file": file,
        "case": file.case,
        "compared": True,
        "number": file.number_of("doubts"),
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "reviewers/_doubts.html", context)
    context["apart"] = reverse("reviewers:case", args=[name])  # where what it names is to be seen
    return render(request, "reviewers/closer.html", context)


@require_GET
@never_cache
def seek(request: HttpRequest, name: str) -> HttpResponse:
    """Search all that this reader may see of a case, also what its page has no room for."""
    file = _read(request, name)
    found = search_case(file, request.GET.get("q", ""))
    _viewed(request, file.case)
    context = {"section": "queue", "file": file, "case": file.case, "found": found}
    page = "_seek" if request.htmx else "seek"  # type: ignore[attr-defined]
    return render(request, f"reviewers/{page}.html", context)
