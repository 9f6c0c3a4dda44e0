"""Where a person is signed in, and ending it."""

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from escalation import sessions

BROWSERS = [  # the first that is named; most name several
    ("Edge", r"Edg"),
    ("Opera", r"OPR/"),
    ("Firefox", r"Firefox/|FxiOS"),
    ("Chrome", r"Chrom|CriOS"),
    ("Safari", r"Safari/"),
]
SYSTEMS = [
    ("Windows", r"Windows"),
    ("Android", r"Android"),
    ("iPhone or iPad", r"iPhone|iPad"),
    ("a Mac", r"Mac OS X"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
]


def browser(agent: str) -> str:
    """Return what a browser says of itself, as in “Firefox on Windows”."""
    name = next((name for name, mark in BROWSERS if re.search(mark, agent)), "A browser")
    system = next((f" on {name}" for name, mark in SYSTEMS if re.search(mark, agent)), "")
    return f"{name}{system}"


def summary(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sessions of who asks, this one first, each with its browser in words."""
    here = request.session.session_key
    found = [
        {
            "number": each.pk,
            "here": each.session_key == here,
            "browser": browser(each.user_agent),
            "address": each.ip,
            "since": each.created_at,
        }
        for each in sessions.listed(request.user, now())
    ]
    return sorted(found, key=lambda each: not each["here"])


@require_POST
@never_cache
def end(request: HttpRequest, number: int) -> HttpResponse:
    if not sessions.end_one(request.user, number, by=request.user, at=now()):
        raise Http404
    messages.success(request, _("That session is ended."))
    return redirect(f"{reverse('reviewers:account')}#sessions")


@require_POST
@never_cache
def end_others(request: HttpRequest) -> HttpResponse:
    here = request.session.session_key
    ended = sessions.end_all(request.user, by=request.user, at=now(), keep=here)
    said = _("There was no other session.")
    if ended:
        said = ngettext(
            "One other session is ended.", "%(count)d other sessions are ended.", ended
        ) % {"count": ended}
    messages.success(request, said)
    return redirect(f"{reverse('reviewers:account')}#sessions")
