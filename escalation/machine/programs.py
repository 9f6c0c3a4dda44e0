"""A program that runs beside us: how it is started, tied to our life, read from, and ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from escalation.machine import needs
from escalation.machine.bootstrap import OFF, ROOT
from escalation.machine.launch import launched

CHECKED = "RECOURSE_CHECKED"  # "1": whoever starts us has run Django's checks


@dataclass(frozen=True)
class Program:
    """What to run. ``before`` is called ahead of every start, to clear what a dead one left.

    ``environment`` is all that it is told: nothing of ours goes to it unasked.
    """

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=needs.system)
    stop: signal.Signals = signal.SIGTERM
    root: str = "keep"  # see launch.py
    patience: float = 10.0  # seconds from being asked to stop to being killed
    insist: float = 1.0  # seconds after the first asking that another ends it without patience
    linger: float = 0.0  # seconds that what a dead one had started may take to end by itself
    sockets: tuple[int, ...] = ()
    noise: tuple[str, ...] = ()  # lines with any of these tell nobody anything
    before: Callable[[], None] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        """Start it in a group of its own, so that Ctrl-C reaches it through us, in order."""
        if self.before is not None:
            self.before()
        return subprocess.Popen(
            launched(self.command, self.stop, self.root),
            cwd=ROOT,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=self.sockets,
            start_new_session=True,
        )


def finished(
    command: Sequence[str | Path],
    environment: Mapping[str, str],
    *,
    typed: str = "",
    look: Callable[[], None] = lambda: None,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return what it said; Ctrl-C is ours to hear.

    ``look`` is called meanwhile. What it raises, such as that we were asked to stop, ends the command.
    """
    process = subprocess.Popen(
        [str(part) for part in command],
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    given: str | None = typed
    try:
        while True:
            look()
            try:
                out, errors = process.communicate(given, timeout=0.1)
            except subprocess.TimeoutExpired:
                given = None  # it has been given
            else:
                return subprocess.CompletedProcess(command, process.returncode, out, errors)
    except BaseException:
        kill_group(process.pid)
        process.communicate()
        raise


def manage(name: str, *command: str, environment: Mapping[str, str]) -> Program:
    """Return one of our own commands as a program. Only ``migrate`` checks the settings first.

    Checking loads every page; the others would each spend the better part of a second on it.
    """
    own = {"PYTHONUNBUFFERED": "1", OFF: "0", CHECKED: str(int(name != "migrate")), **environment}
    told = needs.environment(name, own)
    return Program(name, [sys.executable, ROOT / "manage.py", *command], told)


def kill_group(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Signal a program and whatever it started; nothing happens where both are gone."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def until(met: Callable[[], bool], seconds: float) -> bool:
    """Wait until something holds, and return whether it came to hold in time."""
    end = time.monotonic() + seconds
    while not met():
        if time.monotonic() > end:
            return False
        time.sleep(0.03)
    return True
