"""No body is spooled beyond what any call takes: the rest is read away, and the caller told so."""

import json

from django.conf import settings

from escalation.api.problems import CONTENT_TYPE, document
from escalation.longpoll import App, Message, Receive, Scope, Send

READ_AWAY = 32 * 1024 * 1024  # so that a client that sends first and reads later still hears why


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
        most = settings.UPLOADS.get(scope["path"], self.most)
        body = _Counted(receive, most)
        await self.app(scope, body.receive, body.unless_too_long(send))
        if body.is_too_long:
            await body.read_away()
            await _refuse(send, most)


class _Counted:
    """A request's body, counted as it is read; to the application a too long one is a client gone."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self.most = most
        self.read = 0
        self.more = True

    @property
    def is_too_long(self) -> bool:
        return self.read > self.most

    async def receive(self) -> Message:
        if self.is_too_long:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self.read += len(message.get("body", b""))
        self.more = bool(message.get("more_body", False))
        return {"type": "http.disconnect"} if self.is_too_long else message

    def unless_too_long(self, send: Send) -> Send:
        async def guarded(message: Message) -> None:
            if not self.is_too_long:
                await send(message)

        return guarded

    async def read_away(self) -> None:
        while self.more and self.read < READ_AWAY:
            message = await self._receive()
            self.read += len(message.get("body", b""))
            self.more = bool(message.get("more_body", False))


async def _refuse(send: Send, most: int) -> None:
    said = document(
        413, "body-too-large", "The body is too large", f"A body is at most {most} bytes."
    )
    body = json.dumps(said).encode()
    headers = [
        (b"content-type", CONTENT_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
