"""Keeps programs running, one after another up and the other way down, and says what it does."""

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from escalation.machine.console import Console
from escalation.machine.folders import MachineError
from escalation.machine.programs import Program, kill_group

FIRST_PAUSE = 0.2  # seconds before a dead program is started again; doubles with each early death
LONGEST_PAUSE = 10.0
SAY_AGAIN = 10.0  # seconds between telling who waits that something still stops
STEADY = 10.0  # seconds a program must live for its next death to count as the first
TICK = 0.1


class Stopped(Exception):
    """Somebody asked us to stop while we were waiting for something else."""


@dataclass
class Running:
    program: Program
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_at: float = 0.0  # monotonic; when a dead one is due again
    deaths: int = 0


class Supervisor:
    """Runs programs in the order they were added. All calls come from one thread."""

    def __init__(
        self,
        console: Console,
        changed: Callable[[dict[str, int]], None] = lambda pids: None,
        held: Callable[[str], bool] = lambda name: False,
    ) -> None:
        self.console = console
        self.stopping = False
        self.asked: int | None = None  # the signal that asked us to stop
        self.insisted = 0.0  # seconds from the first asking to the last
        self._asked_at = 0.0
        self._changed = changed  # told every program's pid whenever one changes
        self._held = held  # whether a dead program is to stay dead for now
        self._running: dict[str, Running] = {}
        self._left: dict[int, float] = {}  # groups that outlive their program, and until when

    def listen_to_signals(self) -> None:
        """Stop on Ctrl-C, SIGTERM or a closed terminal; asked again later, without patience.

        Two within a second are one: ``timeout``, a shell and a terminal signal us and our group.
        """
        signal.signal(signal.SIGINT, self._asked_to_stop)
        signal.signal(signal.SIGTERM, self._asked_to_stop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup asked us to stay
            signal.signal(signal.SIGHUP, self._asked_to_stop)

    def _asked_to_stop(self, number: int, frame: object) -> None:
        """Note it, and nothing that takes a lock: signals come in the middle of anything."""
        at = time.monotonic()
        if not self.stopping:
            self.stopping, self.asked, self._asked_at = True, number, at
        self.insisted = at - self._asked_at

    def look(self) -> None:
        """Raise Stopped where somebody asked us to stop; for whoever waits without us."""
        if self.stopping:
            raise Stopped

    def add(self, program: Program) -> None:
        """Start a program and keep it; nothing starts any more once we were asked to stop."""
        self.look()
        self._running[program.name] = Running(program)
        self._start(self._running[program.name])

    def run_once(self, program: Program) -> bool:
        """Run a program to its end while the others are kept; return whether it went well."""
        self.look()
        process = program.start()
        assert process.stdout is not None
        reader = self.console.follow(program.name, process.stdout)
        try:
            self.keep(lambda: process.poll() is not None)
        except Stopped:
            kill_group(process.pid)
            raise
        reader.join(timeout=1)
        return process.wait() == 0

    def keep(self, met: Callable[[], bool], seconds: float = float("inf")) -> bool:
        """Keep everything running until something holds; False when it did not in time."""
        end = time.monotonic() + seconds
        while not met():
            self.look()
            self._tick()
            if time.monotonic() > end:
                return False
            time.sleep(TICK)
        return True

    def deaths(self) -> dict[str, int]:
        """Return how often each program has died too early, for those that did."""
        return {name: one.deaths for name, one in self._running.items() if one.deaths}

    def stop(self, *names: str) -> None:
        """End programs together, each in its own way, and forget them."""
        leaving = [self._running[name] for name in names if name in self._running]
        for one in leaving:
            if one.process is not None and one.process.poll() is None:
                one.process.send_signal(one.program.stop)
        for one in leaving:
            self._await_end(one)
            del self._running[one.program.name]
        self._end_left(float("inf"))
        self._tell()

    def names(self) -> list[str]:
        return list(self._running)

    def _await_end(self, one: Running) -> None:
        if one.process is None:
            return
        program, began = one.program, time.monotonic()
        say_at = began + SAY_AGAIN
        while one.process.poll() is None and self.insisted < program.insist:
            waited = time.monotonic() - began
            if waited > program.patience:
                break
            if time.monotonic() > say_at:
                say_at += SAY_AGAIN
                self.console.say(f"{program.name} still stops, for {waited:.0f} s.")
                # one that was only starting may have missed it
                one.process.send_signal(program.stop)
            time.sleep(0.02)
        if one.process.poll() is None:
            self.console.say(f"{program.name} does not stop; ending it.")
        kill_group(one.process.pid)  # whatever of it is left
        one.process.wait()

    def _start(self, one: Running) -> None:
        one.process, one.started = one.program.start(), time.monotonic()
        assert one.process.stdout is not None
        self.console.follow(one.program.name, one.process.stdout, one.program.noise)
        self._tell()

    def _end_left(self, at: float) -> None:
        for group in [group for group, until in self._left.items() if until < at]:
            kill_group(group)
            del self._left[group]

    def _tick(self) -> None:
        self._end_left(time.monotonic())
        for one in list(self._running.values()):
            if one.process is not None and one.process.poll() is not None:
                self._bury(one, one.process.returncode)
            due = one.process is None and time.monotonic() >= one.start_at
            if due and not self._held(one.program.name):
                self._raise(one)

    def _raise(self, one: Running) -> None:
        try:
            self._start(one)
        except (OSError, MachineError) as failure:
            self.console.say(f"{one.program.name} does not start: {failure}")
            self._wait_longer(one)

    def _bury(self, one: Running, code: int) -> None:
        """Note a death, end what the dead one had started, and set the time of its next life.

        What it had started may be told to end instead, and is given its time: who answers on a
        socket of ours ends what is under way while the next one starts.
        """
        assert one.process is not None
        group, one.process = one.process.pid, None
        if one.program.linger:
            kill_group(group, one.program.stop)
            self._left[group] = time.monotonic() + one.program.linger
        else:
            kill_group(group)
        one.deaths = 1 if time.monotonic() - one.started > STEADY else one.deaths + 1
        pause = self._wait_longer(one)
        self.console.say(f"{one.program.name} {said(code)}. It starts again in {pause:.1f} s.")
        self._tell()

    def _wait_longer(self, one: Running) -> float:
        pause = min(FIRST_PAUSE * 2.0 ** max(one.deaths - 1, 0), LONGEST_PAUSE)
        one.start_at = time.monotonic() + pause
        return pause

    def _tell(self) -> None:
        self._changed(
            {
                name: one.process.pid
                for name, one in self._running.items()
                if one.process is not None
            }
        )


def said(code: int) -> str:
    """Say how a program ended, from its return code."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
