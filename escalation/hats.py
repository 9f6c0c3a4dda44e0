"""The hat of a session: somebody who may both audit and decide does one or the other, never both.

It is kept in the session, so a request pays nothing for it; ``access`` asks the user for it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from escalation import access, ledger, sessions

KEY = "acting_as"
SAFE = ("GET", "HEAD", "OPTIONS")
OWN = ("/account/", "/sign-in/", "/sign-out/")  # a person's own affairs, under any hat


class Hat:
    """Tells the user which hat they wear, and lets a session of an auditor change nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: _wearing(request))  # type: ignore[assignment]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        if request.method in SAFE or request.path.startswith(("/api/", *OWN)):
            return
        if request.session.get(KEY) == access.AUDITOR:
            raise PermissionDenied(
                "You act as an auditor in this session, and an auditor changes nothing. "
                "Your account page lets you act as a reviewer again."
            )


def _wearing(request: HttpRequest) -> Any:
    user = get_user(request)
    if user.is_authenticated and not user.is_open:
        return AnonymousUser()  # a session of the demo, and this is none
    if user.is_authenticated:
        user.acting_as = request.session.get(KEY, "")
    return user


def held(request: HttpRequest) -> access.Rights:
    """Return what whoever asks holds under whatever hat, looked up once in a request that shows it."""
    if not hasattr(request, "held"):
        request.held = access.held(request.user)  # type: ignore[attr-defined]
    return request.held  # type: ignore[attr-defined,no-any-return]


def rights(request: HttpRequest) -> access.Rights:
    """Return what they may do under the hat that they wear."""
    return held(request).under(getattr(request.user, "acting_as", ""))


@transaction.atomic
def put_on(request: HttpRequest, hat: str, *, at: datetime) -> None:
    """Go on under another hat, in a session of another name, on the record.

    Raises PermissionDenied for a hat that is none, and for who has no two to choose from.
    """
    user = request.user
    may_choose = access.held(user).is_both or request.session.get(KEY) == access.AUDITOR
    if hat not in access.HATS or not may_choose:
        raise PermissionDenied("There is no such choice for your account. Nothing was changed.")
    before = request.session.session_key
    request.session[KEY] = user.acting_as = hat  # type: ignore[union-attr]
    request.session.cycle_key()
    sessions.renamed(before, request)
    ledger.append("user.acting_as", subject=user, by=user, at=at, acting_as=hat)
