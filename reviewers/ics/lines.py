"""The lines of an .ics file as calendars and their events, before anything in them is judged.

Folding is undone in bytes, for programs cut in the middle of a character. Of each event only what
says when it is, and how firmly, goes on; attachments, alarms and descriptions are not read. What is
odd about one event is noted on it; only what is no calendar at all is refused.
"""

import quopri
import re
from dataclasses import dataclass, field

from reviewers.errors import ImportRefused

MOST_BYTES = 1024 * 1024
MOST_LINES = 50_000
MOST_EVENTS = 5_000
MOST_ZONES = 200
DEEPEST = 20  # what lies deeper is passed over

ENDING = re.compile(rb"\r\n|\n|\r")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
NAME = re.compile(r"\s*([A-Za-z0-9-]+)\s*(?=[;:])")
PARAMETER = re.compile(
    r"""\s*;\s*([A-Za-z0-9-]+)\s*=\s*("[^"]*"|[^";:]*)((?:,(?:"[^"]*"|[^";:,]*))*)"""
)
ESCAPED = re.compile(r"\\([\\;,nN])")
OF_TIME = ("DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE")  # whose values hold no colon
ONCE = ("DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID")
BUSY, INTENDED = "X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-INTENDEDSTATUS"
KEPT = {
    *ONCE, *OF_TIME, "EXRULE", "UID", "SEQUENCE", "STATUS", "SUMMARY", "TRANSP", BUSY, INTENDED,
    "DTSTAMP", "LAST-MODIFIED",
}  # fmt: skip
OF_CALENDAR = ("METHOD", "PRODID", "VERSION", "X-WR-CALNAME", "X-WR-TIMEZONE", "TZ", "DAYLIGHT")
QUOTED = re.compile(rb"[^:]*;\s*(?:ENCODING\s*=\s*)?QUOTED-PRINTABLE\b[^:]*:", re.IGNORECASE)


@dataclass(frozen=True)
class Property:
    name: str
    line: int
    params: dict[str, str]
    value: str


@dataclass
class Block:
    """One VEVENT: where it begins, its properties, and why it cannot be read at all, if so."""

    line: int
    calendar: "Source"
    properties: list[Property] = field(default_factory=list)
    odd: str = ""

    def get(self, name: str) -> Property | None:
        return next((one for one in self.properties if one.name == name), None)

    def all(self, name: str) -> list[Property]:
        return [one for one in self.properties if one.name == name]

    def text(self, name: str) -> str:
        """Return the words of a property; empty where there is none."""
        found = self.get(name)
        return ESCAPED.sub(_unescaped, found.value).strip() if found else ""

    def word(self, name: str) -> str:
        return self.text(name).upper()


@dataclass
class Source:
    """One VCALENDAR of the file, with the lines of the time zones that it brings."""

    facts: dict[str, str] = field(default_factory=dict)
    zones: dict[str, list[str]] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return self.facts.get("METHOD", "").upper()

    @property
    def is_old(self) -> bool:
        """Return whether it is vCalendar 1.0, of before RFC 2445."""
        return self.facts.get("VERSION", "").startswith("1.")

    @property
    def identity(self) -> str:
        """Name the calendar as the next export of it will, by its program and what it is called."""
        program = re.sub(r"[\d.]+", "", self.facts.get("PRODID", ""))
        return f"{program}\n{self.facts.get('X-WR-CALNAME', '')}"


def blocks(data: bytes) -> list[Block]:
    """Return the events of a file. Raises ImportRefused for what is no calendar, or far too much."""
    if len(data) > MOST_BYTES:
        raise ImportRefused(f"The file has {len(data):,} bytes; at most {MOST_BYTES:,} are read.")
    content = _unfolded(_as_utf8(data))
    if not content:
        raise ImportRefused("The file is empty.")
    number, first = content[0]
    if "\x00" in first or CONTROL.search(first):
        raise _refusal(number, "a character that no text holds; is this an .ics file?")
    if first.strip().upper() != "BEGIN:VCALENDAR":
        shown = first if len(first) <= 40 else f"{first[:39]}…"
        raise _refusal(number, f"a calendar begins with BEGIN:VCALENDAR, not with “{shown}”.")
    outline = _Outline()
    for number, line in content:
        outline.take(number, CONTROL.sub("", line))
    outline.finish()
    if not outline.blocks:
        raise ImportRefused("There is no event (VEVENT) in this file.")
    return outline.blocks


def _refusal(line: int, said: str) -> ImportRefused:
    return ImportRefused(f"Line {line}: {said}")


def _as_utf8(data: bytes) -> bytes:
    """Return UTF-16 as UTF-8; all else as it is, without the mark that says so."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace").encode()
    for zeros, named in ((data[1:8:2], "utf-16-le"), (data[0:8:2], "utf-16-be")):
        if len(zeros) > 2 and not zeros.strip(b"\0"):
            return data.decode(named, "replace").encode()
    return data.removeprefix(b"\xef\xbb\xbf")


def _unfolded(data: bytes) -> list[tuple[int, str]]:
    """Return the content lines, each with the number of its first line in the file."""
    found: list[tuple[int, list[bytes]]] = []
    for number, line in enumerate(ENDING.split(data), 1):
        if number > MOST_LINES:
            raise _refusal(number, f"at most {MOST_LINES:,} lines are read.")
        if line[:1] in (b" ", b"\t") and found:
            found[-1][1].append(line[1:])
        elif found and found[-1][1][-1].endswith(b"=") and QUOTED.match(found[-1][1][0]):
            found[-1][1][-1] = found[-1][1][-1][:-1]  # quoted-printable has line ends of its own
            found[-1][1].append(line)
        elif line.strip():
            found.append((number, [line]))
    return [(number, _decoded(b"".join(parts))) for number, parts in found]


def _decoded(line: bytes) -> str:
    """Return a whole line as text: UTF-8, or else as Windows writes the languages of Western Europe."""
    if quoted := QUOTED.match(line):
        plain = quopri.decodestring(line[quoted.end() :])
        line = quoted[0] + b"\\n".join(plain.splitlines())
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


class _Outline:
    """Follows BEGIN and END through a file; what was not closed is noted on the event it was in."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.inside: list[str] = []
        self.deeper = 0
        self.source = Source()
        self.zone: list[str] = []

    def take(self, number: int, line: str) -> None:
        name = NAME.match(line)
        word = name[1].upper() if name else ""
        if word == "BEGIN":
            self._begin(number, line.partition(":")[2].strip().upper())
        if self.inside[1:2] == ["VTIMEZONE"]:
            self.zone.append(line)
        elif self.inside == ["VCALENDAR"] and word in OF_CALENDAR:
            self.source.facts.setdefault(word, _property(word, number, line).value.strip())
        elif self.inside == ["VCALENDAR", "VEVENT"] and word in KEPT and not self.deeper:
            self.blocks[-1].properties.append(_property(word, number, line))
        if word == "END":
            self._end(line.partition(":")[2].strip().upper())

    def finish(self) -> None:
        """See what is still open at the end of the file."""
        if self.inside[:2] == ["VCALENDAR", "VEVENT"]:
            self.blocks[-1].odd = "the event has no end (END:VEVENT)."

    def _begin(self, number: int, kind: str) -> None:
        if kind in ("VCALENDAR", "VEVENT") and kind in self.inside:
            self.finish()  # which was not closed
            del self.inside[self.inside.index(kind) :]
            self.deeper = 0
        if len(self.inside) >= DEEPEST:
            self.deeper += 1
            return
        self.inside.append(kind)
        if kind == "VCALENDAR" and len(self.inside) == 1:
            self.source = Source()
        if self.inside == ["VCALENDAR", "VTIMEZONE"]:
            self.zone = []
        if self.inside == ["VCALENDAR", "VEVENT"]:
            if len(self.blocks) == MOST_EVENTS:
                raise _refusal(number, f"at most {MOST_EVENTS:,} events are read from one file.")
            self.blocks.append(Block(number, self.source))

    def _end(self, kind: str) -> None:
        if self.deeper:
            self.deeper -= 1
            return
        if kind not in self.inside:
            return
        if self.inside == ["VCALENDAR", "VTIMEZONE"] and len(self.source.zones) < MOST_ZONES:
            named = next((one for one in self.zone if one.upper().startswith("TZID")), "")
            self.source.zones.setdefault(_property("TZID", 0, named).value.strip(), self.zone)
        while self.inside.pop() != kind:
            pass


def _property(name: str, number: int, line: str) -> Property:
    """Return a line in its parts; where quotes are amiss, what follows the first or last colon."""
    start = NAME.match(line)
    rest, params = line[start.end() :] if start else line, {}
    while found := PARAMETER.match(rest):
        params[found[1].upper()] = (found[2] + found[3]).strip().strip('"')
        rest = rest[found.end() :]
    if rest[:1] != ":" or (name in OF_TIME and ":" in rest[1:]):
        before, _, value = rest.rpartition(":") if name in OF_TIME else rest.partition(":")
        if name in OF_TIME and "TZID" in params:  # a zone such as (UTC+01:00) Berlin, not in quotes
            params["TZID"] += before
        return Property(name, number, params, value.strip())
    return Property(name, number, params, rest[1:])


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found[1] in "nN" else found[1]
