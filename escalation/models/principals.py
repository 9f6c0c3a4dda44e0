"""Who acts: people, agents and their keys, and the roles that own decisions."""

from __future__ import annotations

import re
from zoneinfo import available_timezones

import pghistory
from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from escalation.enums import Scope
from escalation.fields import MailAddressField
from escalation.money.currencies import MOST_DECIMALS, is_known, money
from escalation.money.declared import Registration

MINOR_DECIMALS = re.compile(r"([A-Z0-9]{3,12}) ([0-9]{1,2})", re.ASCII)


def known_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(f"{name} is not a time zone; try Europe/London.")


def known_currency(code: str) -> None:
    if not is_known(code):
        raise ValidationError(f"{code} is not a currency; write its code, such as USD or BTC.")


def minor_decimals(text: str) -> None:
    """Refuse anything but a currency and how many decimals its minor unit stands for."""
    found = MINOR_DECIMALS.fullmatch(text)
    if not found or not is_known(found[1]) or int(found[2]) > MOST_DECIMALS:
        raise ValidationError(f"{text} is no currency with its decimals; write such as ISK 2.")


TAKEN = {"feeds", "import", "swaps"}  # below /on-call/, where each role has its page


class User(AbstractUser):
    """A person. What they may do comes from the roles they hold (see ``access``)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = MailAddressField(_("email address"), blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_time_zone])
    tenants = ArrayField(
        models.CharField(max_length=255),
        default=list,
        blank=True,
        help_text="Only the cases of these tenants, separated by commas; empty: of every tenant.",
    )
    has_demo_password = models.BooleanField(default=False, editable=False)  # which everybody knows
    acting_as = ""  # the hat of this session, not of the person: see ``access``

    def set_password(self, raw_password: str | None) -> None:
        """Set it; with another than the demo's, the account is the person's own."""
        super().set_password(raw_password)
        self.has_demo_password = self.has_demo_password and raw_password == self.username

    @property
    def is_open(self) -> bool:
        """Whether its person may enter: not one who left, and a demo's accounts only in a demo."""
        return self.is_active and (settings.DEMO or not self.has_demo_password)

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Role(models.Model):
    """Who owns a kind of decision: a name that outlives the people in it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True, help_text="What this role decides, in a sentence.")
    guidance = models.TextField(
        blank=True,
        help_text="The policy that its reviewers decide by, as text; it stands on each of its cases.",
    )
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_time_zone])
    calendar = models.ForeignKey(
        "escalation.Calendar",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="roles",
        help_text="When it works; none: around the clock.",
    )
    backup_role = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="backs_up",
        help_text="Who is asked when nobody of this role can be.",
    )
    higher_role = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="lower_roles",
        help_text="Where an answer that passes the case up goes.",
    )
    categories = ArrayField(
        models.CharField(max_length=64),
        default=list,
        blank=True,
        help_text="What it may decide, such as money_movement, separated by commas; empty: anything.",
    )
    competences = ArrayField(
        models.CharField(max_length=64),
        default=list,
        blank=True,
        help_text="What each of its reviewers must be trained in, separated by commas.",
    )
    least_on_shift = models.PositiveSmallIntegerField(
        default=1, help_text="Fewer people on call than this are a warning."
    )
    requires_mfa = models.BooleanField(
        "second factor required",
        default=False,
        help_text="Its people sign in with a second factor or a passkey.",
    )

    class Meta:
        ordering = ["slug"]
        permissions = [
            ("read_cases", "Can read the cases of this role"),
            ("decide_cases", "Can decide the cases of this role"),
            ("supervise_team", "Can see what the people of this role have in hand"),
            ("overturn_decisions", "Can overturn what the people of this role decided"),
            ("manage_roster", "Can edit this role and its roster"),
            ("audit_cases", "Can read and export the record of this role"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(higher_role=models.F("id")), name="role_not_its_own_higher"
            ),
            models.CheckConstraint(
                condition=~models.Q(backup_role=models.F("id")), name="role_not_its_own_backup"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a circle of higher or of backup roles and name its path; and a name that is taken."""
        circles = {name: self._circle(name) for name in ("higher_role", "backup_role")}
        found = {
            name: f"This would go in a circle: {path}." for name, path in circles.items() if path
        }
        if self.slug in TAKEN:
            found["slug"] = f"The desk has a page of its own at /on-call/{self.slug}/."
        if found:
            raise ValidationError(found)

    def _circle(self, name: str) -> str:
        """Return the path that leads back here along ``name``; empty when none does."""
        path, role = [self.slug], getattr(self, name)
        while role and role.slug not in path[1:]:
            path.append(role.slug)
            if role.pk == self.pk:
                return " → ".join(path)
            role = getattr(role, name)
        return ""


@pghistory.track()
class Limit(models.Model):
    """Up to how much of one currency a role decides. A role with none decides any amount."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="limits", db_index=False)
    currency = models.CharField(max_length=12, validators=[known_currency])
    amount = models.DecimalField(max_digits=38, decimal_places=18)

    class Meta:
        ordering = ["currency"]
        constraints = [
            models.UniqueConstraint(fields=["role", "currency"], name="limit_once_per_currency"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="limit_not_negative"),
        ]

    def __str__(self) -> str:
        return money(self.amount, self.currency)


class Agent(models.Model):
    """Software that asks. It can never decide: it has no user and no permissions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.SlugField(max_length=64, unique=True)
    type = models.CharField(max_length=64, blank=True, help_text="What it does, such as refunds.")
    moves_money = ArrayField(
        models.CharField(max_length=255),
        default=list,
        blank=True,
        help_text="Actions that move money, separated by commas; * for all of them.",
    )
    minor_units = ArrayField(
        models.CharField(max_length=255),
        default=list,
        blank=True,
        help_text="Fields whose amounts are in minor units, such as amount, or create_charge:amount "
        "for one action, or create_charge:* for all of its amounts.",
    )
    minor_decimals = ArrayField(
        models.CharField(max_length=16, validators=[minor_decimals]),
        default=list,
        blank=True,
        help_text="Decimals of a minor unit where its API has others than ISO 4217, such as ISK 2.",
    )
    secret_version = models.PositiveIntegerField(default=1, editable=False)
    # stopped by a person: its calls are refused, its cases held, nothing is released to it
    stopped_at = models.DateTimeField(null=True, editable=False)
    stopped_by = models.ForeignKey(
        "escalation.User", models.PROTECT, null=True, editable=False, related_name="+"
    )
    stopped_because = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def registration(self) -> Registration:
        """What is declared of the money that it moves."""
        decimals = {code: int(places) for code, places in map(str.split, self.minor_decimals)}
        return Registration(tuple(self.moves_money), tuple(self.minor_units), decimals)


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
