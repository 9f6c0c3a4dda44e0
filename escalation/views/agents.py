"""Agents and their keys, for those who run the desk."""

from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from escalation import keys, resume
from escalation.forms import AgentForm
from escalation.models import Agent, AgentKey
from escalation.views.people import person

MAY_MANAGE = permission_required("escalation.change_agent", raise_exception=True)


def _page(request: HttpRequest, status: int = 200, **context: object) -> HttpResponse:
    agents = Agent.objects.prefetch_related("keys")
    context = {"form": AgentForm(), "agents": agents} | context
    return render(request, "escalation/agents.html", context, status=status)


@MAY_MANAGE
def index(request: HttpRequest) -> HttpResponse:
    """List the agents; a post adds one with its first key."""
    if request.method != "POST":
        return _page(request)
    form = AgentForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, form=form)
    return _show_once(request, form.save())


@MAY_MANAGE
@require_POST
def issue(request: HttpRequest, name: str) -> HttpResponse:
    return _show_once(request, get_object_or_404(Agent, name=name))


@never_cache
def _show_once(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Issue a key and show it: the only time that anybody can read it."""
    _, text = keys.issue_key(agent, by=person(request), at=now())
    return _page(request, issued=agent, key=text, secret=resume.secret_text(agent))


@MAY_MANAGE
@require_POST
def revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    keys.revoke_key(get_object_or_404(AgentKey, pk=key_id), by=person(request), at=now())
    return redirect("agents")
