"""Changing a draft: a route, an SLA policy, or all of it as YAML."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from escalation.errors import EscalationError, Fault
from escalation.models import Role
from escalation.views.people import person
from routing import policies, routeform, sla, slaform
from routing.errors import PolicyMoved, PolicyRejected
from routing.policies import yamltext
from routing.policies.content import Content
from routing.sheets import Sheet
from routing.views.drafts import for_setters, gone, open_draft, refused, seen

KEPT = "What you typed is kept here; saving again puts it into the draft as it is now."


# Routes -------------------------------------------------------------------------------------------


@for_setters
def route(request: HttpRequest, position: int | None = None) -> HttpResponse:
    """A route of the draft as a form; without a position, one to be added."""
    draft = open_draft()
    if draft is None:
        return gone(request)
    content = policies.of(draft)
    if position is not None and not 1 <= position <= len(content.all_routes):
        raise Http404
    found = content.all_routes[position - 1] if position else None
    if request.method == "POST":
        is_default = found is content.default
        form = routeform.typed(request.POST, is_default=is_default, **_offer(content))
        if form.is_bound and _save_route(request, form, position):
            messages.success(request, f"{form.cleaned_data['name']} stands in the draft.")
            return redirect("routing:draft")
    else:
        facts = found.as_facts() | {"was": found.name} if found else None
        form = routeform.shown(facts, yamltext.dumped, **_offer(content))
    return _route_page(request, form, position)


def _offer(content: Content) -> dict[str, Any]:
    return {
        "roles": list(Role.objects.values_list("slug", "name").order_by("name")),
        "slas": [(one.slug, one.name) for one in content.slas],
    }


def _save_route(request: HttpRequest, form: routeform.RouteForm, position: int | None) -> bool:
    """Put what is typed into the draft; False when it does not fit, with the faults at their fields."""
    if not form.is_valid():
        return False
    try:
        data = form.facts(_nested(form))
        act = {"seen": form.cleaned_data["seen"], "by": person(request), "at": now()}
        if position is None:
            policies.add_route(data, **act)
        else:
            policies.change_route(position, data, **act)
    except EscalationError as refusal:
        _point_out(form, refusal)
        return False
    return True


def _nested(form: routeform.RouteForm) -> list[Any]:
    """Return the groups that are typed as YAML. Raises PolicyRejected, at their field."""
    text = form.cleaned_data.get("nested") or ""
    if not text.strip():
        return []
    try:
        found, _ = yamltext.load(text)
    except PolicyRejected as refusal:
        raise PolicyRejected(*(Fault("/nested", each.message) for each in refusal.faults)) from None
    if not isinstance(found, list):
        raise PolicyRejected(Fault("/nested", "This must be a list: begin each group with a dash."))
    return found


def _point_out(form: Sheet, refusal: EscalationError) -> None:
    if isinstance(refusal, PolicyRejected):
        form.point_out(refusal.faults)
    elif isinstance(refusal, PolicyMoved):
        form.add_error(None, f"{refusal} {KEPT}")
    else:
        form.add_error(None, str(refusal))


def _route_page(
    request: HttpRequest, form: routeform.RouteForm, position: int | None
) -> HttpResponse:
    """Show the form, to be saved where its route stands by now; one that is gone would be added."""
    context = _context(form)
    if form.is_bound and (draft := context["draft"]):
        names = [each.name for each in policies.of(draft).all_routes]
        was = form.data.get("was")
        position = names.index(was) + 1 if was in names else None
    context["position"] = position
    context["action"] = (
        reverse("routing:edit_route", args=[position]) if position else reverse("routing:add_route")
    )
    return _sheet(request, "route", context)


def _sheet(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    template = f"routing/_{name}_form.html" if request.htmx else f"routing/{name}.html"
    context["form"].focus_on_fault()
    return render(request, template, context, status=422 if context["form"].errors else 200)


def _context(form: Sheet) -> dict[str, Any]:
    """Return what a form's page needs; saving it again means the draft as it stands now."""
    draft = open_draft()
    return {
        "section": "policies",
        "inside": True,
        "form": form,
        "draft": draft,
        "seen": policies.seen_as(draft) if draft else form["seen"].value(),
    }


@require_POST
@for_setters
def move_route(request: HttpRequest, position: int, act: str) -> HttpResponse:
    """Move a route up or down by one, or take it out."""
    given = {"seen": seen(request), "by": person(request), "at": now()}
    steps = {"up": -1, "down": 1}
    if act not in (*steps, "remove"):
        raise Http404
    try:
        if act == "remove":
            policies.remove_route(position, **given)
            return redirect("routing:draft")
        policies.move_route(position, position + steps[act], **given)
    except EscalationError as refusal:
        return refused(request, refusal)
    return redirect(f"{reverse('routing:draft')}#route-{position + steps[act]}")


# SLA policies -------------------------------------------------------------------------------------


@for_setters
def sla_policy(request: HttpRequest, slug: str = "") -> HttpResponse:
    """An SLA policy of the draft as a form; without a slug, one to be added."""
    draft = open_draft()
    if draft is None:
        return gone(request)
    found = policies.of(draft).sla_named.get(slug)
    if slug and found is None:
        raise Http404
    if request.method != "POST":
        return _sla_page(request, slaform.shown(found), found)
    form = slaform.typed(request.POST)
    if form.is_bound and _save_sla(request, form, slug):
        messages.success(request, f"{form.cleaned_data['name']} stands in the draft.")
        return redirect("routing:draft")
    return _sla_page(request, form, found)


def _save_sla(request: HttpRequest, form: slaform.SlaForm, slug: str) -> bool:
    if not form.is_valid():
        return False
    act = {"seen": form.cleaned_data["seen"], "by": person(request), "at": now()}
    try:
        if slug:
            policies.change_sla(slug, form.facts(), **act)
        else:
            policies.add_sla(form.facts(), **act)
    except EscalationError as refusal:
        _point_out(form, refusal)
        return False
    return True


def _sla_page(request: HttpRequest, form: slaform.SlaForm, found: sla.Sla | None) -> HttpResponse:
    context = _context(form) | {"found": found}
    return _sheet(request, "sla", context)


@require_POST
@for_setters
def remove_sla(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        policies.remove_sla(slug, seen=seen(request), by=person(request), at=now())
    except EscalationError as refusal:
        return refused(request, refusal)
    return redirect("routing:draft")


# All of it ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wrong:
    """A fault in a text: its line, what stands there, and what is wrong with it."""

    number: int | None
    line: str
    message: str


@for_setters
def written(request: HttpRequest) -> HttpResponse:
    """The whole draft as YAML."""
    draft = open_draft()
    if draft is None:
        return gone(request)
    text, faults, refusal = "", [], ""
    if request.method == "POST":
        text = request.POST.get("text", "").replace("\r\n", "\n")
        try:
            policies.replace_with(text, seen=seen(request), by=person(request), at=now())
        except PolicyRejected as rejected:
            faults = [_wrong(fault, text.splitlines()) for fault in rejected.faults]
        except EscalationError as refused_act:
            refusal = f"{refused_act} {KEPT}"
        else:
            messages.success(request, "The draft says what you wrote.")
            return redirect("routing:draft")
    draft = open_draft() or draft
    context = {
        "section": "policies",
        "inside": True,
        "text": text if request.method == "POST" else policies.written(policies.of(draft)),
        "faults": faults,
        "refusal": refusal,
        "seen": policies.seen_as(draft),
    }
    status = 422 if faults or refusal else 200
    return render(request, "routing/yaml.html", context, status=status)


def _wrong(fault: Fault, lines: list[str]) -> Wrong:
    """Return a fault with the line that it begins with, as ``yamltext`` tells it."""
    head, colon, rest = fault.message.partition(": ")
    number = head.removeprefix("Line ")
    if not (colon and head.startswith("Line ") and number.isdigit()):
        return Wrong(None, "", fault.message)
    at = int(number)
    return Wrong(at, lines[at - 1].strip() if at <= len(lines) else "", rest)
