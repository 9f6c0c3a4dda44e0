"""How many cases of one's roles are urgent. Asked by itself it is a poll; see ``urgentstream``."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.timezone import now
from django.views.decorators.http import require_GET

from escalation import access, urgent
from escalation.urgent import Watched


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Answer the number, 304 while it is the same. For a stream it says whose cases are watched."""
    reach = access.deciding(request.user)
    if request.headers.get("Accept") == "text/event-stream":
        tenants = None if reach.tenants is None else sorted(reach.tenants)
        roles = sorted(map(str, reach.role_ids))
        return HttpResponse(json.dumps({"roles": roles, "tenants": tenants}))
    watched = Watched.made(reach.role_ids, reach.tenants)
    count = watched.of(urgent.counts(now())) if watched.roles else 0
    tag = f'"{count}"'
    response = get_conditional_response(request, etag=tag) or JsonResponse({"count": count})
    response["ETag"] = tag
    response["Cache-Control"] = "no-store, private"
    return response
