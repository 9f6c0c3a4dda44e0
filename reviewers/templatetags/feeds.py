"""Where a page offers the shifts on it to a calendar program."""

from typing import Any

from django import template

from escalation.models import Role
from reviewers.feeds import feed_of

register = template.Library()


@register.inclusion_tag("reviewers/_feeds.html", takes_context=True)
def feed(context: dict[str, Any], role: Role | None = None) -> dict[str, Any]:
    """The form that makes or revokes the reader's feed of ``role``, or of their own shifts."""
    request = context["request"]
    return {
        "role": role,
        "feed": feed_of(request.user, role),
        "csrf_token": context.get("csrf_token"),
        "request": request,
    }
