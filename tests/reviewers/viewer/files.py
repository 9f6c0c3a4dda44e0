"""Small files, good and hostile, made where they are needed."""

import io
import struct
import zlib

from PIL import Image


def png(size=(40, 30), colour=(200, 30, 30), **options):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG", **options)
    return out.getvalue()


def gif(frames=3):
    pictures = [Image.new("L", (10, 10), 80 * n).convert("RGB") for n in range(frames)]
    out = io.BytesIO()
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:])
    return out.getvalue()


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of_sixteen_bits(kind, channels, size=8):
    """A PNG whose every channel is half of what sixteen bits hold; ``kind`` is PNG's number for it."""
    row = b"\0" + struct.pack(">H", 0x8080) * channels * size
    header = struct.pack(">IIBBBBB", size, size, 16, kind, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * size)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def png_bomb(width=60_000, height=60_000):
    """A PNG of a few bytes that says it has thousands of millions of pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = (
        chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )
    return b"\x89PNG\r\n\x1a\n" + body


def pdf(*texts, box="0 0 595 842", extra=""):
    """A PDF with a page for each text."""
    objects = [b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids, tree = [], 2 * len(texts) + 2
    for text in texts:
        content = f"BT /F 24 Tf 40 700 Td ({text}) Tj ET".encode()
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
        objects.append(
            f"<</Type/Page/Parent {tree} 0 R/MediaBox[{box}]{extra}/Resources<</Font<</F 1 0 R>>>>"
            f"/Contents {len(objects)} 0 R>>".encode()
        )
        kids.append(f"{len(objects)} 0 R")
    objects.append(f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>".encode())
    objects.append(b"<</Type/Catalog/Pages %d 0 R>>" % tree)
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF"
        % (size, table, size, size - 1, len(out))
    )
