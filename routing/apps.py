from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def make_default_route(**_: Any) -> None:
    """An empty desk already owns every case: nobody has to set a route up first."""
    from escalation.models import Role  # noqa: PLC0415 -- models load after app configs
    from routing.models import Route  # noqa: PLC0415

    if not Route.objects.filter(is_default=True).exists():
        role, _created = Role.objects.get_or_create(
            slug="operations",
            defaults={
                "name": "Operations",
                "description": "Decides whatever no other role owns.",
            },
        )
        Route.objects.create(name="The default route", role=role, is_default=True)


class RoutingConfig(AppConfig):
    name = "routing"

    def ready(self) -> None:
        post_migrate.connect(make_default_route, sender=self)
