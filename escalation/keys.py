"""Agent keys: made, shown once, found again by their hash, revoked."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac

from escalation import ledger
from escalation.actors import Actor
from escalation.demo import doors
from escalation.enums import Scope
from escalation.models import Agent, AgentKey

PREFIX = "rk_"
USED_WITHIN = timedelta(minutes=1)  # how exact last_used_at is

KEY_FIELDS = [field.attname for field in AgentKey._meta.concrete_fields]
AGENT_FIELDS = [field.attname for field in Agent._meta.concrete_fields]
VALID_KEY = f"""
    SELECT {", ".join(f"key.{name}" for name in KEY_FIELDS)},
           {", ".join(f"agent.{name}" for name in AGENT_FIELDS)}
    FROM escalation_agentkey AS key JOIN escalation_agent AS agent ON agent.id = key.agent_id
    WHERE key.digest = %s AND key.revoked_at IS NULL
"""


def _digest(text: str) -> bytes:
    # 256 random bits need no slow hash, and this runs on every call of every agent
    return hashlib.sha256(text.encode()).digest()


@transaction.atomic
def issue_key(
    agent: Agent, *, by: Actor, at: datetime, scopes: Iterable[str] = Scope.values
) -> tuple[AgentKey, str]:
    """Return a new key and its text, which cannot be had again."""
    handle = secrets.token_hex(4)
    text = f"{PREFIX}{handle}_{secrets.token_urlsafe(32)}"
    key = AgentKey.objects.create(
        agent=agent,
        prefix=f"{PREFIX}{handle}",
        digest=_digest(text),
        scopes=list(scopes),
        created_at=at,
    )
    ledger.append("key.issued", subject=agent, by=by, at=at, prefix=key.prefix, scopes=key.scopes)
    return key, text


@transaction.atomic
def revoke_key(key: AgentKey, *, by: Actor, at: datetime) -> None:
    """End a key at once. Ending one that has ended changes nothing."""
    if AgentKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=at):
        ledger.append("key.revoked", subject=key.agent, by=by, at=at, prefix=key.prefix)


def key_called(text: str, *, at: datetime) -> AgentKey | None:
    """Return the valid key that ``text`` is, marked as used, or None."""
    key = _valid_key(_digest(text)) if text.startswith(PREFIX) else None
    if key and not doors.may_call(key.agent):
        return None
    if key and (key.last_used_at is None or key.last_used_at < at - USED_WITHIN):
        unmarked = Q(last_used_at=None) | Q(last_used_at__lt=at - USED_WITHIN)
        AgentKey.objects.filter(unmarked, pk=key.pk).update(last_used_at=at)
    return key


def _valid_key(digest: bytes) -> AgentKey | None:
    """Return the key with its agent.

    Written out, for every call of every agent begins here: to have the ORM build this statement each
    time took a third of the processor that opening a case takes.
    """
    with connection.cursor() as cursor:
        cursor.execute(VALID_KEY, [digest])
        row = cursor.fetchone()
    if row is None:
        return None
    key = AgentKey.from_db(connection.alias, KEY_FIELDS, row[: len(KEY_FIELDS)])
    key.agent = Agent.from_db(connection.alias, AGENT_FIELDS, row[len(KEY_FIELDS) :])
    return key


def callback_secret(agent: Agent) -> bytes:
    """Return the 32 bytes that sign this agent's callbacks.

    Derived from SECRET_KEY rather than stored: who reads the database cannot forge a decision.
    """
    label = f"{agent.pk}:{agent.secret_version}"
    return salted_hmac("recourse.callbacks", label, algorithm="sha256").digest()
