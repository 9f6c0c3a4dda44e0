"""Carrying out one kind of effect: claim what can start now, call, write down what came of it.

Nothing is kept in memory that PostgreSQL does not know: whatever is under way when the process dies
comes due again when its lease ends.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import Error
from django.db.utils import InterfaceError, OperationalError
from django.utils.timezone import now

from escalation.delivery import claims
from escalation.delivery.errands import Errand, Errands
from escalation.delivery.lanes import Due, UnderWay
from escalation.enums import EffectKind

logger = logging.getLogger(__name__)
Result = tuple[Errand, Any, datetime]  # what ``send`` returned, and when
Database = Callable[..., Awaitable[Any]]  # runs a function with its arguments where the database is

LONGEST = 1.0  # seconds between looks when nothing happens
BREATH = 0.02  # and at least, so that a burst of effects becomes a few looks
KEPT = timedelta(minutes=2)  # that PostgreSQL has to come back and take a result
AGAIN = 1.0  # seconds until PostgreSQL is looked for again
LAST = 3.0  # seconds to write down what came of the last calls
BATCH = 50  # results that are written down in one go
GONE = (OperationalError, InterfaceError)


class Carrier:
    """Carries out one kind of effect, until it is told to stop."""

    def __init__(
        self, kind: EffectKind, errands: Errands, *, looks: Database, writes: Database
    ) -> None:
        self.kind, self._errands = kind, errands
        self._looks, self._writes = looks, writes
        self._under_way = UnderWay(errands.limits)
        self._held: dict[UUID, int] = {}  # what is under way, or not yet written down
        self._calls: dict[asyncio.Task[None], Errand] = {}
        self._results: asyncio.Queue[Result] = asyncio.Queue()
        self._wake = asyncio.Event()
        self._stopping = False
        self.may_claim = False  # set by whoever runs it, once no other courier leads
        self.turned_at = time.monotonic()

    def wake(self) -> None:
        """Something may have come due, or there is room again."""
        self._wake.set()

    def stop(self) -> None:
        """Claim nothing more; ``run`` ends, ``finish`` sees to what is under way."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Look, claim and call until stopped; PostgreSQL may go away and come back."""
        while not self._stopping:
            self.turned_at = time.monotonic()
            self._wake.clear()
            try:
                wait = await self.turn() if self.may_claim else LONGEST
            except GONE as error:
                logger.warning("The courier lost PostgreSQL and tries again: %s", error)
                wait = AGAIN
            await self._sleep(wait)

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(BREATH)
        if seconds > BREATH and not self._stopping:
            try:
                async with asyncio.timeout(seconds - BREATH):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def turn(self) -> float:
        """Start what can start; return in how many seconds to look again, unless woken before."""
        at = now()
        look = await self._looks(
            claims.look, self.kind, self._under_way.full(), list(self._held), at=at
        )
        if not look.due:
            return min(LONGEST, (look.next_at - at).total_seconds() if look.next_at else LONGEST)
        admitted = self._under_way.admit(look.due, one_each=self._errands.by_receiver)
        if not admitted:
            return LONGEST  # a call that ends makes room, and wakes
        started = await self._begin(admitted, at)
        return 0 if started else 10 * BREATH

    async def _begin(self, admitted: list[Any], at: datetime) -> int:
        """Claim, plan and start; return how many calls were started."""
        hinted = {one.id: one.place for one in admitted}
        started = 0
        for errand in await self._looks(self._plan, admitted, at):
            expected = any(hinted.get(id) == errand.place for id in errand.held)
            if expected or self._under_way.may_start(errand.place):
                self._start(errand)
                started += 1
            else:  # it belongs to another lane than it waited in, and that one is full
                lane = errand.place.lane
                await self._looks(claims.give_back, errand.held, due_at=at, lane=lane)
        return started

    def _plan(self, admitted: list[Any], at: datetime) -> list[Errand]:
        held = claims.claim(self.kind, admitted, at=at, with_receivers=self._errands.by_receiver)
        try:
            return self._errands.plan(held, at=at) if held else []
        except GONE:
            raise
        except Exception:  # of one of them, which keeps no other waiting
            logger.exception("%s could not be planned together", self.kind)
        return [errand for one in held for errand in self._plan_alone(one, at)]

    def _plan_alone(self, one: Due, at: datetime) -> list[Errand]:
        try:
            return self._errands.plan([one], at=at)
        except GONE:
            raise
        except Exception:  # it comes due again when its lease ends
            logger.exception("%s of %s could not be planned", self.kind, one.target)
            return []

    def _start(self, errand: Errand) -> None:
        self._under_way.start(errand.place)
        self._held |= errand.held
        call = asyncio.create_task(self._call(errand))
        self._calls[call] = errand
        call.add_done_callback(self._end)

    async def _call(self, errand: Errand) -> None:
        try:
            result = await errand.send()
        except Exception:  # it comes due again when its lease ends
            logger.exception("%s could not be carried out", self.kind)
            self._forget(errand)
            return
        self._results.put_nowait((errand, result, now()))

    def _end(self, call: "asyncio.Task[None]") -> None:
        self._under_way.end(self._calls.pop(call).place)
        self.wake()

    def _forget(self, errand: Errand) -> None:
        for id, number in errand.held.items():
            if self._held.get(id) == number:
                del self._held[id]

    # Writing down -----------------------------------------------------------------------------------

    async def write_down(self) -> None:
        """Write down what comes of the calls, until cancelled."""
        while True:
            batch = [await self._results.get()]
            await self._write(batch + self._more())

    def _more(self) -> list[Result]:
        more: list[Result] = []
        while not self._results.empty() and len(more) < BATCH - 1:
            more.append(self._results.get_nowait())
        return more

    async def _write(self, batch: list[Result]) -> None:
        """Write a batch down; what PostgreSQL was not there for is written when it comes back."""
        left = await self._writes(record_each, batch)
        too_old = now() - KEPT
        for result in batch:
            if result in left and result[2] > too_old:
                self._results.put_nowait(result)
            else:
                self._forget(result[0])
        if left:
            await asyncio.sleep(AGAIN)
        self.wake()

    async def renew(self) -> None:
        """Keep the leases of what is under way."""
        await self._looks(claims.renew, dict(self._held), at=now())

    # Ending -----------------------------------------------------------------------------------------

    async def until_idle(self) -> None:
        """Carry out all that is due now, and what comes due by it; for tests and for shells."""
        while True:
            wait = await self.turn()
            if wait and not self._calls:
                return
            while self._calls:
                await asyncio.wait(self._calls)
                await asyncio.sleep(0)  # the callbacks of what is done
            while not self._results.empty():
                await self._write(self._more())

    async def finish(self, seconds: float) -> None:
        """Let what is under way end within ``seconds``, give back the rest, see all written down."""
        if self._calls:
            await asyncio.wait(self._calls, timeout=seconds)
        broken_off = dict(self._calls)
        for call in broken_off:
            call.cancel()
        await asyncio.gather(*broken_off, return_exceptions=True)
        held = {id: number for errand in broken_off.values() for id, number in errand.held.items()}
        try:
            await self._looks(claims.give_back, held, due_at=now())
            for errand in broken_off.values():
                self._forget(errand)
            async with asyncio.timeout(LAST):
                while self._held:
                    await asyncio.sleep(BREATH)
        except (Error, TimeoutError) as error:
            logger.warning("What was under way comes due when its lease ends: %s", error)


def record_each(
    batch: list[Result],
) -> list[Result]:
    """Write each down by itself; return those for which PostgreSQL was not there.

    One that cannot be written down keeps no other from it; after the second the rest is not tried.
    """
    left: list[Result] = []
    for position, (errand, result, at) in enumerate(batch):
        try:
            errand.record(result, at)
        except GONE as error:
            logger.warning("What came of a call is written down later: %s", error)
            left.append(batch[position])
            if len(left) > 1:
                return [*left, *batch[position + 1 :]]
        except Exception:  # it comes due again when its lease ends
            logger.exception("What came of a call was not written down")
    return left
