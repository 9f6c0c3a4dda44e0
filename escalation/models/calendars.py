"""When a role works: spans of the week, public holidays, and days that differ. Wall-clock times."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from escalation.enums import Weekday
from escalation.fields import DAY, ClockField, clock
from escalation.models.principals import known_time_zone


@pghistory.track()
class Calendar(models.Model):
    """The hours in which a role works. Its holidays are seeded once and then the manager's own."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120, unique=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_time_zone])
    country = models.CharField(
        max_length=2, blank=True, help_text="Whose public holidays, such as NO; none: no holidays."
    )
    region = models.CharField(
        max_length=16, blank=True, help_text="Part of the country, such as BY for Bavaria."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class OpenSpan(models.Model):
    """One span of a weekday. One that closes no later than it opens runs into the next day."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="spans", db_index=False)
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    opens = ClockField()
    closes = ClockField()

    class Meta:
        ordering = ["weekday", "opens"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "weekday", "opens"], name="open_span_opens_once"
            ),
            models.CheckConstraint(
                condition=Q(weekday__lte=6, opens__lt=DAY, closes__gte=1, closes__lte=DAY),
                name="open_span_within_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{Weekday(self.weekday).label} {clock(self.opens)}-{clock(self.closes)}"


@pghistory.track()
class Holiday(models.Model):
    """A day off for the calendar, unless the manager does not keep it."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="holidays", db_index=False)
    date = models.DateField()
    name = models.CharField(max_length=120)
    kept = models.BooleanField(default=True, help_text="Off: the desk works on this day.")
    source = models.CharField(max_length=32, blank=True, editable=False)  # such as holidays 0.109

    class Meta:
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "date"], name="holiday_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.date}"


@pghistory.track()
class SpecialDay(models.Model):
    """A date with hours of its own, which go before its weekday's and before a holiday."""

    calendar = models.ForeignKey(
        Calendar, models.CASCADE, related_name="special_days", db_index=False
    )
    date = models.DateField()
    name = models.CharField(max_length=120)
    hours = models.CharField(
        max_length=120, blank=True, help_text="Such as 09:00-12:00, 13:00-16:00; empty: closed."
    )

    class Meta:
        ordering = ["date"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "date"], name="special_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.date}"
