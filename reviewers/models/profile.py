"""What a reviewer tells the desk of themselves, so that it knows whom to ask, where and when."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from escalation.enums import Stakes, Weekday
from escalation.fields import DAY, ClockField, clock
from reviewers.enums import ContactKind


def every_stakes() -> list[str]:
    return list(Stakes.values)


class Profile(models.Model):
    """A reviewer's languages, how many open cases they take at once, and their digest."""

    user = models.OneToOneField(
        "escalation.User", models.CASCADE, primary_key=True, related_name="profile"
    )
    languages = ArrayField(
        models.CharField(max_length=8),
        default=list,
        blank=True,
        help_text="Codes such as en, nb, ja, separated by commas.",
    )
    capacity = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Open cases at once; empty: no limit.",
    )
    digest_at = ClockField(  # on the wall of the person's own zone; None: each by itself, at once
        null=True, blank=True, help_text="When a day's news of low stakes comes; empty: at once."
    )
    has_keys = models.BooleanField(default=True)  # whether single keys do anything on a page
    keys = models.JSONField(
        default=dict, blank=True
    )  # of acts, where another than in keyboard.ACTS

    def __str__(self) -> str:
        return f"Profile of {self.user}"


class ContactPoint(models.Model):
    """One way to reach a person, in the order in which they want it tried."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("escalation.User", models.CASCADE, related_name="contact_points")
    order = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=16, choices=ContactKind.choices)
    address = models.CharField(max_length=2048)
    keys = models.JSONField(default=dict, blank=True)  # of a push subscription: p256dh and auth
    stakes = ArrayField(  # what it is used for
        models.CharField(max_length=16, choices=Stakes.choices), default=every_stakes
    )
    # when its person opened, signed in, the link that was sent there: only then it is surely theirs
    confirmed_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    # failures in a row, and since when; dead_since: it is used only where nothing else is left, and
    # once an hour to see whether it lives again
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    dead_since = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "address"], name="contact_point_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.shown}"

    @property
    def shown(self) -> str:
        """Return where it leads, as people know it: the endpoint of a browser says nothing to them."""
        is_push = self.kind == ContactKind.PUSH
        return self.keys.get("browser", "A browser") if is_push else self.address


class QuietHours(models.Model):
    """When a person is not to be disturbed, on the wall clock of their own zone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("escalation.User", models.CASCADE, related_name="quiet_hours")
    weekdays = ArrayField(models.PositiveSmallIntegerField(choices=Weekday.choices))
    begins = ClockField()
    ends = ClockField()  # no later than it begins: on the next day

    class Meta:
        ordering = ["begins"]
        verbose_name_plural = "quiet hours"
        constraints = [
            models.CheckConstraint(
                condition=Q(begins__lt=DAY, ends__gte=1, ends__lte=DAY),
                name="quiet_hours_within_days",
            )
        ]

    def __str__(self) -> str:
        return _("%(begins)s to %(ends)s") % {
            "begins": clock(self.begins),
            "ends": clock(self.ends),
        }

    @property
    def days(self) -> str:
        return ", ".join(str(WEEKDAYS[day]) for day in self.weekdays)
