"""``/urgent/`` as a stream of server-sent events: an ASGI layer around a view that answers at once.

The view says, under the session of who asks, whose cases they watch; from then on the stream holds
neither thread nor database connection. One task of each process counts what is urgent for all of its
streams together, when a case moves and as time passes. A stream ends after MINUTES, and with its
process; the browser then asks again, and so shows again who it is.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from django.db import DatabaseError, connection
from django.utils.timezone import now

from escalation import urgent
from escalation.bell import ANY, bell
from escalation.longpoll import App, Message, Receive, Scope, Send, answered, disconnected
from escalation.web.draining import ending, or_ending

logger = logging.getLogger(__name__)
PATH = "/urgent/"
KIND = b"text/event-stream"
MOST = 1000  # streams of one process; whoever comes then polls
MINUTES = 10
QUIET_SECONDS = 1.0  # between two counts, however much moves
EVERY_SECONDS = 15.0  # time alone makes a case urgent
BEAT_SECONDS = 20.0  # so that a proxy does not take a quiet stream for a dead one


class Board:
    """What is urgent, counted once for all who watch in this process, while anybody does."""

    def __init__(self, ask: Callable[[], Awaitable[urgent.Counts]]) -> None:
        self._ask = ask
        self._watching = 0
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()
        self.counts: urgent.Counts | None = None

    @property
    def watching(self) -> int:
        return self._watching

    async def __aenter__(self) -> "Board":
        self._watching += 1
        if self._task is None or self._task.done():
            self.counts = None
            self._task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watching -= 1
        if not self._watching and self._task:
            self._task.cancel()
            self._task = None

    async def next(self, seen: urgent.Counts | None, seconds: float) -> urgent.Counts | None:
        """Return the counts once they are others than ``seen``, or after ``seconds`` as they are."""

        async def wait() -> None:
            async with self._changed:
                await self._changed.wait_for(lambda: self.counts is not seen)

        with suppress(TimeoutError):
            await asyncio.wait_for(wait(), seconds)
        return self.counts

    async def _keep(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(bell().ready(), QUIET_SECONDS)
        while True:
            moved = bell().subscribe(ANY)
            try:
                found = await self._ask()
                if found != self.counts:
                    async with self._changed:
                        self.counts = found
                        self._changed.notify_all()
            except DatabaseError as error:
                logger.warning("What is urgent could not be counted: %s", error)
            try:
                await asyncio.sleep(QUIET_SECONDS)
                await asyncio.wait([moved], timeout=EVERY_SECONDS)
            finally:
                bell().unsubscribe(ANY, moved)


async def count() -> urgent.Counts:
    def ask() -> urgent.Counts:
        try:
            return urgent.counts(now())
        finally:
            connection.close()  # back to the pool, not kept by this thread

    return await asyncio.to_thread(ask)


_boards: dict[asyncio.AbstractEventLoop, Board] = {}


def board() -> Board:
    loop = asyncio.get_running_loop()
    if loop not in _boards:
        _boards.clear()
        _boards[loop] = Board(count)
    return _boards[loop]


class UrgentStream:
    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_asked(scope) or board().watching >= MOST:
            await self.app(scope, receive, send)
            return
        messages = await answered(self.app, scope)
        if messages[0]["status"] != 200:
            for message in messages:
                await send(message)
            return
        body = b"".join(message.get("body", b"") for message in messages[1:])
        watched = urgent.Watched.made(**json.loads(body))
        telling = asyncio.create_task(_tell(watched, send))
        gone = asyncio.create_task(disconnected(receive))
        try:
            await asyncio.wait([telling, gone], return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                telling.result()
        finally:
            telling.cancel()
            gone.cancel()
            await asyncio.wait([telling, gone])


def _is_asked(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and scope["path"] == PATH
        and (b"accept", KIND) in [(name.lower(), value) for name, value in scope["headers"]]
    )


async def _tell(watched: urgent.Watched, send: Send) -> None:
    headers = [
        (b"content-type", KIND),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    until = asyncio.get_running_loop().time() + MINUTES * 60
    told: int | None = None
    async with board() as counted:
        seen: Any = None
        while asyncio.get_running_loop().time() < until:
            seen = await or_ending(counted.next(seen, BEAT_SECONDS))
            if ending().is_set():
                break
            number = None if seen is None else watched.of(seen)
            is_news = number is not None and number != told
            await send(_piece(f"data: {number}\n\n" if is_news else ":\n\n"))
            told = number
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _piece(text: str) -> Message:
    return {"type": "http.response.body", "body": text.encode(), "more_body": True}
