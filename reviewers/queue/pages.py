"""A page of the queue by cursor: the rows of a view in the order in which they breach."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch

from escalation.access import Reach
from escalation.models import Case, Draft, Handoff, User
from escalation.models.handoffs import CURRENT
from reviewers import presence
from reviewers.queue.filters import NO_FILTERS, Filters
from reviewers.queue.views import CONDITIONS, View, asked, limited

SIZE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = "infinity"  # after every deadline: the place of what has none
FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)
# Into lists of their own: a manager for each row would cost as much as the rest of it.
FIRED = Prefetch("firings", to_attr="fired")
TURN = Prefetch(
    "handoffs", Handoff.objects.filter(CURRENT).select_related("user"), to_attr="current"
)

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
class Row:
    """A case as its line in the queue shows it to one reader."""

    case: Case
    turn: Handoff | None
    looking: list[User] = field(default_factory=list)  # others who have it in view
    is_seen: bool = False  # by the reader, ever
    has_draft: bool = False  # of the reader


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    next: str | None

    @property
    def cases(self) -> list[Case]:
        return [row.case for row in self.rows]


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
    statement = limited(WALK, reach, wanted=f"{CONDITIONS[view]} {condition}")
    given = asked(reach, reader, at) | _read(after) | values | {"limit": size + 1}
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        found = cursor.fetchall()
    more = len(found) > size
    rows = rows_of([pk for pk, _ in found[:size]], reader=reader, at=at)
    return Page(rows, _write(*found[size - 1]) if more else None)


def rows_of(ids: Sequence[UUID], *, reader: User, at: datetime) -> list[Row]:
    """Return these cases in this order, as one reader sees them."""
    cases = Case.objects.select_related("role", "agent").prefetch_related(FIRED, TURN)
    found = cases.defer("state", "callback_url").in_bulk(ids)
    there = [found[pk] for pk in ids if pk in found]
    looking, seen = presence.viewed(found, by=reader, at=at)
    begun = Draft.objects.filter(user=reader.pk, case__in=found)
    drafts = set(begun.values_list("case", flat=True))
    return [
        Row(
            case,
            next(iter(case.current), None),  # type: ignore[attr-defined]
            looking[case.pk],
            case.pk in seen,
            case.pk in drafts,
        )
        for case in there
    ]


def _write(pk: UUID, due_at: datetime | None) -> str:
    micros = 0 if due_at is None else (due_at - EPOCH) // timedelta(microseconds=1)
    return urlsafe_b64encode(micros.to_bytes(8, "big") + pk.bytes).decode().rstrip("=")


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
