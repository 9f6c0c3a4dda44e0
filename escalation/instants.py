"""Instants as people type them in a shell."""

from argparse import ArgumentTypeError
from datetime import datetime

from escalation.package import RFC3339


def instant_argument(text: str) -> datetime:
    """Return an RFC 3339 instant for argparse; a time without an offset is asked for again."""
    if not RFC3339.fullmatch(text):
        raise ArgumentTypeError(
            f"{text} is no instant with an offset, such as 2026-11-20T09:12:00Z"
        )
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a date that exists") from None
