"""Callbacks of the desk, which are Standard Webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from recourse.answers import Case, Decision
from recourse.errors import DeskError

DECIDED = ("case.decided", "case.overturned")
WAITING = ("case.information_requested", "case.held")


class NotGenuine(DeskError):
    """The callback does not carry the desk's signature, or is more than five minutes old."""


def verify_callback(headers: Mapping[str, str], body: bytes | str, secret: str) -> dict[str, Any]:
    """Return the event ``{"type", "timestamp", "data"}`` of a callback that the desk signed.

    ``body`` must be the bytes as they came, not JSON that was read and written again. The same
    event may come again: remember its ``webhook-id``. Raises NotGenuine.
    """
    try:
        event = Webhook(secret).verify(body, {name.lower(): headers[name] for name in headers})
    except WebhookVerificationError as error:
        raise NotGenuine(str(error)) from None
    except ValueError as error:  # a body that is no UTF-8, a signature that is no base64
        raise NotGenuine(f"the callback cannot be read: {error}") from None
    if not isinstance(event, dict):
        raise NotGenuine("the callback is no event")
    return event


@dataclass(frozen=True)
class Event:
    """What a callback tells: a decision, or a case that waits and, if it was asked, for what."""

    type: str  # such as "case.decided"; a newer desk may send some that are not known here
    at: datetime
    decision: Decision | None  # of "case.decided" and "case.overturned"
    case: Case | None  # of "case.information_requested" and "case.held"
    state: Any  # what the agent gave to be handed back
    raw: dict[str, Any] = field(repr=False)

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Event:
        """Read what ``verify_callback`` returned."""
        type, data = raw["type"], raw.get("data") or {}
        return cls(
            type=type,
            at=datetime.fromisoformat(raw["timestamp"]),
            decision=Decision.of(data) if type in DECIDED else None,
            case=Case.of(data) if type in WAITING else None,
            state=data.get("state"),
            raw=dict(raw),
        )
