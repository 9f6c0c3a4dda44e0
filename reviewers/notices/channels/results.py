"""What came of one try: sent, refused (the next way is asked), or failed (it is tried again)."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.timezone import now

from escalation.delivery.guarded_http import Reply

AGAIN = {408, 421, 425, 429}  # a refusal of this moment only
GONE = 410
MISTAKEN = "the address, or what the operator set up for this channel, is not understood"


@dataclass(frozen=True)
class Tried:
    """Without an error it was sent. ``refused``: no later try would change it; ``gone``: nor of others."""

    error: str = ""
    refused: bool = False
    gone: bool = False
    wait: timedelta = timedelta()  # that the other end asks for before the next try


NOT_UNDERSTOOD = Tried(MISTAKEN, refused=True)


def read_reply(reply: Reply) -> Tried:
    """Return what an answer over HTTP means by its status."""
    status = reply.status
    if 200 <= status < 300:
        return Tried()
    if 300 <= status < 400:
        return Tried(f"answered {status}: redirects are not followed", refused=True)
    refused = status < 500 and status not in AGAIN
    wait = timedelta() if refused else reply.wait(at=now())
    return Tried(f"answered {status}", refused=refused, gone=status == GONE, wait=wait)


def json_of(reply: Reply) -> dict[str, Any]:
    """Return the object in an answer; empty where there is none."""
    try:
        read = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
