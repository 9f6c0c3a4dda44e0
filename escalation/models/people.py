"""What a person brings to a decision: training that lapses, and conflicts of interest."""

from __future__ import annotations

from datetime import datetime

import pghistory
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7


class CompetenceQuerySet(models.QuerySet["Competence"]):
    def valid(self, at: datetime) -> CompetenceQuerySet:
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=at), since__lte=at)


@pghistory.track()
class Competence(models.Model):
    """Something a person is trained in, from when and until when."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("escalation.User", models.PROTECT, related_name="competences")
    name = models.CharField(max_length=64)
    since = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True, help_text="None: it does not lapse.")

    objects = CompetenceQuerySet.as_manager()

    class Meta:
        ordering = ["name", "since"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at=None) | Q(expires_at__gt=F("since")),
                name="competence_lapses_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"


@pghistory.track()
class Conflict(models.Model):
    """A tenant, or a user agents act for, about whom a person must not decide."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("escalation.User", models.PROTECT, related_name="conflicts")
    tenant = models.CharField(max_length=255, blank=True)
    user_id_of_agent = models.CharField(
        "user the agent acts for",
        max_length=255,
        blank=True,
        help_text="As the agent names them, such as cus_19.",
    )
    reason = models.CharField(max_length=255)

    class Meta:
        ordering = ["tenant", "user_id_of_agent"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(tenant="", user_id_of_agent=""), name="conflict_names_somebody"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} and {self.tenant or self.user_id_of_agent}"
