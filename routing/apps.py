from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_migrate


@transaction.atomic
def make_first_policy(**_: Any) -> None:
    """An empty desk already owns every case, and has a deadline for it: nobody has to set it up first."""
    from django.utils.timezone import now  # noqa: PLC0415 -- models load after app configs

    from escalation.models import Role  # noqa: PLC0415
    from routing.enums import VersionStatus  # noqa: PLC0415
    from routing.models import PolicyVersion, Route, SlaPolicy  # noqa: PLC0415
    from routing.standard import STANDARD  # noqa: PLC0415

    if PolicyVersion.objects.exists():
        return
    role, _created = Role.objects.get_or_create(
        slug="operations",
        defaults={"name": "Operations", "description": "Decides whatever no other role owns."},
    )
    version = PolicyVersion.objects.create(drafted_at=now(), note="What an empty desk begins with.")
    sla = SlaPolicy.objects.create(
        version=version, slug=STANDARD["slug"], name=STANDARD["name"], facts=STANDARD
    )
    Route.objects.create(
        version=version, position=1, name="The default route", role=role, sla=sla, is_default=True
    )
    version.number, version.published_at = 1, now()
    version.status = VersionStatus.PUBLISHED
    version.save(update_fields=["number", "published_at", "status"])


class RoutingConfig(AppConfig):
    name = "routing"

    def ready(self) -> None:
        post_migrate.connect(make_first_policy, sender=self)
