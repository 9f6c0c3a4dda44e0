"""What is still to be done, and when: every effect is a row, written with its cause."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from uuid_utils.compat import uuid7

from escalation.enums import DeliveryStatus, EffectKind

NOT_DONE = Q(done_at=None)


class Effect(models.Model):
    """One thing to carry out: due when, tried how often, in whose hands until when.

    ``due_at`` moves on while a worker holds it: a claim sets it to the end of the lease, so that
    "due" is one comparison and a dead worker's effect comes due again by itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=16, choices=EffectKind.choices)
    target = models.UUIDField()  # the case or the delivery, by kind
    # On whose behalf the courier calls, and whom: neither is to wait for another (delivery/lanes.py).
    lane = models.TextField(blank=True, default="", db_default="")
    receiver = models.TextField(blank=True, default="", db_default="")
    due_at = models.DateTimeField()
    claims = models.PositiveIntegerField(default=0)  # how often the clock rang for it
    attempts = models.PositiveIntegerField(default=0)  # how often it was tried
    lease_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "target"], name="effect_once"),
        ]
        indexes = [  # the clock asks for the next due one of each kind when it wakes
            models.Index("kind", "due_at", condition=NOT_DONE, name="effect_due"),
            # the courier, of each lane: first tries before others, and those in their order
            models.Index(
                "kind", "lane", "attempts", "due_at", condition=NOT_DONE, name="effect_lane"
            ),
        ]


class Delivery(models.Model):
    """A message to an agent: the same bytes and the same ``webhook_id`` on each try."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("escalation.Case", models.PROTECT, related_name="deliveries")
    decision = models.ForeignKey("escalation.Decision", models.PROTECT, null=True)
    type = models.CharField(max_length=64)
    webhook_id = models.CharField(max_length=64, unique=True)
    url = models.TextField(blank=True)  # empty: the agent asks
    body = models.BinaryField()
    status = models.CharField(
        max_length=16, choices=DeliveryStatus.choices, default=DeliveryStatus.PENDING
    )
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        verbose_name_plural = "deliveries"
        indexes = [models.Index("case", "created_at", name="delivery_of_case")]


class Heartbeat(models.Model):
    """When a process last said that it lives; ``/readyz`` reads it."""

    name = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()
