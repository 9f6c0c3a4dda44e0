"""How much waits, by role and by view, in two statements; every count stops at a cap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from escalation.access import Reach
from escalation.models import Role, User
from reviewers.queue.lists import OVERTURNED_WITHIN
from reviewers.queue.views import CONDITIONS, View, asked, limited

CAP = 500  # counts stop here and say "500+"
BY_ROLE = (View.TODO, View.UNOWNED, View.BREACHING, View.ASKED, View.HELD)
COUNT = """
    (SELECT count(*) FROM (SELECT FROM escalation_case AS found
     WHERE role_id = roles.id AND {wanted} {{of_tenant}} LIMIT %(limit)s) AS counted)
"""
NEXT = f"""
    (SELECT due_at FROM escalation_case AS found
     WHERE role_id = roles.id AND {CONDITIONS[View.TODO]} {{of_tenant}}
     ORDER BY due_at, id LIMIT 1)
"""
ROLES = f"""
    SELECT id, {", ".join(f"sum(n{n})::int" for n, _ in enumerate(BY_ROLE))}, min(next)
    FROM (SELECT roles.id,
          {", ".join(f"{COUNT.format(wanted=CONDITIONS[view])} AS n{n}" for n, view in enumerate(BY_ROLE))},
          {NEXT} AS next
          FROM unnest(%(roles)s::uuid[]) AS roles (id) {{tenants}}) AS counted
    GROUP BY id
"""
OF_TENANTS = "AND found.tenant = ANY(%(tenants)s)"
OWN = f"""
    SELECT
    (SELECT count(*) FROM (SELECT FROM escalation_case AS found
     WHERE role_id = ANY(%(roles)s) AND {CONDITIONS[View.MINE]} {{of_tenants}} LIMIT %(limit)s) AS a),
    (SELECT count(*) FROM (SELECT FROM escalation_case AS found
     WHERE role_id = ANY(%(roles)s) AND {CONDITIONS[View.SNOOZED]} {{of_tenants}} LIMIT %(limit)s) AS b),
    (SELECT count(*) FROM (SELECT FROM escalation_case AS found
     WHERE status = 'decided' AND decided_at >= %(midnight)s
     AND role_id = ANY(%(roles)s) {{of_tenants}} LIMIT %(limit)s) AS c),
    (SELECT count(*) FROM (SELECT FROM escalation_decision AS made
     JOIN escalation_case AS found ON found.id = made.case_id
     WHERE made.overturns_id IS NOT NULL AND made.decided_at >= %(overturned)s
     AND found.role_id = ANY(%(roles)s) {{of_tenants}} LIMIT %(limit)s) AS d)
"""


@dataclass(frozen=True)
class RoleCount:
    """How much waits in one role; each stops one beyond CAP."""

    role: Role
    by_view: dict[View, int]
    next_due_at: datetime | None  # of what it is to decide

    @property
    def count(self) -> int:
        return self.by_view[View.TODO]


@dataclass(frozen=True)
class Counts:
    roles: list[RoleCount]  # in the order of the roles, each one of the reader's
    own: dict[View, int]  # of views that are not by role

    def of(self, view: View, role: Role | None = None) -> int:
        if view in self.own:
            return self.own[view]
        return sum(one.by_view[view] for one in self.roles if role in (None, one.role))

    def next_due_at(self, role: Role | None = None) -> datetime | None:
        dues = [one.next_due_at for one in self.roles if role in (None, one.role)]
        return min((due for due in dues if due), default=None)


def counts(reach: Reach, *, reader: User, midnight: datetime, at: datetime) -> Counts:
    """Return how much waits for a reader; ``midnight`` is when their day began."""
    given = asked(reach, reader, at) | {
        "limit": CAP + 1,
        "midnight": midnight,
        "overturned": at - timedelta(days=OVERTURNED_WITHIN),
    }
    own = OWN.format(of_tenants="" if reach.tenants is None else OF_TENANTS)
    with connection.cursor() as cursor:
        cursor.execute(limited(ROLES, reach), given)
        found = {pk: (numbers, due) for pk, *numbers, due in cursor.fetchall()}
        cursor.execute(own, given)
        row = cursor.fetchone()
    none = ([0] * len(BY_ROLE), None)
    by_role = [
        RoleCount(role, dict(zip(BY_ROLE, numbers, strict=True)), due)
        for role in reach.roles
        for numbers, due in [found.get(role.pk, none)]
    ]
    views = (View.MINE, View.SNOOZED, View.DECIDED, View.OVERTURNED)
    return Counts(by_role, dict(zip(views, row or (), strict=True)))
