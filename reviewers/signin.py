"""How allauth behaves on this desk: who is let in, how guessing is slowed, how secrets are kept."""

import base64
import hashlib
import ipaddress
import logging
import secrets
import time
from datetime import timedelta
from math import ceil
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth import authenticate
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now

from escalation import tries
from escalation.models import User
from escalation.tries import Door, TooManyTries

log = logging.getLogger(__name__)

NOWHERE = "0.0.0.0"  # a socket file has no address
KNOWN = "known_browser"
KNOWN_FOR = 180 * 24 * 60 * 60  # seconds
KNOWN_PEOPLE = 8  # of one browser: people of one shift after the other share a desk


def address_of(request: HttpRequest) -> str:
    """Return whence a request came. A proxy's word is taken only where there is one."""
    said = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY and (hops := request.headers.get("X-Forwarded-For", "")):
        said = hops.rpartition(",")[2].strip()  # the last is the one our own proxy wrote
    try:
        return str(ipaddress.ip_address(said))
    except ValueError:
        return NOWHERE


def network_of(address: str) -> str:
    """Return what is counted together: an IPv4 address, or the /64 that one subscriber has."""
    found = ipaddress.ip_address(address)
    if found.version == 6:
        return str(ipaddress.ip_network(f"{found}/64", strict=False))
    return address


# Guessing ------------------------------------------------------------------------------------------


def password_doors(request: HttpRequest, username: str) -> list[Door]:
    """Return where a try with a password is counted: at the person's own browser, where this is
    one, so that no stranger's tries are in their way; else at the name and at the address."""
    known = _known(request)
    user = User.objects.filter(username=username).only("pk").first() if known else None
    if user and (mark := known.get(str(user.pk))):
        return [Door("browser", mark, free=10)]
    doors, address = [Door("name", username.casefold(), free=5)], address_of(request)
    if address != NOWHERE:
        doors.append(Door("address", network_of(address), free=30, shared=True))
    return doors


def code_doors(user: User) -> list[Door]:
    """Return where a try with a code is counted. Only who knows the password comes this far."""
    return [Door("code", str(user.pk), free=5)]


def count_try(request: HttpRequest, doors: list[Door]) -> None:
    """Count one try; raises ImmediateHttpResponse with the page that says when the next one is."""
    try:
        tries.count(doors, at=now())
    except TooManyTries as refusal:
        raise ImmediateHttpResponse(wait(request, refusal)) from refusal


def wait(request: HttpRequest, refusal: TooManyTries) -> HttpResponse:
    left = max(refusal.until - now(), timedelta(seconds=1))
    page = render(
        request, "registration/wait.html", {"until": refusal.until, "left": left}, status=429
    )
    page["Retry-After"] = str(ceil(left.total_seconds()))
    return page


def _known(request: HttpRequest) -> dict[str, str]:
    """Return who signed in on this browser before, each with the mark that it was given then."""
    try:
        found = signing.loads(request.COOKIES.get(KNOWN, ""), salt=KNOWN, max_age=KNOWN_FOR)
    except signing.BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def remember_browser(request: HttpRequest, user: User, response: HttpResponse) -> None:
    known = _known(request)
    mark = known.pop(str(user.pk), "") or secrets.token_hex(8)
    kept = dict([*known.items(), (str(user.pk), mark)][-KNOWN_PEOPLE:])
    response.set_cookie(
        KNOWN,
        signing.dumps(kept, salt=KNOWN),
        max_age=KNOWN_FOR,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


# What allauth asks -------------------------------------------------------------------------------


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": (
            "The name and the password do not go together, or the account is closed."
            " The password is case-sensitive."
        ),
        "incorrect_password": "This is not your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return ["reviewers.single_sign_on.FactorStage"]

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Look at a password, having counted the try. Raises ImmediateHttpResponse: not yet."""
        doors = password_doors(request, credentials.get("username", ""))
        count_try(request, doors)
        user = authenticate(request, **credentials)
        if user is not None and not user.is_open:
            return None  # what everybody knows opens nothing but a demo
        if user is not None:
            tries.succeeded(doors, at=now())
        return user

    def pre_login(self, request: HttpRequest, user: User, **given: Any) -> HttpResponse | None:
        """Refuse whoever may not enter, by whatever way they came."""
        if not user.is_open:
            return self.respond_user_inactive(request, user)
        answer: HttpResponse | None = super().pre_login(request, user, **given)
        return answer

    def post_login(self, request: HttpRequest, user: User, **given: Any) -> HttpResponse:
        response = super().post_login(request, user, **given)
        remember_browser(request, user, response)
        return response

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return refuse(request, "This account is closed. An administrator can open it again.")

    def is_reauthentication_required(self, *, app: str, **given: Any) -> bool:
        """Signing in is as good as showing it again, for as long."""
        request = context.request
        records = get_authentication_records(request, request.user)
        last = max((record.get("at", 0) for record in records), default=0)
        return time.time() - last > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """One page of ours offers them all."""
        if not get_reauthentication_flows(user):
            return []
        return [{"id": "again", "description": "", "url": reverse("account_reauthenticate")}]

    def add_message(self, request: HttpRequest, level: int, *_: Any, **given: Any) -> None:
        """Nothing: our own pages say what was done, in our words."""

    def send_mail(self, *_: Any, **given: Any) -> None:
        """Nothing: the desk sends no mail."""


def refuse(request: HttpRequest, detail: str, *, status: int = 403) -> HttpResponse:
    """Return the page that says why somebody is not signed in."""
    return render(request, "registration/refused.html", {"detail": detail}, status=status)


class FactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code does not fit. Codes change every half minute; type the newest."
    }

    def encrypt(self, text: str) -> str:
        """Keep secrets of authenticator apps unreadable to who only sees the database."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            log.error("A second factor was kept under a SECRET_KEY that is not known any more.")
            return base64.b32encode(secrets.token_bytes(20)).decode()  # which no code fits

    def get_totp_label(self, user: User) -> str:
        return user.username

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": "Recourse"}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        entity = super().get_public_key_credential_user_entity(user)
        return entity | {"name": user.username, "display_name": user.name}


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    derived = [hashlib.sha256(f"recourse.factors:{key}".encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
