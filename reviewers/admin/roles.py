"""A role: what it owns and may decide, when it works, and who manages, supervises and audits it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.http import HttpRequest
from django.utils.timezone import now

from escalation import access
from escalation.models import Limit, Role, User
from escalation.money.currencies import LONGEST_CODE, plain
from reviewers import roles
from reviewers.admin import history
from reviewers.admin.desk import OfManagers, managed

RIGHTS = {
    "managers": (access.MANAGE, "They edit this role and its roster."),
    "supervisors": (access.SUPERVISE, "They see what its people have in hand."),
    "overturners": (access.OVERTURN, "They overturn what its people decided, with a reason."),
    "auditors": (access.AUDIT_ROLE, "They read and export its record, and decide nothing."),
}


class LimitForm(forms.ModelForm):  # type: ignore[type-arg]
    currency = forms.CharField(max_length=LONGEST_CODE, help_text="Its code, such as USD or BTC.")

    class Meta:
        model = Limit
        fields = ["currency", "amount"]

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        if amount := self.initial.get("amount"):
            self.initial["amount"] = plain(amount, self.instance.currency)


class LimitInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Limit
    form = LimitForm
    extra = 2
    template = "admin/roster/limits.html"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    has_change_permission = has_view_permission = has_delete_permission = has_add_permission


class RoleForm(forms.ModelForm):  # type: ignore[type-arg]
    managers = supervisors = overturners = auditors = None

    class Meta:
        model = Role
        fields = "__all__"
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        for name, (right, says) in RIGHTS.items():
            if name in self.fields:
                self.fields[name].help_text = says
                if not self.instance._state.adding:
                    self.initial[name] = access.holders(right, self.instance)


def _people(label: str) -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        User.objects.filter(is_active=True).order_by("username"),
        label=label, required=False, widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip


class RoleFormOfAdmins(RoleForm):
    managers = _people("Managed by")
    supervisors = _people("Supervised by")
    overturners = _people("Overturned by")
    auditors = _people("Audited by")


@admin.register(Role)
class RoleAdmin(OfManagers):
    list_display = ["slug", "name", "calendar", "backup_role", "higher_role", "least_on_shift"]
    list_select_related = ["calendar", "backup_role", "higher_role"]
    search_fields = ["slug", "name"]
    inlines = [LimitInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser or request.user.has_perm("escalation.add_role")

    def get_queryset(self, request: HttpRequest) -> Any:
        return admin.ModelAdmin.get_queryset(self, request).filter(pk__in=managed(request))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sets = [
            (None, {"fields": ["name", "slug", "description", "guidance"]}),
            ("When it works", {"fields": ["time_zone", "calendar", "least_on_shift"]}),
            ("Who else", {"fields": ["backup_role", "higher_role"]}),
            ("What it may decide", {"fields": ["categories", "competences", "requires_mfa"]}),
        ]
        if request.user.is_superuser:
            sets.append(("Who may", {"fields": list(RIGHTS)}))
        return sets

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kw: Any
    ) -> Any:
        self.form = RoleFormOfAdmins if request.user.is_superuser else RoleForm
        return super().get_form(request, obj, change, **kw)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **given: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **given)
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget  # roles and calendars have pages of their own
        if isinstance(field, forms.ModelChoiceField):
            field.empty_label = "none"
        return field

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["slug"] if obj else []  # agents and routes name it

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Give and take rights, and plan with what changed."""
        super().save_related(request, form, formsets, change)
        role, at = form.instance, now()
        for name, (right, _) in RIGHTS.items():
            if name in form.cleaned_data:
                holders = set(form.cleaned_data[name])
                roles.set_holders(right, role, holders, by=request.user, at=at)
        if not change and not request.user.is_superuser:  # whoever adds a role manages it
            roles.set_holders(access.MANAGE, role, [request.user], by=request.user, at=at)
        roles.record_change(role, by=request.user, at=at)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        messages.info(request, "Next: add people to the role, then a layer to its roster.")
        return super().response_add(request, obj, post_url_continue)

    def history(self, row: Role) -> list[history.Entry]:
        limits = [
            history.Entry(one.at, one.by, f"limit in {limit.currency}, {one.what}", one.changed)
            for limit in row.limits.all()
            for one in history.of(limit)
        ]
        return sorted([*history.of(row), *limits], key=lambda one: one.at, reverse=True)
