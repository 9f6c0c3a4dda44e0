from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from escalation.enums import HandoffEnd, HandoffReason

CURRENT = Q(ended_at=None)


class Handoff(models.Model):
    """One stretch of time in which one role owes one case a decision."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("escalation.Case", models.PROTECT, related_name="handoffs")
    role = models.ForeignKey("escalation.Role", models.PROTECT, related_name="handoffs")
    user = models.ForeignKey(  # whose turn it is; None: the whole role's
        "escalation.User", models.PROTECT, null=True, related_name="handoffs", db_index=False
    )
    reason = models.CharField(max_length=16, choices=HandoffReason.choices)
    note = models.TextField(blank=True)  # why, in words: what the route or the reviewer said
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # as promised when it began; clocks have it as it is
    hours = models.ForeignKey(  # the working hours that its clocks count by; None: all hours count
        "escalation.HoursVersion", models.PROTECT, null=True, related_name="+", db_index=False
    )
    seen_at = models.DateTimeField(null=True)  # when somebody who may decide first opened the case
    seen_by = models.ForeignKey(
        "escalation.User", models.PROTECT, null=True, related_name="+", db_index=False
    )
    seen_digest = models.CharField(max_length=71, blank=True)  # of the package they saw
    claimed_at = models.DateTimeField(null=True)  # when ``user`` said that they work on it
    lease_until = models.DateTimeField(null=True)  # until when that holds, unless it is renewed
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=16, choices=HandoffEnd.choices, blank=True)

    class Meta:
        ordering = ["started_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=CURRENT, name="handoff_current"),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | (Q(ended_at__isnull=False) & ~Q(end="")),
                name="handoff_end_says_why",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="handoff_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(seen_at=None, seen_by=None, seen_digest="")
                | (Q(seen_at__isnull=False, seen_by__isnull=False) & ~Q(seen_digest="")),
                name="handoff_seen_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(claimed_at=None) | Q(user__isnull=False),
                name="handoff_claimed_by_its_user",
            ),
            models.CheckConstraint(
                condition=Q(lease_until=None) | Q(claimed_at__isnull=False),
                name="handoff_leased_when_claimed",
            ),
        ]
        indexes = [
            # when somebody last got a case
            models.Index(fields=["user", "-started_at"], name="handoff_of_user"),
            # what somebody has in hand, for their queue, for the next case and for leaving
            models.Index("user", condition=CURRENT, name="handoff_in_hand"),
            # what is nobody's, for the queue and for whoever takes the next case
            models.Index(
                fields=["role", "case"],
                condition=CURRENT & Q(user=None),
                name="handoff_nobodys",
            ),
            # every open queue asks what came since it was shown
            models.Index(
                fields=["role", "-started_at"], condition=CURRENT, name="handoff_current_in_role"
            ),
        ]

    @property
    def length(self) -> timedelta | None:
        """How long it lasted; None while it lasts."""
        return self.ended_at - self.started_at if self.ended_at else None
