"""What a line of the queue shows of a case, and the statement that fetches the lines of a page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from escalation.models.cases import REFERENCE
from reviewers.presence import LOOKING

# Written out, for all lines at once: five statements and three hundred objects of the ORM took longer
# than all that PostgreSQL does for the page. Nothing is fetched here that could be withheld.
ROWS = f"""
    SELECT found.id, found.number, found.status, found.stakes, role.name, found.question,
           found.action, found.amount, found.currency, found.tenant, found.batch <> '',
           found.created_at, found.due_at, agent.stopped_at IS NOT NULL,
           fired.type, fired.name, fired.observed, fired.operator, fired.threshold,
           (SELECT count(*) FROM escalation_firing WHERE case_id = found.id),
           turn.user_id = %(user)s, turn.claimed_at IS NOT NULL,
           coalesce(nullif(trim(who.first_name || ' ' || who.last_name), ''), who.username, ''),
           EXISTS (SELECT FROM escalation_draft WHERE case_id = found.id AND user_id = %(user)s),
           EXISTS (SELECT FROM escalation_viewing WHERE case_id = found.id AND user_id = %(user)s),
           ARRAY({LOOKING})
    FROM ({{walk}}) AS page
    JOIN escalation_case AS found USING (id)
    JOIN escalation_agent AS agent ON agent.id = found.agent_id
    JOIN escalation_role AS role ON role.id = found.role_id
    LEFT JOIN LATERAL (
        SELECT * FROM escalation_firing WHERE case_id = found.id ORDER BY position LIMIT 1
    ) AS fired ON true
    LEFT JOIN escalation_handoff AS turn ON turn.case_id = found.id AND turn.ended_at IS NULL
    LEFT JOIN escalation_user AS who ON who.id = turn.user_id
    ORDER BY page.due_at, page.id
"""


@dataclass(frozen=True, slots=True)
class Fired:
    """The first trigger that went off on a case, and how many did."""

    type: str
    name: str
    observed: Any
    operator: str
    threshold: Any
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """A case as its line in the queue shows it to one reader."""

    id: UUID
    number: int
    status: str
    stakes: str
    role: str  # its name
    question: str
    action: str
    amount: Decimal | None
    currency: str
    tenant: str
    is_of_batch: bool
    created_at: datetime
    due_at: datetime | None
    is_stopped: bool  # its agent is
    fired: Fired
    is_mine: bool  # it is the reader's turn
    is_taken: bool
    has: str  # who has it, by name; nobody: empty
    has_draft: bool  # of the reader
    is_seen: bool  # by the reader, ever
    looking: list[str]  # others who have it in view, by name

    @property
    def reference(self) -> str:
        return f"{REFERENCE}{self.number}"


def rows_of(found: Iterable[tuple[Any, ...]]) -> list[Row]:
    """Return what ROWS found."""
    return [
        Row(*case, _fired(*fired), bool(is_mine), *more)
        for one in found
        for case, fired, is_mine, more in [(one[:14], one[14:20], one[20], one[21:])]
    ]


def _fired(
    kind: str | None, name: str, observed: str, operator: str, threshold: str, count: int
) -> Fired:
    return Fired(kind or "", name, _json(observed), operator, _json(threshold), count)


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)
