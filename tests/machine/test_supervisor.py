"""Small programs under the supervisor: back after death, gone in order, never left alone."""

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from escalation.machine.bootstrap import ROOT
from escalation.machine.claim import born
from escalation.machine.console import Console
from escalation.machine.programs import Program, finished, until
from escalation.machine.supervisor import Stopped, Supervisor

SLEEP = (sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)")
DEAF = (
    *(sys.executable, "-c"),
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('deaf', flush=True); time.sleep(600)",
)
LONELY = """
import sys
from escalation.machine.console import Console
from escalation.machine.programs import Program
from escalation.machine.supervisor import Supervisor
supervisor = Supervisor(Console(), changed=lambda pids: print(pids["sleep"], flush=True))
supervisor.add(Program("sleep", ["/bin/sleep", "600"]))
supervisor.keep(lambda: False)
"""

HAILED = """
import os
from escalation.machine.console import Console
from escalation.machine.supervisor import Stopped, Supervisor
supervisor = Supervisor(Console())
supervisor.listen_to_signals()
print("ready", flush=True)
try:
    supervisor.keep(lambda: False)
except Stopped:
    supervisor.keep(lambda: True)
    print("stopped", flush=True)
    os._exit(0)  # an interpreter that winds down no longer handles signals; that is not ours
"""


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def pids() -> dict[str, int]:
    return {}


@pytest.fixture
def supervisor(out: io.StringIO, pids: dict[str, int]) -> Iterator[Supervisor]:
    def changed(now: dict[str, int]) -> None:
        pids.clear()
        pids.update(now)

    one = Supervisor(Console(out, colour=False), changed)
    yield one
    one.insisted = 60.0
    one.stop(*one.names())


def test_what_dies_runs_again_after_a_pause_that_doubles(supervisor: Supervisor, out: io.StringIO):
    supervisor.add(Program("brief", [sys.executable, "-c", "raise SystemExit(3)"]))

    supervisor.keep(lambda: "in 0.8 s" in out.getvalue(), 60)

    assert [line for line in out.getvalue().splitlines() if line.startswith("brief ended")] == [
        "brief ended with exit code 3. It starts again in 0.2 s.",
        "brief ended with exit code 3. It starts again in 0.4 s.",
        "brief ended with exit code 3. It starts again in 0.8 s.",
    ]


def test_what_will_not_stop_is_ended(
    supervisor: Supervisor, out: io.StringIO, pids: dict[str, int]
):
    supervisor.add(Program("deaf", DEAF, patience=0.3))
    supervisor.keep(lambda: "deaf       | deaf" in out.getvalue(), 60)
    pid = pids["deaf"]

    supervisor.stop("deaf")

    assert born(pid) is None
    assert "deaf does not stop; ending it." in out.getvalue()
    assert pids == {}


def test_what_is_held_stays_down_until_it_is_let_go(out: io.StringIO, pids: dict[str, int]):
    held = {"sleep"}
    one = Supervisor(Console(out, colour=False), pids.update, held.__contains__)
    one.add(Program("sleep", SLEEP))
    first = pids["sleep"]
    subprocess.run(["kill", "-9", str(first)], check=True)

    assert not one.keep(lambda: pids["sleep"] != first, 1)
    held.clear()
    assert one.keep(lambda: pids["sleep"] != first, 60)
    one.stop("sleep")


def test_waiting_ends_when_somebody_asks_to_stop(supervisor: Supervisor):
    supervisor.add(Program("sleep", SLEEP))
    supervisor.stopping = True

    with pytest.raises(Stopped):
        supervisor.keep(lambda: False)


def test_a_killed_supervisor_takes_its_programs_with_it():
    lonely = subprocess.Popen(
        [sys.executable, "-c", LONELY], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert lonely.stdout is not None
    child = int(lonely.stdout.readline())
    assert born(child) is not None

    lonely.send_signal(signal.SIGKILL)
    lonely.wait()
    lonely.stdout.close()

    assert until(lambda: born(child) is None, 60)


def test_what_a_program_writes_cannot_steer_the_terminal(out: io.StringIO):
    Console(out, colour=False).line("web", "\x1b[2Jgone\r\u202eback")

    assert out.getvalue() == "web        | \\x1b[2Jgone\\x0d\\x202eback\n"


def test_a_terminal_that_went_away_stops_nothing(tmp_path: Path):
    gone = (tmp_path / "out").open("w")
    gone.close()
    console = Console(gone, colour=False)

    console.say("Nobody reads this.")
    console.line("web", "Nor this.")

    assert (tmp_path / "out").read_text() == ""


def test_a_hail_of_signals_stops_it_as_well_as_one(tmp_path: Path):
    hailed = subprocess.Popen(
        [sys.executable, "-c", HAILED], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert hailed.stdout is not None
    assert hailed.stdout.readline() == "ready\n"

    for _ in range(200):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            hailed.send_signal(number)

    assert hailed.wait(timeout=60) == 0
    assert hailed.stdout.read() == "stopped\n"
    hailed.stdout.close()


def test_two_signals_within_a_second_are_one_and_later_ones_insist(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
):
    instants = iter([100.0, 100.1, 100.9, 103.0, 105.0])
    insisted = []
    with monkeypatch.context() as patch:
        patch.setattr("escalation.machine.supervisor.time.monotonic", lambda: next(instants))
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            supervisor._asked_to_stop(number, None)
            insisted.append(round(supervisor.insisted, 1))

    assert insisted == [0.0, 0.1, 0.9, 3.0, 5.0]
    assert supervisor.asked == signal.SIGTERM
    supervisor.stopping = False


def test_who_asks_again_ends_what_may_be_ended_and_waits_for_what_must_write_down(
    supervisor: Supervisor, out: io.StringIO, pids: dict[str, int]
):
    forever = float("inf")
    supervisor.add(Program("web", DEAF, patience=forever))
    supervisor.add(Program("store", DEAF, patience=forever, insist=5))
    assert supervisor.keep(lambda: out.getvalue().count("| deaf") == 2, 60)
    web, store = pids["web"], pids["store"]
    supervisor.insisted = 4.9

    stopping = threading.Thread(target=supervisor.stop, args=("web", "store"))
    stopping.start()
    assert until(lambda: born(web) is None, 60)
    assert born(store) is not None and stopping.is_alive()
    supervisor.insisted = 5.0
    stopping.join(timeout=60)

    assert born(store) is None


def test_asked_to_stop_while_something_else_is_awaited_ends_that_and_starts_nothing(out, tmp_path):
    """Such as initdb, which hears no Ctrl-C of ours; and PostgreSQL, had initdb just ended."""
    supervisor = Supervisor(Console(out))
    said = tmp_path / "pid"
    slow = ("/bin/sh", "-c", f"echo $$ > {said}.new; mv {said}.new {said}; exec sleep 600")

    def look() -> None:
        supervisor.stopping = said.exists()
        supervisor.look()

    with pytest.raises(Stopped):
        finished(slow, {}, look=look)
    with pytest.raises(Stopped):
        supervisor.add(Program("sleep", SLEEP))
    with pytest.raises(Stopped):
        supervisor.run_once(Program("sleep", SLEEP))

    assert not psutil.pid_exists(int(said.read_text()))
    assert supervisor.names() == []


def test_a_command_is_given_what_is_typed_and_answers_however_long_it_takes():
    looks = []

    done = finished(
        ("/bin/sh", "-c", "read it; sleep 0.3; echo $it; echo no >&2; exit 3"),
        {"PATH": os.environ["PATH"]},
        typed="words\n",
        look=lambda: looks.append(1),
    )

    assert (done.stdout, done.stderr, done.returncode) == ("words\n", "no\n", 3)
    assert len(looks) > 1
