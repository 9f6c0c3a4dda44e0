"""Text and CSV of a document as a page can show them: its beginning, bounded, read as it says or as asked."""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from escalation import attachments, sniffing
from escalation.attachments import Attachment

READ = 512 * 1024  # bytes of a document
SHOWN = 100_000  # characters of a text
ROWS, COLUMNS, CELL = 500, 40, 300
TRIED_ROWS = 60  # by which a delimiter is found
CHARACTERS = 200_000  # of a table, in all
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
ENCODINGS = {  # by the names that the page offers
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16, little-endian",
    "utf-16-be": "UTF-16, big-endian",
    "cp1252": "Windows-1252",
    "iso-8859-1": "ISO 8859-1",
    "iso-8859-15": "ISO 8859-15",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "mac-roman": "Mac Roman",
    "cp437": "DOS, 437",
    "shift-jis": "Shift JIS",
    "gb18030": "GB 18030",
}
SHAPES = (*sniffing.TABLES, "text/plain", "application/json")
NAMED = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # as Excel lets a file say it
POINT = re.compile(r"[^\w]*[+-]?(\d{1,3}(?:[, \u00a0\u202f'’]\d{3})+|\d+)\.(\d+)[^\w]*")
COMMA = re.compile(r"[^\w]*[+-]?(\d{1,3}(?:[. \u00a0\u202f'’]\d{3})+|\d+),(\d+)[^\w]*")
WHOLE = re.compile(
    r"[+-]?\d+%?|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}([T ].*)?|true|false|yes|no", re.IGNORECASE
)


@dataclass(frozen=True)
class Text:
    text: str
    encoding: str
    is_cut: bool
    lost: int = 0  # bytes that are no character of the encoding that was asked for


@dataclass(frozen=True)
class Row:
    cells: list[str]  # as many as the head has
    had: int  # how many cells there were

    def is_ragged(self, width: int) -> bool:
        return self.had != width


@dataclass(frozen=True)
class Table:
    head: list[str]
    body: list[Row]
    encoding: str
    delimiter: str  # by its name
    is_cut: bool  # rows, columns or cells are left out
    width: int  # how many cells the head had
    decimal: str = ""  # "," or "." where the file shows which it writes, else empty
    lost: int = 0

    @property
    def rows(self) -> list[list[str]]:
        return [row.cells for row in self.body]

    @property
    def ragged(self) -> list[int]:
        """The numbers of the rows, from 1 below the head, that have other than its number of cells."""
        return [n for n, row in enumerate(self.body, 1) if row.is_ragged(self.width)]


def text(attachment: Attachment, encoding: str = "") -> Text | None:
    """Return the beginning of a text; None where it turns out to be none.

    ``encoding`` is one of ENCODINGS, or empty for the one that is found.
    """
    found = _decoded(attachment, encoding)
    if found is None:
        return None
    whole, name, lost = found
    return Text(whole[:SHOWN], name, attachment.size > READ or len(whole) > SHOWN, lost)


def table(attachment: Attachment, encoding: str = "", delimiter: str = "") -> Table | None:
    """Return the beginning of a CSV as rows of the same length; None where it is no text.

    ``delimiter`` is one of DELIMITERS, or empty for the one that is found.
    """
    found = _decoded(attachment, encoding)
    if found is None:
        return None
    whole, name, lost = found
    is_cut = attachment.size > READ
    if is_cut:  # the last line may be half of one
        whole = whole[: whole.rfind("\n") + 1] or whole
    sign = DELIMITERS.get(delimiter, "")
    if said := NAMED.match(whole):
        whole, sign = whole[said.end() :], sign or said[1]
    sign = sign or _delimiter(whole, attachment.media_type)
    rows = _rows(whole, sign, ROWS + 2)
    if not rows:
        return None
    left, kept = CHARACTERS, []
    for row in rows[: ROWS + 1]:
        is_cut = is_cut or len(row) > COLUMNS or any(len(cell) > CELL for cell in row)
        cells = [f"{cell[:CELL]}…" if len(cell) > CELL else cell for cell in row[:COLUMNS]]
        left -= sum(map(len, cells)) + len(cells)
        if left < 0 and kept:
            break
        kept.append((cells, len(row)))
    is_cut = is_cut or len(kept) < len(rows)
    width = max(len(cells) for cells, _had in kept)
    head, *body = [Row(cells + [""] * (width - len(cells)), had) for cells, had in kept]
    called = next((key for key, value in DELIMITERS.items() if value == sign), sign)
    return Table(head.cells, body, name, called, is_cut, head.had, _decimal(rows), lost)


def _decoded(attachment: Attachment, encoding: str) -> tuple[str, str, int] | None:
    """Return the text, the name of its encoding, and how many bytes of it are no characters of that."""
    body = attachments.beginning(attachment.sha256, READ)
    if encoding in ENCODINGS:
        whole = body.decode(encoding, errors="replace").removeprefix("\ufeff")
        if len(body) == READ:
            whole = whole.rstrip("\ufffd")  # cut within its last character
        lost = whole.count("\ufffd")
        return whole.replace("\r\n", "\n"), ENCODINGS[encoding], lost
    found = sniffing.decoded(body)
    return (found[0].replace("\r\n", "\n"), found[1], 0) if found else None


def _rows(whole: str, delimiter: str, most: int) -> list[list[str]]:
    if delimiter == "\n" or delimiter == "\r" or delimiter == '"':
        delimiter = ","
    reader = csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter)
    found: list[list[str]] = []
    try:
        for row in reader:
            if row:
                found.append(row)
            if len(found) >= most:
                break
    except csv.Error:  # a cell longer than the module takes, say: what came before it stands
        pass
    return found


def _delimiter(whole: str, media_type: str) -> str:
    """Return the sign that makes rows of equal length; of several, whose cells are numbers and dates.

    ``Betrag, brutto`` and ``1.250,00`` are then one cell each where a semicolon parts the others.
    """

    def fit(sign: str) -> tuple[float, float, int, int]:
        rows = _rows(whole[: 64 * 1024], sign, TRIED_ROWS)
        (usual, count), *_ = Counter(map(len, rows)).most_common(1) or [(1, 0)]
        if usual < 2:
            return (0.0, 0.0, 0, 0)
        cells = [cell.strip() for row in rows for cell in row if cell.strip()]
        telling = sum(map(_is_telling, cells)) / max(len(cells), 1)
        broken = sum(cell.startswith(" ") for row in rows for cell in row[1:]) / max(len(cells), 1)
        meant = media_type == "text/tab-separated-values" and sign == "\t"
        return (round(count / len(rows), 1) + meant, round(telling - broken, 3), usual, 0)

    # a comma stands first in what is as good with several
    return max(DELIMITERS.values(), key=fit)


def _is_telling(cell: str) -> bool:
    return bool(WHOLE.fullmatch(cell) or POINT.fullmatch(cell) or COMMA.fullmatch(cell))


def _decimal(rows: list[list[str]]) -> str:
    """Return the sign before the decimals where the numbers of a table show it, else an empty text."""
    shown = {",": 0, ".": 0}
    for row in rows[:TRIED_ROWS]:
        for cell in row:
            for sign, pattern in ((",", COMMA), (".", POINT)):
                found = pattern.fullmatch(cell.strip())
                # 1,250 may be a thousand; 1.250,00 and 75,5 are not
                if found and (len(found[2]) != 3 or not found[1].isdigit()):
                    shown[sign] += 1
    most, least = sorted(shown, key=lambda sign: -shown[sign])
    return most if shown[most] > 4 * shown[least] else ""
