"""The draft as a whole: what it says, what it changes, who publishes it; and going back."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from escalation import access
from escalation.errors import EscalationError
from escalation.views.people import person
from routing import outline, policies
from routing.models import PolicyVersion
from routing.policies.simulation import LAST
from routing.views.policies import PEOPLE

LONGEST_NOTE, MOST_SHOWN = 2_000, 100
SAMPLES = ("50", "200", "1000", "2000")  # how many of the last cases a draft is tried on
NO_DRAFT = "There is no draft: it was published or put away. Begin another to change the policy."


def for_setters(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a view to those who set the policy."""

    @wraps(view)
    def checked(request: HttpRequest, **given: Any) -> HttpResponse:
        if not access.may_set_policies(request.user):
            raise PermissionDenied
        return view(request, **given)

    return never_cache(checked)


def open_draft() -> PolicyVersion | None:
    return PolicyVersion.objects.select_related(*PEOPLE).open_draft()


def gone(request: HttpRequest) -> HttpResponse:
    messages.error(request, NO_DRAFT)
    return redirect("routing:policies")


@for_setters
def draft(request: HttpRequest) -> HttpResponse:
    """The draft as it stands; a post begins one."""
    if request.method == "POST":
        policies.draft(by=person(request), at=now())
        return redirect("routing:draft")
    found = open_draft()
    return page(request, found) if found else gone(request)


def page(
    request: HttpRequest, found: PolicyVersion, *, refusal: str = "", note: str = ""
) -> HttpResponse:
    user, in_force = person(request), PolicyVersion.objects.in_force()
    involved = {found.drafted_by_id, *found.editors}
    context = {
        "section": "policies",
        "inside": True,
        "editable": True,
        "outline": outline.of(found),
        "in_force": in_force,
        "changes": policies.between(policies.of(in_force), policies.of(found)),
        "cautions": policies.cautions(found),
        "seen": policies.seen_as(found),
        "note": note or found.note,
        "next_number": in_force.number + 1,
        "obstacle": policies.obstacle(found, user),
        "others": [one for one in access.policy_setters() if one.pk not in involved],
        "refusal": refusal,
    }
    return render(request, "routing/draft.html", context, status=422 if refusal else 200)


def refused(request: HttpRequest, refusal: EscalationError, **kept: str) -> HttpResponse:
    """Show the draft as it is now, and why an act on it was not done."""
    found = open_draft()
    if found is None:
        messages.error(request, str(refusal))
        return redirect("routing:policies")
    return page(request, found, refusal=str(refusal), **kept)


@require_POST
@for_setters
def describe(request: HttpRequest) -> HttpResponse:
    note = request.POST.get("note", "")[:LONGEST_NOTE]
    try:
        policies.describe(note, seen=seen(request), by=person(request), at=now())
    except EscalationError as refusal:
        return refused(request, refusal, note=note)
    return redirect("routing:draft")


@require_GET
@for_setters
def simulate(request: HttpRequest) -> HttpResponse:
    """What the draft would do to the last cases, and to which of them."""
    found = open_draft()
    if found is None:
        return gone(request)
    last = request.GET.get("last", "")
    chosen = int(last) if last in SAMPLES else LAST
    simulated = policies.simulate(found, reader=person(request), last=chosen)
    context = {
        "section": "policies",
        "inside": True,
        "simulated": simulated,
        "shown": simulated.moved[:MOST_SHOWN],
        "samples": SAMPLES,
        "last": str(chosen),
    }
    return render(request, "routing/simulation.html", context)


@require_POST
@for_setters
def discard(request: HttpRequest) -> HttpResponse:
    try:
        policies.discard(seen=seen(request), by=person(request), at=now())
    except EscalationError as refusal:
        return refused(request, refusal)
    messages.success(request, "The draft is put away. The policy in force is as it was.")
    return redirect("routing:policies")


@require_POST
@for_setters
def publish(request: HttpRequest) -> HttpResponse:
    try:
        made = policies.publish(seen=seen(request), by=person(request), at=now())
    except EscalationError as refusal:
        return refused(request, refusal)
    messages.success(request, f"Version {made.number} is in force for every case from now on.")
    return redirect("routing:policies")


@require_POST
@for_setters
def restore(request: HttpRequest, number: int) -> HttpResponse:
    """Put an earlier version in force again, as a new one."""
    shown = request.POST.get("in_force", "")
    in_force = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 9 else 0
    try:
        made = policies.roll_back(number, in_force=in_force, by=person(request), at=now())
    except EscalationError as refusal:
        messages.error(request, str(refusal))
    else:
        said = f"Version {made.number} is in force; it says what version {number} said."
        messages.success(request, said)
    return redirect("routing:policies")


def seen(request: HttpRequest) -> str:
    """Return how the draft stood when the page that posts was opened."""
    return request.POST.get("seen", "")[:80]
