"""Single sign-on by OpenID Connect: who somebody is, and which roles their provider gives them."""

import json
import logging
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import jwt
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.stages import AuthenticateStage
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from escalation import ledger, people
from escalation.actors import SIGN_ON
from escalation.models import Role, User
from escalation.sentences import Sentence
from escalation.values.mail_address import read_mail_address
from reviewers.memberships import join_role, leave_role
from reviewers.models import Membership
from reviewers.sign_in.groups import Groups, read_groups
from reviewers.signin import refuse

log = logging.getLogger(__name__)

PROVIDER = "oidc"
AUDITOR = "@auditor"
AGAIN = "again"  # what the browser comes back for: somebody who is signed in shows who they are
# OpenID Connect Core 3.1.2.1: the provider asks for it anew, and says in ``auth_time`` when it did.
ANEW = {"prompt": "login", "max_age": "0"}
LEEWAY = 60  # seconds by which the provider's clock may differ from ours
# Signed by a key of the provider's own. None of those that a shared secret signs, and not "none".
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
NEEDED = (
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
)
NO_ROLES = "OIDC_ROLE_MAP names roles that do not exist:"
LATELY = timedelta(days=30)
LOOKED_AT = 200  # sign-ins, the latest, when an operator asks
MALFORMED = (ValueError, KeyError, TypeError, AttributeError)


class Provider(OpenIDConnectOAuth2Adapter):
    """The operator's provider, whose word is checked where the specification asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, PROVIDER)

    @property
    def openid_config(self) -> dict[str, Any]:
        found: dict[str, Any] = super().openid_config
        if not isinstance(found, dict) or not all(isinstance(found.get(k), str) for k in NEEDED):
            raise OAuth2Error("The provider does not say where its parts are.")
        if found["issuer"].rstrip("/") != settings.OIDC_ISSUER:
            raise OAuth2Error("The provider says that it is another issuer.")
        return found

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return f"{settings.BASE_URL}{reverse('openid_connect_callback')}"

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **given: Any) -> Any:
        try:
            if not given["response"].get("id_token"):
                raise OAuth2Error("The provider sent no ID token.")
            login = super().complete_login(request, app, token, **given)
            about, told = (login.account.extra_data[name] for name in ("id_token", "userinfo"))
            if about["sub"] != told["sub"]:
                raise OAuth2Error("ID token and user info are about two people.")
        except MALFORMED as error:
            raise OAuth2Error("The provider's answer does not read.") from error
        _say_address(login, about, told)
        return login

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """Check the signature too, although the token came straight from the provider."""
        try:
            key = self._key(jwt.get_unverified_header(id_token).get("kid"))
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key,
                algorithms=ALGORITHMS,
                audience=settings.OIDC_CLIENT_ID,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"The ID token does not hold: {error}") from error
        return claims

    def _key(self, kid: str | None) -> jwt.PyJWK:
        with Adapter().get_requests_session() as web:
            answer = web.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        for each in answer.json()["keys"]:
            if kid in (None, each.get("kid")) and each.get("use", "sig") == "sig":
                return jwt.PyJWK.from_json(json.dumps(each))
        raise OAuth2Error("The ID token is signed by a key that the provider does not publish.")


class Adapter(DefaultSocialAccountAdapter):
    def get_provider(self, request: HttpRequest, provider: str, client_id: Any = None) -> Any:
        found = super().get_provider(request, provider, client_id)
        found.get_oauth2_adapter = Provider
        return found

    def authenticate_by_email(self, sociallogin: SocialLogin) -> None:
        """Nobody, here: allauth would take the password away; ``pre_social_login`` does it."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the person: linked before, or the one who has the verified address. Or refuse."""
        if sociallogin.state["process"] == AGAIN:
            raise ImmediateHttpResponse(_shown_again(request, sociallogin))
        if not sociallogin.is_existing:
            if user := _by_address(request, sociallogin):
                sociallogin.connect(request, user)
            elif not settings.OIDC_MAKES_PEOPLE:
                raise _refusal(request, _("You have no account on this desk yet."))
            elif not any(address.verified for address in sociallogin.email_addresses):
                sociallogin.email_addresses = []  # or somebody else would be found by it later
                sociallogin.user.email = ""
        if sociallogin.is_existing and not sociallogin.user.is_open:
            raise _refusal(request, _("This account is closed."))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return bool(settings.OIDC_MAKES_PEOPLE)

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        user: User = super().save_user(request, sociallogin, form)
        ledger.append("user.made", subject=user, by=SIGN_ON, at=now())
        return user

    def on_authentication_error(self, request: HttpRequest, provider: Any, **given: Any) -> None:
        """Say it in our words; the log says what the provider did."""
        log.warning("Single sign-on failed: %s", given.get("exception") or given.get("error"))
        state = (given.get("extra_context") or {}).get("state") or {}
        provider = {"provider": settings.OIDC_NAME}
        if state.get("process") == AGAIN:
            detail = _("%(provider)s did not say that it is you. Try again.") % provider
            raise ImmediateHttpResponse(_not_shown(request, detail, state.get("next", "")))
        raise _refusal(request, _("%(provider)s did not say who you are.") % provider, status=502)


class FactorStage(AuthenticateStage):
    """Asks for the second factor after a password, and after a provider that asked for none."""

    def _should_handle(self, request: HttpRequest) -> bool:
        login = (self.login.signal_kwargs or {}).get("sociallogin")
        if login is not None and used_second_factor(login):
            return False
        return super()._should_handle(request)


def start(request: HttpRequest, next_url: str | None) -> Any:
    """Return the redirect to the provider. Raises OAuth2Error or RequestException."""
    provider = Adapter().get_provider(request, PROVIDER)
    return provider.redirect(request, process="login", next_url=next_url)


def _say_address(login: SocialLogin, about: dict[str, Any], told: dict[str, Any]) -> None:
    """Let the login have the one address that user info or ID token names, as mail is sent to it.

    It is verified where one of them says so of this address and neither says that it is not.
    """
    login.email_addresses, login.user.email = [], ""
    named = [one["email"] for one in (told, about) if isinstance(one.get("email"), str)]
    if not named or not named[0].strip():
        return
    try:
        address = read_mail_address(named[0].strip())
    except ValidationError as refusal:
        log.warning("The provider names an e-mail address that is none: %s", refusal.messages[0])
        return
    spoken = [one for one in (told, about) if _is_about(one.get("email"), named[0])]
    said = [str(one.get("email_verified")).lower() for one in spoken]
    verified = "true" in said and "false" not in said
    login.user.email = str(address)
    login.email_addresses = [EmailAddress(email=str(address), verified=verified, primary=True)]


def _is_about(email: Any, named: str) -> bool:
    """Return whether what one of the two says is of the address that is named: which it may leave out."""
    if isinstance(email, str) and email.strip():
        return email.strip().casefold() == named.strip().casefold()
    return email is None or email == ""


# Showing it again ----------------------------------------------------------------------------------


def may_show_again(user: User) -> bool:
    """Return whether the provider can ask ``user`` who they are: it did when they were linked."""
    if not settings.OIDC_ISSUER:
        return False
    return SocialAccount.objects.filter(user=user, provider=PROVIDER).exists()


def ask_again(request: HttpRequest, next_url: str | None) -> Any:
    """Return the redirect to the provider, which is to ask anew who is there.

    Raises OAuth2Error or RequestException.
    """
    provider = Adapter().get_provider(request, PROVIDER)
    return provider.redirect(
        request, process=AGAIN, next_url=next_url, auth_params=dict(ANEW), asked_at=time.time()
    )


def shown_at(login: SocialLogin, *, by: float) -> float | None:
    """Return when the provider last asked the person who they are, in seconds; None: it does not say.

    Only the signed token counts. ``by`` is now: nothing is shown later than that.
    """
    said = login.account.extra_data.get("id_token", {}).get("auth_time")
    if isinstance(said, bool) or not isinstance(said, int) or not 0 < said <= by + LEEWAY:
        return None
    return min(float(said), by)


def _shown_again(request: HttpRequest, login: SocialLogin) -> HttpResponse:
    """Note in the session that who is signed in showed it at the provider; signs nobody in."""
    state, at = login.state, time.time()
    then = state.get("next") or f"{reverse('reviewers:account')}#security"
    if not login.is_existing or login.user.pk != request.user.pk:
        said = _("%(provider)s says that it is somebody else. Show it as %(user)s.") % {
            "provider": settings.OIDC_NAME,
            "user": request.user,
        }
        return _not_shown(request, said, state.get("next", ""))
    shown = shown_at(login, by=at)
    if shown is None or shown < state["asked_at"] - LEEWAY:
        log.warning("The provider was asked to ask anew, and its token does not say that it did.")
        said = _("%(provider)s did not ask you anew, or does not say when it did.") % {
            "provider": settings.OIDC_NAME
        }
        more = _("Set up a passkey or an authenticator app here, or ask an administrator.")
        return _not_shown(request, f"{said} {more}", state.get("next", ""))
    record_authentication(
        request, request.user, "socialaccount", provider=PROVIDER, uid=login.account.uid,
        shown_at=shown, trusted=used_second_factor(login) or None,
    )  # fmt: skip
    return redirect(then)


def _not_shown(request: HttpRequest, detail: str, next_url: str) -> HttpResponse:
    messages.error(request, detail)
    where = f"?{urlencode({'next': next_url})}" if next_url else ""
    return redirect(f"{reverse('account_reauthenticate')}{where}")


def _by_address(request: HttpRequest, sociallogin: SocialLogin) -> User | None:
    """Return the one person with an address that the provider has verified.

    Raises ImmediateHttpResponse where the address is not verified or not one person's alone.
    """
    for address in sociallogin.email_addresses:
        found = list(User.objects.filter(email__iexact=address.email)[:2])
        if found and not address.verified:
            raise _refusal(
                request,
                _("%(provider)s has not verified your e-mail address.")
                % {"provider": settings.OIDC_NAME},
            )
        if len(found) > 1:
            raise _refusal(request, _("Two people here have your e-mail address."))
        if found:
            return found[0]
    return None


def _refusal(request: HttpRequest, detail: str, status: int = 403) -> ImmediateHttpResponse:
    more = "Try again, or ask an administrator." if status >= 500 else "Ask an administrator."
    return ImmediateHttpResponse(refuse(request, f"{detail} {more}", status=status))


# What the provider says about them -----------------------------------------------------------------


def used_second_factor(login: SocialLogin) -> bool:
    """Return whether the provider says that it asked for one, where its word is trusted."""
    methods = login.account.extra_data.get("id_token", {}).get("amr")
    return bool(settings.OIDC_TRUSTS_MFA and isinstance(methods, list) and "mfa" in methods)


def groups_of(said: dict[str, Any]) -> Groups:
    """Return the groups in what the provider said of a person when they last signed in."""
    known = {group for group, _ in settings.OIDC_ROLE_MAP}
    return read_groups(said, settings.OIDC_ROLES_CLAIM, known=known)


def follow_roles(user: User, login: SocialLogin, *, at: datetime) -> Sentence | None:
    """Let ``user`` join and leave the roles of the map as the provider says now.

    Roles that the map does not name stay as they are. Where the groups are not there or not read
    whole nobody leaves anything; the sentence returned says why.
    """
    if not settings.OIDC_ROLE_MAP:
        return None
    groups = groups_of(login.account.extra_data)
    if groups.trouble:
        log.warning("%s keeps their roles: of the provider, %s", user.username, groups.trouble)
    _follow(user, groups, at)
    return groups.trouble


def _follow(user: User, groups: Groups, at: datetime) -> None:
    given = {role for group, role in settings.OIDC_ROLE_MAP if group in groups.names}
    named = {role for _, role in settings.OIDC_ROLE_MAP}
    if AUDITOR in named:
        if AUDITOR in given:
            people.make_auditor(user, by=SIGN_ON, at=at)
        elif groups.is_whole:
            people.unmake_auditor(user, by=SIGN_ON, at=at)
    roles = {role.slug: role for role in Role.objects.filter(slug__in=named - {AUDITOR})}
    if missing := named - {AUDITOR} - roles.keys():
        log.warning("%s %s", NO_ROLES, ", ".join(sorted(missing)))
    held = set(
        Membership.objects.current(at)
        .filter(user=user, role__slug__in=roles)
        .values_list("role__slug", flat=True)
    )
    for slug, role in sorted(roles.items()):
        if slug in given and slug not in held:
            join_role(role, user, by=SIGN_ON, at=at)
        elif slug not in given and slug in held and groups.is_whole:
            leave_role(role, user, by=SIGN_ON, at=at)


def warnings(*, at: datetime) -> list[str]:
    """Return what operators should know: of how many the provider did not say the groups, and why."""
    if not settings.OIDC_ISSUER or not settings.OIDC_ROLE_MAP:
        return []
    lately = SocialAccount.objects.filter(
        provider=PROVIDER, user__is_active=True, last_login__gt=at - LATELY
    )
    said = lately.order_by("-last_login").values_list("extra_data", flat=True)[:LOOKED_AT]
    troubles = [groups.trouble for one in said if (groups := groups_of(one)).trouble]
    named = {role for _, role in settings.OIDC_ROLE_MAP} - {AUDITOR}
    missing = named.difference(Role.objects.filter(slug__in=named).values_list("slug", flat=True))
    unknown = [f"{NO_ROLES} {', '.join(sorted(missing))}."] if missing else []
    return unknown + [
        f"Single sign-on does not say the groups of {count} of the last {len(said)} people who came"
        f" by it, who keep their roles: {trouble}"
        for trouble, count in Counter(troubles).most_common(3)
    ]
