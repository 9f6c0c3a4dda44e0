"""The desk as a whole on one machine: its servers, its own processes, the order they come and go in."""

import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from escalation.machine import needs, postgres, valkey
from escalation.machine.folders import MachineError, make_private, run_folder
from escalation.machine.programs import Program, manage
from escalation.machine.supervisor import Supervisor

WEB_WORKERS = 2
WEB_GRACE = 10  # seconds that what is under way has when a web process ends
WORKER = "escalation.web.server.Worker"
SERVER_PATIENCE = 30.0
TOO_MANY_DEATHS = 6  # before the desk was ever ready
READY_PATIENCE = 300.0


@dataclass
class Servers:
    """PostgreSQL and Redis: those the environment names, else our own, started on first use."""

    data: Path
    supervisor: Supervisor
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, *, durable: bool = True) -> None:
        run = make_private(run_folder(self.data))
        if "DATABASE_URL" in os.environ:
            self._use_named_database()
        else:
            self._start_postgres(run, durable=durable)
        if "REDIS_URL" in os.environ:
            self._use_named_redis()
        else:
            self._start_valkey(run)

    def stop(self) -> None:
        self.supervisor.stop("valkey")
        self.supervisor.stop("postgres")
        run = run_folder(self.data)
        if run.parent != self.data:  # in the system's temporary folder: leave nothing there
            with suppress(OSError):
                run.rmdir()

    def _start_postgres(self, run: Path, *, durable: bool) -> None:
        cluster = postgres.cluster(self.data / "postgres", run, durable=durable)
        self.supervisor.console.say(f"{cluster.binaries} on {cluster.data}")
        cluster.make(self.supervisor.look)
        self._start(cluster.program(), cluster.answers)
        cluster.make_database()
        self.environment |= {
            "DATABASE_URL": cluster.url(postgres.DESK),
            "DATABASE_OWNER_URL": cluster.url(postgres.OWNER),
        }

    def _start_valkey(self, run: Path) -> None:
        store = valkey.store(self.data / "valkey", run)
        self.supervisor.console.say(f"{store} on {store.data}")
        self._start(store.program(), store.answers)
        self.environment["REDIS_URL"] = store.url

    def _start(self, program: Program, answers: Callable[[], bool]) -> None:
        self.supervisor.add(program)
        if not self.supervisor.keep(answers, SERVER_PATIENCE):
            raise MachineError(f"{program.name} does not answer; its lines above say why.")

    def _use_named_database(self) -> None:
        try:
            psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5).close()
        except psycopg.Error as failure:
            raise MachineError(f"The PostgreSQL that DATABASE_URL names: {failure}") from None

    def _use_named_redis(self) -> None:
        try:
            valkey.knock(os.environ["REDIS_URL"])
        except (OSError, ValueError) as failure:
            raise MachineError(f"The Redis that REDIS_URL names: {failure}") from None


@dataclass(frozen=True)
class Door:
    """The socket the web process answers on. We hold it, so that a restart refuses nobody."""

    host: str
    socket: socket.socket

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    @property
    def address(self) -> str:
        """Return what a person types. ``localhost`` where it is only for this machine."""
        everywhere = self.host in ("0.0.0.0", "::", "")
        name = socket.gethostname() if everywhere else self.host
        name = "localhost" if name in ("127.0.0.1", "::1") else name
        return f"http://{f'[{name}]' if ':' in name else name}:{self.port}"

    @property
    def names(self) -> list[str]:
        """Return the host names that requests may come under."""
        own = [socket.gethostname()] if self.host in ("0.0.0.0", "::", "") else [self.host]
        return list(dict.fromkeys(["localhost", "127.0.0.1", "[::1]", *own]))


def open_door(host: str, port: int | None) -> Door:
    """Return a listening socket; port None means 8000, or the next free one after it."""
    for candidate in [port] if port is not None else range(8000, 8100):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        door = socket.socket(family, socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, candidate))
            door.listen(2048)
            return Door(host, door)
        except socket.gaierror:
            raise MachineError(f"{host} is no address of this machine.") from None
        except PermissionError:
            raise MachineError(f"Port {candidate} is not for ordinary users; try 8000.") from None
        except OSError as failure:
            door.close()
            refusal = failure
    if port is None:
        raise MachineError(f"No port from 8000 to 8099 is free: {refusal.strerror}.")
    raise MachineError(
        f"Port {port} cannot be used ({(refusal.strerror or '').lower()}). Name another with --port,"
        " or none: then the next free one is taken."
    )


def desk_programs(door: Door, queues: Iterable[str], environment: dict[str, str]) -> list[Program]:
    """Return the desk's own processes: the web, one worker for each queue, the clock, the courier."""
    number = door.socket.fileno()
    gunicorn = [
        *("-m", "gunicorn", "-k", WORKER, "-w", str(WEB_WORKERS), "-b", f"fd://{number}"),
        *("--graceful-timeout", str(WEB_GRACE), "--timeout", "60", "--log-level", "warning"),
        # gunicorn hangs up after two idle seconds, into the face of whoever posts just then
        *("--keep-alive", "75"),
        *("--no-control-socket", "escalation.asgi:application"),
    ]
    # a dozen threads with an arena each would keep what a burst took (``escalation.web.memory``)
    arenas = os.environ.get("MALLOC_ARENA_MAX", "2")
    own = {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": arenas, **environment}
    told = needs.environment("web", own)
    web = [sys.executable, *gunicorn]
    programs = [
        Program("web", web, told, sockets=(number,), patience=WEB_GRACE + 3, linger=WEB_GRACE)
    ]
    for queue in queues:
        worker = ("rqworker", queue, "-v", "0", "--worker-class", "escalation.worker.DeskWorker")
        programs.append(manage(queue, *worker, environment=environment))
    programs.append(manage("clock", "sweep", environment=environment))
    programs.append(manage("courier", "courier", environment=environment))
    return programs


def wait_until_ready(door: Door, supervisor: Supervisor) -> None:
    """Return once /readyz says yes; raises MachineError when it will not."""
    began = asked = time.monotonic()
    while True:
        answer = _readyz(door)
        if answer is None:
            return
        if max(supervisor.deaths().values(), default=0) >= TOO_MANY_DEATHS:
            raise MachineError("The desk does not stay up; the lines above say why.")
        if time.monotonic() - began > READY_PATIENCE:
            raise MachineError(f"The desk does not get ready: {answer}")
        if time.monotonic() - asked > 10:
            asked = time.monotonic()
            supervisor.console.say(f"Still waiting: {answer}")
        supervisor.keep(lambda: False, 0.1)


def _readyz(door: Door) -> str | None:
    """Return None when the desk is ready, else what it says is not."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(door.host, door.host)
    request = urllib.request.Request(
        f"http://{host}:{door.port}/readyz", headers={"Host": "localhost"}
    )
    try:
        with urllib.request.urlopen(request, timeout=3):
            return None
    except urllib.error.HTTPError as refusal:
        with refusal:
            said = refusal.read(2000).decode("utf-8", "replace")
        return f"/readyz answers {refusal.code}: {said}"
    except OSError as failure:
        return f"/readyz does not answer: {failure}"
