"""The application that the server runs: Django in one hop to a thread, long polls around it."""

import os
from collections.abc import Iterator
from typing import Any, cast

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "escalation.settings")
django.setup(set_prefix=False)

from escalation.bodylimit import BodyLimit  # noqa: E402 -- these need the settings
from escalation.longpoll import App, LongPoll  # noqa: E402
from escalation.streams import piece_by_piece  # noqa: E402


class OneHop(ASGIHandler):
    """Runs middleware and view in one thread, as under WSGI.

    All our views are synchronous; Django's own adaptation would cross between loop and threads
    for nearly every middleware of every request. Streams still run on the loop.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        respond: Any = sync_to_async(self.get_response, thread_sensitive=True)
        response: HttpResponseBase = await respond(request)
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            pieces = cast(Iterator[bytes], iter(response.streaming_content))
            response.streaming_content = piece_by_piece(pieces)
        return response


application = BodyLimit(LongPoll(cast(App, OneHop())))
