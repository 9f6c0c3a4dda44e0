"""Signing in: password, second factor, passkey, single sign-on, and the one-time link."""

import json
from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm
from allauth.mfa.webauthn.internal import auth as webauthn
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from requests import RequestException

from escalation import people
from reviewers import single_sign_on
from reviewers.sign_in_forms import CodeForm, FirstPasswordForm, SignInForm
from reviewers.signin import refuse

DEMO = [
    ("reviewer", "decides cases"),
    ("manager", "edits rosters and roles"),
    ("auditor", "reads the record"),
    ("admin", "runs the desk"),
]
UNKNOWN_PASSKEY = (
    "The desk does not know this passkey. It may have been removed, or belongs to a closed account."
)


class SignIn(LoginView):
    form_class = SignInForm
    template_name = "registration/sign_in.html"

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        more = {"accounts": DEMO, "next": self.get_next_url() or ""}
        if settings.OIDC_ISSUER:
            more["single_sign_on"] = settings.OIDC_NAME
        context: dict[str, Any] = super().get_context_data(**given)
        return context | more

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


sign_in = SignIn.as_view()


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def passkey(request: HttpRequest) -> HttpResponse:
    """Ask the browser for a passkey, and sign in whose it is."""
    if request.method == "GET":
        return JsonResponse(webauthn.begin_authentication(None))
    form = LoginWebAuthnForm(request.POST)  # a signature cannot be guessed, so none is counted
    if not _is_valid(form) or not form.cleaned_data["credential"].user.is_open:
        return _sign_in_again(request, UNKNOWN_PASSKEY)
    found = form.cleaned_data["credential"]
    login = Login(user=found.user, redirect_url=get_next_redirect_url(request))
    answer: HttpResponse = perform_passwordless_login(request, found, login)
    return answer


def _is_valid(form: Any) -> bool:
    """Return whether a passkey's answer holds; one that is no answer at all does not."""
    try:
        return bool(form.is_valid())
    except (ValueError, TypeError, KeyError, AttributeError):
        return False


def _sign_in_again(request: HttpRequest, error: str) -> HttpResponse:
    next_url = get_next_redirect_url(request) or ""
    context: dict[str, Any] = {"form": SignInForm(), "refused": error, "next": next_url}
    if settings.OIDC_ISSUER:
        context["single_sign_on"] = settings.OIDC_NAME
    context["accounts"] = DEMO
    return render(request, "registration/sign_in.html", context, status=422)


@login_stage_required(stage="mfa_authenticate", redirect_urlname="account_login")
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """The second step of a password: a code, a recovery code or a passkey."""
    stage = request._login_stage  # type: ignore[attr-defined]
    user = stage.login.user
    if not user.is_open:
        return stage.abort()
    form, refused = CodeForm(user=user), ""
    if "credential" in request.POST:
        posted = AuthenticateWebAuthnForm(user=user, data=request.POST)
        refused = _("This passkey is not one of yours here.")
    elif request.method == "POST":
        posted = form = CodeForm(user=user, data=request.POST)
    if request.method == "POST" and _is_valid(posted):
        posted.save()
        return stage.exit()
    types = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    context = {
        "form": form,
        "refused": refused,
        "has_app": "totp" in types,
        "has_passkey": "webauthn" in types,
        "options": json.dumps(webauthn.begin_authentication(user)) if "webauthn" in types else "",
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "mfa/second_factor.html", context, status=status)


# Single sign-on ----------------------------------------------------------------------------------


@login_not_required
@never_cache
@require_GET
def oidc(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider. A link, since a form may only lead to this desk."""
    if not settings.OIDC_ISSUER:
        raise Http404
    try:
        answer: HttpResponse = single_sign_on.start(request, get_next_redirect_url(request))
    except (OAuth2Error, RequestException) as error:
        return _unreachable(request, error)
    return answer


@login_not_required
@never_cache
@require_GET
def oidc_callback(request: HttpRequest) -> HttpResponse:
    if not settings.OIDC_ISSUER:
        raise Http404
    view = OAuth2CallbackView.adapter_view(single_sign_on.Provider(request))
    try:
        answer: HttpResponse = view(request)
    except (OAuth2Error, RequestException) as error:
        return _unreachable(request, error)
    return answer


def _unreachable(request: HttpRequest, error: Exception) -> HttpResponse:
    single_sign_on.log.warning("Single sign-on failed: %s", error)
    detail = _("%(provider)s does not answer as it should. Try again, or use your password.") % {
        "provider": settings.OIDC_NAME
    }
    return refuse(request, detail, status=502)


# Other doors -------------------------------------------------------------------------------------


@login_not_required
def admin_door(request: HttpRequest) -> HttpResponse:
    """The admin has no door of its own: that would be a way around everything here."""
    if request.user.is_authenticated:
        raise PermissionDenied
    next_url = get_next_redirect_url(request) or reverse("admin:index")
    return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': next_url})}")


def admin_password(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('reviewers:account')}#secret")


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, name: str, token: str) -> HttpResponse:
    """Choose a password under a link that an administrator made. It signs nobody in."""
    user = people.user_of_link(name, token)
    if user is None:
        detail = _("This link was used, ran out after an hour, or never was one. Ask for another.")
        return refuse(request, detail, status=404)
    form = FirstPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        people.chose_password(user, at=now())
        messages.success(request, _("Your password is set. Sign in with it."))
        return redirect(settings.LOGIN_URL)
    context = {"form": form, "person": user}
    status = 422 if request.method == "POST" else 200
    return render(request, "registration/link.html", context, status=status)
