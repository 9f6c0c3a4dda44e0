"""``manage.py test``: pytest on servers of its own, in a folder that is thrown away."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from escalation.machine import needs, readymade
from escalation.machine.bootstrap import ROOT
from escalation.machine.console import Console
from escalation.machine.folders import MachineError
from escalation.machine.launch import launched
from escalation.machine.stack import Servers
from escalation.machine.supervisor import Stopped, Supervisor

QUICK = "--quick"  # the inner loop: tests/conftest.py says what it leaves out
PREFIX = "recourse-test-"
STOPPED = 2  # what pytest itself returns when it was interrupted
PROCESSES = "3"  # on two cores: one of them mostly waits for a browser or a desk
FOREIGN = sorted(needs.SETTINGS)  # what a developer's shell may name and a test must not see


def run(arguments: Sequence[str]) -> int:
    """Run pytest with these arguments, and return what it returned. ``--quick`` is our own."""
    arguments = _chosen(arguments)
    for name in FOREIGN:
        os.environ.pop(name, None)
    with _folder() as folder, (folder / "servers.log").open("w") as log:
        supervisor = Supervisor(Console(log, colour=False))
        supervisor.listen_to_signals()
        servers = Servers(folder, supervisor)
        try:
            readymade.copy(readymade.tables(folder, supervisor), folder / "postgres")
            servers.start(durable=False)
            return _pytest(arguments, _environment(folder, servers), supervisor)
        except Stopped:
            return STOPPED
        except MachineError:
            sys.stderr.write((folder / "servers.log").read_text())
            raise
        finally:
            servers.stop()


def _pytest(arguments: Sequence[str], environment: dict[str, str], supervisor: Supervisor) -> int:
    """Run it in our own terminal, whose Ctrl-C reaches it too; other signals we pass on."""
    command = [sys.executable, "-m", "pytest", *_spread(arguments), *arguments]
    tied = launched(command, signal.SIGTERM)
    process = subprocess.Popen(tied, cwd=ROOT, env=os.environ | environment)
    while process.poll() is None:
        time.sleep(0.1)
        if supervisor.stopping:
            if supervisor.asked != signal.SIGINT or not sys.stdin.isatty():
                process.send_signal(signal.SIGINT)
            _await_end(process)
    return process.wait()


def _chosen(arguments: Sequence[str]) -> list[str]:
    found = [one for one in arguments if one != QUICK]
    if len(found) == len(arguments):
        return found
    return ["-m", "not living and not long", "--hypothesis-profile", "quick", *found]


def _await_end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()


def _spread(arguments: Sequence[str]) -> list[str]:
    """Several processes, unless the arguments say how many, or want to talk to the one there is."""
    alone = ("-n", "--numprocesses", "--pdb", "--trace", "-s", "--collect-only", "--co", "no:xdist")
    if any(one.startswith(alone) for one in arguments):
        return []
    return ["-n", PROCESSES, "--dist", "worksteal"]


def _environment(folder: Path, servers: Servers) -> dict[str, str]:
    return {
        **servers.environment,
        "RECOURSE_VAR": str(folder),
        "SECRET_KEY": "a key for tests alone, which signs nothing that lasts",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # Playwright runs a loop in the thread of the tests
    }


@contextmanager
def _folder() -> Iterator[Path]:
    """Give a folder with a short path; it goes with us, and those of killed runs go too."""
    parent = Path(tempfile.gettempdir())
    for old in parent.glob(f"{PREFIX}*"):
        _remove_if_left(old)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    try:
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_if_left(folder: Path) -> None:
    try:
        with (folder / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return  # in use, somebody else's, or only just being made
