"""A role's roster: positions filled by layers, each a rule for whose turn it is.

What stands in ``Layer``, ``Turn`` and ``DutyWindow`` is what a manager edits. Who is on call comes
from ``LayerVersion`` alone, which is frozen each time a layer is published (``reviewers.rosters``).
"""

from __future__ import annotations

from typing import Any

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from escalation.enums import Weekday
from escalation.fields import DAY, ClockField, clock
from escalation.models.principals import known_time_zone
from reviewers.enums import Advance, Kind, Unit


@pghistory.track()
class Roster(models.Model):
    """How one role is staffed, and how far ahead its shifts are planned."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    role = models.OneToOneField("escalation.Role", models.PROTECT, related_name="roster")
    swaps_need_approval = models.BooleanField(
        default=False, help_text="A swap between colleagues waits for a manager."
    )
    most_hours_a_week = models.PositiveSmallIntegerField(
        default=48, help_text="More on call than this in a week is a warning."
    )
    least_rest_hours = models.PositiveSmallIntegerField(
        default=11, help_text="Less than this between two shifts is a warning."
    )
    planned_until = models.DateTimeField(null=True, editable=False)  # None: never planned
    planned_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["role__slug"]

    def __str__(self) -> str:
        return f"Roster of {self.role}"


class LayerQuerySet(models.QuerySet["Layer"]):
    def in_use(self) -> LayerQuerySet:
        return self.filter(retired_at=None)


@pghistory.track()
class Layer(models.Model):
    """One rule for who holds one position of a roster. Wall-clock times are in its own zone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    roster = models.ForeignKey(Roster, models.PROTECT, related_name="layers")
    name = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text="1 is primary, 2 secondary, and so on.",
    )
    priority = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(99)],
        help_text="The highest that has somebody wins; one with nobody left yields to the next.",
    )
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.HANDOFF)
    time_zone = models.CharField(
        max_length=64, validators=[known_time_zone], help_text="Whose wall clock the times are on."
    )
    first_on = models.DateField("first day", help_text="Nobody is on by this layer before it.")
    first_time = ClockField("starts at", default=9 * 60)
    every = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(999)]
    )
    unit = models.CharField(max_length=8, choices=Unit.choices, default=Unit.WEEKS)
    length_minutes = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31 * DAY)]
    )
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday.choices), default=list, blank=True
    )
    month_days = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    advance = models.CharField(
        max_length=16,
        choices=Advance.choices,
        default=Advance.OCCURRENCE,
        help_text="When the turn goes to the next group.",
    )
    effective_from = models.DateTimeField(null=True, blank=True)
    effective_until = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, editable=False)

    objects = LayerQuerySet.as_manager()

    class Meta:
        ordering = ["position", "-priority", "name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=Kind.HANDOFF, length_minutes=None)
                | (Q(kind=Kind.SHIFTS, length_minutes__gte=1) & ~Q(unit=Unit.HOURS)),
                name="layer_shifts_have_a_length",
            ),
            models.CheckConstraint(
                condition=Q(every__gte=1, position__gte=1, first_time__lt=DAY),
                name="layer_within_bounds",
            ),
            models.CheckConstraint(
                condition=Q(effective_from=None)
                | Q(effective_until=None)
                | Q(effective_until__gt=F("effective_from")),
                name="layer_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Turn(models.Model):
    """One turn of a layer: the person, or the people, who are on together."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    layer = models.ForeignKey(Layer, models.CASCADE, related_name="turns")
    order = models.PositiveSmallIntegerField(default=1)
    members = models.ManyToManyField("escalation.User", related_name="turns")

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return f"Turn {self.order} of {self.layer}"


class DutyWindow(models.Model):
    """When a layer is on duty; a layer with none always is. It belongs to the day it opens on."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    layer = models.ForeignKey(Layer, models.CASCADE, related_name="windows")
    weekdays = ArrayField(models.PositiveSmallIntegerField(choices=Weekday.choices))
    opens = ClockField()
    closes = ClockField(help_text="No later than it opens: on the next day.")

    class Meta:
        ordering = ["opens", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(opens__lt=DAY, closes__gte=1, closes__lte=DAY) & ~Q(weekdays=[]),
                name="duty_window_within_days",
            )
        ]

    def __str__(self) -> str:
        return f"{clock(self.opens)}-{clock(self.closes)}"


class LayerVersion(models.Model):
    """A layer as it was published: what the resolver reads, in force during a span.

    ``facts`` holds the wall-clock rule with its people (see ``facts.rule``) and, for undo, is all
    that the layer is made of. ``offset`` keeps the turn in progress with who has it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    layer = models.ForeignKey(Layer, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    facts: models.JSONField[Any, Any] = models.JSONField()
    offset = models.PositiveIntegerField(default=0)
    in_force = DateTimeRangeField()  # [published, the next version's start)
    made_by = models.CharField(max_length=64)  # an actor, as the ledger writes it
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["layer", "number"]
        constraints = [
            models.UniqueConstraint(fields=["layer", "number"], name="layer_version_once"),
            ExclusionConstraint(
                name="layer_version_one_in_force",
                expressions=[
                    ("layer", RangeOperators.EQUAL),
                    ("in_force", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.layer}, version {self.number}"
