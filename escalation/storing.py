"""How a package is stored: one statement, so that intake is one round trip and one commit.

The rows are made by PostgreSQL from the very JSON that is kept; done row by row through the ORM the
same work took three times the processor (``docs/decisions/0003-intake-in-one-statement.md``).
"""

import json
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import psycopg
from django.db import connection, transaction
from uuid_utils.compat import uuid7

from escalation import ledger
from escalation.enums import EffectKind
from escalation.models import Agent, Case

NUMBER = """
SELECT CASE WHEN found.id IS NULL THEN nextval('escalation_case_number') END
FROM (SELECT) AS one
LEFT JOIN escalation_case AS found ON found.agent_id = %s AND found.idempotency_key = %s
"""

STORE = """
WITH given AS (SELECT %(package)s::jsonb AS package),
opened AS (
    INSERT INTO escalation_case
        (id, number, agent_id, idempotency_key, request_digest, status, stakes, role_wish, question,
         recommended, action, categories, amount, currency, moves, moves_money, tenant,
         language, user_id, run, batch, approvals, agent_version, digest, version,
         callback_url, state, created_at)
    SELECT %(id)s, %(number)s, %(agent_id)s, %(idempotency_key)s, %(request_digest)s, %(status)s,
           %(stakes)s, %(role_wish)s, %(question)s, %(recommended)s, %(action)s, %(categories)s::text[],
           %(amount)s::numeric, %(currency)s, %(moves)s::jsonb, %(moves_money)s, %(tenant)s,
           %(language)s, %(user_id)s, %(run)s, %(batch)s,
           %(approvals)s, %(agent_version)s, %(digest)s,
           1, %(callback_url)s, NULLIF(package->'resume'->'state', 'null'), %(created_at)s
    FROM given
),
stored AS (
    INSERT INTO escalation_package (case_id, version, body, digest, received_at)
    VALUES (%(id)s, 1, %(body)s, %(digest)s, %(created_at)s)
),
evidence AS (
    INSERT INTO escalation_evidence
        (case_id, position, version, key, kind, name, at, duration_ms, must_read, body)
    SELECT %(id)s, position, 1, coalesce(step->>'key', '#' || position), step->>'kind',
           coalesce(step->>'name', ''),
           (step->>'at')::timestamptz, (step->>'duration_ms')::bigint,
           coalesce((step->>'must_read')::boolean, false), step
    FROM given, jsonb_array_elements(package->'steps') WITH ORDINALITY AS steps (step, position)
),
firings AS (
    INSERT INTO escalation_firing
        (case_id, position, type, name, observed, operator, threshold, detail)
    SELECT %(id)s, position, fired->>'type', fired->>'name', fired->'observed', fired->>'operator',
           fired->'threshold', coalesce(fired->>'detail', '')
    FROM given, jsonb_array_elements(package->'triggers') WITH ORDINALITY AS t (fired, position)
),
options AS (
    INSERT INTO escalation_option (case_id, position, key, label, outcome, parameters, consequences)
    SELECT %(id)s, position, option->>'key', option->>'label', option->>'outcome',
           NULLIF(option->'parameters', 'null'), option->'consequences'
    FROM given,
         jsonb_array_elements(package->'question'->'options') WITH ORDINALITY AS o (option, position)
),
effect AS (
    INSERT INTO escalation_effect (id, kind, target, due_at, claims, attempts, last_error)
    VALUES (%(effect_id)s, %(effect_kind)s, %(id)s, %(created_at)s, 0, 0, '')
),
event AS (
    INSERT INTO escalation_event (at, actor, on_behalf_of, action, subject, body, leaf)
    VALUES (%(created_at)s, %(actor)s, '', %(event_action)s, %(subject)s, %(event_body)s, %(leaf)s)
    RETURNING id
)
INSERT INTO escalation_disclosure (event_id, name, salt, value)
SELECT event.id, disclosed.* FROM event,
       unnest(%(names)s::text[], %(salts)s::bytea[], %(values)s::bytea[]) AS disclosed
"""

COLUMNS = [
    "id", "number", "agent_id", "idempotency_key", "request_digest", "status", "stakes", "role_wish",
    "question", "recommended", "action", "categories", "amount", "currency", "moves_money",
    "tenant", "language", "user_id", "run", "batch", "approvals",
    "agent_version", "digest", "callback_url", "created_at",
]  # fmt: skip


def next_number(agent: Agent, key: str) -> int | None:
    """Return the number of a new case; None when the agent's ``key`` has opened one already."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBER, [agent.pk, key])
        row: tuple[int | None] = cursor.fetchone()
        return row[0]


def store(case: Case, package: bytes, opening: ledger.Entry) -> None:
    """Write a case with all that came with it, and its event, in one transaction.

    ``package`` is canonical and checked. Raises IntegrityError when the key is taken.
    """
    event, disclosures = opening.event, opening.disclosures
    values = {name: getattr(case, name) for name in COLUMNS} | {
        "package": package.decode(),
        "moves": json.dumps(case.moves),
        "body": package,
        "effect_id": uuid7(),
        "effect_kind": EffectKind.DISPATCH.value,
        "actor": event.actor,
        "event_action": event.action,
        "subject": event.subject,
        "event_body": event.body,
        "leaf": event.leaf,
        "names": [found.name for found in disclosures],
        "salts": [found.salt for found in disclosures],
        "values": [found.value for found in disclosures],
    }
    connection.ensure_connection()
    with _whole(), connection.wrap_database_errors:
        # Values go beside the statement, not into its text as Django's own cursor would have them:
        # that spares PostgreSQL the reading of a package twice over.
        psycopg.Cursor(connection.connection).execute(STORE, values)


def _whole() -> AbstractContextManager[Any]:
    """One statement is a transaction by itself; within another it needs a savepoint to fail alone."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()
