"""What a document is, by its bytes: the name and the type that came with it are only believed of text."""

import re
from pathlib import PurePosixPath

LOOKED_AT = 64 * 1024  # bytes from the beginning
UNKNOWN = "application/octet-stream"
MAGIC = [
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),
    (b"MM\x00+", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
]
BRANDS = {b"avif": "image/avif", b"avis": "image/avif", b"heic": "image/heic", b"heix": "image/heic",
          b"mif1": "image/heic", b"msf1": "image/heic"}  # fmt: skip
BITMAP_HEADERS = (12, 40, 52, 56, 64, 108, 124)  # how long what follows the head of a BMP may be
BY_NAME = {  # of what is text by its bytes
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "text/html",
    ".svg": "image/svg+xml",
    ".xml": "application/xml",
}
TABLES = ("text/csv", "text/tab-separated-values")
MARKUP = re.compile(r"\s*<(?:!doctype|!--|\?xml|[a-z][a-z0-9:-]*[\s/>])", re.IGNORECASE)
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def media_type(head: bytes, file_name: str = "", said: str = "") -> str:
    """Return the media type of a document that begins with ``head``, up to LOOKED_AT bytes.

    ``said`` is the type that it was sent with.
    """
    for magic, found in MAGIC:
        if head.startswith(magic):
            return found
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and (brand := BRANDS.get(head[8:12])):
        return brand
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in BITMAP_HEADERS:
        return "image/bmp"
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    text = decoded(head)
    return UNKNOWN if text is None else _of_text(text[0], file_name, said)


def _of_text(text: str, file_name: str, said: str) -> str:
    if MARKUP.match(text):
        beginning = text[:2000].lower()
        if "<svg" in beginning:
            return "image/svg+xml"
        return "text/html" if "<html" in beginning or "<!doctype html" in beginning else (
            "application/xml" if beginning.lstrip().startswith("<?xml") else "text/html"
        )  # fmt: skip
    named = BY_NAME.get(PurePosixPath(file_name).suffix.lower())
    return named or (said if said in TABLES else "text/plain")


def decoded(body: bytes) -> tuple[str, str] | None:
    """Return the text of ``body``, which may end within a character, and its encoding by name.

    None where it is no text. What is neither UTF-8 nor, by its mark or its zeros, UTF-16 is read as
    Windows-1252, or as ISO 8859-1 where that has no such characters.
    """
    for encoding, name in _tried(body):
        text = _read(body, encoding)
        if text is not None and not CONTROLS.search(text):
            return text, name
    return None


def _tried(body: bytes) -> list[tuple[str, str]]:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return [("utf-16", "UTF-16"), ("cp1252", "Windows-1252")]
    if (wide := _wide(body)) is not None:
        return [(wide, "UTF-16")]
    return [("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"), ("latin-1", "ISO 8859-1")]


def _wide(body: bytes) -> str | None:
    """Return which UTF-16 a text without a mark is, where nearly every second byte of it is zero."""
    head = body[:4096]
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = head[first::2].count(0), head[1 - first :: 2].count(0)
        if len(head) >= 8 and zeros * 10 >= len(head) * 4 and not others:
            return encoding
    return None


def _read(body: bytes, encoding: str) -> str | None:
    if encoding.startswith("utf-16"):
        body = body[: len(body) // 2 * 2]
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        if not encoding.startswith("utf") or len(body) - error.start > 3:
            return None
        return body[: error.start].decode(encoding)  # cut within its last character
