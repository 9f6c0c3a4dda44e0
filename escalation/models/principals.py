"""Who acts: people, agents and their keys, and the roles that own decisions."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from uuid_utils.compat import uuid7

from escalation.enums import Scope


def known_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(f"{name} is not a time zone; try Europe/London.")


class User(AbstractUser):
    """A person. What they may do comes from the roles they hold (see ``access``)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_time_zone])

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """Who owns a kind of decision: a name that outlives the people in it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True, help_text="What this role decides, in a sentence.")
    higher_role = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="lower_roles",
        help_text="Where an answer that passes the case up goes.",
    )

    class Meta:
        ordering = ["slug"]
        permissions = [
            ("read_cases", "Can read the cases of this role"),
            ("decide_cases", "Can decide the cases of this role"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(higher_role=models.F("id")), name="role_not_its_own_higher"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a circle of higher roles and name its path."""
        path, role = [self.slug], self.higher_role
        while role:
            path.append(role.slug)
            if role.pk == self.pk:
                raise ValidationError(
                    {"higher_role": f"This would go in a circle: {' → '.join(path)}."}
                )
            role = role.higher_role


class Agent(models.Model):
    """Software that asks. It can never decide: it has no user and no permissions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.SlugField(max_length=64, unique=True)
    type = models.CharField(max_length=64, blank=True, help_text="What it does, such as refunds.")
    secret_version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def all_scopes() -> list[str]:
    return list(Scope.values)


class AgentKeyQuerySet(models.QuerySet["AgentKey"]):
    def valid(self) -> AgentKeyQuerySet:
        return self.filter(revoked_at=None)


class AgentKey(models.Model):
    """A bearer key, of which only the prefix and a SHA-256 of the whole are kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="keys")
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=32, choices=Scope.choices), default=all_scopes)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)  # to the minute, so that reads do not write
    revoked_at = models.DateTimeField(null=True)

    objects = AgentKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix}…"
