"""``manage.py doctor``: what is set up, what is wrong, and what to type about it."""

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from escalation.machine import bootstrap, browser, claim, postgres, valkey
from escalation.machine.folders import MachineError, run_folder
from escalation.machine.programs import CHECKED

LEAST_FREE = 2_000_000_000  # bytes; below this a busy desk fills its disk within days
UP = "python3 manage.py up"


@dataclass(frozen=True)
class Finding:
    """What was looked at and how it is: ``ok``, ``note`` (may be as wished) or ``wrong``."""

    part: str
    state: str
    says: str
    type: str = ""  # what to type about it


def examine(data: Path) -> list[Finding]:
    """Look at everything there is; an error while looking is itself a finding."""
    looks: list[Callable[[Path], Iterator[Finding]]] = [
        *(_python, _libraries, _settings, _disk, _desk),
        *(_postgresql, _redis, _parts, _chromium),
    ]
    found: list[Finding] = []
    for look in looks:
        try:
            found += look(data)
        except (MachineError, OSError, psycopg.Error, ValueError) as failure:
            found.append(Finding(look.__name__.strip("_"), "wrong", str(failure).strip()))
    return found


def _python(_: Path) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", "ok", f"Python {version} in {sys.prefix}")


def _libraries(_: Path) -> Iterator[Finding]:
    if os.environ.get(bootstrap.OFF) == "0":
        yield Finding("libraries", "note", f"{bootstrap.OFF}=0: whoever set it looks after them")
    elif bootstrap.is_current():
        yield Finding("libraries", "ok", "as requirements.lock says")
    else:
        yield Finding("libraries", "wrong", "not as requirements.lock says", UP)


def _settings(data: Path) -> Iterator[Finding]:
    try:
        own = {name: getattr(settings, name) for name in ("BASE_URL", "DEBUG", "SECRET_KEY")}
    except ImproperlyConfigured as refusal:
        yield Finding("settings", "wrong", str(refusal))
        return
    key_from = "var" if own["SECRET_KEY"] == _kept_key(data) else "the environment"
    yield Finding("SECRET_KEY", "ok", f"from {key_from}")
    note = claim.running(data)
    yield Finding("BASE_URL", "ok", note.address if note else own["BASE_URL"])
    if own["DEBUG"]:
        yield Finding("DEBUG", "wrong", "on: errors show the desk's insides", "unset DEBUG")


def _kept_key(data: Path) -> str:
    path = data / "secret_key"
    return path.read_text().strip() if path.exists() else ""


def _disk(data: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(data if data.exists() else bootstrap.ROOT).free
    said = f"{free / 1e9:.1f} GB free for {data}"
    yield Finding("disk", "ok" if free > LEAST_FREE else "wrong", said)


def _desk(data: Path) -> Iterator[Finding]:
    note = claim.running(data)
    if note is None:
        yield Finding("desk", "note", "does not run in this folder", UP)
        return
    yield Finding("desk", "ok", f"runs at {note.address} (process {note.pid})")


def _postgresql(data: Path) -> Iterator[Finding]:
    named = os.environ.get("DATABASE_URL")
    if named is None and claim.running(data) is None:
        yield Finding("postgresql", "ok", f"{postgres.find(data / 'postgres')}, not running")
        return
    own = postgres.url(data / "postgres", run_folder(data), postgres.DESK)
    with psycopg.connect(named or own, connect_timeout=5) as connection:
        version = connection.info.server_version // 10_000
        said = f"PostgreSQL {version}{', named by DATABASE_URL' if named else ''}, answers"
        fitting = postgres.OLDEST <= version <= postgres.NEWEST
        yield Finding("postgresql", "ok" if fitting else "wrong", said)
        yield from _durability(connection)


def _durability(connection: psycopg.Connection) -> Iterator[Finding]:
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
        if row == ("off",):
            said = f"{name} is off: a power cut loses decisions that agents have acted on"
            yield Finding("postgresql", "wrong", said, f"ALTER SYSTEM SET {name} = on")


def _redis(data: Path) -> Iterator[Finding]:
    named = os.environ.get("REDIS_URL")
    if named is None and claim.running(data) is None:
        store = valkey.store(data / "valkey", run_folder(data))
        yield Finding("redis", "ok", f"{store}, not running")
        return
    valkey.knock(named or valkey.url(run_folder(data)))
    yield Finding("redis", "ok", f"answers{', named by REDIS_URL' if named else ''}")


def _parts(data: Path) -> Iterator[Finding]:
    """Ask the desk itself about its workers, its clock and its courier."""
    note = claim.running(data)
    address = note.address if note else os.environ.get("BASE_URL")
    if not address:
        return
    answer = _readyz(address)
    for name, said in answer["parts"].items():
        if name in ("workers", "clock", "courier"):
            yield Finding(name, "ok" if said == "ok" else "wrong", said, "" if said == "ok" else UP)
    yield from _said(data)


def _said(data: Path) -> Iterator[Finding]:
    """Ask in a process of its own, which loads the apps, what the desk warns of and how it is set up."""
    asked = subprocess.run(
        [sys.executable, str(bootstrap.ROOT / "manage.py"), "say_warnings", "--json"],
        env={**os.environ, "RECOURSE_VAR": str(data), bootstrap.OFF: "0", CHECKED: "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if asked.returncode:
        last = (asked.stderr.strip() or "no reason given").splitlines()[-1]
        yield Finding("warnings", "wrong", f"could not be asked for: {last}")
        return
    said = json.loads(asked.stdout)
    yield from (Finding("warning", "wrong", sentence) for sentence in said["warnings"])
    yield from (Finding("set-up", "note", sentence) for sentence in said["notes"])


def _readyz(address: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
            body = answer.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            body = refusal.read()
    except OSError as failure:
        raise MachineError(f"{address}/readyz does not answer: {failure}") from None
    return dict(json.loads(body))


def _chromium(_: Path) -> Iterator[Finding]:
    found = browser.here()
    if found:
        yield Finding("chromium", "ok", f"{found.path}, for the browser tests")
    else:
        yield Finding("chromium", "note", "none; the first test run fetches one")
