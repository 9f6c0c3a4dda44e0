"""Agents and their keys, for those who run the desk; stopping and starting them, for who sets policy."""

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from escalation import access, keys, needless, resume, stopping
from escalation.errors import EscalationError
from escalation.forms import AgentForm, BecauseForm, MoneyForm
from escalation.models import Agent, AgentKey
from escalation.money.registering import register_money
from escalation.views.people import person

CHANGE = "escalation.change_agent"
MAY_MANAGE = permission_required(CHANGE, raise_exception=True)


def _page(request: HttpRequest, status: int = 200, **context: object) -> HttpResponse:
    user, at = person(request), now()
    agents = list(Agent.objects.select_related("stopped_by").prefetch_related("keys"))
    may_start = {one.pk for one in agents if one.stopped_at and stopping.may_start(user, one)}
    stops = needless.by_trigger(at=at)
    context = {
        "form": AgentForm(),
        "agents": [(one, stops[one.pk], _money_form(one, context)) for one in agents],
        "manages": user.has_perm(CHANGE),
        "stops": access.may_set_policies(user),
        "may_start": may_start,
        "because": BecauseForm(),
    } | context
    return render(request, "escalation/agents.html", context, status=status)


def _money_form(agent: Agent, context: dict[str, object]) -> MoneyForm:
    """Return the form of an agent's money: as it was typed where it was refused."""
    typed = context.get("money")
    if isinstance(typed, MoneyForm) and typed.instance.pk == agent.pk:
        return typed
    return MoneyForm(instance=agent, auto_id=f"{agent.name}-%s")


def index(request: HttpRequest) -> HttpResponse:
    """List the agents; a post adds one with its first key."""
    manages = person(request).has_perm(CHANGE)
    if request.method != "POST" and (manages or access.may_set_policies(request.user)):
        return _page(request)
    if not manages:
        raise PermissionDenied
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
def money(request: HttpRequest, name: str) -> HttpResponse:
    """Declare which actions of an agent move money, and which of its amounts are in minor units."""
    agent = get_object_or_404(Agent, name=name)
    form = MoneyForm(request.POST, instance=Agent.objects.get(pk=agent.pk))
    if not form.is_valid():
        return _page(request, status=422, money=form)
    register_money(agent.pk, by=person(request), at=now(), **form.cleaned_data)
    return redirect("agents")


@MAY_MANAGE
@require_POST
def revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    keys.revoke_key(get_object_or_404(AgentKey, pk=key_id), by=person(request), at=now())
    return redirect("agents")


@require_POST
def stop(request: HttpRequest, name: str) -> HttpResponse:
    return _turn(request, name, stopping.stop)


@require_POST
def start(request: HttpRequest, name: str) -> HttpResponse:
    """Start a stopped agent again: somebody else than who stopped it."""
    return _turn(request, name, stopping.start)


def _turn(request: HttpRequest, name: str, door: Callable[..., Agent]) -> HttpResponse:
    """Go through a door that takes a reason; a refusal is the page again, with what was typed."""
    user = person(request)
    if not access.may_set_policies(user):
        raise PermissionDenied
    agent = get_object_or_404(Agent, name=name)
    form = BecauseForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, because=form, refused=agent.pk)
    try:
        door(agent.pk, form.cleaned_data["because"], by=user, at=now())
    except EscalationError as refusal:
        form.add_error(None, refusal.told)
        return _page(request, status=refusal.status, because=form, refused=agent.pk)
    return redirect("agents")
