"""What overrules a layer for a while: overrides of a role, absences of a person, swaps."""

from __future__ import annotations

from datetime import datetime

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from reviewers.enums import AbsenceKind, OverrideKind, SwapStatus

HALF_OPEN = RangeBoundary(inclusive_lower=True, inclusive_upper=False)
STANDS = Q(withdrawn_at=None)
BOUNDED = Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False)


class StandingQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def standing(self) -> StandingQuerySet:
        return self.filter(STANDS)

    def within(self, since: datetime, until: datetime) -> StandingQuerySet:
        return self.filter(STANDS, during__overlap=(since, until))


@pghistory.track()
class Override(models.Model):
    """Somebody standing in for a while. Made once; taken back by ``withdrawn_at``, never edited."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    roster = models.ForeignKey("reviewers.Roster", models.PROTECT, related_name="overrides")
    kind = models.CharField(max_length=16, choices=OverrideKind.choices)
    position = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="1 is primary; empty: whichever they hold."
    )
    during = DateTimeRangeField(default_bounds="[)")
    out_user = models.ForeignKey(
        "escalation.User", models.PROTECT, null=True, blank=True, related_name="overridden"
    )
    in_user = models.ForeignKey(
        "escalation.User", models.PROTECT, null=True, blank=True, related_name="standing_in"
    )
    reason = models.CharField(max_length=255)
    made_by = models.ForeignKey("escalation.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["during"]
        constraints = [
            models.CheckConstraint(condition=BOUNDED, name="override_has_both_ends"),
            models.CheckConstraint(
                condition=Q(kind__in=["add", "cover"], out_user=None, in_user__isnull=False)
                | Q(kind="remove", out_user__isnull=False, in_user=None)
                | (
                    Q(kind="replace", out_user__isnull=False, in_user__isnull=False)
                    & ~Q(out_user=F("in_user"))
                ),
                name="override_names_who_it_needs",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_a_reason"),
            ExclusionConstraint(
                name="override_one_for_who_is_out",
                expressions=[
                    ("roster", RangeOperators.EQUAL),
                    ("out_user", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=STANDS,
            ),
            ExclusionConstraint(
                name="override_one_for_who_is_in",
                expressions=[
                    ("roster", RangeOperators.EQUAL),
                    ("in_user", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=STANDS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.roster})"


@pghistory.track()
class Absence(models.Model):
    """A person is away, in every role at once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("escalation.User", models.PROTECT, related_name="absences")
    kind = models.CharField(max_length=16, choices=AbsenceKind.choices, default=AbsenceKind.LEAVE)
    during = DateTimeRangeField(default_bounds="[)")
    note = models.CharField(max_length=255, blank=True)  # for the person and their managers only
    made_by = models.ForeignKey("escalation.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["during"]
        constraints = [
            models.CheckConstraint(condition=BOUNDED, name="absence_has_both_ends"),
            ExclusionConstraint(
                name="absence_once",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=STANDS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} away"


class ImportedEvent(models.Model):
    """What an absence or override was brought in from, so that the next import knows it again.

    ``calendar`` and ``uid`` are digests of what the file calls them. ``since`` and ``until`` are as
    the file had them, which an override that had begun, or an absence that was partly taken, does
    not keep. Of such an absence several parts may have come from one event.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    absence = models.OneToOneField(
        Absence, models.CASCADE, null=True, related_name="imported_event"
    )
    override = models.OneToOneField(
        Override, models.CASCADE, null=True, related_name="imported_event"
    )
    calendar = models.CharField(max_length=64)
    uid = models.CharField(max_length=64)
    turn = models.CharField(max_length=16, blank=True)  # of a series: its day, or its instant
    sequence = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(absence__isnull=False, override=None)
                | Q(absence=None, override__isnull=False),
                name="imported_event_became_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uid[:8]} {self.turn}".rstrip()


class Swap(models.Model):
    """A person asks a colleague to take a shift of theirs. Done, it is an override."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    roster = models.ForeignKey("reviewers.Roster", models.PROTECT, related_name="swaps")
    during = DateTimeRangeField(default_bounds="[)")
    asked_by = models.ForeignKey("escalation.User", models.PROTECT, related_name="swaps_asked")
    colleague = models.ForeignKey("escalation.User", models.PROTECT, related_name="swaps_offered")
    reason = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=16, choices=SwapStatus.choices, default=SwapStatus.ASKED)
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    override = models.OneToOneField(Override, models.PROTECT, null=True, related_name="swap")

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(condition=BOUNDED, name="swap_has_both_ends"),
            models.CheckConstraint(
                condition=~Q(asked_by=F("colleague")), name="swap_is_between_two"
            ),
            models.CheckConstraint(
                condition=Q(status=SwapStatus.DONE, override__isnull=False)
                | (~Q(status=SwapStatus.DONE) & Q(override=None)),
                name="swap_done_is_an_override",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_by} asks {self.colleague}"
