"""The network under Apprise, whose plugins call ``requests`` and ``smtplib`` themselves.

People name addresses here (a webhook, a server of theirs), so each call takes the way that callbacks
of agents take: every address that a name has is checked, the connection goes to a checked one,
redirects are not followed, no proxy of the environment is used, and an answer has so many seconds and
so many bytes, whatever the other end does. And since a plugin says yes or no, what it heard is
written down here: a refusal is not tried again, silence is.
"""

import asyncio
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import requests
from apprise import NotifyBase
from requests.adapters import BaseAdapter

from escalation.delivery import guarded_http
from escalation.delivery.guarded_http import Unreachable
from escalation.errors import AddressRefused

SECONDS = 8.0  # that another end has, from the first byte to the last


@dataclass(frozen=True)
class Heard:
    """What one call heard: a status (HTTP, or SMTP), or why there is none."""

    status: int = 0
    body: bytes = b""
    error: str = ""
    refused: bool = False  # by ourselves: the address may not be called


@dataclass
class Call:
    trusted: bool  # the address is the operator's own, not a person's: it may be private
    seconds: float | None  # that another end has; None: as many as any
    heard: list[Heard] = field(default_factory=list)


_call: ContextVar[Call | None] = ContextVar("call", default=None)


@contextmanager
def listening(*, trusted: bool = False, seconds: float | None = None) -> Iterator[list[Heard]]:
    """Give what the calls within hear, one after the other."""
    call = Call(trusted, seconds)
    token = _call.set(call)
    try:
        yield call.heard
    finally:
        _call.reset(token)


def _write_down(heard: Heard) -> None:
    if call := _call.get():
        call.heard.append(heard)


def _seconds() -> float:
    call = _call.get()
    return (call and call.seconds) or SECONDS


# HTTP ----------------------------------------------------------------------------------------------


class Guarded(BaseAdapter):
    """What ``requests`` connects with."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        try:
            status, headers, body = asyncio.run(_exchange(request))
        except AddressRefused as refusal:
            _write_down(Heard(error=str(refusal), refused=True))
            raise requests.exceptions.InvalidURL(str(refusal)) from None
        except Unreachable as error:
            _write_down(Heard(error=str(error)))
            raise requests.exceptions.ConnectionError(str(error)) from None
        _write_down(Heard(status, body))
        return _response(request, status, headers, body)

    def close(self) -> None:
        pass  # nothing is kept open between calls


async def _exchange(request: requests.PreparedRequest) -> tuple[int, Mapping[str, str], bytes]:
    call = _call.get()
    body = request.body.encode() if isinstance(request.body, str) else request.body
    reply = await guarded_http.request(
        str(request.method),
        str(request.url),
        headers=request.headers,
        content=body,
        seconds=_seconds(),
        trusted=bool(call and call.trusted),
    )
    return reply.status, reply.headers, reply.body


def _response(
    request: requests.PreparedRequest, status: int, headers: Mapping[str, str], body: bytes
) -> requests.Response:
    response = requests.Response()
    response.status_code, response.url, response.request = status, str(request.url), request
    response.headers.update(headers)
    response._content = body  # as ``requests`` itself fills it in; there is no public way
    return response


class Session(requests.Session):
    """Calls through ``Guarded``, and follows no redirect."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.headers["Accept-Encoding"] = "identity"
        self.mount("https://", Guarded())
        self.mount("http://", Guarded())

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class Requests(ModuleType):
    """What a plugin finds under the name ``requests``."""

    Session = Session

    def request(self, method: str, url: str, **given: Any) -> requests.Response:
        with Session() as session:
            return session.request(method, url, **given)

    def __getattr__(self, name: str) -> Any:
        if name in ("get", "post", "put", "patch", "delete", "head", "options"):
            return lambda url, **given: self.request(name.upper(), url, **given)
        return getattr(requests, name)


REQUESTS = Requests("requests")


def guard(plugin: NotifyBase) -> NotifyBase:
    """Let a plugin call through here only."""
    for kind in type(plugin).__mro__:
        module = sys.modules[kind.__module__]
        if getattr(module, "requests", None) is requests:
            module.requests = REQUESTS  # type: ignore[attr-defined]
    return plugin
