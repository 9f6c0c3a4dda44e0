from django.contrib import admin
from django.http import HttpRequest

from escalation.models import Role

admin.site.site_header = admin.site.site_title = "Recourse"
admin.site.index_title = "People, roles and routes"


@admin.register(Role)
class RoleAdmin(admin.ModelAdmin[Role]):
    list_display = ["slug", "name", "higher_role"]
    search_fields = ["slug", "name"]

    def has_delete_permission(self, request: HttpRequest, obj: Role | None = None) -> bool:
        return False
