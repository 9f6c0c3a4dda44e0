"""The lines of an .ics file: which event each belongs to, before any library sees the file.

What could grow without end when it is expanded is refused here, by its line: rules that repeat
within a day, floods of dates, components in components. Of each event only what says when it is
goes on; attachments, alarms and descriptions are not read.
"""

import re
from dataclasses import dataclass, field

from reviewers.errors import ImportRefused

MOST_BYTES = 1024 * 1024
MOST_LINES = 50_000
MOST_EVENTS = 500
MOST_DATES = 1000  # of RDATE and EXDATE together
MOST_ZONES = 50
DEEPEST = 3  # VCALENDAR, VTIMEZONE, STANDARD
MOST_TIMES = 10_000  # COUNT of one rule

NAME = re.compile(r"([A-Za-z0-9-]+)[;:]")
ENDING = re.compile(r"\r\n|\n|\r")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
ONCE = ("UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID", "STATUS", "SUMMARY")
KEPT = (*ONCE, "RDATE", "EXDATE", "SEQUENCE")
TIMES = {"SECONDLY": "second", "MINUTELY": "minute", "HOURLY": "hour"}
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WITHIN_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
NUMBERS = {"INTERVAL": 1000, "COUNT": MOST_TIMES}


def refuse(line: int, said: str) -> ImportRefused:
    return ImportRefused(f"Line {line}: {said}")


@dataclass
class Block:
    """One VEVENT: where it begins, and its properties with the line of each."""

    line: int
    properties: list[tuple[str, int, str]] = field(default_factory=list)  # name, line, content

    def line_of(self, *names: str) -> int:
        """Return the line of the first of these properties that there is, else of the event."""
        return next(
            (line for wanted in names for name, line, _ in self.properties if name == wanted),
            self.line,
        )

    def has(self, name: str) -> bool:
        return any(name == each for each, _, _ in self.properties)


@dataclass
class Outline:
    """A file that holds together: its events, and the lines of its time zones."""

    blocks: list[Block] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)


def outline(data: bytes) -> Outline:
    """Return the events of a file. Raises ImportRefused with the line and what is wrong there."""
    found, dates, zones = Outline(), 0, 0
    inside: list[tuple[str, int]] = []
    content = _unfolded(_text(data))
    for number, line in content:
        name = _name(number, line)
        if not inside and line.upper() != "BEGIN:VCALENDAR":
            raise refuse(
                number, f"a calendar begins with BEGIN:VCALENDAR, not with “{_short(line)}”."
            )
        if name == "BEGIN":
            _open(inside, number, line)
            kind = tuple(each for each, _ in inside)
            zones += kind[1:] == ("VTIMEZONE",)
            if kind == ("VCALENDAR", "VEVENT"):
                found.blocks.append(Block(number))
            if len(found.blocks) > MOST_EVENTS or zones > MOST_ZONES:
                raise refuse(number, f"at most {MOST_EVENTS} events are read from one file.")
        if name in ("RRULE", "EXRULE"):
            _check_rule(number, name, line)
        if name in ("RDATE", "EXDATE"):
            dates += line.count(",") + 1
            if dates > MOST_DATES:
                raise refuse(number, f"{name} brings more than {MOST_DATES} dates.")
        if len(inside) > 1 and inside[1][0] == "VTIMEZONE":
            found.zones.append(line)
        if [each for each, _ in inside] == ["VCALENDAR", "VEVENT"] and name in KEPT:
            _add(found.blocks[-1], name, number, line)
        if name == "END":
            _close(inside, number, line)
    if inside:
        raise refuse(inside[-1][1], f"{inside[-1][0]} begins here and has no end.")
    if not found.blocks:
        raise ImportRefused("There is no event (VEVENT) in this file.")
    return found


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise ImportRefused(f"The file has {len(data):,} bytes; at most {MOST_BYTES:,} are read.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse(_line_at(data, error.start), "these bytes are not UTF-8.") from None


def _line_at(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1


def _unfolded(text: str) -> list[tuple[int, str]]:
    """Return the content lines, each with the number of its first line in the file."""
    found: list[tuple[int, list[str]]] = []
    for number, line in enumerate(ENDING.split(text), 1):
        if number > MOST_LINES:
            raise refuse(number, f"at most {MOST_LINES:,} lines are read.")
        if CONTROL.search(line):
            raise refuse(number, "a character that no text holds; is this an .ics file?")
        if line[:1] in (" ", "\t"):
            if not found:
                raise refuse(number, "this goes on with a line that is not there.")
            found[-1][1].append(line[1:])
        elif line:
            found.append((number, [line]))
    if not found:
        raise ImportRefused("The file is empty.")
    return [(number, "".join(parts)) for number, parts in found]


def _name(number: int, line: str) -> str:
    match = NAME.match(line)
    if match is None:
        raise refuse(number, f"“{_short(line)}” is not a line of a calendar.")
    return match[1].upper()


def _open(inside: list[tuple[str, int]], number: int, line: str) -> None:
    if len(inside) == DEEPEST:
        raise refuse(number, "components are nested too deeply.")
    inside.append((line.partition(":")[2].strip().upper(), number))


def _close(inside: list[tuple[str, int]], number: int, line: str) -> None:
    kind, begun = inside.pop()
    if line.partition(":")[2].strip().upper() != kind:
        raise refuse(number, f"“{_short(line)}” does not end the {kind} of line {begun}.")


def _add(block: Block, name: str, number: int, line: str) -> None:
    if name in ONCE and block.has(name):
        raise refuse(number, f"a second {name}; the first is in line {block.line_of(name)}.")
    block.properties.append((name, number, line))


def _check_rule(number: int, name: str, line: str) -> None:
    """Refuse a rule that repeats within a day, or so often that it is no calendar any more."""
    if name == "EXRULE":
        raise refuse(number, "EXRULE is not read; write EXDATE.")
    parts = [part.partition("=") for part in line.partition(":")[2].upper().split(";") if part]
    rule = {key.strip(): value.strip() for key, _, value in parts}
    if len(rule) < len(parts):
        raise refuse(number, "RRULE says the same twice.")
    frequency = rule.get("FREQ", "")
    if frequency in TIMES:
        raise refuse(
            number, f"RRULE repeats every {TIMES[frequency]}; once a day is the most that is read."
        )
    if frequency not in FREQUENCIES:
        raise refuse(number, f"RRULE has no FREQ that is known ({', '.join(FREQUENCIES)}).")
    if found := [key for key in WITHIN_A_DAY if key in rule]:
        raise refuse(number, f"RRULE repeats within a day ({found[0]}); write an event for each.")
    for key, most in NUMBERS.items():
        value = rule.get(key, "1")
        if not (value.isascii() and value.isdecimal()) or not 1 <= int(value[:9]) <= most:
            raise refuse(number, f"{key} of RRULE is a number from 1 to {most:,}.")
    if "COUNT" in rule and "UNTIL" in rule:
        raise refuse(number, "RRULE has both COUNT and UNTIL; it takes one of them.")


def _short(line: str) -> str:
    return line if len(line) <= 40 else f"{line[:39]}…"
