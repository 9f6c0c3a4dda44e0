"""What the frame around every page shows: where this person can go."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.timezone import now

from escalation import access, hats, incidents
from reviewers import keyboard, topline


def keys_of(standing: topline.Topline) -> dict[str, Any]:
    """Return the keyboard map as the page's script reads it: each act with its key, place and words."""
    chosen = standing.keys
    acts = [
        {
            "name": act.name,
            "key": chosen[act.name] if chosen is not None else "",
            "first": act.key,
            "place": act.place,
            "label": str(act.label),
        }
        for act in keyboard.ACTS
    ]
    fixed = [
        {"keys": keys, "place": place, "label": str(label)} for keys, place, label in keyboard.FIXED
    ]
    heads = {place: str(head) for place, head in keyboard.HEADS.items()}
    return {"on": chosen is not None, "acts": acts, "fixed": fixed, "heads": heads}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return ``frame``, asked of the database only by pages that show it."""

    def found() -> dict[str, Any]:
        user = getattr(request, "user", None)
        signed_in = bool(user and user.is_authenticated)
        held = hats.held(request) if signed_in else access.NOTHING
        hat = user.acting_as if signed_in else ""
        rights = held.under(hat)
        standing = topline.of(user, now()) if signed_in else None
        return {
            "audit": rights.audits,
            # which of two hats somebody wears; empty for those who have no choice
            "hat": (hat or access.REVIEWER) if hat == access.AUDITOR or held.is_both else "",
            "policies": signed_in and access.knows_policy(user, rights),
            "agents": rights.keeps_agents or rights.sets_policies,
            # asked for those alone who answer for incidents
            "incidents": (rights.audits or rights.on.get(access.SUPERVISE))
            and incidents.are_open(access.reading(user, rights)),
            "admin": signed_in and user.is_staff,
            "on_call": standing,
            "keys": keys_of(standing) if standing else None,
        }

    return {"frame": SimpleLazyObject(found), "demo": settings.DEMO}
