"""The clock: one process that sleeps until something is due, and rings.

Whoever holds the advisory lock leads; others wait for it, so a spare takes over when the leader's
connection ends. Nothing is kept in memory: what a dead clock left undone is due in PostgreSQL.
"""

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import FrameType

import psycopg
from django.db import connection
from django.db.utils import InterfaceError, OperationalError
from django.utils.timezone import now

from escalation import effects
from escalation.listening import parameters
from escalation.models import Heartbeat
from routing.sweep import sweep

logger = logging.getLogger(__name__)
LOCK = 7_265_636_515  # "recou" in decimal letters; any number that nobody else uses
BEAT = timedelta(seconds=2)
SPARE_LOOKS_EVERY = 1.0  # seconds
BREATH = 0.1  # seconds between passes, so that a burst of effects becomes a few jobs, not hundreds


class Clock:
    def __init__(self, *, every: float = 1.0) -> None:
        self.every = every  # seconds; the longest that it sleeps
        self.stopping = threading.Event()
        self._beaten: datetime | None = None

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self.stopping.set()

    def run(self) -> None:
        """Lead whenever it can, until stopped; PostgreSQL may go away and come back."""
        while not self.stopping.is_set():
            try:
                with leading() as listener:
                    if listener is None:
                        self.stopping.wait(SPARE_LOOKS_EVERY)
                        continue
                    logger.info("The clock leads (pid %s).", os.getpid())
                    self._lead(listener)
            except (OperationalError, InterfaceError, psycopg.Error) as error:
                logger.warning("The clock lost PostgreSQL and tries again: %s", error)
                connection.close()
                self.stopping.wait(SPARE_LOOKS_EVERY)

    def _lead(self, listener: psycopg.Connection) -> None:
        while not self.stopping.is_set():
            at = now()
            self._beat(at)
            swept = sweep(at=at)
            if swept.rung or swept.done:
                self.stopping.wait(BREATH)
            else:
                self._sleep(listener)

    def _beat(self, at: datetime) -> None:
        if self._beaten is None or at - self._beaten >= BEAT:
            Heartbeat.objects.update_or_create(name="clock", defaults={"at": at})
            self._beaten = at

    def _sleep(self, listener: psycopg.Connection) -> None:
        """Wait for a new effect, the next due instant, or ``every``: whatever comes first."""
        due = min(effects.coming().values(), default=None)
        left = self.every if due is None else (due - now()).total_seconds()
        for _ in listener.notifies(timeout=max(BREATH, min(self.every, left)), stop_after=1):
            pass


@contextmanager
def leading() -> Iterator[psycopg.Connection | None]:
    """Give the connection that holds the lock and listens, or None while another clock leads."""
    with psycopg.connect(**parameters(), autocommit=True) as listener:
        row = listener.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()
        if not (row and row[0]):
            yield None
            return
        listener.execute(f"LISTEN {effects.CHANNEL}")
        yield listener


def run_until_told(*, every: float) -> None:
    """Run a clock until SIGTERM or SIGINT."""
    clock = Clock(every=every)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, clock.stop)
    clock.run()
