"""The one HTTP client that calls addresses which an agent or a person named (SSRF guard).

A name is looked up here, each address that it has is checked, and the connection goes to one of
those: what was checked is what is called, whatever the name says a moment later (DNS rebinding).
No redirect is followed, no proxy, cookie or password of the environment is used, and a call has so
many seconds and so many bytes, whatever the other end does.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from io import BytesIO
from ipaddress import ip_address
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
import certifi
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

from escalation import addresses
from escalation.delivery.lookups import LOOKUPS
from escalation.errors import AddressRefused
from escalation.values.foreign_text import one_line

MOST = 64 * 1024  # bytes of an answer that are read
HEADERS = {"Accept-Encoding": "identity"}  # nothing is unpacked: a small answer could become large
TURNS = 50  # of the event loop that a connection takes to be closed, at most
BUSY = (429, 503)  # with which Retry-After means when to try again
LONGEST_WAIT = timedelta(hours=1)
NEVER_SENT = ("Accept", "Content-Type", "User-Agent")  # unless the caller gives them


class Unreachable(Exception):
    """There was no answer; as text it says why, in a few words."""


@dataclass(frozen=True)
class Reply:
    """What the other end answered. Names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes  # at most as much as was asked for

    def wait(self, *, at: datetime) -> timedelta:
        """Return how long the other end asks to be left alone (Retry-After), LONGEST_WAIT at most."""
        said = self.headers.get("retry-after", "").strip()
        if self.status not in BUSY or not said:
            return timedelta()
        if said.isascii() and said.isdigit():
            asked = timedelta(seconds=int(said[:9]))
        else:
            try:
                asked = parsedate_to_datetime(said).astimezone(UTC) - at
            except (ValueError, OverflowError):
                return timedelta()
        return max(timedelta(), min(asked, LONGEST_WAIT))


@cache
def trust() -> ssl.SSLContext:
    """Return whose certificates are believed; reading them takes longer than most calls."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


async def request(
    method: str,
    url: str,
    *,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    most: int = MOST,
    trusted: bool = False,
    lane: str = "",
) -> Reply:
    """Make one call and return the answer, of its body the first ``most`` bytes.

    ``seconds`` are for all of it, from looking the name up to the last byte. ``trusted``: the
    operator named the address, which may then be a private one. ``lane`` is on whose behalf, so
    that names that hang hold up only that one. Raises AddressRefused, and Unreachable.
    """
    target = _target(url, trusted=trusted)
    try:
        async with _Ends(trusted, lane) as ends, asyncio.timeout(seconds):
            answer = await ends.session.request(
                method,
                target,
                headers=headers,
                data=content and BytesIO(content),
                allow_redirects=False,
            )
            ends.answer = answer
            body = await _beginning(answer.content, most)
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, _Forbidden):
            raise AddressRefused(str(error.os_error)) from None
        raise Unreachable(_why(error)) from None
    except TimeoutError:
        raise Unreachable(f"no answer within {seconds:g} s") from None
    except (aiohttp.ClientError, OSError) as error:
        raise Unreachable(_why(error)) from None
    told = {name.lower(): value for name, value in answer.headers.items()}
    return Reply(answer.status, told, body)


async def _beginning(stream: aiohttp.StreamReader, most: int) -> bytes:
    read = bytearray()
    while len(read) < most and (piece := await stream.read(most - len(read))):
        read += piece
    return bytes(read)


def _target(url: str, *, trusted: bool) -> yarl.URL:
    """Return the address as it was written; raises AddressRefused for what is never called."""
    if not trusted:
        addresses.check_url(url)
    try:
        target = yarl.URL(url, encoded=url.isascii())
        scheme, host = target.scheme, (target.raw_host or "").lower()
        read_alike = host == (urlsplit(url).hostname or "")
    except ValueError:
        raise AddressRefused("this is not a web address") from None
    if scheme not in ("http", "https") or not host or not (read_alike or trusted):
        raise AddressRefused("this is not a web address")  # or two of them, by who reads it
    return target


# What a connection may go to ----------------------------------------------------------------------


class _Forbidden(OSError):
    """The last look before connecting found an address that is not to be called."""


class _Ends(AbstractResolver):
    """Where one call goes: looks its name up, makes its sockets, and takes them down again.

    Each connection passes ``_socket`` with the very address that it goes to, literal ones too.
    """

    def __init__(self, trusted: bool, lane: str) -> None:
        self._trusted, self._lane = trusted, lane
        self._sockets: list[socket.socket] = []

    async def __aenter__(self) -> Self:
        self.answer: aiohttp.ClientResponse | None = None
        # of this call alone: nothing is kept open, so each call is checked
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=self,
                socket_factory=self._socket,
                ssl=trust(),
                use_dns_cache=False,
                limit=0,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=HEADERS,
            skip_auto_headers=NEVER_SENT,
            timeout=aiohttp.ClientTimeout(),  # there is one limit, of the whole call
            auto_decompress=False,
            trust_env=False,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """End every connection at once: closing waits for an end that does not take what is sent."""
        for end in self._sockets:
            with suppress(OSError):  # it is closed already
                end.shutdown(socket.SHUT_RDWR)
        await self.session.close()
        if self.answer:
            self.answer.close()
        for _turn in range(TURNS):
            if all(end.fileno() == -1 for end in self._sockets):
                break
            await asyncio.sleep(0)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await LOOKUPS.addresses(host, port, self._lane)
        if not self._trusted:
            check_addresses(host, [str(entry[4][0]) for entry in found])
        return [
            ResolveResult(
                hostname=host,
                host=str(entry[4][0]),
                port=port,
                family=entry[0],
                proto=entry[2],
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for entry in found
        ]

    def _socket(self, entry: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, end = entry
        if not (self._trusted or _may_connect(str(end[0]))):
            raise _Forbidden(f"{end[0]} is a private or reserved address")
        made = socket.socket(family, kind, protocol)
        self._sockets.append(made)
        return made

    async def close(self) -> None:
        pass


def check_addresses(host: str, found: Iterable[str]) -> None:
    """Raise AddressRefused where one of the addresses that ``host`` has is private or reserved."""
    for address in found:
        if not _may_connect(address):
            raise AddressRefused(f"{host} resolves to {address}, a private or reserved address")


def _may_connect(address: str) -> bool:
    return addresses.is_allowed(ip_address(address.split("%")[0]))


# Why there was no answer ---------------------------------------------------------------------------


def _why(error: Exception) -> str:
    """Return the reason in a few words, without the address, which whoever reads it knows."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return f"{error.host} cannot be resolved"
        case aiohttp.ClientConnectorCertificateError():
            reason = getattr(error.certificate_error, "verify_message", "")
            return f"its certificate is not trusted: {reason or error.certificate_error}"
        case aiohttp.ClientConnectorError():
            return _plain(error.os_error)
        case aiohttp.ServerDisconnectedError():
            return "hung up without an answer"
        case aiohttp.ClientPayloadError():
            return "hung up in the middle of its answer"
        case aiohttp.InvalidURL():
            return "the address is not understood"
        case aiohttp.ClientResponseError():
            return f"its answer is no HTTP: {one_line(error.message)}"
    return _plain(error)


def _plain(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return f"no TLS with it: {error.reason or error}"
    strerror = getattr(error, "strerror", "") or ""
    if isinstance(error, ConnectionRefusedError) or "Connect call failed" in strerror:
        return "no connection: nobody listens there, or it cannot be reached"
    return strerror or str(error) or type(error).__name__
