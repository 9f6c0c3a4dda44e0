"""Who must have a second factor, who has one, and getting and losing them, on the record."""

import time
from datetime import UTC, datetime

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import flows as recovery
from allauth.mfa.totp.internal import flows as totp
from allauth.mfa.webauthn.internal import flows as passkeys
from django import forms
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest

from escalation import access, ledger
from escalation.models import Role, User

STAMP = "second_factor"
GOOD_FOR = 60  # seconds: a role that asks for one does so within a minute, also of who is signed in
STRONG, FREE, DUE = "strong", "free", "due"
CASES = (access.READ, access.DECIDE, access.AUDIT_ROLE)
SHOWN = {"socialaccount": "shown_at"}  # where a record has when it was; the others in "at"
PRIMARY = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_factor(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=PRIMARY).exists()


def is_required(user: User) -> bool:
    """Return whether a role whose cases ``user`` decides or reads asks for a second factor."""
    rights = access.held(user)
    roles = set().union(*(rights.roles(right) for right in CASES))
    return Role.objects.filter(pk__in=roles, requires_mfa=True).exists()


def is_last(factor: Authenticator) -> bool:
    """Return whether nothing would be left to sign in with beside a password."""
    others = Authenticator.objects.filter(user=factor.user, type__in=PRIMARY)
    return not others.exclude(pk=factor.pk).exists()


def is_due(request: HttpRequest, user: User) -> bool:
    """Return whether ``user`` must set one up before anything else is shown.

    Known from the session, without a question to the database, for a minute at a time.
    """
    kept = request.session.get(STAMP)
    if kept and (kept[0] == STRONG or (kept[0] == FREE and time.time() - kept[1] < GOOD_FOR)):
        return False
    return stamp(request, request.session, user) == DUE


def stamp(request: HttpRequest, session: SessionBase, user: User) -> str:
    """Note in the session how it stands with ``user``, and return it."""
    strong = _was_shown(request, user) or has_factor(user)
    found = STRONG if strong else DUE if is_required(user) else FREE
    session[STAMP] = [found, int(time.time())]
    return found


def forget(session: SessionBase) -> None:
    """Ask again on the next request: a factor came or went."""
    session.pop(STAMP, None)


def _was_shown(request: HttpRequest, user: User) -> bool:
    """Whether this session was opened with one, or by a provider that is trusted with it."""
    records = get_authentication_records(request, user)
    return any(record.get("method") == "mfa" or record.get("trusted") for record in records)


def last_proof(request: HttpRequest, user: User) -> datetime | None:
    """Return when ``user`` last showed in this session who they are.

    By the second factor, of who has one; else by whatever they sign in with. A provider may have let
    them in without a question: then it is when it last asked them, if it says so. None: never.
    """
    records = get_authentication_records(request, user)
    if has_factor(user):
        records = [record for record in records if record.get("method") == "mfa"]
    shown = [record.get(SHOWN.get(record.get("method"), "at")) for record in records]
    return datetime.fromtimestamp(max(filter(None, shown)), UTC) if any(shown) else None


# Getting and losing them -----------------------------------------------------------------------------


@transaction.atomic
def add_app(request: HttpRequest, form: forms.Form, *, at: datetime) -> None:
    """Keep an authenticator app that has shown its first code."""
    app, _ = totp.activate_totp(request, form)
    _added(request, app, at)


@transaction.atomic
def add_passkey(request: HttpRequest, name: str, credential: object, *, at: datetime) -> None:
    passkey, _ = passkeys.add_authenticator(request, name, credential)
    _added(request, passkey, at)


@transaction.atomic
def remove(request: HttpRequest, factor: Authenticator, *, at: datetime) -> None:
    """Remove a factor; recovery codes go with the last."""
    user, kind = request.user, factor.type
    act = totp.deactivate_totp if kind == Authenticator.Type.TOTP else passkeys.remove_authenticator
    act(request, factor)
    forget(request.session)
    ledger.append("user.factor_removed", subject=user, by=user, at=at, type=kind)


@transaction.atomic
def make_recovery_codes(request: HttpRequest, *, at: datetime) -> None:
    """Make new codes; the old ones are worth nothing any more."""
    recovery.generate_recovery_codes(request)
    ledger.append("user.recovery_codes_made", subject=request.user, by=request.user, at=at)


def _added(request: HttpRequest, factor: Authenticator, at: datetime) -> None:
    forget(request.session)
    user = request.user
    ledger.append("user.factor_added", subject=user, by=user, at=at, type=factor.type)
