"""The text that an input holds for a value, and the value in words."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from reviewers import wording
from reviewers.schemaform import choices, money
from reviewers.schemaform.inputs import KEPT, Input
from reviewers.schemaform.numerals import Numerals

UTC_ZONE = ZoneInfo("UTC")


def text_of(made: Input, value: Any, zone: ZoneInfo, numerals: Numerals) -> str:
    """Return ``value`` as the input shows it; one that does not fit stands there as it is."""
    if made.kind == "choice":
        number = choices.index_of(made.values, value)
        return KEPT if made.misfit else "" if number is None else str(number)
    if made.kind == "several":
        ticked = (choices.index_of(made.values, one) for one in value or ())
        return ",".join(map(str, sorted(number for number in ticked if number is not None)))
    if made.kind in ("json", "rest"):
        return json.dumps(value, ensure_ascii=False, indent=2)
    if value is None and made.nullable:
        return ""
    if made.misfit:
        return json.dumps(value, ensure_ascii=False)
    if made.kind == "lines":
        return "\n".join(_line(made, item, numerals) for item in value)
    if made.kind == "instant":
        return local(value, zone) or value
    if made.kind in ("number", "integer"):
        return numerals.written(json.dumps(value))
    if made.kind == "money":
        return money.shown(value, numerals)
    return choices.text(value)


def _line(made: Input, item: Any, numerals: Numerals) -> str:
    return choices.text(item) if made.item == "string" else numerals.written(json.dumps(item))


def proposed_of(made: Input, value: Any) -> str:
    """Return what was proposed in words, for a hint beside a text that is another by now."""
    if made.kind == "choice":
        return dict(made.choices).get(made.prefilled, "")
    if made.kind == "several":
        return ", ".join(dict(made.choices)[one] for one in made.prefilled.split(",") if one)
    amount = money.number(value) if made.kind == "money" else None
    return made.prefilled if amount is None else wording.money(amount, made.currency)


def instant_of(value: Any) -> datetime | None:
    """Return the instant that a text names, in UTC; None for one without an offset, and for others."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found.astimezone(UTC_ZONE) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def local(value: Any, zone: ZoneInfo) -> str:
    """Return an instant on the clock of ``zone``, as a browser's own control takes it."""
    found = instant_of(value)
    try:
        there = found.astimezone(zone).replace(tzinfo=None, microsecond=0) if found else None
    except (ValueError, OverflowError):
        return ""
    return there.isoformat(timespec="seconds" if there.second else "minutes") if there else ""
