"""The stop of an agent and everything that came with it.

Foreign keys without an index of their own (``db_index=False``) are the first column of another.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_noop as _
from uuid_utils.compat import uuid7

from escalation.enums import ENDED, OWED, PAUSED, CaseStatus, Outcome, Stakes, StepKind, TriggerType
from escalation.errors import UnknownOption

REFERENCE = "ESC-"
MOST_APPROVALS = 5


def reference_number(text: str) -> int | None:
    """Return the number in ``ESC-1042`` (any case), or None when ``text`` is no reference."""
    digits = text[len(REFERENCE) :]
    if text[: len(REFERENCE)].upper() != REFERENCE:
        return None
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 18 else None


class CaseQuerySet(models.QuerySet["Case"]):
    def locked(self, case_id: UUID) -> Case:
        """Return the case, its row locked until the transaction ends. Always the first lock taken."""
        return (
            self.select_for_update(no_key=True, of=("self",))
            .select_related("agent")
            .get(pk=case_id)
        )

    def named(self, name: str) -> CaseQuerySet:
        """Filter by a UUID or a reference such as ``ESC-1042``; nothing matches another text."""
        number = reference_number(name)
        if number is not None:
            return self.filter(number=number)
        try:
            return self.filter(pk=UUID(name))
        except ValueError:
            return self.none()

    def waiting(self) -> CaseQuerySet:
        return self.filter(WAITING)


class NextNumber(models.Func):
    """The next number of the sequence that references are made of; it begins at 1001."""

    template = "nextval('escalation_case_number')"
    output_field = models.BigIntegerField()


WAITING = Q(status__in=OWED)  # for a person's answer, be it held meanwhile
QUEUED = Q(status=CaseStatus.AWAITING, release_at=None)  # somebody is to decide it now
RESTING = Q(status__in=PAUSED)
NOT_ENDED = ~Q(status__in=ENDED)


class Case(models.Model):
    """One stop of one agent: a question that a role owes a decision.

    The package itself is ``Package``; what stands here is what lists, filters and routes by.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.BigIntegerField(unique=True, editable=False, db_default=NextNumber())
    agent = models.ForeignKey(
        "escalation.Agent", models.PROTECT, related_name="cases", db_index=False
    )
    idempotency_key = models.CharField(max_length=255)
    request_digest = models.CharField(
        max_length=71
    )  # of the first post, to tell a replay from a reuse
    status = models.CharField(max_length=32, choices=CaseStatus.choices, default=CaseStatus.OPEN)
    stakes = models.CharField(max_length=16, choices=Stakes.choices)  # raised, never lowered
    approvals = models.PositiveSmallIntegerField(default=1)  # how many people a yes takes
    role = models.ForeignKey("escalation.Role", models.PROTECT, null=True, related_name="cases")
    terms = models.ForeignKey(  # of the policy it started with, when it was given to a role
        "escalation.Terms", models.PROTECT, null=True, related_name="+", db_index=False
    )
    role_wish = models.CharField(max_length=64, blank=True)

    question = models.TextField()
    recommended = models.CharField(
        max_length=64, blank=True
    )  # not for the reviewer's eyes before the answer
    action = models.CharField(max_length=255, blank=True)
    categories = ArrayField(models.TextField(), default=list, blank=True)  # of what is proposed
    amount = models.DecimalField(  # as declared, or the largest that was found
        max_digits=38, decimal_places=18, null=True
    )
    currency = models.CharField(max_length=12, blank=True)
    moves = models.JSONField(default=dict)  # all that is moved, as ``money.moved`` keeps it
    moves_money = models.BooleanField(default=False)  # by category, registration or route
    tenant = models.CharField(max_length=255, blank=True)
    language = models.CharField(max_length=35, blank=True)  # of the request, such as nb or pt-BR
    user_id = models.CharField(
        max_length=255, blank=True
    )  # whom the agent acts for, in their own system
    run = models.CharField(max_length=255, blank=True)
    batch = models.CharField(max_length=255, blank=True)
    agent_version = models.CharField(max_length=255, blank=True)

    digest = models.CharField(max_length=71)  # of the package as it stands
    version = models.PositiveIntegerField(
        default=1
    )  # of the package: one more for each later evidence
    callback_url = models.TextField(blank=True)
    state = models.JSONField(null=True)  # the agent's own, handed back untouched
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # when a decision is due; None while no clock runs
    release_at = models.DateTimeField(null=True)  # when a signed decision goes out; None: none is
    ended_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)  # when the decision that stands was made

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "idempotency_key"], name="case_key_once_per_agent"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[CaseStatus.OPEN, CaseStatus.WITHDRAWN])
                | Q(role__isnull=False),
                name="case_in_hands_has_a_role",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ENDED, ended_at__isnull=False)
                | (~Q(status__in=ENDED) & Q(ended_at__isnull=True)),
                name="case_ended_at_when_ended",
            ),
            models.CheckConstraint(
                condition=Q(status=CaseStatus.DECIDED, decided_at__isnull=False)
                | (~Q(status=CaseStatus.DECIDED) & Q(decided_at__isnull=True)),
                name="case_decided_at_when_decided",
            ),
            models.CheckConstraint(
                condition=Q(approvals__gte=1, approvals__lte=MOST_APPROVALS),
                name="case_approvals_within_bounds",
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "-id"], name="case_of_agent"),
            models.Index(  # a role's queue, by when it breaches
                fields=["role", "due_at", "id"], condition=QUEUED, name="case_queued_in_role"
            ),
            models.Index(  # for readers who are limited to tenants
                fields=["role", "tenant", "due_at", "id"],
                condition=QUEUED,
                name="case_queued_of_tenant",
            ),
            models.Index(
                fields=["role", "due_at", "id"], condition=RESTING, name="case_resting_in_role"
            ),
            models.Index(  # the audit, and what was decided today
                fields=["-decided_at", "-id"],
                condition=Q(status=CaseStatus.DECIDED),
                name="case_decided",
            ),
            models.Index("agent", condition=NOT_ENDED, name="case_open_of_agent"),
            models.Index(  # what was decided of the same kind, and of the same user
                fields=["role", "tenant", "action", "-ended_at"],
                condition=Q(status=CaseStatus.DECIDED),
                name="case_decided_of_action",
            ),
            models.Index(
                fields=["tenant", "user_id", "-ended_at"],
                condition=Q(status=CaseStatus.DECIDED) & ~Q(user_id=""),
                name="case_decided_of_user",
            ),
            models.Index(fields=["agent", "batch"], condition=~Q(batch=""), name="case_batch"),
            models.Index(fields=["agent", "run"], condition=~Q(run=""), name="case_run"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"{REFERENCE}{self.number}"

    @property
    def is_ended(self) -> bool:
        return self.status in ENDED

    @property
    def is_stopped(self) -> bool:
        """Whether its agent is."""
        return self.agent.stopped_at is not None

    def option(self, key: str) -> Option:
        try:
            return self.options.get(key=key)
        except Option.DoesNotExist:
            offered = ", ".join(self.options.values_list("key", flat=True))
            raise UnknownOption(
                _("%(reference)s offers %(offered)s; not %(key)s."),
                reference=self.reference,
                offered=offered,
                key=f"{key!r}",
            ) from None


class Package(models.Model):
    """What the agent sent, byte for byte as RFC 8785 has it. Never changed, never deleted.

    Version 1 holds the whole package; each later one only ``{"steps": [...]}`` that were added.
    ``digest`` is over the whole package as of that version (``canonical.fold`` puts it together).
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="packages", db_index=False)
    version = models.PositiveIntegerField()
    body = models.BinaryField()
    digest = models.CharField(max_length=71)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="package_version_once")
        ]


class Evidence(models.Model):
    """One step the agent took before it stopped. ``body`` is the step as it was sent."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="evidence", db_index=False)
    position = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)  # of the package that brought it
    key = models.CharField(max_length=64)
    kind = models.CharField(max_length=16, choices=StepKind.choices)
    name = models.TextField(blank=True)
    at = models.DateTimeField()
    duration_ms = models.BigIntegerField(null=True)
    must_read = models.BooleanField(default=False)
    body = models.JSONField()

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "evidence"
        constraints = [
            models.UniqueConstraint(fields=["case", "position"], name="evidence_position_once"),
            models.UniqueConstraint(fields=["case", "key"], name="evidence_key_once"),
        ]


class Firing(models.Model):
    """A trigger's going off, with the values that did it."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="firings", db_index=False)
    position = models.PositiveIntegerField()
    type = models.CharField(max_length=16, choices=TriggerType.choices)
    name = models.CharField(max_length=255)
    observed = models.JSONField(null=True)
    operator = models.CharField(max_length=8)
    threshold = models.JSONField(null=True)
    detail = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["case", "position"], name="firing_position_once")
        ]


class Option(models.Model):
    """One answer offered on a case, and what happens if it is chosen."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="options", db_index=False)
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=64)
    label = models.TextField()
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    parameters: models.JSONField[Any, Any] = models.JSONField(null=True)  # a JSON Schema 2020-12
    consequences = models.JSONField()  # [{"text", "reversible"}], one at least

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["case", "key"], name="option_key_once"),
            models.UniqueConstraint(fields=["case", "position"], name="option_position_once"),
        ]

    def __str__(self) -> str:
        return self.label
