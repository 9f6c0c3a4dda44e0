"""The demo packages on disk, with their times shifted to a given instant.

A package file is a body of ``POST /cases`` as it stands, but its times are
told from the instant at which it is asked: a string that is wholly
``@-00:12:04`` (or ``@-3d04:00:00``, or ``@+0d02:00:00`` for times to come)
becomes that instant, and ``@day-4`` anywhere inside a string becomes that day's
date. Nothing else in the file is touched.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Package = dict[str, Any]

PACKAGES = Path(__file__).parent / "packages"
_INSTANT = re.compile(r"@([+-])(?:(\d+)d)?(\d{2}):(\d{2}):(\d{2})")
_DAY = re.compile(r"@day([+-]\d+)")


def names() -> list[str]:
    """Return the name of every demo package, in order."""
    return sorted(path.stem for path in PACKAGES.glob("*.json"))


def package(name: str, *, at: datetime) -> Package:
    """Return the named package as an agent would send it at the aware ``at``."""
    text = (PACKAGES / f"{name}.json").read_text(encoding="utf-8")
    shifted: Package = shift(json.loads(text), at)
    return shifted


def shift(value: Any, at: datetime) -> Any:
    """Return a copy of a JSON value with its placeholders told from ``at``."""
    if isinstance(value, dict):
        return {key: shift(inner, at) for key, inner in value.items()}
    if isinstance(value, list):
        return [shift(inner, at) for inner in value]
    if isinstance(value, str) and "@" in value:
        return _shift_text(value, at)
    return value


def _shift_text(text: str, at: datetime) -> str:
    if match := _INSTANT.fullmatch(text):
        sign, *parts = match.groups(default="0")
        days, hours, minutes, seconds = (int(part) for part in parts)
        span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        return instant(at - span if sign == "-" else at + span)
    return _DAY.sub(lambda day: f"{at + timedelta(days=int(day[1])):%Y-%m-%d}", text)


def instant(at: datetime) -> str:
    """Return an aware instant as the API writes it: UTC, whole seconds, ``Z``."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
