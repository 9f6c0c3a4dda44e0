from escalation.models.calendars import Calendar, Holiday, OpenSpan, SpecialDay
from escalation.models.cases import Case, Evidence, Firing, Option, Package
from escalation.models.clocks import Clock, HoursVersion, Pause, Terms
from escalation.models.decisions import Answer, Decision, Resumption
from escalation.models.effects import Delivery, Effect, Heartbeat
from escalation.models.handoffs import Handoff
from escalation.models.ledger import Disclosure, Event
from escalation.models.people import Competence, Conflict
from escalation.models.principals import Agent, AgentKey, Limit, Role, User
from escalation.models.sign_in import Shared, Tries

__all__ = [
    "Agent",
    "AgentKey",
    "Answer",
    "Calendar",
    "Case",
    "Clock",
    "Competence",
    "Conflict",
    "Decision",
    "Delivery",
    "Disclosure",
    "Effect",
    "Event",
    "Evidence",
    "Firing",
    "Handoff",
    "Heartbeat",
    "Holiday",
    "HoursVersion",
    "Limit",
    "OpenSpan",
    "Option",
    "Package",
    "Pause",
    "Resumption",
    "Role",
    "Shared",
    "SpecialDay",
    "Terms",
    "Tries",
    "User",
]
