"""What a person signs in with: authenticator app, passkeys, recovery codes. And showing it again."""

import base64
import json
import time
from datetime import timedelta
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.forms import ReauthenticateForm
from allauth.account.internal.flows.reauthentication import (
    get_reauthentication_flows,
    reauthenticate_by_password,
    resume_request,
)
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.internal import flows as passkeys
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from requests import RequestException

from escalation.models import User
from reviewers import factors, single_sign_on
from reviewers.sign_in_forms import AppForm, CodeAgainForm, PasskeyForm, PasskeyNameForm
from reviewers.signin import FactorAdapter

SHOWN_UNTIL = "recovery_codes_until"  # in the session that made them, and only for a while
SHOWN_FOR = 10 * 60  # seconds
NEEDED = "A role of yours asks for a second factor. Add another before you remove this one."
CODES = Authenticator.Type.RECOVERY_CODES


def security(view: Any) -> Any:
    """A page that changes what somebody signs in with: never cached, and only for who just did."""
    guarded = reauthentication_required(app="allauth.mfa")(view)

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **given: Any) -> Any:
        if request.user.is_authenticated and _is_to_show_at_provider(request, request.user):
            back = request.path if request.method == "GET" else reverse("reviewers:account")
            return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': back})}")
        return guarded(request, *args, **given)

    return never_cache(shown)


def _is_to_show_at_provider(request: HttpRequest, user: User) -> bool:
    """Return whether ``user`` has nothing here to show who they are, and has not just done so there."""
    if get_reauthentication_flows(user) or not single_sign_on.may_show_again(user):
        return False
    last = factors.last_proof(request, user)
    return last is None or now() - last > timedelta(
        seconds=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    )


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Lead who must set up a second factor to what they can choose from; others to their account."""
    if not factors.is_due(request, request.user):
        return redirect(f"{reverse('reviewers:account')}#security")
    return render(request, "mfa/set_up.html", {"section": "account"})


def summary(user: User) -> dict[str, Any]:
    """Return what the account page says of all this."""
    found = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    by_type = {each.type: each for each in found}
    codes = by_type.get(CODES)
    return {
        "app": by_type.get(Authenticator.Type.TOTP),
        "passkeys": [each for each in found if each.type == Authenticator.Type.WEBAUTHN],
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else None,
        "has_factor": any(each.type in factors.PRIMARY for each in found),
    }


# Showing it again ----------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    """Ask who is signed in to show it again: by the second step where they have one, not less."""
    user = request.user
    ways = {type_ for flow in get_reauthentication_flows(user) for type_ in flow.get("types", [])}
    by_password = user.has_usable_password() and not ways
    password, code, refused = ReauthenticateForm(user=user), CodeAgainForm(user=user), ""
    posted: Any = None
    if "credential" in request.POST:
        posted = ReauthenticateWebAuthnForm(user=user, data=request.POST)
        refused = _("This passkey is not one of yours here.")
    elif "code" in request.POST:
        posted = code = CodeAgainForm(user=user, data=request.POST)
    elif request.method == "POST" and by_password:
        posted = password = ReauthenticateForm(user=user, data=request.POST)
    if posted is not None and is_valid(posted):
        reauthenticate_by_password(request) if posted is password else posted.save()
        return resume_request(request) or redirect(f"{reverse('reviewers:account')}#security")
    then = get_next_redirect_url(request) or ""
    provider = settings.OIDC_NAME if not ways and single_sign_on.may_show_again(user) else ""
    said = " ".join(str(each) for each in messages.get_messages(request))
    context = {
        "section": "account",
        "signing": then.startswith("/cases/"),
        "password": password if by_password else None,
        "code": code if ways & {"totp", "recovery_codes"} else None,
        "options": json.dumps(webauthn.begin_authentication(user)) if "webauthn" in ways else "",
        "provider": provider,
        "nothing": not (ways or by_password or provider),
        "refused": refused or said,
        "next": then,
    }
    status = 422 if posted is not None else 200
    return render(request, "account/again.html", context, status=status)


@never_cache
@require_GET
def again_at_provider(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider. A link, since a form may only lead to this desk."""
    if not single_sign_on.may_show_again(request.user):
        raise Http404
    then = get_next_redirect_url(request)
    try:
        answer: HttpResponse = single_sign_on.ask_again(request, then)
    except (OAuth2Error, RequestException) as error:
        single_sign_on.log.warning("Single sign-on failed: %s", error)
        messages.error(
            request,
            _("%(provider)s does not answer as it should. Try again.")
            % {"provider": settings.OIDC_NAME},
        )
        where = f"?{urlencode({'next': then})}" if then else ""
        return redirect(f"{reverse('account_reauthenticate')}{where}")
    return answer


def is_valid(form: Any) -> bool:
    """Return whether a passkey's answer holds; one that is no answer at all does not."""
    try:
        return bool(form.is_valid())
    except (ValueError, TypeError, KeyError, AttributeError):
        return False


# Authenticator app ---------------------------------------------------------------------------------


@security
@require_http_methods(["GET", "POST"])
def add_app(request: HttpRequest) -> HttpResponse:
    """Show the secret as a QR code and in letters, and take the first code that it makes."""
    if _factor(request, Authenticator.Type.TOTP):
        return _back(request)
    form = AppForm(user=request.user, data=request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        factors.add_app(request, form, at=now())
        messages.success(request, _("The authenticator app is set up."))
        return _then_codes(request)
    adapter = FactorAdapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(request.user, form.secret))
    context = {
        "section": "account",
        "form": form,
        "picture": base64.b64encode(picture.encode()).decode(),
        "secret": " ".join(form.secret[i : i + 4] for i in range(0, len(form.secret), 4)),
    }
    status = 422 if form.is_bound else 200
    return render(request, "mfa/add_app.html", context, status=status)


@security
@require_http_methods(["GET", "POST"])
def remove_app(request: HttpRequest) -> HttpResponse:
    app = get_object_or_404(Authenticator, user=request.user, type=Authenticator.Type.TOTP)
    return _remove(request, app, "the authenticator app")


def _remove(request: HttpRequest, factor: Authenticator, what: str) -> HttpResponse:
    """Ask, then remove; refused while a role needs it and nothing else is there."""
    needed = factors.is_last(factor) and factors.is_required(request.user)
    if request.method == "POST" and not needed:
        factors.remove(request, factor, at=now())
        messages.success(request, _("You no longer sign in with %(what)s.") % {"what": what})
        return _back(request)
    context = {
        "section": "account",
        "what": what,
        "needed": NEEDED if needed else "",
        "last": factors.is_last(factor),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "mfa/remove.html", context, status=status)


# Passkeys ------------------------------------------------------------------------------------------


@security
@require_http_methods(["GET", "POST"])
def add_passkey(request: HttpRequest) -> HttpResponse:
    user, refused = request.user, ""
    count = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).count()
    name = {"name": f"Passkey {count + 1}"}
    form = PasskeyForm(request.POST or None, user=user, initial=name)
    if request.method == "POST":
        if is_valid(form):
            credential = form.cleaned_data["credential"]
            factors.add_passkey(request, form.cleaned_data["name"], credential, at=now())
            messages.success(request, _("%(name)s is added.") % {"name": form.cleaned_data["name"]})
            return _then_codes(request)
        if "name" not in form.errors:
            refused = _("The passkey was not added: your device's answer does not fit. Try again.")
    context = {
        "section": "account",
        "form": form,
        "refused": refused,
        "options": json.dumps(webauthn.begin_registration(user, passwordless=True)),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "mfa/add_passkey.html", context, status=status)


@security
@require_http_methods(["GET", "POST"])
def passkey(request: HttpRequest, number: int) -> HttpResponse:
    """Name a passkey."""
    found = _passkey(request, number)
    form = PasskeyNameForm(request.POST or None, initial={"name": found.wrap().name})
    if request.method == "POST" and form.is_valid():
        passkeys.rename_authenticator(request, found, form.cleaned_data["name"])
        messages.success(
            request, _("The passkey is now called %(name)s.") % {"name": form.cleaned_data["name"]}
        )
        return _back(request)
    context = {"section": "account", "form": form, "passkey": found}
    status = 422 if request.method == "POST" else 200
    return render(request, "mfa/passkey.html", context, status=status)


@security
@require_http_methods(["GET", "POST"])
def remove_passkey(request: HttpRequest, number: int) -> HttpResponse:
    found = _passkey(request, number)
    return _remove(request, found, f"the passkey {found.wrap().name}")


def _passkey(request: HttpRequest, number: int) -> Authenticator:
    return get_object_or_404(
        Authenticator, pk=number, user=request.user, type=Authenticator.Type.WEBAUTHN
    )


# Recovery codes ------------------------------------------------------------------------------------


@security
@require_GET
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Show codes to who made them, for a few minutes; later, how many are left."""
    factor = _factor(request, CODES)
    if factor is None:
        return _back(request)
    unused = factor.wrap().get_unused_codes()
    shown = _are_shown(request)
    context = {"section": "account", "codes": unused if shown else [], "left": len(unused)}
    return render(request, "mfa/recovery_codes.html", context)


@security
@require_POST
def make_recovery_codes(request: HttpRequest) -> HttpResponse:
    if not factors.has_factor(request.user):
        messages.error(request, _("Recovery codes stand in for a second factor: set one up first."))
        return _back(request)
    factors.make_recovery_codes(request, at=now())
    request.session[SHOWN_UNTIL] = time.time() + SHOWN_FOR
    return redirect("mfa_view_recovery_codes")


@security
@require_GET
def download_recovery_codes(request: HttpRequest) -> HttpResponse:
    factor = _factor(request, CODES)
    if factor is None or not _are_shown(request):
        raise Http404
    codes = "\r\n".join(factor.wrap().get_unused_codes())
    text = (
        f"Recourse recovery codes of {request.user.username}. Each is good once.\r\n\r\n{codes}\r\n"
    )
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="recourse-recovery-codes.txt"'
    return answer


def _are_shown(request: HttpRequest) -> bool:
    return bool(request.session.get(SHOWN_UNTIL, 0) > time.time())


def _then_codes(request: HttpRequest) -> HttpResponse:
    """After a first factor, show the recovery codes that came with it."""
    codes = _factor(request, CODES)
    if codes is None or codes.wrap().did_view:
        return _back(request)
    codes.wrap().mark_as_viewed()
    request.session[SHOWN_UNTIL] = time.time() + SHOWN_FOR
    return redirect("mfa_view_recovery_codes")


def _factor(request: HttpRequest, type_: str) -> Authenticator | None:
    return Authenticator.objects.filter(user=request.user, type=type_).first()


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('reviewers:account')}#security")
