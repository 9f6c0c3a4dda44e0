"""What came of one try: sent, refused (the next way is asked), or failed (it is tried again)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from reviewers.notifications.wire import Heard

AGAIN = {408, 421, 425, 429, 450, 451, 452}  # a refusal of this moment only, HTTP and SMTP
GONE = 410
# What Slack answers with 200 when it is not the address that is wrong.
SLACK_AGAIN = {
    *("fatal_error", "internal_error", "ratelimited", "rate_limited", "request_timeout"),
    *("service_unavailable", "team_added_to_org"),
}


@dataclass(frozen=True)
class Tried:
    """Without an error it was sent. ``refused``: no later try would change it; ``gone``: nor of others."""

    error: str = ""
    refused: bool = False
    gone: bool = False


def read(sent: bool, heard: Sequence[Heard]) -> Tried:
    """Return what a plugin's yes or no means, by what it last heard."""
    if sent:
        return Tried()
    if not heard:
        return Tried("the address is not understood", refused=True)  # nobody was even called
    last = heard[-1]
    if last.refused or not last.status:
        return Tried(last.error, refused=last.refused)
    if last.error:  # in the words of a mail server
        return Tried(last.error, refused=last.status >= 500)
    if 200 <= last.status < 300:
        said = _error_of(last.body)
        return Tried(f"answered {said or 'no'}", refused=bool(said) and said not in SLACK_AGAIN)
    if 300 <= last.status < 400:
        return Tried(f"answered {last.status}: redirects are not followed", refused=True)
    refused = last.status < 500 and last.status not in AGAIN
    return Tried(f"answered {last.status}", refused=refused, gone=last.status == GONE)


def _error_of(body: bytes) -> str:
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    said = answer.get("error") if isinstance(answer, dict) else ""
    return said if isinstance(said, str) else ""
