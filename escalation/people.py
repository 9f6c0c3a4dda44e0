"""Leaving and coming back, and what an administrator does for somebody who cannot get in."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from escalation import access, ledger, sessions
from escalation.actors import Actor
from escalation.models import User

tokens = (
    PasswordResetTokenGenerator()
)  # worth nothing once the password or the last sign-in changes


@transaction.atomic
def deactivate(user: User, *, by: Actor, at: datetime) -> None:
    """Close the account: every session ends now, and none opens. Closing it twice changes nothing."""
    if User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        ledger.append("user.deactivated", subject=user, by=by, at=at)
    user.is_active = False
    sessions.end_all(user, by=by, at=at)


@transaction.atomic
def reactivate(user: User, *, by: Actor, at: datetime) -> None:
    """Open the account again. No session of before comes back."""
    sessions.end_all(user, by=by, at=at)
    if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        ledger.append("user.reactivated", subject=user, by=by, at=at)
    user.is_active = True


@transaction.atomic
def one_time_link(user: User, *, by: Actor, at: datetime) -> str:
    """Return the address under which ``user`` chooses a new password, once, within the hour.

    A second factor is still asked for afterwards. The link is for the administrator to hand over in
    a way in which the person is known; the desk sends no mail.
    """
    ledger.append("user.link_made", subject=user, by=by, at=at)
    name = urlsafe_base64_encode(force_bytes(user.pk))
    return f"{settings.BASE_URL}/sign-in/link/{name}/{tokens.make_token(user)}/"


def user_of_link(name: str, token: str) -> User | None:
    """Return whose link it is; None when it was used, ran out, or never was one."""
    try:
        user = User.objects.filter(pk=force_str(urlsafe_base64_decode(name))).first()
    except (ValueError, ValidationError, OverflowError):
        return None
    return user if user and user.is_open and tokens.check_token(user, token) else None


@transaction.atomic
def chose_password(user: User, *, at: datetime, keep: str | None = None) -> None:
    """End every session of who has a new password but the one whose key is ``keep``."""
    ledger.append("user.password_changed", subject=user, by=user, at=at)
    sessions.end_all(user, by=user, at=at, keep=keep)


@transaction.atomic
def remove_factors(user: User, *, by: Actor, at: datetime) -> int:
    """Take away every second factor of somebody who lost them all, and end their sessions."""
    found = Authenticator.objects.filter(user=user)
    types = sorted(found.values_list("type", flat=True))
    if types:
        found.delete()
        ledger.append("user.factors_removed", subject=user, by=by, at=at, types=types)
        sessions.end_all(user, by=by, at=at)
    return len(types)


@transaction.atomic
def make_auditor(user: User, *, by: Actor, at: datetime) -> None:
    """Let ``user`` read and export the whole record. Doing it twice changes nothing."""
    if not user.user_permissions.filter(codename=access.AUDIT).exists():
        user.user_permissions.add(_audit())
        ledger.append("user.auditor_made", subject=user, by=by, at=at)


@transaction.atomic
def unmake_auditor(user: User, *, by: Actor, at: datetime) -> None:
    if user.user_permissions.filter(codename=access.AUDIT).exists():
        user.user_permissions.remove(_audit())
        ledger.append("user.auditor_unmade", subject=user, by=by, at=at)


def _audit() -> Permission:
    return Permission.objects.get(codename=access.AUDIT, content_type__app_label="escalation")
