"""What signing in leaves on the record. Heard from Django and allauth, which have no other way."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.signals import user_logged_in
from allauth.mfa import signals as mfa
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import signals as auth
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _

from escalation import ledger, sessions
from escalation.models import User
from escalation.sentences import Sentence
from reviewers import factors, single_sign_on
from reviewers.signin import address_of

HOW = {"socialaccount": "single sign-on", "webauthn": "passkey", "recovery_codes": "recovery code"}


def connect() -> None:
    user_logged_in.connect(signed_in, dispatch_uid="recourse.signed_in")
    auth.user_logged_in.connect(session_opened, dispatch_uid="recourse.session_opened")
    auth.user_logged_out.connect(signed_out, dispatch_uid="recourse.signed_out")
    auth.user_login_failed.connect(refused, dispatch_uid="recourse.refused")
    mfa.authentication_failed.connect(code_refused, dispatch_uid="recourse.code_refused")


def _whence(request: HttpRequest) -> dict[str, str]:
    agent = request.headers.get("User-Agent", "")[:200]
    return {"address": address_of(request), "browser": agent}


def signed_in(request: HttpRequest, user: User, sociallogin: Any = None, **_: Any) -> None:
    """Somebody is in: what their provider says holds, and it is on the record."""
    at = now()
    records = get_authentication_records(request, user)
    methods = [record.get("type") or record["method"] for record in records]
    trouble = None
    if sociallogin is not None:
        trouble = single_sign_on.follow_roles(user, sociallogin, at=at)
        if trouble:
            _say_roles_stay(request, trouble)
        for record in records:
            if record["method"] == "socialaccount":
                record["shown_at"] = single_sign_on.shown_at(sociallogin, by=at.timestamp())
        if single_sign_on.used_second_factor(sociallogin):
            records[-1]["trusted"] = True
        request.session.modified = True
    how = [HOW.get(method, method) for method in dict.fromkeys(methods)]
    kept = {"roles_kept": str(trouble)} if trouble else {}
    ledger.append(
        "user.signed_in", subject=user, by=user, at=at, private=_whence(request), how=how, **kept
    )
    factors.stamp(request, request.session, user)
    sessions.clear_expired(at)


def _say_roles_stay(request: HttpRequest, trouble: Sentence) -> None:
    messages.warning(
        request,
        _(
            "%(provider)s did not say which groups you are in: %(why)s"
            " Your roles stay as they are. Tell an administrator."
        )
        % {"provider": settings.OIDC_NAME, "why": trouble.told},
    )


def session_opened(request: HttpRequest, user: User, **_: Any) -> None:
    """Note in a session that was opened in any way how it stands with the second factor."""
    factors.stamp(request, request.session, user)


def signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        ledger.append("user.signed_out", subject=user, by=user, at=now())


def refused(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Record a wrong password for a name that exists; a name that does not may be a password."""
    user = User.objects.filter(username=credentials.get("username", "")).first()
    if user is not None and request is not None:
        _refused(user, request, "password")


def code_refused(request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    _refused(user, request, "code")


def _refused(user: User, request: HttpRequest, how: str) -> None:
    ledger.append(
        "user.sign_in_refused", subject=user, by=user, at=now(), private=_whence(request), how=how
    )
