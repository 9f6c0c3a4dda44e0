"""What a click in Slack says: who, on which message, which answer to which package."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

ANSWER = "answer"  # the beginning of an answer's action id; that of the link is OPEN
OPEN = "open"


class NotUnderstood(Exception):
    """Signed by Slack, but nothing that the desk asked for."""


@dataclass(frozen=True)
class Click:
    slack_user: str
    notice: UUID
    version: str  # of the package that the message was about, as ``opaque_name`` calls it
    option: str
    response_url: str  # where the message can be changed


def value(notice: UUID, version: str, option: str) -> str:
    """Return what a button carries, and gives back when it is clicked."""
    return json.dumps([str(notice), version, option], separators=(",", ":"))


def read(body: bytes) -> Click | None:
    """Read a request; None for a click on the link, which Slack tells of too. Raises NotUnderstood."""
    try:
        (payload,) = parse_qs(body.decode(), strict_parsing=True, max_num_fields=10)["payload"]
        given = json.loads(payload)
        return _click(given)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotUnderstood(str(error)) from None


def _click(given: dict[str, Any]) -> Click | None:
    if given["type"] != "block_actions":
        raise ValueError(f"a {given['type']} is nothing that the desk asks for")
    (action,) = given["actions"]
    if action["action_id"] == OPEN:
        return None
    if not action["action_id"].startswith(ANSWER):
        raise ValueError("no button of the desk")
    notice, version, option = json.loads(action["value"])
    user, answer_to = given["user"]["id"], given.get("response_url") or ""
    if not all(isinstance(part, str) for part in (notice, version, option, user, answer_to)):
        raise TypeError("texts are texts")
    return Click(user, UUID(notice), version, option, answer_to)
