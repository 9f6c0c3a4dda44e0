from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from escalation import canonical
from escalation.enums import (
    NO_ANSWER,
    PERMITTING,
    AnswerStage,
    DecidedBy,
    FallbackEnd,
    Outcome,
    ReleaseEnd,
    ResumptionResult,
)

OUTCOMES = [*Outcome.choices, (NO_ANSWER, _("no answer"))]


class Decision(models.Model):
    """The option that stands on a case, who chose it, and why.

    ``permitted`` is the only thing that means yes to an agent; the database refuses it for
    anything but a person's ``approve`` or ``modify``. ``arguments`` are then all that the agent acts
    with, ``parameters`` only what was filled in.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("escalation.Case", models.PROTECT, related_name="decisions")
    option = models.ForeignKey("escalation.Option", models.PROTECT, null=True)
    outcome = models.CharField(max_length=16, choices=OUTCOMES)
    permitted = models.BooleanField()
    parameters = models.JSONField(null=True)
    arguments = models.JSONField(null=True)  # complete, to act with; None: not permitted
    reasons = ArrayField(models.CharField(max_length=64), default=list)  # keys of listed reasons
    rationale = models.TextField(blank=True)
    kind = models.CharField(max_length=16, choices=DecidedBy.choices)
    decided_by = models.ForeignKey("escalation.User", models.PROTECT, null=True)
    role = models.ForeignKey("escalation.Role", models.PROTECT)
    decided_at = models.DateTimeField()
    overturns = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="overturned_by"
    )
    digest = models.CharField(max_length=71)  # of the package that was on screen
    fallback = models.CharField(max_length=16, choices=FallbackEnd.choices, blank=True)
    policy = models.CharField(max_length=200, blank=True)  # by which: "Standard, version 7"
    released_at = models.DateTimeField(null=True)  # when its agent could know it; None: at once
    seconds_in_view = models.PositiveIntegerField(null=True)  # the page was visible to the decider

    class Meta:
        ordering = ["decided_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(overturns=None), name="decision_first_once"
            ),
            models.CheckConstraint(
                condition=Q(permitted=True, kind=DecidedBy.PERSON, outcome__in=PERMITTING)
                | (Q(permitted=False) & ~Q(outcome__in=PERMITTING)),
                name="decision_only_a_person_permits",
            ),
            models.CheckConstraint(
                condition=Q(permitted=True, arguments__isnull=False)
                | Q(permitted=False, arguments__isnull=True),
                name="decision_arguments_where_permitted",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind=DecidedBy.PERSON,
                    decided_by__isnull=False,
                    option__isnull=False,
                    fallback="",
                )
                & ~Q(outcome=NO_ANSWER)
                | Q(
                    kind=DecidedBy.FALLBACK,
                    decided_by=None,
                    option=None,
                    outcome=NO_ANSWER,
                    permitted=False,
                    overturns=None,
                    fallback__in=FallbackEnd.values,
                )
                & ~Q(policy=""),
                name="decision_person_or_no_answer",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.ESCALATE), name="decision_is_not_an_escalation"
            ),
        ]
        indexes = [
            models.Index(fields=["decided_by", "-decided_at"], name="decision_of_person"),
            models.Index(fields=["role", "-decided_at"], name="decision_of_role"),
            models.Index(
                fields=["-decided_at"],
                condition=Q(kind=DecidedBy.FALLBACK),
                name="decision_by_fallback",
            ),
            models.Index(
                fields=["-decided_at"],
                condition=Q(overturns__isnull=False),
                name="decision_overturning",
            ),
        ]

    @property
    def decider(self) -> str:
        return self.decided_by.name if self.decided_by else f"the fallback of {self.policy}"


class Answer(models.Model):
    """One person's answer that is not yet a decision.

    Before what the agent recommends was shown (``committed``), or where several must agree
    (``final``): enough of the same make the decision.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(
        "escalation.Case", models.PROTECT, related_name="answers", db_index=False
    )
    user = models.ForeignKey("escalation.User", models.PROTECT, related_name="answers")
    stage = models.CharField(max_length=16, choices=AnswerStage.choices, default=AnswerStage.FINAL)
    option = models.ForeignKey("escalation.Option", models.PROTECT)
    parameters = models.JSONField(null=True)
    reasons = ArrayField(models.CharField(max_length=64), default=list)
    rationale = models.TextField(blank=True)
    digest = models.CharField(max_length=71)  # of the package that was on screen
    answered_at = models.DateTimeField()
    seconds_in_view = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["answered_at", "id"]
        constraints = [  # nobody counts as two
            models.UniqueConstraint(
                fields=["case", "user", "digest", "stage"], name="answer_once_a_person_and_package"
            )
        ]

    @property
    def permits(self) -> bool:
        """Whether it would let the agent act."""
        return self.option.outcome in PERMITTING

    def is_same_as(self, other: Answer) -> bool:
        """Return whether it is the same option, filled in the same way."""
        return self.option_id == other.option_id and canonical.same(
            self.parameters, other.parameters
        )


class Release(models.Model):
    """A signed answer on its way out: undone within its window, or released as the decision."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("escalation.Case", models.PROTECT, related_name="releases")
    option = models.ForeignKey("escalation.Option", models.PROTECT)
    parameters = models.JSONField(null=True)
    reasons = ArrayField(models.CharField(max_length=64), default=list)
    rationale = models.TextField(blank=True)
    digest = models.CharField(max_length=71)  # of the package that was on screen
    signed_by = models.ForeignKey("escalation.User", models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    seconds_in_view = models.PositiveIntegerField(null=True)
    due_at = models.DateTimeField()  # when its window ends
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=16, choices=ReleaseEnd.choices, blank=True)

    class Meta:
        ordering = ["signed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None), name="release_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | (Q(ended_at__isnull=False) & ~Q(end="")),
                name="release_end_says_how",
            ),
            models.CheckConstraint(
                condition=Q(due_at__gte=F("signed_at")), name="release_after_it_is_signed"
            ),
        ]


class Resumption(models.Model):
    """What the agent said of how it went on from a decision; it closes the loop."""

    case = models.ForeignKey("escalation.Case", models.PROTECT, related_name="resumptions")
    decision = models.OneToOneField(Decision, models.PROTECT, related_name="resumption")
    result = models.CharField(max_length=16, choices=ResumptionResult.choices)
    detail = models.TextField(blank=True)
    at = models.DateTimeField()  # as the agent says
    received_at = models.DateTimeField()
