from escalation.models.cases import Case, Evidence, Firing, Option, Package
from escalation.models.decisions import Decision, Resumption
from escalation.models.effects import Delivery, Effect, Heartbeat
from escalation.models.handoffs import Handoff
from escalation.models.ledger import Disclosure, Event
from escalation.models.principals import Agent, AgentKey, Role, User

__all__ = [
    "Agent",
    "AgentKey",
    "Case",
    "Decision",
    "Delivery",
    "Disclosure",
    "Effect",
    "Event",
    "Evidence",
    "Firing",
    "Handoff",
    "Heartbeat",
    "Option",
    "Package",
    "Resumption",
    "Role",
    "User",
]
