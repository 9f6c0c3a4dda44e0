"""What a person is told; shown in My work until they have seen it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from reviewers.enums import NoticeKind


class Notice(models.Model):
    """One sentence for one person. ``about`` makes saying it twice impossible."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("escalation.User", models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=16, choices=NoticeKind.choices)
    about = models.CharField(max_length=255)  # what it is about, such as competence:<id>
    text = models.TextField()
    path = models.CharField(max_length=255, blank=True)  # where to look, on this desk
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "about"], name="notice_once"),
        ]
        indexes = [
            models.Index(
                fields=["user", "-made_at"], condition=Q(seen_at=None), name="notice_unseen"
            )
        ]

    def __str__(self) -> str:
        return self.text
