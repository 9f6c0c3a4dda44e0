"""What the frame around every page shows: where this person can go."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.timezone import now

from escalation import access
from reviewers import topline


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return ``frame``, asked of the database only by pages that show it."""

    def found() -> dict[str, Any]:
        user = getattr(request, "user", None)
        signed_in = bool(user and user.is_authenticated)
        held = access.held(user) if signed_in else access.NOTHING
        hat = user.acting_as if signed_in else ""
        return {
            "audit": held.under(hat).audits,
            # which of two hats somebody wears; empty for those who have no choice
            "hat": (hat or access.REVIEWER) if hat == access.AUDITOR or held.is_both else "",
            "policies": signed_in and access.knows_policy(user, held.under(hat)),
            "agents": signed_in and user.has_perm("escalation.change_agent"),
            "admin": signed_in and user.is_staff,
            "on_call": topline.of(user, now()) if signed_in else None,
        }

    return {"frame": SimpleLazyObject(found), "demo": settings.DEMO}
