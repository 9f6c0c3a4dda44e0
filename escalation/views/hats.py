"""Acting as a reviewer or as an auditor, for those who may be both."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from escalation import access, hats


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    hat = request.POST.get("acting_as", "")
    hats.put_on(request, hat, at=now())
    messages.success(request, f"You act as {hat} now, until you change it or sign out.")
    return redirect("audit" if hat == access.AUDITOR else "reviewers:work")
