"""Whoever runs the desk declares what money an agent moves, and in which units; the record has it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from escalation import ledger
from escalation.actors import Actor
from escalation.models import Agent

FIELDS = ("moves_money", "minor_units", "minor_decimals")


@transaction.atomic
def register_money(
    agent_id: UUID,
    *,
    moves_money: Iterable[str],
    minor_units: Iterable[str],
    minor_decimals: Iterable[str],
    by: Actor,
    at: datetime,
) -> Agent:
    """Declare what an agent's amounts mean; cases that are open keep what was read of them.

    Saying the same again changes nothing. Raises ValidationError for what is no declaration.
    """
    agent = Agent.objects.select_for_update().get(pk=agent_id)
    before = [getattr(agent, name) for name in FIELDS]
    agent.moves_money, agent.minor_units = sorted(set(moves_money)), sorted(set(minor_units))
    agent.minor_decimals = sorted(set(minor_decimals))
    agent.clean_fields()
    now = {name: getattr(agent, name) for name in FIELDS}
    if list(now.values()) != before:
        agent.save(update_fields=FIELDS)
        ledger.append("agent.money_registered", subject=agent, by=by, at=at, **now)
    return agent
