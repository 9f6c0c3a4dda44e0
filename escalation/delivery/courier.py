"""The courier: one process that makes all calls to the outside, each in its own time.

Calls wait for other people's computers, so they wait here, a thousand at a time, and not in a worker
that has something else to do. What is due is read from PostgreSQL; Redis has no part in it.

Whoever holds the advisory lock claims; another courier stands by and takes over when the holder's
connection ends. So limits, which are counted in memory, hold for the desk and not for each process.
"""

import asyncio
import logging
import os
import resource
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import psycopg
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error, connection
from django.utils.module_loading import import_string
from django.utils.timezone import now

from escalation import effects
from escalation.delivery.carrier import Carrier, Database
from escalation.enums import EffectKind
from escalation.listening import parameters
from escalation.models import Heartbeat

logger = logging.getLogger(__name__)
NAME = "courier"  # of its heartbeat
LOCK = 7_265_636_516  # beside the clock's; any number that nobody else uses
BEAT = 2.0  # seconds
STAND_BY = 0.5  # seconds between looks whether nobody leads any more
RENEWAL = 5.0  # seconds; a lease is four of them
STUCK = 30.0  # seconds without a look, after which it no longer says that it lives
GRACE = 6.0  # seconds that calls under way have when it is asked to stop
FILES = 4096  # open at a time: a call has one
RESOLVER = "timeout:2 attempts:2"  # of glibc: how long a name server may take


def thread(name: str) -> Database:
    """Return what runs functions in a thread of its own, one after the other."""
    pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    def run(function: Any, *given: Any, **named: Any) -> Any:
        try:
            return function(*given, **named)
        finally:
            connection.close()  # back to the pool, as at the end of a request

    return sync_to_async(run, thread_sensitive=False, executor=pool)


class Courier:
    """All the carriers, what wakes them, and what says that they live."""

    def __init__(self) -> None:
        self._stopped = asyncio.Event()
        self._leads = False
        self._housekeeping = thread("housekeeping")
        self._carriers = [
            Carrier(
                EffectKind(kind),
                import_string(name),
                looks=thread(f"{kind}-looks"),
                writes=thread(f"{kind}-writes"),
            )
            for kind, name in settings.CARRIERS.items()
        ]

    def stop(self) -> None:
        self._stopped.set()
        for carrier in self._carriers:
            carrier.stop()

    async def run(self) -> None:
        """Carry until stopped, then let what is under way come to its end."""
        beside = [
            asyncio.create_task(self._listen()),
            asyncio.create_task(self._beat()),
            asyncio.create_task(self._renew()),
            *(asyncio.create_task(carrier.write_down()) for carrier in self._carriers),
        ]
        logger.info("The courier runs (pid %s).", os.getpid())
        try:
            await asyncio.gather(*(carrier.run() for carrier in self._carriers))
            await asyncio.gather(*(carrier.finish(GRACE) for carrier in self._carriers))
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _listen(self) -> None:
        """Lead where nobody does, and wake the carriers at each new effect; else look again."""
        while True:
            try:
                await self._lead()
            except psycopg.Error as error:
                logger.warning("The courier does not hear of what comes due: %s", error)
            await asyncio.sleep(STAND_BY)

    async def _lead(self) -> None:
        """Hold the lock for as long as the connection lasts; return at once where another holds it."""
        listener = await psycopg.AsyncConnection.connect(**parameters(), autocommit=True)
        async with listener:
            tried = await listener.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if (await tried.fetchone()) != (True,):
                return
            await listener.execute(f"LISTEN {effects.CHANNEL}")
            try:
                self._say_leads(True)
                async for _notification in listener.notifies():
                    for carrier in self._carriers:
                        carrier.wake()
            finally:
                self._say_leads(False)

    def _say_leads(self, leads: bool) -> None:
        self._leads = leads
        for carrier in self._carriers:
            carrier.may_claim = leads
            carrier.wake()

    async def _beat(self) -> None:
        """Say that the courier lives; one that stands by says nothing for the one that leads."""
        while True:
            oldest = min(carrier.turned_at for carrier in self._carriers)
            if self._leads and time.monotonic() - oldest < STUCK:
                with suppress(Error):
                    await self._housekeeping(_say_alive)
            await asyncio.sleep(BEAT)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEWAL)
            for carrier in self._carriers:
                with suppress(Error):
                    await carrier.renew()


def _say_alive() -> None:
    Heartbeat.objects.update_or_create(name=NAME, defaults={"at": now()})


def run_until_told() -> None:
    """Run a courier until SIGTERM or SIGINT."""
    os.environ.setdefault("RES_OPTIONS", RESOLVER)  # read when the first name is looked up
    _allow_files(FILES)
    asyncio.run(_run())


async def _run() -> None:
    courier = Courier()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, courier.stop)
    await courier.run()


def _allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
