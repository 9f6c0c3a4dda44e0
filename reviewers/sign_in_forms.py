"""What a person types to sign in and to show again who they are."""

from typing import Any

from allauth.account.forms import LoginForm
from allauth.core import context
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.base.forms import BaseAuthenticateForm
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from escalation import tries
from reviewers.signin import code_doors, count_try

USED = _("This code was used a moment ago. Wait for the next one.")


class SignInForm(LoginForm):
    """allauth's own, under the names that password managers and our agents' tests know."""

    def add_prefix(self, field_name: str) -> str:
        return "username" if field_name == "login" else str(super().add_prefix(field_name))


class CodeForm(BaseAuthenticateForm):
    """A code of an authenticator app, or a recovery code. Each is good once."""

    reauthenticated = False

    def clean_code(self) -> str:
        doors = code_doors(self.user)
        count_try(context.request, doors)
        code: str = super().clean_code()
        if not _first_use(self.user.pk, code):
            raise ValidationError(USED)
        tries.succeeded(doors, at=now())
        return code

    def save(self) -> None:
        post_authentication(
            context.request, self.authenticator, reauthenticated=self.reauthenticated
        )


class CodeAgainForm(CodeForm):
    reauthenticated = True


class AppForm(ActivateTOTPForm):
    """The first code of an authenticator app, which shows that it was set up."""

    def clean_code(self) -> str:
        doors = code_doors(self.user)
        count_try(context.request, doors)
        code: str = super().clean_code()
        tries.succeeded(doors, at=now())
        return code


def _first_use(user: Any, code: str) -> bool:
    """Return whether the code was not used before, for as long as it could be used."""
    period = mfa_settings.TOTP_PERIOD * (2 * mfa_settings.TOTP_TOLERANCE + 1)
    digits = "".join(code.split())
    return bool(cache.add(f"recourse.code:{user}:{digits}", "used", timeout=period))


class PasskeyForm(AddWebAuthnForm):
    """A new passkey, whose device has asked for a finger, a face or a PIN."""

    name = forms.CharField(
        max_length=60, label=_("Name"), error_messages={"required": _("Name it.")}
    )

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class PasskeyNameForm(forms.Form):
    name = forms.CharField(
        max_length=60, label=_("Name"), error_messages={"required": _("Name it.")}
    )


class FirstPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """A password chosen under a one-time link."""
