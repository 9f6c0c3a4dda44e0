"""Stop an agent, ask a person, go on: the client of a Recourse desk."""

from recourse.answers import Case, Decider, Decision
from recourse.callbacks import NotGenuine, verify_callback
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
    "Forbidden",
    "NoDecisionYet",
    "NotFound",
    "NotGenuine",
    "Package",
    "Problem",
    "RateLimited",
    "Refused",
    "Rejected",
    "Unauthorised",
    "Unreachable",
    "Withdrawn",
    "verify_callback",
]
