"""Makes ``.venv`` from ``requirements.lock`` on first use, and goes on inside it. Standard library only."""

import errno
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from escalation.machine.launch import launched

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "recourse-stamp"
LOCK = ROOT / "requirements.lock"
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
OFF = "RECOURSE_BOOTSTRAP"  # "0": whoever starts us has the libraries in place already

NO_VENV = """\
This Python cannot make a virtual environment: its `ensurepip` is missing ({python}).
Debian and Ubuntu ship it apart. As root: apt-get install -y python3-venv"""
NO_SPACE = (
    "The disk is full: the libraries need about 500 MB in {folder}, and {free} MB are free there."
)
NO_NETWORK = """\
The libraries could not be fetched: no package index answers.
The first start needs PyPI or a mirror of it (pip: PIP_INDEX_URL, uv: UV_DEFAULT_INDEX); later ones do not."""


class SetupFailed(Exception):
    """The libraries are not in place; the message says why, and what to type."""


def enter() -> None:
    """Return inside ``.venv`` with every library of the lock; made first if it has to be."""
    if os.environ.get(OFF) == "0":
        return
    _keep_bytecode()
    inside = Path(sys.prefix) == VENV
    stamp = _stamp()
    try:
        if inside and not stamp.endswith(_version()):
            stamp = _restart_outside() if stamp else _stamp()
        if not stamp.startswith(_wanted()):
            _interruptible()
            with _alone():
                _build()
            inside = False
    except SetupFailed as refusal:
        sys.exit(str(refusal))
    except KeyboardInterrupt:
        sys.exit("\nStopped. The next start takes up where this one left off.")
    if not inside:
        os.execv(PYTHON, [str(PYTHON), *sys.argv])


def _interruptible() -> None:
    """Take whatever asks us to stop for Ctrl-C, so that what fetches the libraries ends with us."""
    for number in STOPS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup asked us to stay
            signal.signal(number, _interrupt)


def _interrupt(*_: object) -> None:
    for number in STOPS:
        signal.signal(number, lambda *_: None)  # one asking often comes twice
    raise KeyboardInterrupt


def _keep_bytecode() -> None:
    """Keep it in .venv where none may lie beside the source: without any, each of the desk's
    processes compiles two thousand modules before it begins, which is 3 s of processor."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        sys.dont_write_bytecode = False
        sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(VENV / "bytecode")


def is_current() -> bool:
    """Whether .venv holds what the lock says."""
    return _stamp().startswith(_wanted())


def _wanted() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def _version() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def _stamp() -> str:
    """Return ``<sha256 of the lock> <version of .venv's Python>``, or "" where .venv is not finished."""
    try:
        return STAMP.read_text() if PYTHON.exists() else ""
    except OSError:
        return ""


def _restart_outside() -> str:
    """The system's Python moved on under .venv: its libraries no longer fit, so it is made anew."""
    STAMP.unlink(missing_ok=True)
    shutil.rmtree(VENV / "lib", ignore_errors=True)
    os.execv(sys._base_executable, [sys._base_executable, *sys.argv])  # type: ignore[attr-defined]


@contextmanager
def _alone() -> Iterator[None]:
    """Hold back a second first start until this one is done."""
    (ROOT / "var").mkdir(mode=0o700, exist_ok=True)
    with open(ROOT / "var" / "bootstrap.lock", "w", opener=_privately) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Another start is setting up the libraries; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _build() -> None:
    if is_current():
        return  # the start we waited for did it
    try:
        if not STAMP.exists() or not _usable():
            _make()  # an interrupted set-up can leave what no tool repairs
        STAMP.unlink(missing_ok=True)
        _install()
        version = _run(PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
        STAMP.write_text(f"{_wanted()} {version}")
    except OSError as failure:
        if failure.errno in (errno.ENOSPC, errno.EDQUOT):
            raise SetupFailed(_no_space()) from None
        raise SetupFailed(f"The libraries could not be set up: {failure}.") from None


def _usable() -> bool:
    """Whether .venv has a Python and a pip that run, as after a change of the lock."""
    check = [str(PYTHON), "-m", "pip", "--version"]
    return PYTHON.exists() and subprocess.run(check, capture_output=True).returncode == 0


def _make() -> None:
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise SetupFailed(NO_VENV.format(python=sys.executable))
    _say(
        "First start: setting up Recourse's libraries in .venv (once, some 440 MB, 5 to 30 seconds)."
    )
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    shutil.rmtree(VENV, ignore_errors=True)
    _run(sys.executable, "-m", "venv", VENV)


def _install() -> None:
    """Bring .venv to what the lock says, no more and no less; every file is checked by its hash."""
    lock = LOCK.read_text()
    _say(f"Installing {len(re.findall('^[a-z0-9]', lock, re.M))} libraries from requirements.lock.")
    if not (VENV / "bin" / "uv").exists():
        own = VENV / "uv.lock"
        own.write_text(_block(lock, "uv"))
        _run(PYTHON, "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "-r", own)
    _run(VENV / "bin" / "uv", "pip", "sync", "-q", "--require-hashes", "--python", PYTHON, LOCK)


def _block(lock: str, name: str) -> str:
    """Return the part of the lock that names one library, its hashes included."""
    found = re.search(rf"^{name}==.*?(?=^\S|\Z)", lock, re.M | re.S)
    if found is None:
        raise SetupFailed(f"requirements.lock does not name {name}; it is not whole.")
    return re.sub(r"^\s*#.*\n", "", found.group(), flags=re.M)


def _run(*command: object) -> str:
    done = subprocess.run(
        launched([str(part) for part in command], signal.SIGTERM),
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode == 0:
        return done.stdout
    said = done.stdout.strip()
    if re.search(r"No space left|os error 28|Disk quota", said):
        raise SetupFailed(_no_space())
    if re.search(r"ensurepip", said):
        raise SetupFailed(NO_VENV.format(python=sys.executable))
    if re.search(
        r"dns error|resolve|Connection|connect|timed out|unreachable|sending request", said
    ):
        raise SetupFailed(f"{_tail(said, 2)}\n\n{NO_NETWORK}")
    name = " ".join(str(part) for part in command[:4])
    raise SetupFailed(f"{_tail(said)}\n\nThe libraries could not be set up: `{name}` failed.")


def _environment() -> dict[str, str]:
    """Ours, with the system's certificates for uv, and no cache where there is no home for one."""
    own = {"UV_SYSTEM_CERTS": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if not os.access(Path.home(), os.W_OK):
        own |= {"UV_NO_CACHE": "1", "PIP_NO_CACHE_DIR": "1"}
    return os.environ | own


def _no_space() -> str:
    return NO_SPACE.format(folder=VENV, free=shutil.disk_usage(ROOT).free // 1_000_000)


def _tail(said: str, lines: int = 12) -> str:
    return "\n".join(said.splitlines()[-lines:])


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
