"""gunicorn's worker, which ends without hanging up on anybody: ``-k escalation.web.server.Worker``.

gunicorn's own tells nobody that it ends: a connection that it had promised to keep is closed into the
face of whoever asks next, and what waits is cut after a while. This one says ``Connection: close`` with
its last answers, gives those who kept their connection a moment to ask for one, lets go of what waits
(``draining``), and closes the rest when nothing is under way on it.
"""

import asyncio
from typing import Any

from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.workers import gasgi

from escalation.web import draining

LINGER = 2.0  # seconds that a connection on which nothing happens may still ask in
SPARE = (
    1.5  # seconds before gunicorn's own limit that all is over: its main loop looks once a second
)
LOOK = 0.05


class Connection(ASGIProtocol):  # type: ignore[misc]
    """A connection that its worker knows, and that never closes after it has promised not to."""

    def __init__(self, worker: "Worker") -> None:
        super().__init__(worker)
        self._decided: tuple[Any, bool] | None = None  # of which request, and what was announced

    def connection_made(self, transport: Any) -> None:
        self.worker.connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.worker.connections.discard(self)
        super().connection_lost(exc)

    def _will_close(self, request: Any, response_requires_close: bool) -> bool:
        """Return whether this answer is the last, once and for all: it is asked for before and after."""
        if self._decided is None or self._decided[0] is not request:
            last = self.worker.draining or super()._will_close(request, response_requires_close)
            self._decided = (request, last)
        return bool(self._decided[1] or response_requires_close)

    def close_idle(self) -> None:
        """Close it, unless something is under way on it."""
        if self._awaiting_request and not self._finishing_calls:
            self._keepalive_timeout()


gasgi.ASGIProtocol = (
    Connection  # which it makes one of for each connection, and offers no other way
)


class Worker(gasgi.ASGIWorker):  # type: ignore[misc]
    """Serves until told to stop; then drains, and is alive for its connections until that is done."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.connections: set[Connection] = set()
        self._drain: asyncio.Task[None] | None = None

    @property
    def draining(self) -> bool:
        return self._drain is not None

    def handle_exit_signal(self) -> None:
        """Told to stop, perhaps again: gunicorn says so each second."""
        if self._drain is None:
            self._drain = self.loop.create_task(self._let_go())

    async def _let_go(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for server in self.servers:
            server.close()  # the socket itself is held by others, and whoever comes waits in its line
        draining.ending().set()
        while self.connections and not self._quick_shutdown:
            waited = loop.time() - began
            if waited > self.cfg.graceful_timeout - SPARE:
                break
            if waited > LINGER:
                for connection in list(self.connections):
                    connection.close_idle()
            await asyncio.sleep(LOOK)
        self.alive = False

    async def _shutdown(self) -> None:
        """End as told; who was not told has lost the process above it."""
        self.handle_exit_signal()
        if self._drain is not None:
            await self._drain
        await super()._shutdown()
