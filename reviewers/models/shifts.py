"""Who is on call when, written out: the one thing that every answer is read from."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Deferrable, Func
from uuid_utils.compat import uuid7


class Lower(Func):
    function = "LOWER"
    output_field = models.DateTimeField()


class ShiftQuerySet(models.QuerySet["Shift"]):
    def at(self, at: datetime) -> ShiftQuerySet:
        return self.filter(during__contains=at).order_by("position", "slot")

    def within(self, since: datetime, until: datetime) -> ShiftQuerySet:
        return self.filter(during__overlap=(since, until))


class Shift(models.Model):
    """One reviewer's stretch on call. Written by ``shifts.materialise`` alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    role = models.ForeignKey(
        "escalation.Role", models.PROTECT, related_name="shifts", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    slot = models.PositiveSmallIntegerField()  # of several people who hold a position together
    user = models.ForeignKey(
        "escalation.User", models.PROTECT, related_name="shifts", db_index=False
    )
    during = DateTimeRangeField(default_bounds="[)")
    layer = models.ForeignKey(
        "reviewers.Layer", models.PROTECT, null=True, related_name="shifts", db_index=False
    )
    override = models.ForeignKey(
        "reviewers.Override", models.PROTECT, null=True, related_name="shifts", db_index=False
    )

    objects = ShiftQuerySet.as_manager()

    class Meta:
        constraints = [
            # also the index that "who is on now" is answered from
            ExclusionConstraint(
                name="shift_no_overlap",
                expressions=[
                    ("role", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                    ("position", RangeOperators.EQUAL),
                    ("slot", RangeOperators.EQUAL),
                ],
                deferrable=Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=models.Q(
                    during__isempty=False, during__lower_inf=False, during__upper_inf=False
                ),
                name="shift_has_both_ends",
            ),
        ]
        indexes = [
            models.Index("user", Lower("during"), name="shift_of_user"),
            models.Index("role", Lower("during"), name="shift_next_of_role"),
        ]

    @property
    def since(self) -> datetime:
        lower: datetime = self.during.lower
        return lower

    @property
    def until(self) -> datetime:
        upper: datetime = self.during.upper
        return upper

    @property
    def is_forecast(self) -> bool:
        """Whether it was computed and is not written: beyond the horizon anything may yet change."""
        return self._state.adding

    def __str__(self) -> str:
        return f"{self.user} for {self.role}"
