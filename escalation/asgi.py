"""The application that the server runs: Django in one hop, long polls and a limit on bodies around it."""

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
from escalation.longpoll import LongPoll  # noqa: E402
from escalation.onehop import OneHop  # noqa: E402
from escalation.streams import piece_by_piece  # noqa: E402


application = BodyLimit(LongPoll(OneHop()))
