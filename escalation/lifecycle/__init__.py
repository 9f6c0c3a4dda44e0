"""The life of a case: one table of allowed moves, one function that makes them, and its doors.

Each door is one transaction. The case row is locked first, then its handoff; the ledger comes last.
"""

from escalation.lifecycle.deciding import check_decider, decide
from escalation.lifecycle.ending import mark_resumed, withdraw
from escalation.lifecycle.handing import Hands, give_back, hand_off
from escalation.lifecycle.moves import ALLOWED, CHANNEL

__all__ = [
    "ALLOWED",
    "CHANNEL",
    "Hands",
    "check_decider",
    "decide",
    "give_back",
    "hand_off",
    "mark_resumed",
    "withdraw",
]
