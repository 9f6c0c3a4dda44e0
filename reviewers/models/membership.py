"""Since when, and until when, a person holds a role."""

from __future__ import annotations

from datetime import datetime

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from uuid_utils.compat import uuid7


class Span(Func):
    """The half-open range between two instants; an end of NULL is open."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, at: datetime) -> MembershipQuerySet:
        return self.filter(Q(left_at=None) | Q(left_at__gt=at), joined_at__lte=at)

    def open(self, at: datetime) -> MembershipQuerySet:
        """Filter those that have not ended yet, the planned ones among them."""
        return self.filter(Q(left_at=None) | Q(left_at__gt=at))


@pghistory.track()
class Membership(models.Model):
    """One stretch of time in which one person holds one role. Both ends may lie ahead."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    role = models.ForeignKey("escalation.Role", models.PROTECT, related_name="memberships")
    user = models.ForeignKey("escalation.User", models.PROTECT, related_name="memberships")
    joined_at = models.DateTimeField("from")
    left_at = models.DateTimeField("until", null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["role__slug", "joined_at"]
        constraints = [
            ExclusionConstraint(
                name="member_once",
                expressions=[
                    ("role", RangeOperators.EQUAL),
                    ("user", RangeOperators.EQUAL),
                    (Span("joined_at", "left_at"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="This person already holds the role in part of that time.",
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("joined_at")),
                name="member_leaves_after_joining",
                violation_error_message="They cannot leave before they join.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.role}"
