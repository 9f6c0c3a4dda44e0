from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.http import HttpRequest

from escalation.models import Role, User

admin.site.site_header = admin.site.site_title = "Recourse"
admin.site.index_title = "People, roles and routes"


@admin.register(User)
class UserAdmin(BaseUserAdmin[User]):
    list_display = ["username", "name", "email", "is_active", "is_staff"]
    fieldsets = (*(BaseUserAdmin.fieldsets or ()), ("Reading", {"fields": ["time_zone"]}))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # somebody who leaves is made inactive; what they did stays theirs


@admin.register(Role)
class RoleAdmin(admin.ModelAdmin[Role]):
    list_display = ["slug", "name", "higher_role"]
    search_fields = ["slug", "name"]

    def has_delete_permission(self, request: HttpRequest, obj: Role | None = None) -> bool:
        return False
