from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.timezone import now

from escalation import health
from escalation.demo import doors


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part answers, else 503 and which part does not, in a sentence.

    Warnings are counted, not told: anybody may ask here. A demo says that it is one, and one that is
    not run as one that its accounts are shut.
    """
    at = now()
    found = health.problems(at=at)
    ready = not any(found.values())
    parts = {name: problem or "ok" for name, problem in found.items()}
    answer = {"ready": ready, "parts": parts, "warnings": len(health.warnings(at=at))}
    if parts["postgresql"] == "ok" and (sentence := doors.sentence()):
        answer["demo"] = sentence
    return JsonResponse(answer, status=200 if ready else 503)
