"""A data folder of PostgreSQL with the desk's tables in it, made once for the code as it stands.

Making the tables takes ten seconds of processor. The throw-away desks of the tests start with a copy,
and bring it up to date as ``up`` always does, which is soon done.
"""

import hashlib
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import psycopg

from escalation.machine import postgres
from escalation.machine.bootstrap import ROOT
from escalation.machine.folders import MachineError
from escalation.machine.programs import manage
from escalation.machine.stack import Servers
from escalation.machine.supervisor import Supervisor

KEPT = ROOT / "var" / "tables"  # a folder for each state of the code; the last one stays
TEMPLATE = "tables"  # the database in it that others are made like; nobody may enter it


def tables(folder: Path, supervisor: Supervisor) -> Path:
    """Put such a data folder below ``folder`` and return where it is."""
    made = folder / "tables" / "postgres"
    kept = KEPT / _state(made)
    if (kept / "PG_VERSION").exists():
        made.parent.mkdir()
        copy(kept, made)
    else:
        _make(made.parent, supervisor)
        _keep(made, kept)
    return made


def copy(data: Path, to: Path) -> None:
    """Copy a data folder that no server runs on; its files stay whose they are."""
    subprocess.run(["cp", "-a", data, to], check=True)


def _make(folder: Path, supervisor: Supervisor) -> None:
    servers = Servers(folder, supervisor)
    try:
        servers.start(durable=False)
        command = manage(
            "migrate", "migrate", "--noinput", "-v", "0", environment=servers.environment
        )
        if not supervisor.run_once(command):
            raise MachineError("`manage.py migrate` failed; its lines above say why.")
        _make_template(servers.environment["DATABASE_OWNER_URL"])
    finally:
        servers.stop()


def _make_template(url: str) -> None:
    with psycopg.connect(url.replace(f"/{postgres.DESK}?", "/postgres?"), autocommit=True) as owner:
        owner.execute(
            f"CREATE DATABASE {TEMPLATE} TEMPLATE {postgres.DESK} ALLOW_CONNECTIONS false"
        )


def _keep(made: Path, kept: Path) -> None:
    """Keep it for the next run, and none of older code."""
    shutil.rmtree(KEPT, ignore_errors=True)
    draft = KEPT / f"{kept.name}.{made.parents[1].name}"
    with suppress(OSError, subprocess.CalledProcessError):  # a full disk, or another run's hand
        KEPT.mkdir(parents=True, exist_ok=True)
        copy(made, draft)
        draft.rename(kept)


def _state(data: Path) -> str:
    """Name what the tables depend on: migrations, rights, libraries and the server."""
    sources = [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "escalation" / "grants.py"]
    sources.append(Path(postgres.__file__))
    digest = hashlib.sha256(str(postgres.find(data)).encode())
    for path in [*sources, ROOT / "requirements.lock"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
