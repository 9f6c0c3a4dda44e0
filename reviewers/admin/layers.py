"""The pages of a layer: typed beside a preview, saved at once or not at all, undone, retired."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils.timezone import now

from escalation import wallclock
from escalation.actors import names
from escalation.fields import clock
from reviewers import preview, rosters, timeline
from reviewers.admin import history
from reviewers.admin.desk import ZONES, OfManagers, zone_of
from reviewers.enums import Kind
from reviewers.errors import RosterError
from reviewers.layerforms import LayerDraft, latest
from reviewers.models import Layer


@admin.register(Layer)
class LayerAdmin(OfManagers):
    role_path = "roster__role"
    list_display = ["name", "roster", "position", "priority", "kind"]
    list_filter = [("roster", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["roster__role"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("roster__role")

    def in_use(self, request: HttpRequest, pk: str) -> Layer:
        """Return a layer that is not retired, or 404; the history of a retired one stays readable."""
        layer: Layer = self.row(request, pk)
        if layer.retired_at:
            raise Http404
        return layer

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and "roster" in request.GET

    def get_urls(self) -> list[URLPattern]:
        return [
            self.route("preview/", self.preview, "preview"),
            self.route("<uuid:pk>/undo/", self.undo, "undo"),
            self.route("<uuid:pk>/retire/", self.retire, "retire"),
            *super().get_urls(),
        ]

    # Typing ----------------------------------------------------------------------------------

    def new_page(self, request: HttpRequest) -> HttpResponse:
        role = self.role(request, request.GET.get("roster"))
        layer = Layer(roster=role.roster, time_zone=role.time_zone, first_on=_today(role))
        return self._edit(request, layer)

    def edit_page(self, request: HttpRequest, pk: str) -> HttpResponse:
        return self._edit(request, self.in_use(request, pk))

    def _edit(self, request: HttpRequest, layer: Layer) -> HttpResponse:
        at = now()
        if request.method != "POST":
            return self._page(request, LayerDraft(layer, at=at))
        if "_preview" in request.POST:
            return self._page(request, LayerDraft(layer, request.POST, at=at))
        with transaction.atomic():
            rosters.lock(layer.roster)
            draft = LayerDraft(layer, request.POST, at=at)
            if not draft.is_valid():
                return self._page(request, draft, status=422)
            if draft.changed_meanwhile():
                return self._stale(request, layer, draft.form.cleaned_data["seen"] or 0)
            draft.save(by=request.user)
        messages.success(request, f"Saved. {layer} decides who is on call from now on.")
        return redirect("admin:reviewers_roster_change", layer.roster.pk)

    def _stale(self, request: HttpRequest, layer: Layer, seen: int) -> HttpResponse:
        """Show what somebody else saved meanwhile; saving once more puts this in its place."""
        typed = request.POST.copy()
        typed["seen"] = str(latest(layer))
        last = layer.versions.order_by("-number").first()
        who = names([last.made_by])[last.made_by] if last else "Somebody"
        draft = LayerDraft(layer, typed, at=now())
        draft.is_valid()
        draft.form.add_error(
            None,
            f"{who} changed this layer while you had it open. What you typed is still here: look at "
            "what changed, then save again to put yours in its place.",
        )
        return self._page(request, draft, status=422, meanwhile=history.since_version(layer, seen))

    def _page(
        self, request: HttpRequest, draft: LayerDraft, status: int = 200, **context: Any
    ) -> HttpResponse:
        layer = draft.layer
        adding = layer._state.adding
        name = "" if adding else Layer.objects.get(pk=layer.pk).name  # not the one being typed
        role = draft.roster.role
        at_roster = f"?roster={draft.roster.pk}"
        here = f"{at_roster}&layer={layer.pk}" if not adding else at_roster
        context |= {
            "title": f"New layer of {role}" if adding else name,
            "draft": draft,
            "form": draft.form,
            "role": role,
            "roster": draft.roster,
            "layer": None if adding else layer,
            "zones": ZONES,
            "preview_url": reverse("admin:reviewers_layer_preview") + here,
            **self._look(request, draft),
        }
        return self.page(request, "admin/roster/layer.html", status, **context)

    # Looking before saving -------------------------------------------------------------------

    def preview(self, request: HttpRequest) -> HttpResponse:
        """Answer a form as it stands with what it would plan; nothing is written."""
        role = self.role(request, request.GET.get("roster"))
        pk = request.GET.get("layer")
        layer = self.in_use(request, pk) if pk else Layer(roster=role.roster)
        if layer.roster_id != role.roster.pk:
            raise Http404
        draft = LayerDraft(layer, request.POST or None, at=now())
        context = self._look(request, draft) | {
            "role": role,
            "preview_url": request.get_full_path(),
        }
        return self.page(request, "admin/roster/_preview.html", **context)

    def _look(self, request: HttpRequest, draft: LayerDraft) -> dict[str, Any]:
        """Return the preview of what was typed, or why there is none yet beside what is planned."""
        role, layer = draft.roster.role, draft.layer
        pk = None if layer._state.adding else str(layer.pk)
        zone = zone_of(request, role)
        bound = draft.form.is_bound
        if bound and draft.is_valid():
            shown = preview.of_layer(role, pk, draft.snapshot(), zone=zone, at=draft.at)
            return {"preview": shown, "waits": False, "bound": True, "zone": zone}
        shown = preview.as_planned(role, zone=zone, at=draft.at, layer=pk)
        return {"preview": shown, "waits": bound, "bound": False, "zone": zone}

    # Undoing, retiring, reading back -----------------------------------------------------------

    def undo(self, request: HttpRequest, pk: str) -> HttpResponse:
        layer = self.in_use(request, str(pk))
        if request.method == "POST":
            try:
                rosters.undo(layer, by=request.user, at=now())
                messages.success(request, f"{layer} is again as it was before its last edit.")
            except RosterError as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:reviewers_layer_history", layer.pk)

    def retire(self, request: HttpRequest, pk: str) -> HttpResponse:
        layer, at = self.in_use(request, str(pk)), now()
        role = layer.roster.role
        if request.method == "POST":
            rosters.retire(layer, by=request.user, at=at)
            messages.success(request, f"{layer} is retired. What it did stays on record.")
            return redirect("admin:reviewers_roster_change", layer.roster.pk)
        zone = zone_of(request, role)
        shown = preview.of_layer(role, str(layer.pk), None, zone=zone, at=at)
        return self.page(
            request, "admin/roster/retire.html", title=f"Retire {layer}", layer=layer, role=role,
            roster=layer.roster, preview=shown, bound=True, zone=zone,
        )  # fmt: skip

    def history(self, row: Layer) -> list[history.Entry]:
        return history.of_layer(row)

    def history_extra(self, request: HttpRequest, row: Layer) -> dict[str, Any]:
        undo = reverse("admin:reviewers_layer_undo", args=[row.pk])
        may_undo = latest(row) > 1 and row.retired_at is None
        return {"roster": row.roster, "undo_url": undo if may_undo else ""}


def ruled(layer: Layer) -> str:
    """Return a layer's rule in a line."""
    step = layer.get_unit_display()
    every = step.removesuffix("s") if layer.every == 1 else f"{layer.every} {step}"
    groups = [turn.members.all() for turn in layer.turns.all()]
    who = ", ".join(" and ".join(user.name for user in group) for group in groups if group)
    starts = f"from {clock(layer.first_time)}"
    if layer.kind == Kind.SHIFTS:
        lasts = timeline.exact_length(layer.length_minutes or 0)
        days = f" on {history.days(layer.weekdays)}" if layer.weekdays else ""
        rule = f"Shifts of {lasts} {starts}, every {every}{days}"
    else:
        rule = f"Handoff every {every} {starts.replace('from', 'at')}"
    windows = "; ".join(
        history.window(one.weekdays, one.opens, one.closes) for one in layer.windows.all()
    )
    return f"{rule}{f', on duty {windows}' if windows else ''}, {layer.time_zone}: {who}"


def _today(role: Any) -> Any:
    return wallclock.wall(now(), wallclock.ZoneInfo(role.time_zone)).date()
