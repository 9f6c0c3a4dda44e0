"""Secret addresses under which a calendar program reads shifts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7


class Feed(models.Model):
    """One secret address, for a person's own shifts or for a role's. Only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey("escalation.User", models.CASCADE, related_name="feeds")
    role = models.ForeignKey(  # None: the owner's own shifts, in every role
        "escalation.Role", models.CASCADE, null=True, blank=True, related_name="feeds"
    )
    digest = models.BinaryField(max_length=32, unique=True)  # SHA-256 of the secret
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)  # to the hour, so that reads do not write
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "role"],
                condition=Q(revoked_at=None),
                nulls_distinct=False,
                name="feed_one_for_each",
            )
        ]
