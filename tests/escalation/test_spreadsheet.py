"""CSV that is safe to open wherever it is opened, whatever parts cells there."""

import csv
import io
import unicodedata

import pytest

from escalation.spreadsheet import row, safe

ENDS = [",", ";", "\t", "|", "\n", "\r", "\r\n", "\v", "\f", "\u2028", "\x85", "；", "，"]
PASSED_OVER = [
    "", " ", "\xa0", "\u3000", "\ufeff", "\u200b", "\u200e", "\u202e", "\u2067", "\u2060", "\xad",
    '"', '""', "\x00", "\x1b", "\u3164", "\ufe0f", "\U000e0041", "\u034f", " \ufeff\u202e ",
]  # fmt: skip
FORMULA = list("=+-@＝＋－＠﹢−")


@pytest.mark.parametrize("formula", FORMULA)
@pytest.mark.parametrize("end", ["", *ENDS])
def test_no_part_of_a_cell_begins_as_a_formula(end: str, formula: str) -> None:
    for passed_over in PASSED_OVER:
        cell = safe(f"x{end}{passed_over}{formula}1+1" if end else f"{passed_over}{formula}1+1")

        assert f"{passed_over}{formula}1+1" in cell  # shown whole
        assert cell.endswith(f"'{passed_over}{formula}1+1")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("x;=1+1", "x;'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        *(("\t=1", "'\t'=1"), ("\r=1", "'\r'=1"), ("\tx", "'\tx"), ("\x00x", "'\x00x")),
        *(("-5", "-5"), ("-412.50", "-412.50"), ("+5", "+5"), ("-5\n", "'-5\n"), ("-٥", "'-٥")),
        *(("", ""), (None, ""), ("a=b", "a=b"), ("'=1", "'=1"), (7, "7"), ("1e5", "1e5")),
        ("Two; then - three. a@b.example, c", "Two; then - three. a@b.example, c"),
        ('{"order": "W88", "amount": "-20.00"}', '{"order": "W88", "amount": "-20.00"}'),
    ],
)
def test_a_cell_is_text_and_a_number_stays_one(text: str, cell: str) -> None:
    assert safe(text) == cell


def test_everything_invisible_is_passed_over() -> None:
    """What Unicode calls a control, a format or a space hides no formula behind it."""
    kinds = ("Cc", "Cf", "Zs", "Zl", "Zp")
    for point in range(0x110000):
        if unicodedata.category(chr(point)) in kinds:
            assert "'" in safe(f"{chr(point)}=1"), hex(point)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_line_is_safe_by_every_delimiter(delimiter: str) -> None:
    line = row(["ESC-1", "x;=1+1", 'y\n"=2"', "\u202e@SUM(1)", "a\t+1"])

    read = csv.reader(io.StringIO(line), delimiter=delimiter, quoting=csv.QUOTE_NONE)
    for cell in (cell for cells in read for cell in cells):
        assert cell.strip('" \u202e\ufeff')[:1] not in ("=", "+", "-", "@"), cell


@pytest.mark.parametrize("text", [";", " ", "; ", '"', "\u202e", "\n", "="])
def test_a_cell_of_any_length_is_looked_through_once(text: str) -> None:
    assert len(safe(text * 300_000)) <= 300_000 * len(text) + 300_001
