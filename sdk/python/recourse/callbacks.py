"""Callbacks of the desk, which are Standard Webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from recourse.errors import DeskError


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
