"""What one input says by itself: when it is left blank, and for a text that was typed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from escalation import canonical
from escalation.errors import EscalationError
from reviewers.schemaform.inputs import ABSENT, Input


def instant(made: Input, typed: str, zone: ZoneInfo) -> Any:
    """Return an instant in UTC; typed without an offset it is by the clock of the reader."""
    try:
        found = datetime.fromisoformat(typed)
        local = found if found.tzinfo else found.replace(tzinfo=zone)
        utc = local.astimezone(UTC)
        there_is_none = utc.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(
            tzinfo=None
        )
    except (ValueError, OverflowError):
        made.errors.append(_("is no day and time, such as 2026-11-20 09:30"))
        return ABSENT
    if there_is_none:
        said = _("is no time in %(zone)s: the clocks skip it that night")
        made.errors.append(said % {"zone": zone})
        return ABSENT
    return utc.isoformat().replace("+00:00", "Z")


def parsed(made: Input, typed: str, otherwise: str = "") -> Any:
    try:
        return canonical.parse(typed.encode())
    except EscalationError as refusal:
        faults = getattr(refusal, "faults", ())
        made.errors.append(faults[0].message if faults else otherwise or str(refusal))
    except (ValueError, RecursionError):
        made.errors.append(otherwise or _("is not JSON"))
    return ABSENT


def is_same_time(one: str, other: str) -> bool:
    """Return whether two local times are the same: some browsers send seconds, some leave them out."""
    try:
        return datetime.fromisoformat(one) == datetime.fromisoformat(other)
    except (ValueError, TypeError):
        return False


def blank(made: Input) -> Any:
    """Return what an input says that was left blank, or cleared."""
    if not made.required:
        return ABSENT
    if made.nullable:
        return None
    if made.kind == "lines":
        return []
    return "" if made.may_be_empty else ABSENT


def keeps_blanks(made: Input) -> bool:
    """Return whether blanks around a text are part of it: they were in what was proposed."""
    given = made.given
    return (
        made.kind in ("text", "long")
        and isinstance(given, str)
        and given != given.strip()
        and (made.text != "")
    )


def is_text(made: Input) -> bool:
    kinds = made.schema.get("type")
    if made.kind != "money" or kinds in ("number", "integer"):
        return False
    return kinds == "string" or not isinstance(made.given, (int, float))


def adds(made: Input) -> bool:
    """Return whether an input as it was drawn says more than what was proposed.

    That is what the page shows beside it, and where nothing was proposed what being blank says.
    """
    if made.kind == "group" and made.given is ABSENT and not made.required:
        return False
    if _shows_more(made):
        return True
    blank = made.kind in ("group", "rows", "several", "lines") or made.may_be_empty or made.nullable
    return made.given is ABSENT and made.required and blank


def _shows_more(made: Input) -> bool:
    """Return whether there are defaults or constants on the page that nobody proposed."""
    if made.kind == "variants":
        branch = branch_of(made, made.prefilled)
        return branch is not None and _shows_more(branch)
    if made.kind == "group":
        is_there = isinstance(made.given, dict) or (made.given is ABSENT and made.required)
        return is_there and any(map(_shows_more, made.inputs))
    return made.default is not ABSENT or (made.kind == "fixed" and made.given is ABSENT)


def branch_of(made: Input, chosen: str) -> Input | None:
    return made.inputs[int(chosen)] if chosen in dict(made.choices) else None


def number_of(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 6 else None
