"""Pages drawn by a process apart: good files are shown, hostile ones hurt nothing."""

import ctypes
import os
import socket
import sys
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile

from escalation import attachments
from reviewers.models import Rendering
from reviewers.viewer import pictures
from tests.factories import NINE, open_case
from tests.reviewers.viewer import files

pytestmark = pytest.mark.django_db
# Landlock, from its fourth version on, which knows of the network
SECLUDES = sys.platform == "linux" and ctypes.CDLL(None).syscall(444, None, 0, 1) >= 4


def attached(body, name="file"):
    case = open_case()
    step = attachments.attach(case, ContentFile(body, name), name, by=case.agent, at=NINE).step
    return attachments.of_case(case, step["attachment"]["sha256"])


def drawn(body, number=1):
    return pictures.page(attached(body), number, at=NINE)


def test_a_page_of_a_pdf_is_a_picture_with_its_text():
    document = attached(files.pdf("First page", "Second page"))

    second = pictures.page(document, 2, at=NINE)

    assert (second.pages, second.text.strip(), second.problem) == (2, "Second page", "")
    assert bytes(second.body)[8:12] == b"WEBP"
    assert (second.width, second.height) == (1601, 2265)


def test_a_page_is_drawn_once_and_kept_a_month(monkeypatch):
    document = attached(files.png())
    first = pictures.page(document, 1, at=NINE)
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "_drawn", lambda *_: pytest.fail("drawn again"))
        assert pictures.page(document, 1, at=NINE) == first

    pictures.page(attached(files.png((9, 9))), 1, at=NINE + timedelta(days=31))

    assert Rendering.objects.count() == 1


def test_an_image_is_made_anew_without_what_was_hidden_in_it():
    shown = drawn(files.png() + b"<script>alert(1)</script>")

    assert (shown.width, shown.height, shown.frames) == (40, 30, 1)
    assert b"script" not in bytes(shown.body)


def test_of_an_image_that_moves_the_first_is_shown():
    assert drawn(files.gif(3)).frames == 3


@pytest.mark.parametrize(
    ("body", "number", "problem"),
    [
        (files.png_bomb(), 1, "The image has 60,000 × 60,000 pixels, too many to be shown."),
        (files.png()[:60], 1, "The image is damaged."),
        (b"\x89PNG\r\n\x1a\nnothing", 1, "The image is damaged, or is none."),
        (b"%PDF-1.7 nothing", 1, "The PDF is damaged, or is none."),
        (files.pdf("One"), 2, "The PDF has no such page."),
        (files.pdf("One"), 0, "The PDF has no such page."),
    ],
    ids=["bomb", "cut", "no image", "no pdf", "no page", "page 0"],
)
def test_what_cannot_be_shown_says_why(body, number, problem):
    found = drawn(body, number)

    assert (found.problem, found.body) == (problem, None)


def test_a_page_of_any_size_is_drawn_within_bounds():
    for box in ("0 0 1000000 10", "0 0 14400 14400", "0 0 0.01 0.01", "0 0 -5 -5"):
        found = drawn(files.pdf("x", box=box))
        assert found.problem or found.width * found.height <= 5_200_000


# A program that does not end, or takes what it wants --------------------------------------------

HOSTILE = {
    "hangs": "import time; time.sleep(600)",
    "spins": "confine()\nwhile True: pass",
    "eats memory": "confine(); x = bytearray(4 * 1024 ** 3)",
    "writes a file": "confine(); open('/tmp/from-a-hostile-file', 'wb').write(b'x')",
    "never stops talking": "import sys\nwhile True: sys.stdout.write('x' * 65536)",
    "talks nonsense": "print('[1, 2]')",
    "lies of its size": """print('{"pages": 999999, "frames": 1, "width": 1, "height": 1, "text": ""}')""",
    "is no picture": """print('{"pages": 1, "frames": 1, "width": 1, "height": 1, "text": ""}\\n<script>')""",
    "says nothing": "",
}


@pytest.mark.parametrize("does", HOSTILE)
def test_a_program_that_was_taken_over_is_ended_and_not_believed(does, monkeypatch, tmp_path):
    program = tmp_path / "drawing.py"
    source = pictures.PROGRAM.read_text().partition('if __name__ == "__main__"')[0]
    program.write_text(source.replace("SECONDS = 10", "SECONDS = 1") + HOSTILE[does])
    monkeypatch.setattr(pictures, "PROGRAM", program)
    monkeypatch.setattr(pictures, "PATIENCE", 0.3 if does == "hangs" else 15)

    found = drawn(files.png())

    assert (found.problem, found.body) == (pictures.TOO_MUCH, None)


REACHES = {
    "the network": "socket.create_connection(('127.0.0.1', {port}), 2)",
    "the desk's environment": "open('/proc/{pid}/environ', 'rb').read(1)",
    "the desk's files": "open({file!r}, 'rb').read(1)",
    "a list of them": "os.listdir('/proc')",
}


@pytest.mark.skipif(not SECLUDES, reason="this kernel lets no process give up its files")
@pytest.mark.parametrize("what", REACHES)
def test_a_program_that_was_taken_over_reaches_nothing_outside(what, monkeypatch, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x")
    with socket.create_server(("127.0.0.1", 0)) as server:
        does = REACHES[what].format(port=server.getsockname()[1], pid=os.getpid(), file=str(secret))
        program = tmp_path / "drawing.py"
        source = pictures.PROGRAM.read_text().partition('if __name__ == "__main__"')[0]
        program.write_text(
            f"{source}\nimport socket\nconfine()\ntry: {does}; said = 'reached'\n"
            "except OSError: said = 'kept out'\nprint(json.dumps({'problem': said}))"
        )
        monkeypatch.setattr(pictures, "PROGRAM", program)

        assert drawn(files.png()).problem == "kept out"


def test_the_program_inherits_nothing_that_the_desk_knows(monkeypatch):
    seen = {}

    def popen(command, **options):
        seen.update(options, command=command)
        return SimpleNamespace(stdout=SimpleNamespace(read=lambda _: b"{}\n"), kill=lambda: None,
                               communicate=lambda: None)  # fmt: skip

    monkeypatch.setattr(pictures.subprocess, "Popen", popen)
    drawn(files.png())

    assert (seen["env"], seen["cwd"], seen["command"][:2]) == ({}, "/", [sys.executable, "-I"])


def test_who_finds_the_line_too_long_is_asked_to_come_again(monkeypatch):
    monkeypatch.setattr(pictures, "LINE", 0)
    document = attached(files.png())
    for _ in range(2):
        pictures.AT_ONCE.acquire()
    try:
        found = pictures.page(document, 1, at=NINE)
    finally:
        for _ in range(2):
            pictures.AT_ONCE.release()

    assert (found.problem, found.pk) == (pictures.BUSY, None)
