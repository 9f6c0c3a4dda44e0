"""What the desk's own login may do: everything, except to change the record.

Triggers stand behind these grants (``migrations/0002``). Both refuse; only the owner, who migrates,
is outside of them, which is why the record can also be checked without trusting either.
"""

from typing import Any

from django.conf import settings
from django.db import connection

# Rows that are only ever added.
ADD_ONLY = [
    "escalation_package",
    "escalation_evidence",
    "escalation_firing",
    "escalation_option",
    "escalation_decision",
    "escalation_answer",
    "escalation_opening",
    "escalation_comment",
    "escalation_resumption",
    "escalation_event",
    "escalation_content",
    "escalation_contentpart",
    "escalation_hoursversion",
    "escalation_terms",
]
# Rows of which only these columns change, and which are never deleted.
CHANGING = {
    "escalation_case": [
        "status",
        "role_id",
        "digest",
        "version",
        "due_at",
        "ended_at",
        "decided_at",
        "stakes",
        "approvals",
        "terms_id",
        "release_at",
        "moves_money",
    ],
    "escalation_disclosure": ["salt", "value"],
    "escalation_handoff": [
        "ended_at",
        "end",
        "seen_at",
        "seen_by_id",
        "seen_digest",
        "claimed_at",
        "lease_until",
    ],
    "escalation_clock": ["due_at", "warned", "stopped_at", "breached_at"],
    "escalation_pause": ["ended_at"],
    "escalation_release": ["ended_at", "end"],
    "escalation_opinionrequest": ["opinion_id"],
    "escalation_needless": ["taken_back_at"],
    "escalation_snooze": ["ended_at"],
    "escalation_incident": ["closed_by_id", "closed_at", "conclusion"],
    "escalation_delivery": ["status", "delivered_at", "attempts", "last_error"],
}


def grant_desk(**_: Any) -> None:
    """Give the desk's login its rights; nothing where it is the owner itself."""
    role = settings.DESK_DATABASE_ROLE
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if not role or cursor.fetchone() == (role,):
            return
        for statement in statements(connection.ops.quote_name(role)):
            cursor.execute(statement)


def statements(role: str) -> list[str]:
    """Return the statements that give ``role`` (quoted) what it may do."""
    kept = ", ".join([*ADD_ONLY, *CHANGING])
    return [
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {kept} FROM {role}",
        *(
            f"GRANT UPDATE ({', '.join(_quoted(columns))}) ON {table} TO {role}"
            for table, columns in CHANGING.items()
        ),
    ]


def _quoted(names: list[str]) -> list[str]:
    return [connection.ops.quote_name(name) for name in names]
