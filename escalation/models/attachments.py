from __future__ import annotations

from django.db import models
from django.db.models import Q


class Content(models.Model):
    """The bytes of a document, by their SHA-256: kept once, however many cases they came with.

    What they are called, and which case they belong to, stands in the evidence of that case.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="content_is_not_empty"),
        ]


class ContentPart(models.Model):
    """A stretch of a document's bytes, so that none need be in memory as a whole."""

    content = models.ForeignKey(Content, models.PROTECT, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["content", "number"], name="content_part_once")
        ]
