"""The policy in force and those before it, for everybody who works by it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from escalation import access
from routing import outline
from routing.enums import VersionStatus
from routing.errors import PolicyRejected
from routing.models import PolicyVersion
from routing.policies import changes, reading

SHOWN = 30  # versions in the list; the others are at their addresses
PEOPLE = ("drafted_by", "edited_by", "published_by", "based_on", "rolls_back_to")


def for_readers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a view to all who work by the policy, audit it or set it."""

    @wraps(view)
    def checked(request: HttpRequest, **given: Any) -> HttpResponse:
        if not access.knows_policy(request.user):
            raise PermissionDenied
        return view(request, **given)

    return never_cache(checked)


@require_GET
@for_readers
def index(request: HttpRequest) -> HttpResponse:
    versions = PolicyVersion.objects.select_related(*PEOPLE)
    published = versions.filter(status=VersionStatus.PUBLISHED)[: SHOWN + 1]
    current, *before = list(published)
    context = {
        "section": "policies",
        "outline": outline.of(current),
        "draft": versions.open_draft(),
        "versions": [current, *before][:SHOWN],
        "older": before[SHOWN - 1] if len(before) >= SHOWN else None,
        "may_set": access.may_set_policies(request.user),
    }
    return render(request, "routing/policies.html", context)


@require_GET
@for_readers
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One published version: what it changed, and all that it says."""
    published = PolicyVersion.objects.select_related(*PEOPLE).filter(status=VersionStatus.PUBLISHED)
    found = published.filter(number=number).first()
    if found is None:
        raise Http404
    shown = outline.of(found)
    before = found.based_on or published.filter(number__lt=number).first()
    context = {
        "section": "policies",
        "outline": shown,
        "before": before,
        "changes": _differences(before, found),
        "in_force": PolicyVersion.objects.in_force(),
        "may_set": access.may_set_policies(request.user),
    }
    return render(request, "routing/version.html", context)


def _differences(before: PolicyVersion | None, after: PolicyVersion) -> list[changes.Change]:
    """Return what a version changed; nothing where either is more than this release can read."""
    try:
        return changes.between(reading.of(before), reading.of(after)) if before else []
    except PolicyRejected:
        return []
