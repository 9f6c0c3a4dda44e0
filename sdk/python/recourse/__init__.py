"""Stop an agent, ask a person, go on: the client of a Recourse desk."""

from recourse.answers import Case, Decider, Decision, Pause
from recourse.callbacks import Event, NotGenuine, verify_callback
from recourse.desk import Desk
from recourse.errors import (
    Conflict,
    DeskError,
    Forbidden,
    NoDecisionYet,
    NotFound,
    Problem,
    RateLimited,
    Refused,
    Rejected,
    Unauthorised,
    Unreachable,
    Withdrawn,
)
from recourse.package import Package

__all__ = [
    "Case",
    "Conflict",
    "Decider",
    "Decision",
    "Desk",
    "DeskError",
    "Event",
    "Forbidden",
    "NoDecisionYet",
    "NotFound",
    "NotGenuine",
    "Package",
    "Pause",
    "Problem",
    "RateLimited",
    "Refused",
    "Rejected",
    "Unauthorised",
    "Unreachable",
    "Withdrawn",
    "verify_callback",
]
