"""The first lines of manage.py: read by any Python, and every refusal a sentence."""

import ast
import hashlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from escalation.machine import bootstrap
from escalation.machine.bootstrap import ROOT, SetupFailed
from escalation.machine.claim import born
from escalation.machine.programs import until

AS_PYTHON_3_9 = """
import runpy, sys
sys.version_info = (3, 9, 2, "final", 0)
runpy.run_path("manage.py", run_name="__main__")
"""


def test_an_old_python_is_told_so_in_a_sentence():
    done = subprocess.run(
        [sys.executable, "-c", AS_PYTHON_3_9], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 1
    assert done.stderr.startswith("Recourse needs Python 3.11 or newer; this is 3.9 (")
    assert done.stderr.count("\n") == 1


def test_manage_py_can_be_read_by_a_very_old_python():
    source = (ROOT / "manage.py").read_text()

    assert ast.parse(source, feature_version=(3, 4))
    assert not re.search(r"\bf['\"]", source)


def test_the_lock_names_no_registry_and_every_library_with_hashes():
    lock = (ROOT / "requirements.lock").read_text()
    libraries = re.findall(r"^[a-z0-9][\w.-]*==.*(?:\n .*)*", lock, re.M)

    assert len(libraries) > 50
    assert [one.split("==")[0] for one in libraries if "--hash=sha256:" not in one] == []
    assert not re.search(r"https?://|^--", lock, re.M)


def test_the_part_of_the_lock_that_brings_uv_has_its_hashes():
    part = bootstrap._block((ROOT / "requirements.lock").read_text(), "uv")

    assert re.match(r"uv==0\.13\.\d+ \\\n    --hash=sha256:", part)
    assert "uvicorn" not in part
    assert "#" not in part


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("error: Failed to fetch: dns error", "no package index answers"),
        (
            "The virtual environment was not created because ensurepip",
            "apt-get install -y python3-venv",
        ),
        ("hashes do not match", "The libraries could not be set up"),
    ],
)
def test_a_failed_set_up_says_what_stands_in_the_way(said: str, sentence: str):
    with pytest.raises(SetupFailed, match=re.escape(sentence)):
        bootstrap._run(sys.executable, "-c", f"import sys; sys.exit({said!r})")


def test_a_python_without_venv_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(SetupFailed, match="apt-get install -y python3-venv"):
        bootstrap._make()


def test_a_finished_venv_is_entered_without_more_ado(venv: Path, entered: list[list[str]]):
    (venv / "recourse-stamp").write_text(f"{hashlib.sha256(b'lock').hexdigest()} 3.11")

    bootstrap.enter()

    assert entered == [[str(venv / "bin" / "python"), *sys.argv]]


@pytest.mark.parametrize("stamp", [None, "0" * 64 + " 3.11"])
def test_an_unfinished_or_outdated_venv_is_built_first(
    venv: Path, entered: list[list[str]], monkeypatch: pytest.MonkeyPatch, stamp: str | None
):
    if stamp:
        (venv / "recourse-stamp").write_text(stamp)
    steps: list[str] = []
    monkeypatch.setattr(bootstrap, "_make", lambda: steps.append("make"))
    monkeypatch.setattr(bootstrap, "_install", lambda: steps.append("install"))
    monkeypatch.setattr(bootstrap, "_run", lambda *command: "3.11")

    bootstrap.enter()

    assert steps == ["make", "install"]  # the Python in it does not run
    wanted = hashlib.sha256(b"lock").hexdigest()
    assert (venv / "recourse-stamp").read_text() == f"{wanted} 3.11"
    assert len(entered) == 1


@pytest.fixture
def venv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree with a lock and a .venv whose Python does not run."""
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin" / "python"
    python.write_text("#!/bin/false\n")
    python.chmod(0o755)
    (tmp_path / "requirements.lock").write_bytes(b"lock")
    monkeypatch.delenv(bootstrap.OFF, raising=False)
    places = {"ROOT": tmp_path, "VENV": venv, "PYTHON": python}
    places |= {"STAMP": venv / "recourse-stamp", "LOCK": tmp_path / "requirements.lock"}
    for name, value in places.items():
        monkeypatch.setattr(bootstrap, name, value)
    return venv


@pytest.fixture
def entered(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Note what would have taken this process over."""
    found: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda path, argv: found.append(argv))
    return found


def test_bytecode_that_may_not_lie_beside_the_source_is_kept_in_the_environment():
    code = (
        "import os, sys; from escalation.machine import bootstrap; bootstrap._keep_bytecode();"
        "print(sys.dont_write_bytecode, sys.pycache_prefix == os.environ['PYTHONPYCACHEPREFIX'],"
        " 'PYTHONDONTWRITEBYTECODE' in os.environ, sys.pycache_prefix)"
    )
    none = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=none, capture_output=True, text=True, timeout=60
    )

    assert done.stdout.split() == ["False", "True", "False", str(bootstrap.VENV / "bytecode")]


BUILDING = """
import os, sys
from escalation.machine import bootstrap

def build():
    bootstrap._run("/bin/sh", "-c", f"echo $$ > {sys.argv[1]}; exec sleep 600")

bootstrap._stamp, bootstrap._build = str, build
os.environ.pop(bootstrap.OFF, None)
bootstrap.enter()
"""


def test_who_is_asked_to_stop_while_libraries_are_fetched_leaves_nothing_running(tmp_path: Path):
    note = tmp_path / "pid"
    starting = subprocess.Popen(
        [sys.executable, "-c", BUILDING, note], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    assert until(lambda: note.exists() and note.read_text().endswith("\n"), 60)
    fetching = int(note.read_text())

    for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        starting.send_signal(number)
    _, said = starting.communicate(timeout=60)

    assert said == "\nStopped. The next start takes up where this one left off.\n"
    assert until(lambda: born(fetching) is None, 60)
