"""Who runs the desk on a data folder: a lock that dies with its holder, and a note for everyone else."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from escalation.machine.folders import MachineError
from escalation.machine.programs import kill_group, until


@dataclass
class Note:
    """What a running desk says of itself, for commands beside it and for the start after a kill -9."""

    pid: int
    address: str
    environment: dict[str, str] = field(default_factory=dict)
    programs: dict[str, tuple[int, float]] = field(default_factory=dict)  # pid, when it started

    def alive(self) -> dict[str, int]:
        """Return the pids of its programs that are still there, and still those programs."""
        return {name: pid for name, (pid, since) in self.programs.items() if born(pid) == since}


def born(pid: int) -> float | None:
    """Return when a process started, which with its pid makes it that process; None if it ended."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return _since_boot(pid) or process.create_time()
    except psutil.Error:
        return None


def _since_boot(pid: int) -> float | None:
    """Return the same in ticks since the machine started, where Linux says it.

    By the wall clock it would be another instant, and another process, once that clock is set.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return float(stat.rpartition(")")[2].split()[19])  # the 22nd field: proc_pid_stat(5)


def _lock(data: Path) -> Path:
    return data / "up.lock"


def _note(data: Path) -> Path:
    return data / "up.json"


def read(data: Path) -> Note | None:
    try:
        return Note(**json.loads(_note(data).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def running(data: Path) -> Note | None:
    """Return the note of the desk that runs on this data folder now, None where none does."""
    try:
        with open(_lock(data)) as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return read(data)
    except OSError:
        return None
    return None


class Claim:
    """Held by the one supervisor of a data folder."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.note = Note(os.getpid(), "")

    def describe(self, address: str, environment: dict[str, str]) -> None:
        self.note.address, self.note.environment = address, environment
        self._write()

    def programs(self, pids: dict[str, int]) -> None:
        self.note.programs = {name: (pid, born(pid) or 0.0) for name, pid in pids.items()}
        self._write()

    def _write(self) -> None:
        draft = _note(self._data).with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(asdict(self.note), indent=1))
        draft.replace(_note(self._data))


@contextmanager
def claim(data: Path) -> Iterator[Claim]:
    """Take a data folder for ourselves; raises MachineError, naming the holder, where it is taken."""
    data.mkdir(parents=True, exist_ok=True)
    with suppress(PermissionError):  # somebody lent it to us; what is in it is private all the same
        data.chmod(0o700)
    with open(_lock(data), "a") as lock:
        if not until(lambda: _taken(lock), 0.6):  # one who only looked holds it for a moment
            raise MachineError(_already(read(data)))
        end_leftovers(read(data))
        try:
            yield Claim(data)
        finally:
            _note(data).unlink(missing_ok=True)


def _taken(lock: Any) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _already(note: Note | None) -> str:
    if note is None:
        return "Recourse is starting in this folder already."
    where = f" at {note.address}" if note.address else ""
    return (
        f"Recourse runs in this folder already{where} (process {note.pid}).\n"
        f"Stop it with Ctrl-C in its terminal, or: kill {note.pid}"
    )


def end_leftovers(note: Note | None, patience: float = 3.0) -> None:
    """End the programs of a supervisor that was killed. PostgreSQL is left to clear_stale()."""
    if note is None:
        return
    end = time.monotonic() + patience
    while (left := _without_postgres(note)) and time.monotonic() < end:
        time.sleep(0.05)
    for pid in left.values():
        kill_group(pid)


def _without_postgres(note: Note) -> dict[str, int]:
    return {name: pid for name, pid in note.alive().items() if name != "postgres"}
