"""Text and CSV of a document as a page can show them: its beginning, bounded, in a known encoding."""

import csv
import io
from dataclasses import dataclass

from escalation import attachments, sniffing
from escalation.attachments import Attachment

READ = 512 * 1024  # bytes of a document
SHOWN = 100_000  # characters of a text
ROWS, COLUMNS, CELL = 500, 40, 300
DELIMITERS = ",;\t|"
SHAPES = (*sniffing.TABLES, "text/plain", "application/json")


@dataclass(frozen=True)
class Text:
    text: str
    encoding: str
    is_cut: bool


@dataclass(frozen=True)
class Table:
    head: list[str]
    rows: list[list[str]]
    encoding: str
    is_cut: bool  # rows, columns or cells are left out


def text(attachment: Attachment) -> Text | None:
    """Return the beginning of a text; None where it turns out to be none."""
    found = sniffing.decoded(attachments.beginning(attachment.sha256, READ))
    if found is None:
        return None
    whole, encoding = found[0].replace("\r\n", "\n"), found[1]
    return Text(whole[:SHOWN], encoding, attachment.size > READ or len(whole) > SHOWN)


def table(attachment: Attachment) -> Table | None:
    """Return the beginning of a CSV as rows of the same length; None where it is no text."""
    found = sniffing.decoded(attachments.beginning(attachment.sha256, READ))
    if found is None:
        return None
    whole, encoding = found[0].replace("\r\n", "\n"), found[1]
    is_cut = attachment.size > READ
    if is_cut:  # the last line may be half of one
        whole = whole[: whole.rfind("\n") + 1] or whole
    rows: list[list[str]] = []
    for row in _rows(whole):
        if len(rows) > ROWS:
            is_cut = True
            break
        is_cut = is_cut or len(row) > COLUMNS or any(len(cell) > CELL for cell in row)
        rows.append([f"{cell[:CELL]}…" if len(cell) > CELL else cell for cell in row[:COLUMNS]])
    if not rows:
        return None
    width = max(map(len, rows))
    head, *rest = [row + [""] * (width - len(row)) for row in rows]
    return Table(head, rest, encoding, is_cut)


def _rows(whole: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(whole, newline=""), delimiter=_delimiter(whole))
    found = []
    try:
        for row in reader:
            if row:
                found.append(row)
            if len(found) > ROWS + 1:
                break
    except csv.Error:  # a cell longer than the module takes, say: what came before it stands
        pass
    return found


def _delimiter(whole: str) -> str:
    """Return the sign that parts most lines into the same number of cells."""
    lines = [line for line in whole[:8000].splitlines()[:20] if line]

    def fit(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines]
        usual = max(counts, key=counts.count, default=0)
        return (counts.count(usual) if usual else 0, usual)

    return max(DELIMITERS, key=fit)
