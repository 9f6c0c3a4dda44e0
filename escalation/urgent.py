"""How much is breaching, for the badge in the rail: what the view *Breaching* of the queue lists.

One question counts it for all roles and tenants at once, so that a process asks once however many
people look; what each may see is added up from that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from escalation.cases.lateness import BREACHING, SOON

CAP = 99  # of a role and tenant; beyond, the number says nothing more
Counts = Mapping[tuple[str, str], int]  # by the id of a role and the tenant

SQL = f"""
SELECT role_id::text, tenant, least(count(*), %(cap)s) FROM (
    SELECT found.id, role.id AS role_id, found.tenant FROM escalation_role AS role
    CROSS JOIN LATERAL (
        SELECT id, tenant FROM escalation_case AS found
        WHERE role_id = role.id AND {BREACHING} ORDER BY due_at LIMIT %(most)s
    ) AS found
) AS breaching GROUP BY role_id, tenant
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
