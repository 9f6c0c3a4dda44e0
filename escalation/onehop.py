"""Django under ASGI in one hop: a request is read on the loop and answered in one of a few threads.

Django's own handler starts a thread for each request and crosses to it three times; that took more
processor than all of intake (``docs/decisions/0002-asgi-server.md``). Here threads are kept, and
there are as many as database connections, so that whoever has a thread finds a connection, and a
crowd of requests waits in line without holding either.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

from django.conf import settings
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.urls import set_script_prefix

from escalation.longpoll import Receive, Scope, disconnected
from escalation.web import memory

Done = TypeVar("Done")


class OneHop(ASGIHandler):
    """Runs middleware and view in one thread, as under WSGI. All our views are synchronous."""

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(settings.DATABASE_POOL, thread_name_prefix="request")

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        try:
            response = await _in(self._threads, lambda: self._respond(scope, body))
        finally:
            body.close()
        if isinstance(response, StreamingHttpResponse):
            await self._stream(response, receive, send)
        else:
            await self.send_response(response, send)

    def _respond(self, scope: Scope, body: Any) -> HttpResponse | StreamingHttpResponse:
        """Return the whole answer, and give the database connection back. Runs in a thread."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=self.__class__, scope=scope)
        memory.note_size(body.seek(0, os.SEEK_END))
        body.seek(0)
        request, refusal = self.create_request(scope, body)
        response: Any = refusal if request is None else self.get_response(request)
        del request  # what it was parsed into is let go before memory is given back
        memory.give_back()
        if response.streaming:
            close_old_connections()  # the stream opens one of its own
        else:
            response._handler_class = self.__class__
            response.close()  # tells request_finished, which closes
        return cast(HttpResponse | StreamingHttpResponse, response)

    async def _stream(self, response: StreamingHttpResponse, receive: Receive, send: Any) -> None:
        """Send a stream, all pieces made in one thread of its own, until its end or the client's."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="stream")
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if not response.is_async:
            parts = cast(Iterable[bytes], response.streaming_content)
            response.streaming_content = _pieces(thread, iter(parts).__next__)
        sending = asyncio.create_task(self.send_response(response, send))
        leaving = asyncio.create_task(disconnected(receive))
        try:
            await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.wait([sending, leaving])
            await _in(thread, response.close)
            thread.shutdown(wait=False)


async def _in(threads: ThreadPoolExecutor, act: Callable[[], Done]) -> Done:
    return await asyncio.get_running_loop().run_in_executor(threads, act)


async def _pieces(
    thread: ThreadPoolExecutor, following: Callable[[], bytes]
) -> AsyncIterator[bytes]:
    def piece() -> bytes | None:
        try:
            return following()
        except StopIteration:  # which no future can carry
            return None

    while (found := await _in(thread, piece)) is not None:
        yield found
