"""Who waits for a case hears when it moves: one LISTEN connection a process, however many wait.

Waiters are asyncio futures; none holds a thread or a database connection. When the connection is
lost it is made anew, and then everybody is woken to ask what they did not hear.
"""

import asyncio
import logging
from collections import defaultdict

import psycopg

from escalation.lifecycle import CHANNEL
from escalation.listening import parameters

logger = logging.getLogger(__name__)
RECONNECT_SECONDS = 0.5
ANY = "*"  # subscribed to instead of a case: whichever moves


class Bell:
    """One per event loop: wait until it is ``ready``, ``subscribe``, ask, then wait for the ring."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Future[None]]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def ready(self) -> None:
        """Return once the LISTEN connection stands; from then on no move goes unheard."""
        if self._listener is None or self._listener.done():
            self._ready.clear()
            self._listener = asyncio.create_task(self._listen())
        await self._ready.wait()

    def subscribe(self, case_id: str) -> asyncio.Future[None]:
        """Return a future that is done when the case moves, or may have moved unheard."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[case_id].add(future)
        return future

    def unsubscribe(self, case_id: str, future: asyncio.Future[None]) -> None:
        self._waiting[case_id].discard(future)
        if not self._waiting[case_id]:
            del self._waiting[case_id]

    def _ring(self, case_id: str) -> None:
        for future in [*self._waiting.get(case_id, ()), *self._waiting.get(ANY, ())]:
            if not future.done():
                future.set_result(None)

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except psycopg.Error as error:
                logger.warning("The wait for decisions lost PostgreSQL and tries again: %s", error)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen_once(self) -> None:
        connection = await psycopg.AsyncConnection.connect(**parameters(), autocommit=True)
        async with connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self._ready.set()
            for case_id in list(self._waiting):
                self._ring(case_id)
            async for notification in connection.notifies():
                self._ring(notification.payload)


_bells: dict[asyncio.AbstractEventLoop, Bell] = {}


def bell() -> Bell:
    loop = asyncio.get_running_loop()
    if loop not in _bells:
        _bells.clear()  # a loop that is gone took its waiters with it
        _bells[loop] = Bell()
    return _bells[loop]
