"""What people do with a case on the way to its decision: read, draft, comment, ask each other."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from escalation.enums import CommentKind, IncidentKind


class Viewing(models.Model):
    """How long a person had a case in view, and when last: only while the page was visible.

    It is also who is looking now. Never part of the record by itself; a decision keeps the sum.
    """

    case = models.ForeignKey(
        "escalation.Case", models.CASCADE, related_name="viewings", db_index=False
    )
    user = models.ForeignKey("escalation.User", models.CASCADE, related_name="+")
    seconds = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField()
    beat_at = models.DateTimeField()  # when the page last said that it is in view

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "user"], name="viewing_once_a_person")
        ]


class Opening(models.Model):
    """That a person opened one step of the evidence; the first time is on the ledger as well."""

    case = models.ForeignKey(
        "escalation.Case", models.PROTECT, related_name="openings", db_index=False
    )
    user = models.ForeignKey("escalation.User", models.PROTECT, related_name="+", db_index=False)
    evidence = models.ForeignKey(
        "escalation.Evidence", models.PROTECT, related_name="+", db_index=False
    )
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "user", "evidence"], name="opening_once_a_person"
            )
        ]


class Draft(models.Model):
    """An answer that somebody has begun and not signed: the fields of its form, as typed."""

    case = models.ForeignKey(
        "escalation.Case", models.CASCADE, related_name="drafts", db_index=False
    )
    user = models.ForeignKey("escalation.User", models.CASCADE, related_name="drafts")
    fields = models.JSONField()  # name: [values]
    digest = models.CharField(max_length=71)  # of the package that was on screen
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-saved_at"]
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="draft_once_a_person")]


class Comment(models.Model):
    """What one person says to the others of a case: a comment, or an opinion that was asked for.

    Whoever has yet to answer a case blind sees no opinion, and no comment of who has answered
    (``comments.shown_to``).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("escalation.Case", models.PROTECT, related_name="comments")
    kind = models.CharField(max_length=16, choices=CommentKind.choices)
    text = models.TextField()
    option = models.ForeignKey("escalation.Option", models.PROTECT, null=True)  # of an opinion
    mentions = ArrayField(models.UUIDField(), default=list)  # whom it names, and tells
    said_by = models.ForeignKey("escalation.User", models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["said_at", "id"]


class OpinionRequest(models.Model):
    """A second opinion that somebody wants before they answer; it decides nothing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("escalation.Case", models.PROTECT, related_name="opinion_requests")
    of = models.ForeignKey("escalation.User", models.PROTECT, related_name="opinions_asked")
    note = models.TextField(blank=True)
    asked_by = models.ForeignKey("escalation.User", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    opinion = models.OneToOneField(Comment, models.PROTECT, null=True, related_name="request")

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "of"],
                condition=Q(opinion=None),
                name="opinion_asked_once_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(of=F("asked_by")), name="opinion_of_somebody_else"),
        ]


class Needless(models.Model):
    """One person's word that a case should not have been escalated; it tunes the triggers."""

    case = models.ForeignKey(
        "escalation.Case", models.PROTECT, related_name="needless", db_index=False
    )
    user = models.ForeignKey("escalation.User", models.PROTECT, related_name="+")
    said_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "user"],
                condition=Q(taken_back_at=None),
                name="needless_once_a_person",
            )
        ]


class Incident(models.Model):
    """A serious incident that a person reports from a case, until somebody closes it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("escalation.Case", models.PROTECT, related_name="incidents")
    kind = models.CharField(max_length=16, choices=IncidentKind.choices)
    text = models.TextField()
    reported_by = models.ForeignKey("escalation.User", models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    notify_by = models.DateTimeField()  # by when an authority is to hear of it, at the latest
    closed_by = models.ForeignKey("escalation.User", models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    conclusion = models.TextField(blank=True)

    class Meta:
        ordering = ["-reported_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, conclusion="")
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(conclusion="")),
                name="incident_closed_with_a_conclusion",
            )
        ]


class Snooze(models.Model):
    """One person's wish not to see a case in their queue until later; its clocks run on."""

    case = models.ForeignKey(
        "escalation.Case", models.PROTECT, related_name="snoozes", db_index=False
    )
    user = models.ForeignKey("escalation.User", models.PROTECT, related_name="snoozes")
    reason = models.TextField()
    began_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # before that, by themselves

    class Meta:
        ordering = ["began_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=F("began_at")), name="snooze_ends_after_it_begins"
            )
        ]
        indexes = [models.Index(fields=["case", "user", "-until"], name="snooze_of_person")]
