from escalation.models.attachments import Content, ContentPart
from escalation.models.calendars import Calendar, Holiday, OpenSpan, SpecialDay
from escalation.models.cases import Case, Evidence, Firing, Option, Package
from escalation.models.clocks import Clock, HoursVersion, Pause, Terms
from escalation.models.decisions import Answer, Decision, Release, Resumption
from escalation.models.effects import Delivery, Effect, Heartbeat
from escalation.models.handoffs import Handoff
from escalation.models.ledger import Disclosure, Event
from escalation.models.people import Competence, Conflict
from escalation.models.principals import Agent, AgentKey, Limit, Role, User
from escalation.models.review import (
    Comment,
    Draft,
    Incident,
    Needless,
    Opening,
    OpinionRequest,
    Snooze,
    Viewing,
)
from escalation.models.sign_in import Shared, Tries
from escalation.models.texts import CaseText

__all__ = [
    "Agent",
    "AgentKey",
    "Answer",
    "Calendar",
    "Case",
    "CaseText",
    "Clock",
    "Comment",
    "Competence",
    "Conflict",
    "Content",
    "ContentPart",
    "Decision",
    "Delivery",
    "Disclosure",
    "Draft",
    "Effect",
    "Event",
    "Evidence",
    "Firing",
    "Handoff",
    "Heartbeat",
    "Holiday",
    "HoursVersion",
    "Incident",
    "Limit",
    "Needless",
    "Opening",
    "OpinionRequest",
    "OpenSpan",
    "Option",
    "Package",
    "Pause",
    "Release",
    "Resumption",
    "Role",
    "Shared",
    "Snooze",
    "SpecialDay",
    "Terms",
    "Tries",
    "User",
    "Viewing",
]
