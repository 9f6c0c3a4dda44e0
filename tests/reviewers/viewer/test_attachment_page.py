"""A document on the case page, on its own page, and as a file: who may, what is sent, what is kept."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from escalation import attachments
from escalation.models import Event
from tests.factories import NINE, handed_off_case, make_reviewer, make_role
from tests.reviewers.viewer import files

pytestmark = pytest.mark.django_db
CSV = b'order,total\nW88,412.50\n"<b>bold</b>",=1+1\n'


class Shown:
    """A case with a document, and a reviewer who looks at it."""

    def __init__(self, body=CSV, name="orders.csv", title="The orders", **given):
        self.role = make_role()
        self.reviewer = make_reviewer(self.role)
        self.client = Client()
        self.client.force_login(self.reviewer)
        self.case = handed_off_case(self.role)
        self.attach(body, name, title, **given)

    def attach(self, body, name, title, **given):
        file = ContentFile(body, name)
        attached = attachments.attach(self.case, file, title, by=self.case.agent, at=NINE, **given)
        self.url = (
            f"/cases/{self.case.reference}/attachments/{attached.step['attachment']['sha256']}/"
        )

    def get(self, more="", **headers):
        return self.client.get(f"{self.url}{more}", headers=headers)


def test_a_table_is_shown_as_text_whatever_it_holds():
    answer = Shown().get()

    assert answer.status_code == 200
    assert '<th scope="col" dir="auto">total</th>' in answer.text
    assert "&lt;b&gt;bold&lt;/b&gt;" in answer.text
    assert "<b>bold</b>" not in answer.text


def test_in_place_only_the_viewer_is_sent():
    answer = Shown().get(**{"HX-Request": "true"})

    assert answer.text.lstrip().startswith('<div class="viewer" id="viewer-')
    assert "<html" not in answer.text


def test_a_page_of_a_pdf_is_a_picture_with_its_text_and_the_way_on():
    shown = Shown(files.pdf("First", "Second"), "two.pdf", "Two pages")

    page = shown.get("?page=2").text
    picture = shown.get("pages/2/")

    assert 'alt="Page 2 of 2 of Two pages"' in page
    assert ">Second" in page
    assert f'src="{shown.url}pages/2/"' in page
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/webp")
    assert picture["X-Content-Type-Options"] == "nosniff"
    assert shown.get("pages/2/", **{"If-None-Match": picture["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"<!doctype html><script>alert(1)</script>", "page.html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "drawing.svg"),
        (b"PK\x03\x04 an office file", "letter.docx"),
    ],
)
def test_what_could_act_is_only_there_to_download(body, name):
    shown = Shown(body, name)

    page, raw = shown.get(), shown.get("raw/")

    assert "which the desk does not open" in page.text
    assert "alert(1)" not in page.text
    assert b"".join(raw.streaming_content) == body
    assert raw["Content-Type"] == "application/octet-stream"
    assert raw["Content-Disposition"] == f'attachment; filename="{name}"'
    assert raw["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert raw["X-Content-Type-Options"] == "nosniff"
    assert shown.get("pages/1/").status_code == 404


def test_a_large_file_comes_whole():
    shown = Shown(b"x" * 3_000_000, "large.txt")

    raw = shown.get("raw/")

    assert raw["Content-Length"] == "3000000"
    assert sum(map(len, raw.streaming_content)) == 3_000_000


@pytest.mark.parametrize("more", ["", "raw/", "pages/1/"])
def test_whom_the_case_is_not_for_finds_no_document(more):
    shown = Shown(files.png(), "photo.png")
    shown.client.force_login(make_reviewer(make_role()))

    assert shown.get(more).status_code == 404


def test_a_document_is_not_found_through_another_case():
    shown = Shown()
    other = handed_off_case(shown.role)

    answer = shown.client.get(shown.url.replace(shown.case.reference, other.reference))

    assert answer.status_code == 404


@pytest.mark.parametrize("more", ["?page=2", "?page=x", "?page=99999999", "?page=-1"])
def test_a_page_that_there_is_not_is_not_found(more):
    assert Shown().get(more).status_code == 404


@pytest.mark.parametrize("more", ["", "raw/"])
def test_that_it_was_opened_is_on_the_record(more):
    shown = Shown(must_read=True)

    for answer in (shown.get(more), shown.get(more)):
        assert answer.getvalue()

    opening = shown.case.openings.get()
    parts = [
        event.action
        for event in Event.objects.filter(action__in=["case.viewed", "evidence.opened"])
    ]
    assert (opening.user, opening.evidence.name) == (shown.reviewer, "The orders")
    assert parts == ["case.viewed", "evidence.opened", "case.viewed"]


def test_the_case_page_names_the_document_and_does_not_open_it():
    shown = Shown()

    page = shown.client.get(f"/cases/{shown.case.reference}/").text

    assert f'href="{shown.url}"' in page
    assert "orders.csv" in page
    assert "412.50</td>" not in page
    assert not shown.case.openings.exists()


def test_a_reader_chooses_encoding_and_delimiter_beside_the_table():
    shown = Shown("navn;sum\nBl\u00e5b\u00e6r;1.250,00\nkort\n".encode("cp1252"))

    found = shown.get().text
    chosen = shown.get("?encoding=cp437&delimiter=comma").text

    assert '<th scope="col" dir="auto">sum</th>' in found and "1.250,00" in found
    assert "decimal comma" in found and "1 of 2 cells" in found
    assert "As found: Windows-1252" in found and "As found: semicolon" in found
    assert '<option value="cp437" selected>' in chosen
    assert '<th scope="col" dir="auto">navn;sum</th>' in chosen
    assert shown.get("?encoding=nothing").status_code == 404
