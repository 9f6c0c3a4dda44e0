"""How many calls a minute: of one key, from one address, and from one address with no key that holds.

Counted in Redis, in one exchange a call. A desk without Redis counts nothing and lets everybody in: a
limit is there to keep a runaway loop from the others, and must not close the desk itself.
"""

import logging
import time
from functools import cache
from ipaddress import ip_address
from typing import cast

import redis
from django.conf import settings

from escalation.errors import EscalationError

MINUTE = 60
PATIENCE = 0.2  # seconds for Redis to answer; a call waits no longer for being counted
AWAY = 5.0  # seconds for which Redis is not asked again once it did not answer
LARGEST_NETWORK = 64  # bits of an IPv6 address: who has one address there has all of them
logger = logging.getLogger(__name__)


class TooManyCalls(EscalationError):
    slug, title, status = "too-many-calls", "Too many calls", 429

    def __init__(self, sentence: str, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after  # seconds


def check_key(key: str, address: str, *, at: float) -> None:
    """Count a call with a key that holds; raise TooManyCalls beyond what its minute takes.

    ``at`` is in seconds, as ``time.time()`` has it.
    """
    _check(
        {
            f"key:{key}": (settings.API_CALLS_PER_KEY, "with this key"),
            f"address:{network(address)}": (settings.API_CALLS_PER_ADDRESS, "from this address"),
        },
        at,
    )


def check_refused(address: str, *, at: float) -> None:
    """Count a call that carried no key that holds; raise TooManyCalls beyond what its minute takes."""
    most = settings.API_REFUSALS_PER_ADDRESS
    _check({f"refused:{network(address)}": (most, "without a key that holds")}, at)


def network(address: str) -> str:
    """Return what is counted together: an IPv4 address, the network of 64 bits of an IPv6 one."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return "elsewhere"  # a socket of this machine
    if found.version == 6 and (mapped := getattr(found, "ipv4_mapped", None)):
        return str(mapped)
    return str(found) if found.version == 4 else found.packed[: LARGEST_NETWORK // 8].hex()


def _check(doors: dict[str, tuple[int, str]], at: float) -> None:
    limited = {name: door for name, door in doors.items() if door[0]}  # 0: without a limit
    for (most, said), count in zip(limited.values(), _counted(list(limited), at), strict=False):
        if count > most:
            retry_after = MINUTE - int(at) % MINUTE
            raise TooManyCalls(
                f"More than {most} calls in a minute {said}. Make the same call again in "
                f"{retry_after} seconds.",
                retry_after,
            )


def _counted(names: list[str], at: float) -> list[int]:
    """Return how many calls there were of each in this minute, with this one; none without Redis."""
    if not names or _Away.until > time.monotonic():
        return []
    minute = int(at) // MINUTE
    try:
        with _redis().pipeline(transaction=False) as pipe:
            for name in names:
                pipe.incr(f"recourse:calls:{minute}:{name}")
                pipe.expire(f"recourse:calls:{minute}:{name}", 2 * MINUTE)
            return cast("list[int]", pipe.execute()[::2])
    except redis.RedisError as trouble:
        _Away.until = time.monotonic() + AWAY
        logger.warning("Calls are not counted, Redis does not answer: %s", trouble)
        return []


class _Away:
    until = 0.0  # by the clock of this process


@cache
def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
    )
