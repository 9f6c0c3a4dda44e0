"""The desk's policy: which role decides what, by when, and what follows when nobody does.

One version holds all of it, so that a case, a simulation and a rollback speak of one number. What is
published is never changed (triggers, ``migrations/0002``); a change is a draft that becomes the next.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from escalation.enums import Stakes
from escalation.models import Role
from escalation.models.cases import MOST_APPROVALS
from routing.enums import VersionStatus


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    def in_force(self) -> PolicyVersion:
        """Return the version that cases start with now: the last that was published."""
        return self.filter(status=VersionStatus.PUBLISHED).order_by("-number")[:1].get()

    def open_draft(self) -> PolicyVersion | None:
        return self.filter(status=VersionStatus.DRAFT, rolls_back_to=None).first()


class PolicyVersion(models.Model):
    """All routes and SLA policies at once: the draft, the published ones, and those put away."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(null=True, unique=True)  # given when it is published
    status = models.CharField(
        max_length=16, choices=VersionStatus.choices, default=VersionStatus.DRAFT
    )
    based_on = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)  # what changed and why, in the words of whoever drafted it
    revision = models.PositiveIntegerField(default=0)  # of a draft: one more with each edit
    drafted_by = models.ForeignKey("escalation.User", models.PROTECT, null=True, related_name="+")
    drafted_at = models.DateTimeField()
    editors = ArrayField(models.UUIDField(), default=list)  # everybody who changed the draft
    edited_by = models.ForeignKey("escalation.User", models.PROTECT, null=True, related_name="+")
    edited_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey("escalation.User", models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    rolls_back_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        permissions = [("set_policies", "Can set the desk's policy")]
        constraints = [
            models.UniqueConstraint(
                fields=["status"],
                condition=Q(status=VersionStatus.DRAFT, rolls_back_to=None),
                name="policy_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(
                    status=VersionStatus.PUBLISHED,
                    number__isnull=False,
                    published_at__isnull=False,
                )
                | (~Q(status=VersionStatus.PUBLISHED) & Q(number=None, published_at=None)),
                name="policy_numbered_when_published",
            ),
            models.CheckConstraint(  # two people, unless it goes back to what two people agreed on
                condition=~Q(status=VersionStatus.PUBLISHED)
                | Q(number=1)  # what an empty desk begins with
                | Q(rolls_back_to__isnull=False, published_by__isnull=False)
                | Q(drafted_by__isnull=False, published_by__isnull=False)
                & ~Q(published_by=F("drafted_by"))
                & ~Q(editors__contains=[F("published_by")]),
                name="policy_published_by_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}" if self.number else f"the {self.get_status_display()}"


class SlaPolicy(models.Model):
    """By when, and what follows when nobody answers; ``facts`` are what ``routing.sla`` reads."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(
        PolicyVersion, models.CASCADE, related_name="sla_policies", db_index=False
    )
    slug = models.SlugField(max_length=64)
    name = models.CharField(max_length=120)
    facts = models.JSONField()

    class Meta:
        ordering = ["slug"]
        verbose_name = "SLA policy"
        verbose_name_plural = "SLA policies"
        constraints = [
            models.UniqueConstraint(fields=["version", "slug"], name="sla_policy_once_a_version")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def said(self) -> str:
        """Name it as decisions and the record do: ``Standard, version 7``."""
        return f"{self.name}, version {self.version.number}"


class Route(models.Model):
    """From facts of a case to who decides it, by when, and how many it takes; the first that matches."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(
        PolicyVersion, models.CASCADE, related_name="routes", db_index=False
    )
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    condition = models.JSONField(null=True)  # what ``escalation.conditions`` reads; None: always
    role = models.ForeignKey(  # None: the role that the agent asked for
        "escalation.Role", models.PROTECT, null=True, related_name="routes"
    )
    sla = models.ForeignKey(SlaPolicy, models.CASCADE, related_name="routes")
    stakes_floor = models.CharField(max_length=16, choices=Stakes.choices, default=Stakes.LOW)
    approvals = models.PositiveSmallIntegerField(default=1)  # how many people a yes takes
    moves_money = models.BooleanField(default=False)  # what it takes does, named as such or not
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "position"], name="route_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(
                fields=["version"], condition=Q(is_default=True), name="route_one_default"
            ),
            models.CheckConstraint(
                condition=Q(is_default=True, condition__isnull=True, role__isnull=False)
                | Q(is_default=False, condition__isnull=False),
                name="route_default_takes_the_rest",
            ),
            models.CheckConstraint(
                condition=Q(approvals__gte=1, approvals__lte=MOST_APPROVALS),
                name="route_approvals_within_bounds",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def owner(self) -> Role:
        """The role of a route that names one, as the default always does."""
        assert self.role
        return self.role


class Ruling(models.Model):
    """What a case started with and keeps, whatever is published later: its route and SLA policy."""

    case = models.OneToOneField(
        "escalation.Case", models.PROTECT, primary_key=True, related_name="ruling"
    )
    route = models.ForeignKey(Route, models.PROTECT, related_name="rulings", db_index=False)
    sla = models.ForeignKey(SlaPolicy, models.PROTECT, related_name="rulings", db_index=False)
    stakes = models.CharField(max_length=16, choices=Stakes.choices)  # as the agent sent them
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.route} for {self.case_id}"
