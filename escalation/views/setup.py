"""The first administrator of an empty desk: one link, printed where the desk was started."""

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.signing import BadSignature, TimestampSigner
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now

from escalation import ledger
from escalation.actors import OPERATOR
from escalation.forms import FirstAdminForm
from escalation.models import User

SALT = "recourse.first-admin"
VALID_SECONDS = 24 * 60 * 60


def is_empty() -> bool:
    """Return whether nobody runs the desk; the administrator of a demo does so in a demo alone."""
    found = User.objects.filter(is_superuser=True)
    return not (found if settings.DEMO else found.exclude(has_demo_password=True)).exists()


def token() -> str:
    """Return what the link holds; it is worth nothing once there is an administrator."""
    return TimestampSigner(salt=SALT).sign("first-admin").replace(":", "~")


@login_not_required
def first_admin(request: HttpRequest, token: str) -> HttpResponse:
    try:
        TimestampSigner(salt=SALT).unsign(token.replace("~", ":"), max_age=VALID_SECONDS)
    except BadSignature:
        raise Http404 from None
    form = FirstAdminForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, _make(form), backend="django.contrib.auth.backends.ModelBackend")
        UserSession.objects.create_from_request(request)
        return redirect("/")
    if not is_empty():
        raise Http404
    status = 422 if form.is_bound else 200
    return render(request, "escalation/first_admin.html", {"form": form}, status=status)


@transaction.atomic
def _make(form: FirstAdminForm) -> User:
    with connection.cursor() as cursor:  # two posts at one instant still make one
        cursor.execute("LOCK TABLE escalation_user IN SHARE ROW EXCLUSIVE MODE")
    if not is_empty():
        raise Http404
    user = form.save()
    ledger.append("user.first_admin", subject=user, by=OPERATOR, at=now())
    return user
