"""Who holds which role; joining and leaving go through the doors that also set rights."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils.timezone import localtime, now

from escalation import wallclock
from escalation.models import Role, User
from reviewers.admin.desk import OfManagers, managed
from reviewers.memberships import join_role, leave_role
from reviewers.models import Membership
from reviewers.rosterforms import Wall, in_zone


class JoinForm(forms.Form):
    role = forms.ModelChoiceField(Role.objects.none(), empty_label=None)
    user = forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("username"), label="Person"
    )
    since = Wall(label="From", required=False, help_text="Empty: from now on.")
    until = Wall(label="Until", required=False, help_text="Empty: until they leave.")

    def __init__(self, *args: Any, roles: Any, at: datetime, **given: Any) -> None:
        super().__init__(*args, **given)
        self.at = at
        self.fields["role"].queryset = roles

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        role, user = given.get("role"), given.get("user")
        if not (role and user):
            return given
        since, until = (in_zone(self, name, role.time_zone) for name in ("since", "until"))
        if until and until <= max(since or self.at, self.at):
            self.add_error("until", "It would end before it starts, or has already passed.")
        if since and since < self.at:
            self.add_error("since", "That has passed; leave it empty to begin now.")
        held = Membership.objects.open(since or self.at).filter(role=role, user=user).first()
        if held:
            self.add_error("user", f"{user} already holds {role}, {said(held)}.")
        given["since"], given["until"] = since, until
        return given


class LeaveForm(forms.Form):
    on = Wall(label="Leaves on", required=False, help_text="Empty: now.")

    def __init__(self, *args: Any, membership: Membership, at: datetime, **given: Any) -> None:
        self.membership, self.at = membership, at
        super().__init__(*args, **given)

    def clean(self) -> dict[str, Any]:
        on = in_zone(self, "on", self.membership.role.time_zone)
        if on and on < self.at:
            self.add_error("on", "That has passed; leave it empty to end it now.")
        return {"on": on}


def said(membership: Membership) -> str:
    """Return the dates of a membership on the wall of its role."""
    zone = ZoneInfo(membership.role.time_zone)
    since = f"since {wallclock.wall(membership.joined_at, zone):%-d %b %Y}"
    if membership.left_at is None:
        return since
    return f"{since}, until {wallclock.wall(membership.left_at, zone):%-d %b %Y %H:%M}"


@admin.register(Membership)
class MembershipAdmin(OfManagers):
    role_path = "role"
    list_display = ["user", "role", "joined", "left"]
    list_filter = [("role", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["user", "role"]
    search_fields = ["user__username", "user__first_name", "user__last_name"]

    def get_urls(self) -> list[URLPattern]:
        return [self.route("<uuid:pk>/leave/", self.leave, "leave"), *super().get_urls()]

    @admin.display(description="From", ordering="joined_at")
    def joined(self, row: Membership) -> str:
        return f"{localtime(row.joined_at):%-d %b %Y %H:%M}"

    @admin.display(description="Until", ordering="left_at")
    def left(self, row: Membership) -> str:
        return f"{localtime(row.left_at):%-d %b %Y %H:%M}" if row.left_at else ""

    def new_page(self, request: HttpRequest) -> HttpResponse:
        at = now()
        initial = {name: request.GET[name] for name in ("role", "user") if name in request.GET}
        form = JoinForm(request.POST or None, roles=managed(request), at=at, initial=initial)
        if form.is_bound and form.is_valid():
            given = form.cleaned_data
            try:
                with transaction.atomic():
                    join_role(
                        given["role"], given["user"], by=request.user, at=at,
                        since=given["since"], until=given["until"],
                    )  # fmt: skip
            except IntegrityError:
                form.add_error("user", "They already hold the role in part of that time.")
            else:
                messages.success(request, f"{given['user']} is in {given['role']}.")
                return redirect("admin:reviewers_membership_changelist")
        return self.page(
            request, "admin/roster/small.html", 422 if form.is_bound else 200,
            title="Add a person to a role", form=form, act="Add",
            back=reverse("admin:reviewers_membership_changelist"),
            lead="Times are on the wall clock of the role. They may read and decide its cases "
            "from then on, and be put on its roster.",
        )  # fmt: skip

    def edit_page(self, request: HttpRequest, pk: str) -> HttpResponse:
        row = self.row(request, pk)
        return self._leave(request, row)

    def leave(self, request: HttpRequest, pk: str) -> HttpResponse:
        return self._leave(request, self.row(request, str(pk)))

    def _leave(self, request: HttpRequest, row: Membership) -> HttpResponse:
        at = now()
        form = LeaveForm(request.POST if request.method == "POST" else None, membership=row, at=at)
        if form.is_bound and form.is_valid():
            leave_role(row.role, row.user, by=request.user, at=at, on=form.cleaned_data["on"])
            messages.success(request, f"{row.user} leaves {row.role}.")
            return redirect("admin:reviewers_membership_changelist")
        ended = row.left_at is not None and row.left_at <= at
        return self.page(
            request, "admin/roster/small.html", 422 if form.is_bound else 200,
            title=f"{row.user} in {row.role}", form=None if ended else form, act="End it",
            back=reverse("admin:reviewers_membership_changelist"),
            history=reverse("admin:reviewers_membership_history", args=[row.pk]),
            lead=f"They hold the role {said(row)}. When they leave, the open cases they have in hand "
            f"go back to the role at once. Times are in {row.role.time_zone}.",
        )  # fmt: skip
