"""Lengths of time as policies are written: ``90m``, ``1h30m``, ``2d``, whole seconds; and said back.

A day is always 24 hours. Of working time nobody knows how many hours make a day, so what is counted
in working time is said in hours, however many there are.
"""

import re
from datetime import timedelta
from typing import Any

UNITS = (("d", "day", 86_400), ("h", "h", 3_600), ("m", "min", 60), ("s", "s", 1))
NAMES = {
    name: rank
    for rank, names in enumerate(
        ["d day days", "h hour hours", "m min mins minute minutes", "s sec secs second seconds"]
    )
    for name in names.split()
}
PART = re.compile(r"\s*(\d{1,7})\s*([a-z]+)\s*", re.ASCII)
MOST_LETTERS = 60
LONGEST = timedelta(days=36_500)
ASK = "write a duration such as 90m, 1h30m or 2d, or whole seconds"


def read(given: Any) -> timedelta:
    """Return the length that a text or a whole number of seconds says.

    Raises ValueError with the sentence for whoever wrote it: nothing is negative, has a fraction or
    lasts a hundred years.
    """
    if isinstance(given, bool) or not isinstance(given, (int, str)):
        raise ValueError(f"This is no length of time; {ASK}.")
    seconds = given if isinstance(given, int) else _seconds(given.strip())
    if seconds < 0:
        raise ValueError("A length of time is never negative.")
    if seconds > LONGEST.total_seconds():
        raise ValueError("This is longer than a hundred years.")
    return timedelta(seconds=seconds)


def _seconds(text: str) -> int:
    if re.fullmatch(r"[-\u2212]\s*\d.*", text):
        return -1
    if re.fullmatch(r"\d{1,12}", text, re.ASCII):
        return int(text)
    lower = text.lower() if len(text) <= MOST_LETTERS else ""
    parts = [(int(amount), NAMES.get(name, -1)) for amount, name in PART.findall(lower)]
    ranks = [rank for _, rank in parts]
    # each unit once, the longer first: 30m1h is more likely a slip than a way of writing 90m
    if not parts or PART.sub("", lower) or -1 in ranks or ranks != sorted(set(ranks)):
        shown = text if len(text) <= 40 else f"{text[:39]}…"
        raise ValueError(f"“{shown}” is no length of time; {ASK}.")
    return sum(amount * UNITS[rank][2] for amount, rank in parts)


def said(span: timedelta, *, days: bool = True) -> str:
    """Return ``1 h 30 min``, ``2 days 4 h``; without ``days``, ``52 h``. Nothing at all is ``0 min``."""
    words = []
    for amount, (_, word, _) in _parts(span, days=days):
        words.append(f"{amount} {word}{'s' if word == 'day' and amount > 1 else ''}")
    return " ".join(words) or "0 min"


def short(span: timedelta, *, days: bool = True) -> str:
    """Return ``1h30m``, the form that ``read`` takes back."""
    return "".join(f"{amount}{unit}" for amount, (unit, _, _) in _parts(span, days=days)) or "0s"


def _parts(span: timedelta, *, days: bool) -> list[tuple[int, tuple[str, str, int]]]:
    rest, found = int(span.total_seconds()), []
    for unit in UNITS if days else UNITS[1:]:
        amount, rest = divmod(rest, unit[2])
        if amount:
            found.append((amount, unit))
    return found
