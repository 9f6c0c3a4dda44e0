"""Overrides and absences: looked at, made, withdrawn; never edited and never deleted."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils.timezone import localtime, now

from escalation import wallclock
from escalation.models import Role
from reviewers import absences, overrides, preview
from reviewers.admin import history
from reviewers.admin.desk import OfManagers, managed, zone_of
from reviewers.errors import RosterError
from reviewers.models import Absence, Membership, Override
from reviewers.rosterforms import AbsenceForm, OverrideForm, SpanForm


class StandIns(OfManagers):
    """What overrides and absences share: a form beside a preview, a page to read, a withdrawal."""

    form_template = ""
    note = ""  # what the new page is called

    def get_urls(self) -> list[URLPattern]:
        return [
            self.route("preview/", self.preview, "preview"),
            self.route("<uuid:pk>/withdraw/", self.withdraw, "withdraw"),
            *super().get_urls(),
        ]

    @admin.display(description="Withdrawn")
    def withdrawn(self, row: Any) -> str:
        return f"{localtime(row.withdrawn_at):%-d %b %Y %H:%M}" if row.withdrawn_at else ""

    def typed(self, role: Role, data: Any, at: Any) -> SpanForm:
        raise NotImplementedError

    def make(self, form: Any, request: HttpRequest, at: Any) -> str:
        raise NotImplementedError

    def look(self, form: Any, role: Role, zone: str, at: Any) -> preview.Preview:
        raise NotImplementedError

    def new_page(self, request: HttpRequest) -> HttpResponse:
        role, at = self.role(request, request.GET.get("roster")), now()
        form = self.typed(role, request.POST or None, at)
        saving = request.method == "POST" and "_preview" not in request.POST
        if saving and form.is_valid():
            try:
                said = self.make(form, request, at)
            except RosterError as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, said)
                return redirect("admin:reviewers_roster_change", role.roster.pk)
        context = self._look(request, form, role, at)
        return self.page(
            request, self.form_template, 422 if saving else 200, title=f"{self.note} {role}",
            form=form, role=role, roster=role.roster, zone_typed=form.zone,
            preview_url=self._preview_url(role), **context,
        )  # fmt: skip

    def preview(self, request: HttpRequest) -> HttpResponse:
        role, at = self.role(request, request.GET.get("roster")), now()
        form = self.typed(role, request.POST or None, at)
        context = self._look(request, form, role, at)
        return self.page(
            request, "admin/roster/_preview.html", role=role,
            preview_url=self._preview_url(role), **context,
        )  # fmt: skip

    def _preview_url(self, role: Role) -> str:
        name = f"admin:reviewers_{self.opts.model_name}_preview"
        return f"{reverse(name)}?roster={role.roster.pk}"

    def _look(self, request: HttpRequest, form: Any, role: Role, at: Any) -> dict[str, Any]:
        zone = zone_of(request, role)
        valid = form.is_bound and form.is_valid()
        shown = self.look(form, role, zone, at) if valid else preview.as_planned(
            role, zone=zone, at=at)  # fmt: skip
        waits = form.is_bound and not valid
        return {"preview": shown, "waits": waits, "bound": valid, "zone": zone}

    def edit_page(self, request: HttpRequest, pk: str) -> HttpResponse:
        return redirect(f"admin:reviewers_{self.opts.model_name}_history", pk)

    def withdraw(self, request: HttpRequest, pk: str) -> HttpResponse:
        row = self.row(request, str(pk))
        if request.method == "POST":
            self.take_back(row, request)
            messages.success(request, f"Withdrawn: {row.says}.")
        roster_id = request.POST.get("roster")
        if roster_id:
            return redirect(
                "admin:reviewers_roster_change", self.role(request, roster_id).roster.pk
            )
        return redirect(f"admin:reviewers_{self.opts.model_name}_changelist")

    def take_back(self, row: Any, request: HttpRequest) -> None:
        raise NotImplementedError

    def history_extra(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        name = f"admin:reviewers_{self.opts.model_name}_withdraw"
        stands = row.withdrawn_at is None and row.during.upper > now()
        return {
            "lead": f"{row.says}, {row.when}",
            "withdraw_url": reverse(name, args=[row.pk]) if stands else "",
        }


@admin.register(Override)
class OverrideAdmin(StandIns):
    role_path = "roster__role"
    form_template = "admin/roster/override.html"
    note = "Stand in for"
    list_display = ["says", "roster", "when", "reason", "withdrawn"]
    list_display_links = ["says"]
    list_filter = [("roster", admin.RelatedOnlyFieldListFilter)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and "roster" in request.GET

    def get_queryset(self, request: HttpRequest) -> Any:
        found = super().get_queryset(request).order_by("-during")
        return found.select_related("roster__role", "in_user", "out_user")

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found:
            found.says, found.when = overrides.words(found), overrides.when(found)
        return found

    @admin.display(description="What")
    def says(self, row: Override) -> str:
        return overrides.words(row)

    @admin.display(description="When", ordering="during")
    def when(self, row: Override) -> str:
        return overrides.when(row)

    def typed(self, role: Role, data: Any, at: Any) -> OverrideForm:
        return OverrideForm(role.roster, data, at=at)

    def look(self, form: OverrideForm, role: Role, zone: str, at: Any) -> preview.Preview:
        return preview.of_override(form.override(), zone=zone, at=at)

    def make(self, form: OverrideForm, request: HttpRequest, at: Any) -> str:
        given = form.cleaned_data
        made = overrides.make(
            form.roster, given["kind"], since=given["since"], until=given["until"],
            reason=given["reason"], out=given.get("out"), stand_in=given.get("stand_in"),
            position=given.get("position"), by=request.user, at=at,
        )  # fmt: skip
        return f"Saved: {overrides.words(made)}, {overrides.when(made)}."

    def take_back(self, row: Override, request: HttpRequest) -> None:
        overrides.withdraw(row, by=request.user, at=now())

    def history(self, row: Override) -> list[history.Entry]:
        return history.of(row)


@admin.register(Absence)
class AbsenceAdmin(StandIns):
    form_template = "admin/roster/absence.html"
    note = "Absence in"
    list_display = ["user", "when", "kind", "note", "withdrawn"]
    list_filter = ["kind"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and "roster" in request.GET

    def get_queryset(self, request: HttpRequest) -> Any:
        mine = Membership.objects.filter(user=OuterRef("user"), role__in=managed(request))
        found = admin.ModelAdmin.get_queryset(self, request).filter(Exists(mine.open(now())))
        return found.select_related("user").order_by("-during")

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found:
            found.says, found.when = f"{found.user} is away", self.when(found)
        return found

    @admin.display(description="When", ordering="during")
    def when(self, row: Absence) -> str:
        return wallclock.said(row.during.lower, row.during.upper, row.user.time_zone)

    def typed(self, role: Role, data: Any, at: Any) -> AbsenceForm:
        return AbsenceForm(role, data, at=at)

    def look(self, form: AbsenceForm, role: Role, zone: str, at: Any) -> preview.Preview:
        given = form.cleaned_data
        return preview.of_absences(
            role, given["people"], given["since"], given["until"], zone=zone, at=at
        )

    def make(self, form: AbsenceForm, request: HttpRequest, at: Any) -> str:
        given = form.cleaned_data
        made = absences.note_many(
            given["people"], since=given["since"], until=given["until"], kind=given["kind"],
            note=given["note"], by=request.user, at=at,
        )  # fmt: skip
        who = ", ".join(sorted(one.user.name for one in made))
        return f"Saved: {who} away {wallclock.said(given['since'], given['until'], form.zone)}."

    def take_back(self, row: Absence, request: HttpRequest) -> None:
        absences.withdraw(row, by=request.user, at=now())
