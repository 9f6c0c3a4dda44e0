"""By when, and what if nobody: SLA policies, read strictly from their facts and said in words."""

from routing.sla.policy import PAUSES, TARGETS, Chain, Promise, Reason, Sla, Step
from routing.sla.reading import read
from routing.standard import STANDARD

__all__ = ["PAUSES", "STANDARD", "TARGETS", "Chain", "Promise", "Reason", "Sla", "Step", "read"]
