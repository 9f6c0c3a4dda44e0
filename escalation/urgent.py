"""What is urgent: due within a quarter of an hour or over, or critical and taken by nobody.

One question counts it for all roles and tenants at once, so that a process asks once however many
people look; what each may see is added up from that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

SOON = timedelta(minutes=15)
CAP = 99  # of a role and tenant; beyond, the number says nothing more
Counts = Mapping[tuple[str, str], int]  # by the id of a role and the tenant

SQL = """
SELECT role_id::text, tenant, least(count(*), %(cap)s) FROM (
    SELECT found.id, role.id AS role_id, found.tenant FROM escalation_role AS role
    CROSS JOIN LATERAL (
        SELECT id, tenant FROM escalation_case
        WHERE role_id = role.id AND status = 'awaiting' AND release_at IS NULL AND due_at <= %(soon)s
        ORDER BY due_at LIMIT %(most)s
    ) AS found
    UNION
    SELECT critical.id, critical.role_id, critical.tenant FROM escalation_case AS critical
    WHERE stakes = 'critical' AND status = 'awaiting' AND release_at IS NULL
      AND NOT EXISTS (
        SELECT FROM escalation_handoff
        WHERE case_id = critical.id AND ended_at IS NULL AND claimed_at IS NOT NULL
      )
) AS urgent GROUP BY role_id, tenant
"""


def counts(at: datetime) -> dict[tuple[str, str], int]:
    """Return how many cases are urgent, by role and tenant; up to CAP of each."""
    with connection.cursor() as cursor:
        cursor.execute(SQL, {"soon": at + SOON, "cap": CAP, "most": 10 * CAP})
        return {(role, tenant): count for role, tenant, count in cursor.fetchall()}


@dataclass(frozen=True)
class Watched:
    """Whose urgent cases somebody sees: roles by their ids, and tenants; None is every tenant."""

    roles: frozenset[str]
    tenants: frozenset[str] | None

    @classmethod
    def made(cls, roles: Iterable[object], tenants: Iterable[str] | None) -> "Watched":
        return cls(frozenset(map(str, roles)), None if tenants is None else frozenset(tenants))

    def of(self, found: Counts) -> int:
        return sum(
            count
            for (role, tenant), count in found.items()
            if role in self.roles and (self.tenants is None or tenant in self.tenants)
        )
