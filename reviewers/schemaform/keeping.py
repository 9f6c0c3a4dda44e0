"""Long texts that were proposed: kept as they are without being drawn, until somebody asks for one.

What does not come back with a post is untouched, and so the very value that was proposed.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from reviewers.schemaform.inputs import GROUPS, Input

ROOM = 60_000  # bytes of a page for the texts of all options
LONGEST = 20_000  # of one text
SHORT = ("choice", "several", "fixed")


def keep_long(inputs: Iterable[Input], room: int = ROOM) -> None:
    """Mark the inputs whose texts a page has no room for, but none in which somebody has typed."""
    for made in (one for top in inputs for one in top.walk()):
        if made.kind in GROUPS or made.kind in SHORT:
            continue
        is_asked_for = made.begins or made.posted or made.is_changed or made.errors
        size = len(escape(made.text).encode()) if len(made.text) <= LONGEST else LONGEST + 1
        made.is_kept = not is_asked_for and size > min(LONGEST, room)
        if not made.is_kept:
            room -= size
