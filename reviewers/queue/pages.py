"""A page of the queue by cursor: the rows of a view in the order in which they breach."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from escalation.access import Reach
from escalation.models import User
from reviewers.presence import HERE
from reviewers.queue.filters import NO_FILTERS, Filters
from reviewers.queue.rows import ROWS, Row, rows_of
from reviewers.queue.views import CONDITIONS, View, asked, limited

SIZE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = "infinity"  # after every deadline: the place of what has none
FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)

# What no clock runs for comes last, by when it came: its rows have no place in the order of the others.
WALK = """
    SELECT walked.id, walked.due_at
    FROM unnest(%(roles)s::uuid[]) AS roles (id) {tenants}
    CROSS JOIN LATERAL (
        (SELECT id, due_at FROM escalation_case AS found
         WHERE role_id = roles.id AND {wanted} AND (due_at, id) > (%(due)s::timestamptz, %(id)s)
         {of_tenant} ORDER BY due_at, id LIMIT %(limit)s)
        UNION ALL
        (SELECT id, due_at FROM escalation_case AS found
         WHERE role_id = roles.id AND {wanted} AND due_at IS NULL AND id > %(undated)s
         {of_tenant} ORDER BY due_at, id LIMIT %(limit)s)
    ) AS walked
    ORDER BY walked.due_at, walked.id LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    next: str | None


def page(
    reach: Reach,
    view: View = View.TODO,
    filters: Filters = NO_FILTERS,
    *,
    reader: User,
    at: datetime,
    after: str = "",
    size: int = SIZE,
) -> Page:
    """Return a page of a view, those that breach first first; ``after`` is an earlier page's ``next``.

    Raises ValueError for a cursor that no page gave.
    """
    condition, values = filters.condition()
    walk = limited(WALK, reach, wanted=f"{CONDITIONS[view]} {condition}")
    given = asked(reach, reader, at) | _read(after) | values
    with connection.cursor() as cursor:
        cursor.execute(ROWS.format(walk=walk), given | {"limit": size + 1, "here": at - HERE})
        rows = rows_of(cursor.fetchall())
    more = len(rows) > size
    return Page(rows[:size], _write(rows[size - 1]) if more else None)


def _write(last: Row) -> str:
    micros = 0 if last.due_at is None else (last.due_at - EPOCH) // timedelta(microseconds=1)
    return urlsafe_b64encode(micros.to_bytes(8, "big") + last.id.bytes).decode().rstrip("=")


def _read(cursor: str) -> dict[str, Any]:
    """Return where a page ended; raises ValueError for what no page gave."""
    if not cursor:
        return {"due": "-infinity", "id": FIRST, "undated": FIRST}
    raw = urlsafe_b64decode(f"{cursor}==")
    if len(raw) != 24:
        raise ValueError("not a cursor")
    micros, pk = int.from_bytes(raw[:8], "big"), UUID(bytes=raw[8:])
    if not micros:
        return {"due": NEVER, "id": LAST, "undated": pk}
    return {"due": EPOCH + timedelta(microseconds=micros), "id": pk, "undated": FIRST}
