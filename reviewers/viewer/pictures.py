"""Pages of PDFs and images as pictures: each drawn once, by a process apart, and kept for a month."""

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import BoundedSemaphore, Timer
from typing import Any

from escalation import attachments, sniffing
from escalation.attachments import Attachment
from reviewers.models import Rendering

PROGRAM = Path(__file__).with_name("drawing.py")
KINDS = {
    "application/pdf": "pdf",
    "image/png": "picture",
    "image/jpeg": "picture",
    "image/gif": "picture",
    "image/webp": "picture",
    "image/tiff": "picture",
    "image/bmp": "picture",
    "image/avif": "picture",
}
NOTES = ("stretched", "approximate")  # what a picture may say of itself; the page has the words
PATIENCE = 15.0  # seconds that one page may take
MOST_BYTES = 8 * 1024 * 1024  # of a picture
MOST_PAGES = 5000
KEPT = timedelta(days=30)
AT_ONCE = BoundedSemaphore(2)  # in this process; others wait in line
LINE = 20.0  # seconds
TOO_MUCH = "It takes more time or memory to show than a page may. Download it to look at it."
BUSY = "Other documents are being drawn just now. Load this again in a moment."


def page(attachment: Attachment, number: int, *, at: datetime) -> Rendering:
    """Return page ``number``, from 1, of a PDF, or an image; it may say why it cannot be shown.

    Where too much is drawn just now it says so, and is not kept.
    """
    kind = KINDS[attachment.media_type]
    return _page(attachment.sha256, kind, number, lambda: attachments.parts(attachment.sha256), at)


def picture(body: bytes, *, at: datetime) -> Rendering | None:
    """Return an image that came within a text, drawn; None where the bytes are no image."""
    kind = KINDS.get(sniffing.media_type(body[: sniffing.LOOKED_AT]))
    if kind != "picture":
        return None
    return _page(hashlib.sha256(body).hexdigest(), kind, 1, lambda: iter([body]), at)


def _page(
    sha256: str, kind: str, number: int, parts: Callable[[], Iterator[bytes]], at: datetime
) -> Rendering:
    found = Rendering.objects.filter(sha256=sha256, page=number).first()
    if found:
        return found
    if not AT_ONCE.acquire(timeout=LINE):
        return Rendering(sha256=sha256, page=number, problem=BUSY, made_at=at)
    try:
        said = _drawn(kind, number, parts())
    finally:
        AT_ONCE.release()
    Rendering.objects.filter(made_at__lt=at - KEPT).delete()
    made, _ = Rendering.objects.get_or_create(
        sha256=sha256, page=number, defaults=said | {"made_at": at}
    )
    return made


def _drawn(kind: str, number: int, parts: Iterator[bytes]) -> dict[str, Any]:
    """Return what a rendering keeps of the page."""
    with _as_file(parts) as file:
        head, _, body = _run(kind, number, file).partition(b"\n")
    try:
        said = json.loads(head)
        if problem := said.get("problem"):
            return {"problem": str(problem)[:300]}
        found = {name: int(said[name]) for name in ("pages", "frames", "width", "height")}
        text = str(said["text"]).replace("\x00", "")
        note = said.get("note") if said.get("note") in NOTES else ""
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"problem": TOO_MUCH}  # it was ended before it could answer
    sound = body[:4] == b"RIFF" and body[8:12] == b"WEBP" and len(body) <= MOST_BYTES
    if not sound or not 1 <= found["pages"] <= MOST_PAGES or min(found.values()) < 0:
        return {"problem": TOO_MUCH}
    return found | {"text": text, "note": note, "body": body}


@contextmanager
def _as_file(parts: Iterator[bytes]) -> Iterator[Any]:
    with tempfile.TemporaryFile() as file:
        for part in parts:
            file.write(part)
        file.seek(0)
        yield file


def _run(kind: str, number: int, file: Any) -> bytes:
    """Return what the program says within its time, and no more of it than a picture has."""
    process = subprocess.Popen(
        [sys.executable, "-I", str(PROGRAM), kind, str(number)],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        start_new_session=True,
    )
    late = Timer(PATIENCE, process.kill)
    late.start()
    try:
        assert process.stdout
        return process.stdout.read(MOST_BYTES + 64 * 1024)
    finally:
        late.cancel()
        process.kill()
        process.communicate()
