"""Lengths of time as they are typed: ``90m``, ``1h30m``, ``2d``; of a shift also ``9:20``; and said back.

A day is always 24 hours. Of working time nobody knows how many hours make a day, so what is counted
in working time is said in hours, however many there are. A fraction is taken where it comes to whole
minutes and refused elsewhere, never rounded: 9.33 h is not 9 h 20 min.
"""

import re
from datetime import timedelta
from fractions import Fraction
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
FRACTION = re.compile(r"(\d{1,7})[.,](\d{1,30})\s*([a-z]*)", re.ASCII)
CLOCK = re.compile(r"(\d{1,5})\s*[:h]\s*(\d{2})", re.ASCII)  # 9:20, 9h20
MINUTE = timedelta(minutes=1)
MOST_LETTERS = 60
LONGEST = timedelta(days=36_500)
ASK = "write a duration such as 90m, 1h30m or 2d, or whole seconds"
ASK_HOURS = "write hours and minutes, e.g. 9 h 20 min or 9:20"


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
    if (found := FRACTION.fullmatch(lower)) and NAMES.get(found[3], 3) < 2:
        return _whole_minutes(found, found[3]) * 60
    parts = [(int(amount), NAMES.get(name, -1)) for amount, name in PART.findall(lower)]
    ranks = [rank for _, rank in parts]
    # each unit once, the longer first: 30m1h is more likely a slip than a way of writing 90m
    if not parts or PART.sub("", lower) or -1 in ranks or ranks != sorted(set(ranks)):
        shown = text if len(text) <= 40 else f"{text[:39]}…"
        raise ValueError(f"“{shown}” is no length of time; {ASK}.")
    return sum(amount * UNITS[rank][2] for amount, rank in parts)


def read_hours(text: str) -> timedelta:
    """Return the length that hours and minutes say: ``9``, ``9.5``, ``9:20``, ``9 h 20 min``, ``45m``.

    A bare number is hours. Raises ValueError with the sentence for whoever typed it, also for what
    is no whole number of minutes.
    """
    text = text.strip()
    lower = text.lower() if len(text) <= MOST_LETTERS else ""
    if found := CLOCK.fullmatch(lower):
        if int(found[2]) > 59:
            raise ValueError(f"“{text}” has more than 59 minutes; {ASK_HOURS}.")
        return timedelta(hours=int(found[1]), minutes=int(found[2]))
    if re.fullmatch(r"\d{1,7}", lower, re.ASCII):
        return timedelta(hours=int(lower))
    found = FRACTION.fullmatch(lower)
    if found and not found[3]:
        return _whole_minutes(found, "h") * MINUTE
    try:
        span = read(text)
    except ValueError as refusal:
        raise ValueError(str(refusal).replace(ASK, ASK_HOURS)) from None
    if span % MINUTE:
        raise ValueError(f"“{text}” is no whole number of minutes; {ASK_HOURS}.")
    return span


def _whole_minutes(found: re.Match[str], unit: str) -> int:
    """Return the minutes of a fraction of hours or days; refuse one that falls between two."""
    amount = Fraction(f"{found[1]}.{found[2]}")
    exact = amount * UNITS[NAMES[unit]][2] / 60
    if exact.denominator == 1:
        return int(exact)
    below, word = int(exact) * MINUTE, UNITS[NAMES[unit]][1]
    raise ValueError(
        f"{found[1]}.{found[2]} {word} falls between two minutes: write {said(below, days=False)} "
        f"or {said(below + MINUTE, days=False)}."
    )


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
