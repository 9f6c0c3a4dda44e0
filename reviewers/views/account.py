"""A person's own account: name, time zone, how the desk looks, password, what they sign in with."""

from zoneinfo import available_timezones

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from escalation import people, sessions, tries
from reviewers.forms import AccountForm, DisplayForm, PasswordForm
from reviewers.signin import count_try, password_doors
from reviewers.views import account_security, account_sessions

YEAR = 365 * 24 * 60 * 60


def _page(request: HttpRequest, status: int = 200, **forms: object) -> HttpResponse:
    look = {name: request.COOKIES.get(name, "") for name in ("theme", "density", "numbers")}
    given = {
        "account": AccountForm(instance=request.user),
        "display": DisplayForm(
            initial={
                "theme": look["theme"] or "auto",
                "density": look["density"] or "comfortable",
                "numbers": look["numbers"] or "auto",
            }
        ),
        "password": PasswordForm(request.user),
    } | forms
    if settings.OIDC_ISSUER:  # who has an address there is who has it here
        given["account"].fields["email"].disabled = True
    context = given | {
        "section": "account",
        "zones": sorted(available_timezones()),
        "at": now(),
        "security": account_security.summary(request.user),
        "sessions": account_sessions.summary(request),
    }
    return render(request, "reviewers/account.html", context, status=status)


@require_http_methods(["GET", "POST"])
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _page(request)
    form = AccountForm(request.POST, instance=request.user)
    form.fields["email"].disabled = bool(settings.OIDC_ISSUER)
    if not form.is_valid():
        request.user.refresh_from_db()
        return _page(request, status=422, account=form)
    form.save()
    messages.success(
        request,
        _("Saved. Times are now shown in %(time_zone)s.") % {"time_zone": form.instance.time_zone},
    )
    return redirect("reviewers:account")


@require_POST
def display(request: HttpRequest) -> HttpResponse:
    """Keep the look on this browser, in three cookies."""
    form = DisplayForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, display=form)
    response = redirect("reviewers:account")
    for name, value in form.cleaned_data.items():
        response.set_cookie(
            name, value, max_age=YEAR, samesite="Lax", httponly=True, secure=settings.HTTPS
        )
    return response


@require_POST
@never_cache
def password(request: HttpRequest) -> HttpResponse:
    """Change the password. The old one is a guess like any other, so it is counted."""
    doors = password_doors(request, request.user.username)
    count_try(request, doors)
    form = PasswordForm(request.user, request.POST)
    if "old_password" not in form.errors:
        tries.succeeded(doors, at=now())
    if not form.is_valid():
        return _page(request, status=422, password=form)
    form.save()
    before = request.session.session_key
    update_session_auth_hash(request, form.user)
    sessions.renamed(before, request)
    people.chose_password(form.user, at=now(), keep=request.session.session_key)
    messages.success(request, _("Your password is changed. Other browsers are signed out."))
    return redirect("reviewers:account")
