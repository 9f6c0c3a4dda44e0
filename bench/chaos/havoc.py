"""What is done to the desk meanwhile: whatever can die dies, in an order that a seed repeats."""

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import psutil
import redis

from escalation.machine.programs import until
from tests.fixtures.living_desk import LivingDesk
from tests.fixtures.sink import Sink

WORKERS = ("dispatch", "deadlines", "rosters", "courier", "courier")  # it does most
DESK_WORKER = ("-v", "0", "--worker-class", "escalation.worker.DeskWorker")
BESIDE = {  # a second of each that matters, and a clock that asks nobody whether it leads
    "second clock": ("sweep", "--every", "0.5"),
    "second courier": ("courier",),
    "second deadlines worker": ("rqworker", "deadlines", *DESK_WORKER),
    "clock that does not ask": (
        *("shell", "--no-imports", "-c"),
        "from bench.chaos.scene import race; race()",
    ),
}


class Havoc:
    """A thread that hurts a desk from ``start`` until ``end``; ``done`` counts what it did."""

    def __init__(
        self,
        desk: LivingDesk,
        sinks: list[Sink],
        *,
        seconds: float,
        pauses: tuple[float, float],
        seed: int,
    ) -> None:
        self.done: Counter[str] = Counter()
        self._desk, self._sinks, self._seconds, self._pauses = desk, sinks, seconds, pauses
        self._chance = random.Random(seed)
        self._stopping = threading.Event()
        self._beside = {name: desk.beside(*command) for name, command in BESIDE.items()}
        self._thread = threading.Thread(target=self._run)
        self._error: Exception | None = None
        self._blows: list[tuple[int, str, Callable[[], None]]] = [
            (8, "workers killed", self._kill_worker),
            (2, "clocks killed", lambda: self._kill("clock")),
            (3, "second clocks and workers killed", self._kill_beside),
            (1, "web processes killed", self._kill_web),
            (2, "Valkey flushed", self._flush),
            (1, "Valkey killed and emptied", self._desk.lose_valkey),
            (2, "seconds in which receivers refused", self._refuse),
        ]

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Stop hurting, bring back what is dead, and end what ran beside the desk."""
        self._stopping.set()
        self._thread.join()
        for process in self._beside.values():
            process.kill()
            process.wait()
        self._desk.make_whole()
        if self._error:
            raise self._error

    def _run(self) -> None:
        """Restart PostgreSQL twice, in its own way and not; do all else once, then what chance says."""
        began = time.monotonic()
        restarts = [
            (0.35, "PostgreSQL killed", lambda: self._kill("postgres")),
            (0.7, "PostgreSQL restarted", self._restart_postgres),
        ]
        weights = [weight for weight, _, _ in self._blows]
        first = self._chance.sample(self._blows, len(self._blows))
        try:
            while not self._stopping.wait(self._chance.uniform(*self._pauses)):
                gone = (time.monotonic() - began) / self._seconds
                if restarts and gone > restarts[0][0]:
                    _, name, blow = restarts.pop(0)
                elif gone > 1:
                    return
                else:
                    [(_, name, blow)] = (
                        [first.pop()] if first else self._chance.choices(self._blows, weights)
                    )
                blow()
                self.done[name] += 1
                self._revive_beside()
        except Exception as error:  # told by ``end``, in the thread that can tell somebody
            self._error = error

    def _kill_worker(self) -> None:
        self._kill(self._chance.choice(WORKERS))

    def _kill(self, name: str) -> None:
        with suppress(KeyError, psutil.NoSuchProcess):  # it is dead already
            self._desk.kill(name)

    def _kill_beside(self) -> None:
        process = self._beside[self._chance.choice(list(self._beside))]
        process.kill()
        process.wait()

    def _revive_beside(self) -> None:
        for name, process in self._beside.items():
            if process.poll() is not None:
                self._beside[name] = self._desk.beside(*BESIDE[name])

    def _kill_web(self) -> None:
        with suppress(KeyError, psutil.NoSuchProcess):
            for process in psutil.Process(self._desk.pids()["web"]).children()[:1]:
                process.kill()

    def _restart_postgres(self) -> None:
        with suppress(KeyError, psutil.NoSuchProcess):
            postgres = psutil.Process(self._desk.pids()["postgres"])
            postgres.send_signal(signal.SIGINT)
            until(lambda: not postgres.is_running(), 10)

    def _flush(self) -> None:
        with suppress(redis.RedisError), redis.from_url(self._desk.environment["REDIS_URL"]) as one:
            one.flushall()

    def _refuse(self) -> None:
        for sink in self._sinks:
            sink.answer = 503
        self._stopping.wait(1)
        for sink in self._sinks:
            sink.answer = 204
