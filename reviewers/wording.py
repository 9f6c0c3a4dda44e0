"""How values are said in a line: spans of time, money, a trigger with what it saw."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalation.money.currencies import money as money

OPERATORS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
LINE = 80
DEPTH = 4  # of a value that is said in words
MOST_PARTS = 20
MOST_READ = 10_000  # characters of a text that is read as JSON
OPENING = ("{", "[", '"')
DECIMAL = re.compile(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,10})?", re.ASCII)


def span(given: timedelta) -> str:
    """Return a length of time as people say it, never negative."""
    seconds = max(0, int(given.total_seconds()))
    minutes, hours = seconds // 60, seconds // 3600
    if seconds < 60:
        return _("%(n)d s") % {"n": seconds}
    if minutes < 60:
        return _("%(n)d min") % {"n": minutes}
    if hours < 24:
        return _("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": minutes % 60}
    days = hours // 24
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def left(given: timedelta) -> str:
    """Return how long there is until something is due, or how long ago it was: ``38 min left``."""
    if given <= timedelta(0):
        return _("%(time)s over") % {"time": span(-given)}
    return _("%(time)s left") % {"time": span(given)}


def hours(given: timedelta) -> str:
    """Return a length in hours however many there are: ``49 h``, ``28 h 30``."""
    whole, rest = divmod(max(0, int(given.total_seconds())) // 60, 60)
    if rest:
        return _("%(hours)d h %(minutes)02d") % {"hours": whole, "minutes": rest}
    return _("%(n)d h") % {"n": whole}


def near(at: datetime, now: datetime) -> str:
    """Return an instant to come on the reader's wall clock: ``18:00``, ``Mon 09:00``, a date if later."""
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    if local.date() == today:
        return date_format(local, "H:i")
    return date_format(local, "D H:i" if (local.date() - today).days < 7 else "D j M, H:i")


def milliseconds(given: int) -> str:
    if given < 1_000:
        return _("%(n)d ms") % {"n": given}
    if given < 60_000:
        return _("%(n)s s") % {"n": f"{given / 1000:.1f}"}
    return span(timedelta(milliseconds=given))


def value(given: Any) -> str:
    """Return a JSON value in one short line of words, never as JSON; text that holds some is read."""
    text = _text(given)
    text = re.sub(r"[ \t\n]+", " ", text[:1_000]).strip()
    return text if len(text) <= LINE else f"{text[: LINE - 1]}…"


def _read(given: Any) -> Any:
    """Return what a text of JSON holds, where it holds an object or a list; else the value itself.

    Also of one that was made a text twice over.
    """
    if not isinstance(given, str) or len(given) > MOST_READ or given.lstrip()[:1] not in OPENING:
        return given
    try:
        read = json.loads(given)
    except (ValueError, RecursionError):
        return given
    if isinstance(read, str):
        inner = _read(read)
        return given if inner is read else inner
    return read


def _text(given: Any, depth: int = 0) -> str:
    """Return a value in words: ``yes``, ``a, b``, ``country NO, items (a, b)``."""
    given = _read(given)
    if isinstance(given, str):
        return given
    if isinstance(given, bool):
        return _("yes") if given else _("no")
    if given is None or given in ([], {}):
        return _("none")
    if not isinstance(given, (dict, list)):
        return observed(given)
    if depth == DEPTH:
        return "…"
    if isinstance(given, list):
        return ", ".join(_part(item, depth) for item in given[:MOST_PARTS])
    pairs = list(given.items())[:MOST_PARTS]
    return ", ".join(f"{key.replace('_', ' ')} {_part(item, depth)}" for key, item in pairs)


def _part(given: Any, depth: int) -> str:
    given = _read(given)
    if isinstance(given, (dict, list)) and given:
        return f"({_text(given, depth + 1)})"
    return observed(given) if numeric(given) is not None else _text(given, depth + 1)


def operator(given: str) -> str:
    return OPERATORS.get(given, given)


def numeric(given: Any) -> float | None:
    """Return a number, or the number that a decimal string says; None for anything else."""
    if isinstance(given, str):
        return float(given) if DECIMAL.fullmatch(given) else None
    return given if isinstance(given, (int, float)) and not isinstance(given, bool) else None


def observed(given: Any) -> str:
    """Return a value with its thousands apart, and two places where a number lies between 0 and 1."""
    if numeric(given) is None:
        return value(given)
    if isinstance(given, str):
        whole, point, rest = given.partition(".")
        return f"{int(whole):,}{point}{rest}"
    if isinstance(given, float) and 0 < abs(given) < 1 and round(given, 2) == given:
        return f"{given:.2f}"
    return f"{given:,}"


def fired(seen: Any, sign: str, threshold: Any) -> str:
    """Return what fired in a few characters; a text that had to be one of some stands alone."""
    if sign in ("in", "==", "matches") and numeric(seen) is None:
        return observed(seen)
    return f"{observed(seen)} {operator(sign)} {observed(threshold)}"
