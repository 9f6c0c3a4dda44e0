"""What a person is told, on this desk until they have seen it, and what came of telling them outside."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from escalation.enums import Stakes
from reviewers.enums import ContactKind, NoticeKind, NoticeStatus, SendingStatus


class Notice(models.Model):
    """One sentence for one person. ``about`` makes saying it twice impossible.

    A waiting one has an effect of kind ``notice``; the collected ones of a person share one of kind
    ``digest``. ``urgent`` and ``question`` are what policy said when it was made.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("escalation.User", models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=16, choices=NoticeKind.choices)
    case = models.ForeignKey(
        "escalation.Case", models.PROTECT, null=True, blank=True, related_name="notices"
    )
    stakes = models.CharField(max_length=16, choices=Stakes.choices, blank=True)
    urgent = models.BooleanField(default=False)  # breaks through quiet hours
    about = models.CharField(max_length=255)  # what it is about, such as competence:<id>
    text = models.TextField()
    question = models.CharField(max_length=200, blank=True)  # in one line, where policy lets it out
    path = models.CharField(max_length=255, blank=True)  # where to look, on this desk
    made_at = models.DateTimeField()
    status = models.CharField(
        max_length=16, choices=NoticeStatus.choices, default=NoticeStatus.DESK
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)  # by its one-time link

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "about"], name="notice_once"),
        ]
        indexes = [
            models.Index(
                fields=["user", "-made_at"], condition=Q(seen_at=None), name="notice_unseen"
            ),
            models.Index(
                fields=["user"],
                condition=Q(status=NoticeStatus.COLLECTED),
                name="notice_collected",
            ),
            models.Index(
                fields=["-made_at"], condition=Q(status=NoticeStatus.FAILED), name="notice_failed"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Sending(models.Model):
    """What came of sending one notice one way. The way may be removed later; the row stays."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="sendings", db_index=False)
    contact = models.ForeignKey(
        "reviewers.ContactPoint", models.SET_NULL, null=True, related_name="sendings"
    )
    kind = models.CharField(max_length=16, choices=ContactKind.choices)
    status = models.CharField(
        max_length=16, choices=SendingStatus.choices, default=SendingStatus.TRYING
    )
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    tried_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["tried_at", "id"]
        constraints = [models.UniqueConstraint(fields=["notice", "contact"], name="sending_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_status_display()}"
