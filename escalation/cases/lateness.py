"""When a case is late: one definition for the badge in the rail, the *Breaching* view and a row."""

from datetime import datetime, timedelta

SOON = timedelta(minutes=15)  # scripts count with it too: static/js/left.js


def is_late(due_at: datetime | None, at: datetime) -> bool:
    """Return whether the deadline has come; one that no clock runs for never does."""
    return due_at is not None and due_at <= at


def is_breaching(due_at: datetime | None, at: datetime) -> bool:
    """Return whether a case is late, or will be within SOON."""
    return due_at is not None and due_at <= at + SOON


# The same as SQL on ``found``, which awaits a decision; ``soon`` is the instant ``at + SOON``.
BREACHING = "found.status = 'awaiting' AND found.release_at IS NULL AND found.due_at <= %(soon)s"
