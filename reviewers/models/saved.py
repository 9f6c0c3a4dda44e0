"""What a person keeps for themselves of the queue."""

from __future__ import annotations

from django.db import models
from uuid_utils.compat import uuid7


class SavedView(models.Model):
    """A view of the queue under a name of one's own: its address is all that is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        "escalation.User", models.CASCADE, related_name="saved_views", db_index=False
    )
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=1_000, blank=True)  # what follows ``/queue/?``
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["saved_at"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name
