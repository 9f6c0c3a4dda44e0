"""What every page of the roster desk has in common: whose it is, who did it, how it refuses."""

from collections.abc import Callable
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

import pghistory
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import capfirst

from escalation import access
from escalation.models import Role
from reviewers.admin import history

ZONES = sorted(available_timezones())


def managed(request: HttpRequest) -> QuerySet[Role]:
    """Return the roles whose rosters this person edits."""
    return access.managed_roles(request.user)


def manages_any(request: HttpRequest) -> bool:
    if not hasattr(request, "_manages_any"):
        request._manages_any = request.user.is_staff and managed(request).exists()  # type: ignore[attr-defined]
    return bool(request._manages_any)  # type: ignore[attr-defined]


def zone_of(request: HttpRequest, role: Role) -> str:
    """Return the zone to show times in: the role's, or the reader's own with ``?zone=mine``."""
    return request.user.time_zone if request.GET.get("zone") == "mine" else role.time_zone


class OfManagers(admin.ModelAdmin):  # type: ignore[type-arg]
    """Pages for the roles that a person manages; others' are not found. Nothing is deleted."""

    role_path = ""  # from a row to its role, as in a filter; empty: the row is a role
    history_template = "admin/history.html"
    named = ""  # what the list is called; empty: as the rows are

    def has_module_permission(self, request: HttpRequest) -> bool:
        return manages_any(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return manages_any(request)

    has_add_permission = has_module_permission
    has_change_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # layers are retired, overrides and absences withdrawn, memberships ended

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(**{f"{self.role_path}__in": managed(request)})

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def row(self, request: HttpRequest, pk: str) -> Any:
        """Return a row of a role that this person manages, or 404."""
        found = self.get_object(request, pk)
        if found is None:
            raise Http404
        return found

    def role(self, request: HttpRequest, roster_id: str | None) -> Any:
        """Return the roster named in the address, if it is this person's to edit, or 404."""
        with_roster = managed(request).filter(roster__isnull=False).select_related("roster")
        role = with_roster.filter(roster__pk=_uuid(roster_id)).first()
        if role is None:
            raise Http404
        return role

    def page(
        self, request: HttpRequest, template: str, status: int = 200, **context: Any
    ) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts} | context
        return TemplateResponse(request, template, context, status=status)

    def route(self, pattern: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        """Return an address of our own under the admin, for managers only."""

        def guarded(request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
            if not manages_any(request):
                raise PermissionDenied
            with on_record(request):
                return view(request, *args, **given)

        full = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return path(pattern, self.admin_site.admin_view(guarded), name=full)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        with on_record(request):
            return self.new_page(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        with on_record(request):
            return self.edit_page(request, object_id)

    def new_page(self, request: HttpRequest) -> HttpResponse:
        return self.changeform_view(request)

    def edit_page(self, request: HttpRequest, pk: str) -> HttpResponse:
        return self.changeform_view(request, pk)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        named = {"named": self.named or capfirst(str(self.opts.verbose_name_plural))}
        return super().changelist_view(request, named | (extra_context or {}))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Answer a refused form with 422."""
        one_button = {"show_save_and_add_another": False, "show_save_and_continue": False}
        response = super().changeform_view(
            request, object_id, form_url, one_button | (extra_context or {})
        )
        if request.method == "POST" and response.status_code == 200:
            response.status_code = 422
        return response

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        row = self.row(request, object_id)
        entries = self.history(row)
        return self.page(request, self.history_template, original=row, entries=entries,
                         title=f"History of {row}", **self.history_extra(request, row))  # fmt: skip

    def history(self, row: Any) -> list[history.Entry]:
        return history.of(row)

    def history_extra(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {}


def on_record(request: HttpRequest) -> Any:
    """Tell the history of every row that is written meanwhile who wrote it, and where."""
    return pghistory.context(user=str(request.user.pk), url=request.path)


def _uuid(text: str | None) -> str | None:
    try:
        return str(UUID(str(text)))
    except ValueError:
        return None
