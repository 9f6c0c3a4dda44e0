from django.contrib import admin
from django.http import HttpRequest
from django_rq.models import Dashboard

from routing.models import Route

# Its pages let everybody on the staff read, empty and re-run the queues. What is due is a row in
# PostgreSQL; ``doctor`` and ``/readyz`` say how the workers are.
admin.site.unregister(Dashboard)


@admin.register(Route)
class RouteAdmin(admin.ModelAdmin[Route]):
    list_display = ["name", "role", "is_default"]
    fields = ["name", "role"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # there is one, the default; more come with rules

    def has_delete_permission(self, request: HttpRequest, obj: Route | None = None) -> bool:
        return False
