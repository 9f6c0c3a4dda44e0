"""Documents as evidence: what is taken, how it is kept, and what is refused."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from escalation import attachments, canonical, intake, ledger, sniffing, verification
from escalation.errors import CaseClosed, CaseTooLarge
from escalation.models import Content, ContentPart
from tests.factories import (
    NINE,
    decided_case,
    handed_off_case,
    make_agent,
    make_key,
    make_role,
    open_case,
    step,
)

pytestmark = pytest.mark.django_db
CSV = b"order,total\nW88,412.50\n"


def attach(case, body=CSV, name="orders.csv", title="The orders", **given):
    return attachments.attach(
        case, ContentFile(body, name), title, by=case.agent, at=NINE + timedelta(minutes=1), **given
    )


# The evidence ------------------------------------------------------------------------------------


def test_a_document_becomes_a_step_of_the_package_that_the_digest_covers():
    case = handed_off_case(make_role())

    attached = attach(case, must_read=True)

    expected = {
        "key": "attachment-1",
        "kind": "other",
        "name": "The orders",
        "at": "2026-11-20T09:01:00.000000Z",
        "must_read": True,
        "attachment": {
            "sha256": hashlib.sha256(CSV).hexdigest(),
            "size": len(CSV),
            "media_type": "text/csv",
            "file_name": "orders.csv",
        },
    }
    whole = intake.whole_package(case)
    assert (attached.step, attached.replayed) == (expected, False)
    assert whole["steps"][-1] == expected
    assert attached.case.digest == canonical.digest(canonical.encode(whole)) != case.digest
    assert case.evidence.get(key="attachment-1").must_read
    assert ledger.history(case)[-1].facts == {
        "digest": attached.case.digest, "steps": ["attachment-1"],
    }  # fmt: skip


def test_the_same_document_under_the_same_title_is_added_once():
    case = handed_off_case(make_role())

    first, again, other = attach(case), attach(case), attach(case, title="The orders, again")

    assert [one.replayed for one in (first, again, other)] == [False, True, False]
    assert [one.step["key"] for one in (first, again, other)] == [
        "attachment-1", "attachment-1", "attachment-2",
    ]  # fmt: skip
    assert Content.objects.count() == 1
    assert len(attachments.of_case(case, first.step["attachment"]["sha256"]).steps) == 2


def test_a_key_that_the_agent_has_used_is_passed_over():
    case = handed_off_case(make_role())
    intake.add_steps(case, {"steps": [step("attachment-1")]}, by=case.agent, at=NINE)

    assert attach(case).step["key"] == "attachment-2"


def test_a_large_document_is_kept_in_parts_and_comes_back_whole(monkeypatch):
    monkeypatch.setattr(attachments, "PART", 1000)
    body = bytes(range(256)) * 20

    attached = attach(handed_off_case(make_role()), body, "data.bin")

    sha256 = attached.step["attachment"]["sha256"]
    assert ContentPart.objects.filter(content=sha256).count() == 6
    assert b"".join(attachments.parts(sha256)) == body
    assert attachments.beginning(sha256, 1500) == body[:1500]
    assert attachments.first_broken() == ""


def test_bytes_that_were_changed_break_the_record():
    attach(handed_off_case(make_role()))
    Content.objects.create(sha256="0" * 64, size=1, received_at=NINE)

    assert verification.verify().problem == (
        f"the document sha256:{'0' * 64} is not the one that its name says"
    )


def test_another_cases_document_is_not_found_through_this_one():
    role = make_role()
    sha256 = attach(handed_off_case(role)).step["attachment"]["sha256"]

    assert attachments.of_case(handed_off_case(role), sha256) is None


def test_nothing_is_kept_for_a_case_that_is_closed():
    case = decided_case()

    with pytest.raises(CaseClosed):
        attach(case)

    assert not Content.objects.exists()


def test_a_case_holds_so_many_documents_and_no_more(monkeypatch):
    monkeypatch.setattr(attachments, "MOST", 1)
    case = handed_off_case(make_role())
    attach(case)

    with pytest.raises(CaseTooLarge):
        attach(case, b"another")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a/b\\c/invoice.pdf", "invoice.pdf"),
        ("../../etc/passwd", "passwd"),
        ("", "document"),
        ("...", "document"),
        ('x"; filename=evil.exe\r\n', "x_; filename=evil.exe_"),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),
        ("n" * 400 + ".pdf", "n" * 235 + ".pdf"),
        ("請求書.pdf", "請求書.pdf"),
    ],
)
def test_a_file_name_is_only_a_name(given, kept):
    assert attachments.file_name(given) == kept


# What it is --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "name", "said", "found"),
    [
        (b"%PDF-1.7\n", "x.txt", "text/plain", "application/pdf"),
        (b"\n\n%PDF-1.4", "x.pdf", "", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n0000", "x.html", "text/html", "image/png"),
        (b"\xff\xd8\xff\xe0", "", "", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "", "", "image/webp"),
        (b"GIF89a", "", "", "image/gif"),
        (b"PK\x03\x04", "report.docx", "image/png", "application/zip"),
        (b"Plain words", "x.pdf", "application/pdf", "text/plain"),
        (b"a,b\n1,2", "x.csv", "", "text/csv"),
        (b"a,b\n1,2", "x", "text/csv", "text/csv"),
        (b"a,b\n1,2", "x", "text/html", "text/plain"),
        (b"<svg onload=alert(1)>", "x.png", "image/png", "image/svg+xml"),
        (b"<!DOCTYPE html><p>", "x.txt", "text/plain", "text/html"),
        (b"  <script>alert(1)</script>", "x.txt", "text/plain", "text/html"),
        (b"Hello", "x.html", "", "text/html"),
        ("Grüße".encode(), "x.txt", "", "text/plain"),
        ("Grüße".encode("cp1252"), "x.txt", "", "text/plain"),
        ("Grüße".encode("utf-16"), "x.txt", "", "text/plain"),
        ("Grüße".encode()[:3], "x.txt", "", "text/plain"),
        (b"\x00\x01\x02\x03", "x.txt", "text/plain", "application/octet-stream"),
    ],
)
def test_what_a_document_is_says_its_bytes(head, name, said, found):
    assert sniffing.media_type(head, name, said) == found


# The call ----------------------------------------------------------------------------------------


class Caller:
    def __init__(self):
        self.agent = make_agent()
        self.case = open_case(by=self.agent)
        self.path = f"/api/v1/cases/{self.case.reference}/attachments"
        self.headers = {"Authorization": f"Bearer {make_key(self.agent)}"}

    def send(self, **form):
        return Client().post(self.path, form, headers=self.headers)


def faults(answer):
    return answer.status_code, answer.json()["type"].rpartition("#")[2], [
        (one["pointer"], one["message"]) for one in answer.json().get("errors", [])
    ]  # fmt: skip


def test_the_call_answers_the_case_with_its_new_digest_and_the_step():
    caller = Caller()

    answer = caller.send(file=ContentFile(CSV, "orders.csv"), title="The orders", must_read="true")
    again = caller.send(file=ContentFile(CSV, "orders.csv"), title="The orders")

    caller.case.refresh_from_db()
    said = answer.json()
    assert (answer.status_code, said["digest"]) == (201, caller.case.digest)
    assert said["step"] == caller.case.evidence.last().body
    assert (again.status_code, again["Idempotency-Replayed"]) == (200, "true")
    assert again.json() == said


@pytest.mark.parametrize(
    ("form", "refused"),
    [
        ({}, [("/file", "is required"), ("/title", "is required")]),
        ({"file": CSV, "title": " "}, [("/title", "must not be blank")]),
        ({"file": CSV, "title": "x" * 256}, [("/title", "has at most 255 characters")]),
        ({"file": b"", "title": "x"}, [("/file", "is empty")]),
        ({"file": "not a file", "title": "x"},
         [("/file", "is required"), ("/file", "this field is not known")]),
        ({"file": CSV, "title": ["a", "b"]}, [("/title", "stands there twice")]),
        ({"file": CSV, "title": "x", "note": "y"}, [("/note", "this field is not known")]),
        ({"file": CSV, "title": "x", "must_read": "yes"}, [("/must_read", "must be true or false")]),
        ({"file": CSV, "title": "a\x00b"}, [("/title", "holds a NUL character, which no record can keep")]),
    ],
)  # fmt: skip
def test_a_form_that_is_not_right_is_refused_with_a_pointer_to_each_place(form, refused):
    file = form.get("file")
    if isinstance(file, bytes):
        form = form | {"file": ContentFile(file, "orders.csv")}

    assert faults(Caller().send(**form)) == (422, "package-rejected", refused)
    assert not Content.objects.exists()


def test_a_document_beyond_25_mib_is_refused(settings):
    settings.ATTACHMENT_BYTES = 10

    answer = Caller().send(file=ContentFile(b"x" * 11, "x.txt"), title="x")

    assert faults(answer) == (413, "body-too-large", [])


def test_json_is_no_form_and_half_a_form_is_none():
    caller = Caller()
    malformed = {"content_type": "multipart/form-data"}

    as_json = Client().post(caller.path, json.dumps({}), "application/json", headers=caller.headers)
    half = Client().generic("POST", caller.path, b"--x", headers=caller.headers, **malformed)

    assert faults(as_json) == (415, "wrong-media-type", [])
    assert faults(half) == (400, "form-malformed", [])


def test_after_the_end_no_document_is_taken():
    agent = make_agent()
    case = decided_case(agent=agent)
    caller = Caller()
    path = f"/api/v1/cases/{case.reference}/attachments"
    headers = {"Authorization": f"Bearer {make_key(agent)}"}
    form = {"file": ContentFile(CSV, "x.csv"), "title": "x"}

    assert faults(Client().post(path, form, headers=headers)) == (409, "case-closed", [])
    assert Client().post(path, form, headers=caller.headers).status_code == 404


def test_an_agent_cannot_claim_a_document_that_it_has_not_sent():
    caller = Caller()
    claimed = {"sha256": "0" * 64, "size": 1, "media_type": "text/plain", "file_name": "x"}
    body = json.dumps({"steps": [step("s9", attachment=claimed)]})
    path = caller.path.replace("attachments", "steps")

    answer = Client().post(path, body, "application/json", headers=caller.headers)

    assert faults(answer) == (422, "package-rejected", [
        ("/steps/0/attachment", "this field is not known"),
    ])  # fmt: skip
