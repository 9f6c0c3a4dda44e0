"""Lists by cursor: where the last page ended, not how many rows to skip."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from escalation.errors import Fault, PackageRejected

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOT_GIVEN = Fault("/cursor", "is not one that this list gave")


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


def page_by_time(rows: QuerySet[Any], column: str, cursor: str, *, size: int) -> Page:
    """Return one page of ``rows``, the latest in a column of instants first; raises PackageRejected."""
    rows = rows.order_by(f"-{column}", "-pk")
    if cursor:
        at, pk = _read_time(cursor)
        rows = rows.filter(Q(**{f"{column}__lt": at}) | Q(pk__lt=pk), **{f"{column}__lte": at})
    items = list(rows[: size + 1])
    more = len(items) > size
    return Page(items[:size], _write_time(items[size - 1], column) if more else None)


def _write_time(last: Any, column: str) -> str:
    micros = (getattr(last, column) - EPOCH) // timedelta(microseconds=1)
    return urlsafe_b64encode(micros.to_bytes(8, "big") + last.pk.bytes).decode().rstrip("=")


def _read_time(cursor: str) -> tuple[datetime, UUID]:
    try:
        raw = urlsafe_b64decode(f"{cursor}==")
        micros = int.from_bytes(raw[:8], "big")
        return EPOCH + timedelta(microseconds=micros), UUID(bytes=raw[8:])
    except (ValueError, OverflowError):
        raise PackageRejected(NOT_GIVEN) from None


def _write(pk: UUID) -> str:
    return urlsafe_b64encode(pk.bytes).decode().rstrip("=")


def _read(cursor: str) -> UUID:
    try:
        return UUID(bytes=urlsafe_b64decode(f"{cursor}=="))
    except ValueError:
        raise PackageRejected(NOT_GIVEN) from None
