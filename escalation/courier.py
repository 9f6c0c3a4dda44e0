"""The one place that connects to an address an agent named.

A host is resolved here, each address it has is checked, and the connection goes to a checked
address: what was checked is what is called, whatever the name says a moment later. Redirects are
not followed and no proxy of the environment is used.
"""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Iterable
from ipaddress import ip_address

import httpcore
from django.conf import settings
from django.utils.timezone import now

from escalation import addresses
from escalation.errors import AddressRefused
from escalation.models import Delivery
from escalation.resume import Answer, headers

logger = logging.getLogger(__name__)
NETWORK_ERRORS = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Connects only to addresses that ``addresses.is_allowed`` lets through."""

    def __init__(self) -> None:
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        error: Exception | None = None
        for address in await checked_addresses(host, port):
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failure:
                error = failure
        raise error or httpcore.ConnectError(f"{host} has no address")

    async def connect_unix_socket(self, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        raise AddressRefused("a callback does not go to a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


async def checked_addresses(host: str, port: int) -> list[str]:
    """Return the addresses of ``host``; raises AddressRefused when any of them is private."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise httpcore.ConnectError(f"{host} cannot be resolved") from None
    resolved = [str(entry[4][0]).split("%")[0] for entry in found]
    for address in resolved:
        if not addresses.is_allowed(ip_address(address)):
            raise AddressRefused(f"{host} resolves to {address}, a private or reserved address")
    return resolved


def _pool() -> httpcore.AsyncConnectionPool:
    return httpcore.AsyncConnectionPool(network_backend=GuardedNetwork(), retries=0)


async def post_each(deliveries: list[Delivery]) -> AsyncIterator[tuple[Delivery, Answer]]:
    """Post all of them at once; yield each with what came of it, the quickest first."""
    async with _pool() as pool:
        tasks = [asyncio.create_task(_post(pool, delivery)) for delivery in deliveries]
        for finished in asyncio.as_completed(tasks):
            yield await finished


async def _post(pool: httpcore.AsyncConnectionPool, delivery: Delivery) -> tuple[Delivery, Answer]:
    try:
        addresses.check_url(delivery.url)
        async with asyncio.timeout(settings.CALLBACK_TIMEOUT):
            return delivery, await _answer(pool, delivery)
    except AddressRefused as refusal:
        return delivery, Answer(str(refusal), final=True)
    except TimeoutError:
        return delivery, Answer(f"no answer within {settings.CALLBACK_TIMEOUT} s")
    except (*NETWORK_ERRORS, OSError) as error:
        return delivery, Answer(str(error) or type(error).__name__)
    except Exception as error:  # one delivery that cannot be sent must not keep the others waiting
        logger.exception("Delivery %s could not be sent", delivery.pk)
        return delivery, Answer(f"could not be sent: {error}")


async def _answer(pool: httpcore.AsyncConnectionPool, delivery: Delivery) -> Answer:
    sent = list(headers(delivery, at=now()).items())
    async with pool.stream(
        "POST", delivery.url, headers=sent, content=bytes(delivery.body)
    ) as answer:
        status = answer.status  # the answer's body means nothing and is not read
    if 200 <= status < 300:
        return Answer()
    if 300 <= status < 400:
        return Answer(f"answered {status}: redirects are not followed")
    if status == 410:
        return Answer("answered 410: the receiver wants no more", final=True)
    return Answer(f"answered {status}")
