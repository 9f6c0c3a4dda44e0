"""One call over HTTP for a channel, through the guarded client, and what came of it."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from escalation.delivery import guarded_http
from escalation.delivery.guarded_http import Reply, Unreachable
from escalation.errors import AddressRefused
from reviewers.models import ContactPoint
from reviewers.notices.channels.results import Tried, read_reply

SECONDS = 8.0  # that another end has, from looking its name up to the last byte
TURNS = 5  # of the loop, in which connections that were hung up on are taken down
JSON = {"Content-Type": "application/json; charset=utf-8"}


async def post(
    url: str,
    content: bytes,
    headers: Mapping[str, str],
    *,
    lane: str,
    method: str = "POST",
    trusted: bool = False,
    seconds: float | None = None,
    most: int = 0,
    read: Callable[[Reply], Tried] = read_reply,
) -> Tried:
    """Make one call. ``trusted``: the operator named the address, which may be a private one.

    ``most``: bytes of the answer's body that ``read`` needs. Where it needs none, what was taken stays
    taken though the body never comes to an end: sent again, it would be there twice.
    """
    try:
        reply = await guarded_http.request(
            method,
            url,
            seconds=seconds or SECONDS,
            headers={"User-Agent": "Recourse", **headers},
            content=content,
            most=most,
            trusted=trusted,
            lane=lane,
        )
    except AddressRefused as refusal:
        return Tried(str(refusal), refused=True)
    except Unreachable as error:
        return Tried(str(error))
    return read(reply)


def at_once(call: Coroutine[Any, Any, Tried]) -> Tried:
    """Make a call from where no event loop runs, and wait for what comes of it."""
    return asyncio.run(_to_the_end(call))


async def _to_the_end(call: Coroutine[Any, Any, Tried]) -> Tried:
    tried = await call
    for _ in range(TURNS):
        await asyncio.sleep(0)
    return tried


def lane_of(contact: ContactPoint) -> str:
    """Return on whose behalf a name is looked up: one that hangs holds up only theirs."""
    return f"{contact.kind} {contact.user_id}"


def as_json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()
