"""Line breaks: what a browser makes of them, and how they become again what they were."""

import re

BREAK = re.compile(r"\r\n|\r|\n")


def plain(text: str) -> str:
    """Return a text with every break as one line feed, as a page holds it."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def without(text: str) -> str:
    """Return a text as a field of one line holds it."""
    return text.replace("\r", "").replace("\n", "")


def as_in(given: str, typed: str) -> str:
    """Return a text that was changed, with the breaks that ``given`` has where its lines are the same.

    ``typed`` breaks its lines with line feeds. A new line breaks as most of the others do.
    """
    marks = BREAK.findall(given)
    if "\r" not in given or not marks:
        return typed
    usual = max(("\r\n", "\n", "\r"), key=marks.count)
    before, after = BREAK.split(given), typed.split("\n")
    head = _alike(before, after)
    tail = min(_alike(before[::-1], after[::-1]), min(len(before), len(after)) - head)
    chosen = []
    for number in range(len(after) - 1):
        from_end = len(after) - 1 - number
        if number < min(head, len(marks)):
            chosen.append(marks[number])
        else:
            chosen.append(marks[-from_end] if from_end <= min(tail, len(marks)) else usual)
    return "".join(line + mark for line, mark in zip(after, [*chosen, ""], strict=True))


def _alike(one: list[str], other: list[str]) -> int:
    """Return how many lines begin the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
