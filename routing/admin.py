from django.contrib import admin
from django.http import HttpRequest

from routing.models import Route


@admin.register(Route)
class RouteAdmin(admin.ModelAdmin[Route]):
    list_display = ["name", "role", "is_default"]
    fields = ["name", "role"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # there is one, the default; more come with rules

    def has_delete_permission(self, request: HttpRequest, obj: Route | None = None) -> bool:
        return False
