"""By when: the clocks of a case, what stops them for a while, and the hours that they count by."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from escalation.enums import Asked, PauseReason, Stakes, Target


class HoursVersion(models.Model):
    """Working hours as they were when a clock began to count by them; editing a calendar makes another.

    ``facts`` are what ``hours.Hours`` is made of; the key names them by their content.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    facts = models.JSONField()


class Terms(models.Model):
    """What an SLA policy lets be done with its cases: the policy's own key, and never changed."""

    id = models.UUIDField(primary_key=True)
    policy = models.CharField(max_length=200)  # its name and version: "Standard, version 7"
    pauses = ArrayField(models.CharField(max_length=32, choices=PauseReason.choices), default=list)
    longest_pause = models.PositiveIntegerField(null=True)  # seconds of any time; None: no pauses
    through_quiet_hours = ArrayField(
        models.CharField(max_length=16, choices=Stakes.choices), default=list
    )
    shows_question = models.BooleanField(default=False)  # in messages that leave the desk
    decide_in_chat = models.BooleanField(default=False)  # at low stakes
    review = models.JSONField(default=dict)  # by stakes, how a case is reviewed: see ``protocol``
    reasons = models.JSONField(default=list)  # what may be chosen from: [{"key", "label"}]

    def __str__(self) -> str:
        return self.policy


class Clock(models.Model):
    """One target of one case: so many seconds, counted by the hours of the case's handoffs.

    ``due_at`` and ``warnings`` are worked out from facts each time one changes, never moved by a
    difference. A clock that is neither stopped nor breached runs, or is paused (``due_at`` None).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(
        "escalation.Case", models.PROTECT, related_name="clocks", db_index=False
    )
    target = models.CharField(max_length=16, choices=Target.choices)
    step = models.SmallIntegerField(default=-1)  # of the chain whose wait this is; -1: of no step
    seconds = models.PositiveIntegerField()
    in_working_time = models.BooleanField()  # of the role; else every hour counts
    percents = ArrayField(models.PositiveSmallIntegerField(), default=list)  # to warn at
    warned = models.PositiveSmallIntegerField(default=0)  # how many of them have been
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # None while paused, or when no open hour ever comes
    stopped_at = models.DateTimeField(null=True)  # met, or no longer asked for
    breached_at = models.DateTimeField(null=True)  # the instant it was due, not when that was seen

    class Meta:
        ordering = ["started_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "target", "step"], name="clock_once"),
            models.CheckConstraint(
                condition=Q(target=Target.FALLBACK, step__gte=0)
                | (~Q(target=Target.FALLBACK) & Q(step=-1)),
                name="clock_of_a_step_or_a_target",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | Q(stopped_at__gte=F("started_at")),
                name="clock_stops_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_target_display()} of {self.case_id}"


class Pause(models.Model):
    """A stretch in which a case waits for a listed reason, and its clocks with it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("escalation.Case", models.PROTECT, related_name="pauses")
    reason = models.CharField(max_length=32, choices=PauseReason.choices)
    note = models.TextField(blank=True)  # what was asked, or why it is held
    of = models.CharField(max_length=16, choices=Asked.choices, blank=True)  # who was asked
    began_at = models.DateTimeField()
    began_by = models.ForeignKey("escalation.User", models.PROTECT, null=True)  # None: a fallback
    until = models.DateTimeField(null=True)  # when it ends by itself; None: when somebody ends it
    stops_clocks = models.BooleanField()  # whether the policy lets this reason stop them
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["began_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None), name="pause_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")),
                name="pause_ends_after_it_begins",
            ),
        ]
