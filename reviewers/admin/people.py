"""What a reviewer brings: languages, capacity, training, conflicts, tenants, and their roles."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import inlineformset_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.timezone import now

from escalation.models import Competence, Conflict, User
from reviewers import reaching, training
from reviewers.admin import history
from reviewers.admin.desk import OfManagers, managed
from reviewers.admin.memberships import said
from reviewers.hands import in_hand
from reviewers.models import Membership, Profile
from reviewers.notices import channels
from reviewers.rosterforms import Wall, in_zone


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    tenants = SimpleArrayField(
        forms.CharField(max_length=255),
        required=False,
        help_text="Only cases of these, separated by commas; empty: of every tenant.",
    )

    class Meta:
        model = Profile
        fields = ["languages", "capacity"]

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.initial["tenants"] = self.instance.user.tenants

    def save(self, commit: bool = True) -> Any:
        profile = super().save(commit)
        if "tenants" in self.cleaned_data:
            profile.user.tenants = self.cleaned_data["tenants"]
            profile.user.save(update_fields=["tenants"])
        return profile


class TrainingForm(forms.Form):
    name = forms.CharField(label="Trained in", max_length=64)
    since = Wall(required=False, help_text="Empty: from now on.")
    expires_at = Wall(label="Lapses", required=False, help_text="Empty: it does not.")

    zone = "UTC"

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        since, lapses = (in_zone(self, name, self.zone) for name in ("since", "expires_at"))
        given["since"], given["expires_at"] = since or now(), lapses
        if lapses and lapses <= given["since"]:
            self.add_error("expires_at", "It would lapse before it begins.")
        return given


Conflicts = inlineformset_factory(
    User, Conflict, fields=["tenant", "user_id_of_agent", "reason"], extra=1, can_delete=True
)


@admin.register(Profile)
class ProfileAdmin(OfManagers):
    named = "Reviewers"
    list_display = ["name", "time_zone", "languages_said", "capacity", "tenants_said", "reached"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__first_name", "user__last_name"]
    ordering = ["user__first_name", "user__username"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # everybody in a role has one

    def get_urls(self) -> list[URLPattern]:
        return [
            self.route("<uuid:pk>/training/", self.certify, "certify"),
            self.route("<uuid:pk>/training/<uuid:competence>/end/", self.end, "end_training"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> Any:
        held = Membership.objects.open(now()).filter(role__in=managed(request))
        people = held.values("user")
        found = admin.ModelAdmin.get_queryset(self, request).filter(user__in=people)
        return found.prefetch_related("user__contact_points")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """List everybody in the roles; whoever has no profile yet gets an empty one."""
        held = Membership.objects.open(now()).filter(role__in=managed(request))
        people = User.objects.filter(pk__in=held.values("user"), profile=None)
        Profile.objects.bulk_create([Profile(user=user) for user in people], ignore_conflicts=True)
        return super().changelist_view(request, extra_context)

    @admin.display(description="Person", ordering="user__first_name")
    def name(self, row: Profile) -> str:
        return row.user.name

    @admin.display(description="Time zone")
    def time_zone(self, row: Profile) -> str:
        return row.user.time_zone

    @admin.display(description="Languages")
    def languages_said(self, row: Profile) -> str:
        return ", ".join(row.languages)

    @admin.display(description="Tenants")
    def tenants_said(self, row: Profile) -> str:
        return ", ".join(row.user.tenants) or "every tenant"

    @admin.display(description="Reached by")
    def reached(self, row: Profile) -> str:
        return reaching.reached_by(row.user.contact_points.all(), channels.offered())

    def edit_page(self, request: HttpRequest, pk: str) -> HttpResponse:
        profile = self.row(request, pk)
        data = request.POST if request.method == "POST" else None
        form = ProfileForm(data, instance=profile)
        if not request.user.is_superuser:
            del form.fields["tenants"]  # a limit that who runs the desk sets
        judged = data if judges(request, profile) else None
        conflicts = Conflicts(judged, instance=profile.user, prefix="conflicts")
        if data is not None and all([form.is_valid(), judged is None or _named(conflicts)]):
            with transaction.atomic():
                form.save()
                if judged is not None:
                    conflicts.save()
            messages.success(request, f"Saved what {profile.user} brings.")
            return redirect("admin:reviewers_profile_change", profile.pk)
        status = 200 if data is None else 422
        return self._page(request, profile, status, form=form, conflicts=conflicts)

    def _page(
        self, request: HttpRequest, profile: Profile, status: int = 200, **forms_: Any
    ) -> HttpResponse:
        user = profile.user
        given = {
            "form": ProfileForm(instance=profile),
            "conflicts": Conflicts(instance=user, prefix="conflicts"),
            "train": TrainingForm(),
        } | forms_
        if not request.user.is_superuser:
            given["form"].fields.pop("tenants", None)
        roles = Membership.objects.filter(user=user, role__in=managed(request))
        contacts, offered = list(user.contact_points.all()), channels.offered()
        return self.page(
            request, "admin/roster/person.html", status, title=user.name, person=user,
            profile=profile, at=now(), judges=judges(request, profile), in_hand=in_hand(user).count(),
            competences=user.competences.all(), contacts=contacts,
            reached=reaching.reached_by(contacts, offered), offered=offered,
            memberships=[(one, said(one)) for one in roles.select_related("role")], **given,
        )  # fmt: skip

    def judged(self, request: HttpRequest, pk: str) -> Profile:
        """Return the profile of somebody whose training this person may put on record."""
        profile: Profile = self.row(request, str(pk))
        if not judges(request, profile):
            raise PermissionDenied("Somebody else puts your own training on record.")
        return profile

    def certify(self, request: HttpRequest, pk: str) -> HttpResponse:
        profile = self.judged(request, pk)
        form = TrainingForm(request.POST or None)
        form.zone = profile.user.time_zone
        if not form.is_valid():
            return self._page(request, profile, 422, train=form)
        given = form.cleaned_data
        training.certify(
            profile.user, given["name"], since=given["since"], expires_at=given["expires_at"],
            by=request.user, at=now(),
        )  # fmt: skip
        messages.success(request, f"{profile.user} is trained in {given['name']}.")
        return redirect("admin:reviewers_profile_change", profile.pk)

    def end(self, request: HttpRequest, pk: str, competence: str) -> HttpResponse:
        profile = self.judged(request, pk)
        found = Competence.objects.filter(pk=competence, user=profile.user).first()
        if request.method == "POST" and found:
            training.end(found, by=request.user, at=now())
            messages.success(request, f"The training in {found.name} has ended.")
        return redirect("admin:reviewers_profile_change", profile.pk)

    def history(self, row: Profile) -> list[history.Entry]:
        mine = [
            *(entry for one in row.user.competences.all() for entry in _about(one, one.name)),
            *(entry for one in row.user.conflicts.all() for entry in _about(one, "conflict")),
        ]
        return sorted(mine, key=lambda entry: entry.at, reverse=True)


def judges(request: HttpRequest, profile: Profile) -> bool:
    """Nobody says of themselves what they are trained in, or where they have no conflict."""
    return bool(request.user.is_superuser or profile.pk != request.user.pk)


def _about(row: Any, what: str) -> list[history.Entry]:
    return [history.Entry(one.at, one.by, f"{what}, {one.what}", one.changed)
            for one in history.of(row)]  # fmt: skip


def _named(conflicts: Any) -> bool:
    """A conflict is with a tenant or with somebody agents act for."""
    if not conflicts.is_valid():
        return False
    for form in conflicts.forms:
        given = form.cleaned_data
        if (
            given
            and not given.get("DELETE")
            and form.has_changed()
            and not (given.get("tenant") or given.get("user_id_of_agent"))
        ):
            form.add_error("tenant", "Name a tenant, or the user that agents act for.")
    return all(not form.errors for form in conflicts.forms)
