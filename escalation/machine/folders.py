"""Where the desk keeps its things on this machine: data in ``var/``, sockets in a short run folder."""

import hashlib
import os
import secrets
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from escalation.machine.bootstrap import ROOT

NOBODY = 65534  # the user id that owns nothing, on every Linux
SOCKET_PATH_LIMIT = 100  # the kernel's is 108, less what the servers add to the folder's name


class MachineError(Exception):
    """Something on this machine is in the way; the message says what, and what to type."""


def var() -> Path:
    """Return the data folder: ``RECOURSE_VAR``, else ``var/`` beside manage.py."""
    return Path(os.environ.get("RECOURSE_VAR") or ROOT / "var").absolute()


def run_folder(data: Path) -> Path:
    """Return the folder for sockets that belongs to a data folder. Nobody else may enter it.

    A socket's path must be short, so that of a data folder deep down stands in the system's
    temporary folder, under a name that only this data folder has.
    """
    run = data / "run"
    if len(str(run)) + len("/.s.PGSQL.5432.lock") > SOCKET_PATH_LIMIT:
        name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
        run = Path(tempfile.gettempdir()) / f"recourse-{os.geteuid()}-{name}"
    return run


def make_private(folder: Path) -> Path:
    """Make a folder that only we may enter; refuse one that somebody else has put there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    owners = (0, NOBODY) if os.geteuid() == 0 else (os.geteuid(),)  # root lends it to PostgreSQL
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        raise MachineError(f"{folder} belongs to somebody else. Remove it, then start again.")
    folder.chmod(0o700)
    return folder


def secret_key(data: Path) -> str:
    """Return the key this data folder signs sessions with, made on first use."""
    path = data / "secret_key"
    try:
        if not path.exists():
            _make_key(path)
        return path.read_text().strip()
    except OSError as failure:
        raise MachineError(
            f"{data} is not ours to write ({failure.strerror}). Name another with RECOURSE_VAR."
        ) from None


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48))
    with suppress(FileExistsError):  # another start was first: that one's key stands
        os.link(draft, path)
    draft.unlink()
