"""The life of a case: one table of allowed moves, one function that makes them, and its doors.

Each door is one transaction. The case row is locked first, then its handoff; the ledger comes last.
"""

from escalation.lifecycle.checks import check_decider, check_undecided
from escalation.lifecycle.deciding import decide
from escalation.lifecycle.ending import mark_resumed, withdraw
from escalation.lifecycle.falling import fall_back
from escalation.lifecycle.handing import (
    Hands,
    Start,
    claim,
    give_back,
    hand_off,
    hand_over,
    move_role,
    see,
)
from escalation.lifecycle.moves import ALLOWED, CHANNEL
from escalation.lifecycle.overturning import overturn
from escalation.lifecycle.pausing import answer, ask, hold, longest_pause, take_up

__all__ = [
    "ALLOWED",
    "CHANNEL",
    "Hands",
    "Start",
    "answer",
    "ask",
    "check_decider",
    "check_undecided",
    "claim",
    "decide",
    "fall_back",
    "give_back",
    "hand_off",
    "hand_over",
    "hold",
    "longest_pause",
    "mark_resumed",
    "move_role",
    "overturn",
    "see",
    "take_up",
    "withdraw",
]
