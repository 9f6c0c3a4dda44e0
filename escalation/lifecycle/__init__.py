"""The life of a case: one table of allowed moves, one function that makes them, and its doors.

Each door is one transaction. The case row is locked first, then its handoff; the ledger comes last.
"""

from escalation.lifecycle.checks import check_decider, check_undecided
from escalation.lifecycle.deciding import commit, decide
from escalation.lifecycle.ending import mark_resumed, withdraw
from escalation.lifecycle.falling import fall_back
from escalation.lifecycle.handing import (
    Hands,
    Start,
    give_back,
    hand_off,
    hand_over,
    move_role,
    see,
)
from escalation.lifecycle.leasing import claim, lapse, renew
from escalation.lifecycle.moves import ALLOWED, CHANNEL, LEASE
from escalation.lifecycle.moving import end_snooze, move_over, snooze
from escalation.lifecycle.overturning import overturn, overturned
from escalation.lifecycle.passing import pass_up
from escalation.lifecycle.pausing import answer, ask, hold, longest_pause, take_up
from escalation.lifecycle.reading import open_evidence
from escalation.lifecycle.releasing import release, undo

__all__ = [
    "ALLOWED",
    "CHANNEL",
    "LEASE",
    "Hands",
    "Start",
    "answer",
    "ask",
    "check_decider",
    "check_undecided",
    "claim",
    "commit",
    "decide",
    "fall_back",
    "give_back",
    "hand_off",
    "hand_over",
    "hold",
    "lapse",
    "longest_pause",
    "mark_resumed",
    "move_over",
    "move_role",
    "open_evidence",
    "overturn",
    "overturned",
    "pass_up",
    "release",
    "renew",
    "see",
    "end_snooze",
    "snooze",
    "take_up",
    "undo",
    "withdraw",
]
