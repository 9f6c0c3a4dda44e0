"""What the frame around every page shows: where this person can go."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from escalation import access


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return ``frame``, asked of the database only by pages that show it."""

    def found() -> dict[str, bool]:
        user = getattr(request, "user", None)
        signed_in = bool(user and user.is_authenticated)
        return {
            "audit": signed_in and access.may_audit(user),
            "agents": signed_in and user.has_perm("escalation.change_agent"),
            "admin": signed_in and user.is_staff,
        }

    return {"frame": SimpleLazyObject(found), "demo": settings.DEMO}
