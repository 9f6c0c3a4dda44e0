"""The record. Rows are only ever added: the desk's login may not change them, and triggers stand behind."""

from __future__ import annotations

from django.db import models


class XID8Field(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's 64-bit transaction id, filled by the database; the sealer orders by it."""

    def db_type(self, connection: object) -> str:
        return "xid8"

    def get_internal_type(self) -> str:
        return "XID8Field"

    def from_db_value(self, value: str | int, *_: object) -> int:
        return int(value)


class CurrentTransaction(models.Func):
    template = "pg_current_xact_id()"
    output_field = XID8Field()


class Event(models.Model):
    """One step on the record. ``body`` is RFC 8785 JSON made once; ``leaf`` is SHA-256(0x00 || body)."""

    id = models.BigAutoField(primary_key=True)
    xid = XID8Field(db_default=CurrentTransaction(), editable=False)
    at = models.DateTimeField()
    actor = models.CharField(max_length=128)  # "user:<id>", "agent:<id>", "system:<part>"
    on_behalf_of = models.CharField(max_length=128, blank=True)
    action = models.CharField(max_length=64)
    subject = models.CharField(
        max_length=128
    )  # "case:<id>"; no key, so that history outlives its subject
    body = models.BinaryField()
    leaf = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["id"]
        permissions = [("audit_desk", "Can read and export the whole record")]
        indexes = [
            models.Index("subject", "id", name="event_of_subject"),
            models.Index("action", "id", name="event_of_action"),
        ]


class Disclosure(models.Model):
    """The value behind a commitment in an event's body. Erasing it leaves the leaf whole.

    The body holds ``HMAC-SHA256(salt, value)``; salt and value stand here and nowhere else.
    """

    event = models.ForeignKey(Event, models.PROTECT, related_name="disclosures", db_index=False)
    name = models.CharField(max_length=64)
    salt = models.BinaryField(max_length=32, null=True)
    value = models.BinaryField(null=True)  # RFC 8785 JSON; None once erased

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "name"], name="disclosure_once"),
            models.CheckConstraint(
                condition=models.Q(salt=None, value=None)
                | models.Q(salt__isnull=False, value__isnull=False),
                name="disclosure_whole_or_erased",
            ),
        ]
