"""Lists by cursor: where the last page ended, not how many rows to skip."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from escalation.errors import Fault, PackageRejected


@dataclass(frozen=True)
class Page:
    items: list[Any]
    next: str | None


def page(rows: QuerySet[Any], cursor: str, *, size: int) -> Page:
    """Return one page of ``rows``, newest first by their UUIDv7; raises PackageRejected."""
    rows = rows.order_by("-pk")
    if cursor:
        rows = rows.filter(pk__lt=_read(cursor))
    items = list(rows[: size + 1])
    more = len(items) > size
    return Page(items[:size], _write(items[size - 1].pk) if more else None)


def _write(pk: UUID) -> str:
    return urlsafe_b64encode(pk.bytes).decode().rstrip("=")


def _read(cursor: str) -> UUID:
    try:
        return UUID(bytes=urlsafe_b64decode(f"{cursor}=="))
    except ValueError:
        raise PackageRejected(Fault("/cursor", "is not one that this list gave")) from None
