"""Whose turn it is: which of a person's ways is tried next, and after what wait. Pure.

A way is tried three times within a minute, then the next one, in the person's order. When each had
its turn they go round again, ever more slowly, and in the end it is given up. A refusal ends a way's
turns at once. A dead way is asked once, after the others had their first turns: it may have come
back. Where all are dead each is asked as if it lived.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

FIRST = [
    timedelta(seconds=s) for s in (0, 5, 30)
]  # before the first, second and third try of a way
ROUNDS = [timedelta(seconds=s) for s in (120, 600, 1800, 3600)]  # before going round again
NOW = timedelta()


@dataclass(frozen=True)
class Way:
    """One way to reach a person, and what became of it so far."""

    id: object
    attempts: int = 0
    refused: bool = False
    dead: bool = False


def next_turn(ways: Sequence[Way]) -> tuple[Way, timedelta] | None:
    """Return which way is tried next and how long after the last try; None: no way is left."""
    left = [way for way in ways if not way.refused]
    alive = [way for way in left if not way.dead] or left
    for way in alive:
        if way.attempts < len(FIRST):
            return way, FIRST[way.attempts]
    for way in left:
        if way.dead and not way.attempts:
            return way, NOW
    if not alive:
        return None
    way = min(alive, key=lambda one: one.attempts)  # the first of those that are furthest behind
    if way.attempts >= len(FIRST) + len(ROUNDS):
        return None
    behind = any(one.attempts > way.attempts for one in alive)
    return way, NOW if behind else ROUNDS[way.attempts - len(FIRST)]
