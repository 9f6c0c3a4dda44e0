"""No body is spooled beyond what any call takes, nor waited for without end; the caller is told so."""

import asyncio
import json
import re
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import cached_property

from django.conf import settings

from escalation.api.problems import CONTENT_TYPE, document
from escalation.longpoll import App, Message, Receive, Scope, Send

READ_AWAY = 64 * 1024 * 1024  # so that a client that sends first and reads later still hears why
LARGE = 16 * 1024 * 1024  # of such bodies a process takes in AT_ONCE; the others wait, unread
AT_ONCE = 8
MUCH = 256 * 1024  # a body of so many bytes, once it is there, waits until fewer than READ_AT_ONCE
READ_AT_ONCE = 2  # like it are read by this process: parsed, it takes some twenty times its size
PATTERNS = [(re.compile(pattern), most) for pattern, most in settings.UPLOADS.items()]


class BodyLimit:
    """ASGI layer: answers 413 once a body, of known length or not, is longer than ``most`` bytes.

    A page that takes files reads more (``UPLOADS``), so that it can say itself, at the field, that
    one is too long.
    """

    def __init__(self, app: App, most: int = settings.PACKAGE_BYTES) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self._most(scope["path"])
        body = _Counted(receive, most, settings.BODY_SECONDS, self._room(most), self._readers)
        try:
            await self.app(scope, body.receive, body.unless_refused(send))
        finally:
            await body.leave()
        if body.is_late:
            await _refuse(send, 408, "body-too-slow", "The body took too long",
                          f"A body has {settings.BODY_SECONDS} seconds to arrive.")  # fmt: skip
        elif body.is_too_long:
            await body.read_away()
            await _refuse(send, 413, "body-too-large", "The body is too large",
                          f"The body of a request to this address is at most {most} bytes.")  # fmt: skip

    def _most(self, path: str) -> int:
        """Return how many bytes the body of a request to this address may have."""
        return next((most for pattern, most in PATTERNS if pattern.fullmatch(path)), self.most)

    def _room(self, most: int) -> AbstractAsyncContextManager[object]:
        return self._large if most > LARGE else nullcontext()

    @cached_property
    def _large(self) -> asyncio.Semaphore:
        return asyncio.Semaphore(AT_ONCE)

    @cached_property
    def _readers(self) -> asyncio.Semaphore:
        return asyncio.Semaphore(READ_AT_ONCE)


class _Counted:
    """A request's body, counted as it is read; to the application a too long one is a client gone."""

    def __init__(
        self,
        receive: Receive,
        most: int,
        seconds: float,
        room: AbstractAsyncContextManager[object],
        readers: asyncio.Semaphore,
    ) -> None:
        self._receive = receive
        self._readers = readers
        self._is_read = False
        self.most, self.seconds = most, seconds
        self.read = 0
        self.more = True
        self.is_late = False
        self._room = room
        self._entered = False
        self._until = 0.0

    @property
    def is_too_long(self) -> bool:
        return self.read > self.most

    async def receive(self) -> Message:
        if self.is_too_long or self.is_late:
            return {"type": "http.disconnect"}
        if not self.more:  # the body is there: what comes now is that the client goes
            return await self._receive()
        await self._enter()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            self.is_late = True
            return {"type": "http.disconnect"}
        self.read += len(message.get("body", b""))
        self.more = bool(message.get("more_body", False))
        if self.read > self.most:
            return {"type": "http.disconnect"}
        if not self.more and MUCH <= self.read <= LARGE:  # files are read piece by piece
            await self._readers.acquire()
            self._is_read = True
        return message

    async def _enter(self) -> None:
        """Wait for room where the body may be large; its time runs from then on."""
        if not self._entered:
            await self._room.__aenter__()
            self._entered = True
            self._until = asyncio.get_running_loop().time() + self.seconds

    async def leave(self) -> None:
        if self._is_read:
            self._readers.release()
        if self._entered:
            await self._room.__aexit__(None, None, None)

    def unless_refused(self, send: Send) -> Send:
        async def guarded(message: Message) -> None:
            if not (self.is_too_long or self.is_late):
                await send(message)

        return guarded

    async def read_away(self) -> None:
        while self.more and self.read < READ_AWAY:
            message = await self._receive()
            self.read += len(message.get("body", b""))
            self.more = bool(message.get("more_body", False))


async def _refuse(send: Send, status: int, slug: str, title: str, detail: str) -> None:
    body = json.dumps(document(status, slug, title, detail)).encode()
    headers = [
        (b"content-type", CONTENT_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store, private"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
