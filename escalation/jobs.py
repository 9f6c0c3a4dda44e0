"""What workers carry out. A job carries ids and claim numbers, may run twice or late, and says nothing."""

from django.utils.timezone import now

from escalation import effects, stopping
from escalation.enums import EffectKind


def see_to_stopped(claims: dict[str, int]) -> None:
    """Hold the cases of agents that were stopped; take up those of agents that were started again."""
    for agent_id in effects.claimed(EffectKind.STOP, claims):
        stopping.see_to(agent_id, at=now())
