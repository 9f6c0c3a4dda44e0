"""``GET /cases/{case}/decision?wait=30`` as an ASGI layer around a view that never waits.

The view answers at once: 200, 204 or 410. While it says 204 and there is time left, this layer
holds the request, without thread or database connection, until the case moves, and asks again.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from escalation.bell import bell
from escalation.web.draining import ending, or_ending

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

DECISION = re.compile(r"/api/v1/cases/[^/]+/decision/?")
CASE_HEADER = b"x-case"  # which case a 204 was about; taken out again here
MOST_SECONDS = 60
AGAIN_SECONDS = 1


def seconds_to_wait(query: bytes) -> int:
    """Return ``wait`` of a query string; 0 when it is absent or no whole number from 0 to 60."""
    value = parse_qs(query.decode("latin-1")).get("wait", ["0"])[-1]
    return int(value) if value.isascii() and value.isdigit() and len(value) < 3 and (
        int(value) <= MOST_SECONDS
    ) else 0  # fmt: skip


class LongPoll:
    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        waits = (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and DECISION.fullmatch(scope["path"])
            and seconds_to_wait(scope["query_string"])
        )
        if not waits:
            await self.app(scope, receive, send)
            return
        answer = asyncio.create_task(self._patiently(scope, waits))
        gone = asyncio.create_task(disconnected(receive))
        try:
            await asyncio.wait([answer, gone], return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                await _send(answer.result(), send)
        finally:
            answer.cancel()
            gone.cancel()

    async def _patiently(self, scope: Scope, seconds: int) -> list[Message]:
        until = asyncio.get_running_loop().time() + seconds
        messages = await answered(self.app, scope)
        case_id = _case(messages)
        if case_id is None:
            return messages
        with suppress(TimeoutError):
            await or_ending(asyncio.wait_for(bell().ready(), seconds))
        while not ending().is_set() and (left := until - asyncio.get_running_loop().time()) > 0:
            rung = bell().subscribe(case_id)
            try:
                answer = await answered(
                    self.app, scope
                )  # what moved before we listened is seen here
                if answer[0]["status"] >= 500:  # PostgreSQL is away, so nothing is known yet
                    await or_ending(asyncio.sleep(min(left, AGAIN_SECONDS)))
                    continue
                messages = answer
                if _case(messages) is None:
                    break
                await or_ending(asyncio.wait([rung], timeout=left))
            finally:
                bell().unsubscribe(case_id, rung)
        return messages  # a 204 says when to ask again, of another process where this one ends


async def answered(app: App, scope: Scope) -> list[Message]:
    """Return the whole answer of the view; the request has no body."""
    messages: list[Message] = []
    body = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        if message := next(body, None):
            return message
        await asyncio.Event().wait()  # Django listens for a client that leaves; we do, not it
        raise AssertionError("never reached")

    async def send(message: Message) -> None:
        messages.append(message)

    await app(dict(scope), receive, send)
    return messages


def _case(messages: list[Message]) -> str | None:
    start = messages[0]
    if start["status"] != 204:
        return None
    return next(
        (value.decode() for name, value in start["headers"] if name.lower() == CASE_HEADER), None
    )


async def disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(messages: list[Message], send: Send) -> None:
    start = messages[0]
    headers = [pair for pair in start["headers"] if pair[0].lower() != CASE_HEADER]
    await send({**start, "headers": headers})
    for message in messages[1:]:
        await send(message)
