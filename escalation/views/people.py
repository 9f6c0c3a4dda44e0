"""Who is in front of the page."""

from typing import cast

from django.http import HttpRequest

from escalation.models import User


def person(request: HttpRequest) -> User:
    """Return the one who is signed in; only for views that nobody else reaches."""
    return cast(User, request.user)
