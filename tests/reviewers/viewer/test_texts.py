"""Text and CSV as a page shows them: bounded, in a known encoding, nothing of it run."""

import pytest
from django.core.files.base import ContentFile

from escalation import attachments
from reviewers.viewer import texts
from tests.factories import NINE, open_case

pytestmark = pytest.mark.django_db


def attached(body, name="x.csv"):
    case = open_case()
    step = attachments.attach(case, ContentFile(body, name), name, by=case.agent, at=NINE).step
    return attachments.of_case(case, step["attachment"]["sha256"])


@pytest.mark.parametrize(
    ("body", "head", "rows", "encoding"),
    [
        (b"a,b\n1,2\n", ["a", "b"], [["1", "2"]], "UTF-8"),
        (b"a;b\r\n1,5;2\r\n", ["a", "b"], [["1,5", "2"]], "UTF-8"),
        (b"a\tb\n1\t2", ["a", "b"], [["1", "2"]], "UTF-8"),
        (b'a,b\n"x, y","l1\nl2"\n', ["a", "b"], [["x, y", "l1\nl2"]], "UTF-8"),
        (b"a,b,c\n1\n", ["a", "b", "c"], [["1", "", ""]], "UTF-8"),
        ("\ufeffä,b\n1,2".encode(), ["ä", "b"], [["1", "2"]], "UTF-8"),
        ("ä,b\n1,2".encode("utf-16"), ["ä", "b"], [["1", "2"]], "UTF-16"),
        ("ä,b\n1,2".encode("cp1252"), ["ä", "b"], [["1", "2"]], "Windows-1252"),
        (b"=cmd|' /C calc'!A0,b\n1,2", ["=cmd|' /C calc'!A0", "b"], [["1", "2"]], "UTF-8"),
        (b"only", ["only"], [], "UTF-8"),
    ],
)
def test_a_table_is_read_as_it_was_meant(body, head, rows, encoding):
    found = texts.table(attached(body))

    assert (found.head, found.rows, found.encoding, found.is_cut) == (head, rows, encoding, False)


@pytest.mark.parametrize(
    ("body", "head", "rows", "decimal"),
    [
        (
            b"Datum;Betrag, brutto\n01.02.2026;1.250,00\n02.02.2026;75,50",
            ["Datum", "Betrag, brutto"],
            [["01.02.2026", "1.250,00"], ["02.02.2026", "75,50"]],
            ",",
        ),
        (b"a;b;c\n1,5;2,5;x, y\n1;2;3\n", ["a", "b", "c"], [["1,5", "2,5", "x, y"], ["1", "2", "3"]], ","),
        (b"a,b\n1.50,x; y\n2.25,z; w\n", ["a", "b"], [["1.50", "x; y"], ["2.25", "z; w"]], "."),
        (b'"Sum";"Net"\n"1,5";"2,5"\n', ["Sum", "Net"], [["1,5", "2,5"]], ","),
        (b"a|b\n1,000.50|2\n", ["a", "b"], [["1,000.50", "2"]], "."),
        (b"a\tb, c\n1,5\tx, y\n", ["a", "b, c"], [["1,5", "x, y"]], ","),
        (b"sep=;\r\na;b\r\n1;2\r\n", ["a", "b"], [["1", "2"]], ""),
        (b'name;note\nIda;"left; at, the\ndoor, twice"\nKim;none\n', ["name", "note"],
         [["Ida", "left; at, the\ndoor, twice"], ["Kim", "none"]], ""),
        (b"name;sum\nHolm, Ida;1\xa0250,00\nBerg, Kim;75,50\n", ["name", "sum"],
         [["Holm, Ida", "1\xa0250,00"], ["Berg, Kim", "75,50"]], ","),
        (b"a;b\n1.250;2.500\n", ["a", "b"], [["1.250", "2.500"]], ""),  # could be either
    ],
    ids=range(10),
)  # fmt: skip
def test_delimiter_and_decimal_are_found_from_the_file(body, head, rows, decimal):
    found = texts.table(attached(body))

    assert (found.head, found.rows, found.decimal) == (head, rows, decimal)


def test_rows_of_another_length_are_told_apart():
    found = texts.table(attached(b"a,b,c\n1,2,3\n1,2\n1,2,3,4\n"))

    assert found.rows == [["1", "2", "3", ""], ["1", "2", "", ""], ["1", "2", "3", "4"]]
    assert (found.width, found.ragged) == (3, [2, 3])
    assert [row.had for row in found.body] == [3, 2, 4]


@pytest.mark.parametrize(
    ("body", "encoding", "delimiter", "head", "lost"),
    [
        ("bl\u00e5;b".encode("cp1252"), "cp1252", "", ["bl\u00e5", "b"], 0),
        ("bl\u00e5,b".encode("utf-16-le"), "utf-16-le", "", ["bl\u00e5", "b"], 0),
        ("\ufeffbl\u00e5,b".encode("utf-16-be"), "utf-16-be", "", ["bl\u00e5", "b"], 0),
        ("\u0436,b".encode("cp1251"), "cp1251", "", ["\u0436", "b"], 0),
        ("bl\u00e5,b".encode("cp1252"), "utf-8", "", ["bl\ufffd", "b"], 1),
        (b"a;b,c", "", "semicolon", ["a", "b,c"], 0),
        (b"a;b,c", "", "comma", ["a;b", "c"], 0),
        (b"a;b,c", "", "tab", ["a;b,c"], 0),
    ],
    ids=range(8),
)
def test_a_reader_chooses_how_a_table_is_read(body, encoding, delimiter, head, lost):
    found = texts.table(attached(body), encoding, delimiter)

    assert (found.head, found.lost) == (head, lost)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        ("ab,cd\n1,2\n".encode("utf-16-le"), "UTF-16"),
        ("ab,cd\n1,2\n".encode("utf-16-be"), "UTF-16"),
        (b"ab,cd\n\x81,2\n", "ISO 8859-1"),
    ],
)
def test_a_text_without_a_mark_is_known_by_its_bytes(body, encoding):
    found = texts.table(attached(body))

    assert (found.head, found.encoding) == (["ab", "cd"], encoding)


def test_of_a_long_table_the_beginning_is_shown():
    found = texts.table(attached(b"a,b\n" + b"1,2\n" * 600))

    assert (len(found.rows), found.is_cut) == (texts.ROWS, True)


def test_of_a_wide_table_and_long_cells_the_beginning_is_shown():
    found = texts.table(attached(b",".join([b"x" * 400] * 60) + b"\n1"))

    assert (len(found.head), len(found.head[0]), found.is_cut) == (40, 301, True)


def test_a_cell_that_is_longer_than_a_table_takes_ends_it_without_harm():
    found = texts.table(attached(b"a,b\n1,2\n" + b"x" * 200_000))

    assert found.rows == [["1", "2"]]


def test_of_a_long_text_the_beginning_is_shown():
    found = texts.text(attached(b"word " * 50_000, "x.txt"))

    assert (len(found.text), found.is_cut) == (texts.SHOWN, True)
