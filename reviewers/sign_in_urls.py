"""Signing in and what for: only pages of ours. Their names are those that allauth asks for."""

from django.urls import path

from reviewers.views import account_security as security
from reviewers.views import account_sessions, account_sign_in

AT = "account/security/"
urlpatterns = [
    path("sign-in/", account_sign_in.sign_in, name="account_login"),
    path("sign-in/second-factor/", account_sign_in.second_factor, name="mfa_authenticate"),
    path("sign-in/passkey/", account_sign_in.passkey, name="mfa_login_webauthn"),
    path("sign-in/oidc/", account_sign_in.oidc, name="openid_connect_login"),
    path("sign-in/oidc/callback/", account_sign_in.oidc_callback, name="openid_connect_callback"),
    path("sign-in/link/<str:name>/<str:token>/", account_sign_in.link, name="one_time_link"),
    path("admin/login/", account_sign_in.admin_door),
    path("admin/password_change/", account_sign_in.admin_password),
    path(AT, security.index, name="mfa_index"),
    path(f"{AT}again/", security.again, name="account_reauthenticate"),
    path(f"{AT}again/provider/", security.again_at_provider, name="show_at_provider"),
    path(f"{AT}app/", security.add_app, name="mfa_activate_totp"),
    path(f"{AT}app/removal/", security.remove_app, name="mfa_deactivate_totp"),
    path(f"{AT}passkeys/", security.add_passkey, name="mfa_add_webauthn"),
    path(f"{AT}passkeys/<int:number>/", security.passkey, name="mfa_edit_webauthn"),
    path(
        f"{AT}passkeys/<int:number>/removal/", security.remove_passkey, name="mfa_remove_webauthn"
    ),
    path(f"{AT}recovery-codes/", security.recovery_codes, name="mfa_view_recovery_codes"),
    path(
        f"{AT}recovery-codes/new/", security.make_recovery_codes, name="mfa_generate_recovery_codes"
    ),
    path(
        f"{AT}recovery-codes/download/",
        security.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("account/sessions/<int:number>/end/", account_sessions.end, name="end_session"),
    path("account/sessions/end/", account_sessions.end_others, name="end_other_sessions"),
]
