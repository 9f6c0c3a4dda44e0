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
