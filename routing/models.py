"""Which role owns which decisions."""

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7


class Route(models.Model):
    """The way from a case to a role. Today there is one: the default, for whatever names no role."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    role = models.ForeignKey("escalation.Role", models.PROTECT, related_name="routes")
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="route_one_default"
            )
        ]

    def __str__(self) -> str:
        return self.name
