"""A program by itself: draws one page of a hostile file, in a process that can do little else.

    python -I drawing.py picture|pdf PAGE  < file  > a line of JSON, then a WebP picture

It knows neither the desk's settings nor its database, may write no file, and ends when it takes more
memory or processor than a page needs. Where the kernel lets a process give them up, it has no network
and reads no file but Python's own and the system's fonts: not the environment of the desk that started
it. What it answers is as little to be trusted as what it read.
"""

import contextlib
import ctypes
import io
import json
import math
import os
import resource
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

MEMORY = 1024 * 1024 * 1024
SECONDS = 10  # of processor
WIDTH, HEIGHT, PIXELS = 1600, 4000, 5_000_000  # of what is drawn, at most
LARGEST = 80_000_000  # pixels of an image that is still opened
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF")
LONGEST_TEXT = 20_000  # characters of a page
READABLE = (sys.prefix, sys.base_prefix, "/usr", "/lib", "/lib64", "/etc/fonts")
# of Linux: namespaces of one's own without another's leave, and Landlock, by their numbers
NEW_USER, NEW_NETWORK, NO_NEW_PRIVILEGES = 0x10000000, 0x40000000, 38
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ANY_FILE, READ, ANY_TCP, WITH_TCP = 0x1FFF, 0b1100, 0b11, 4


class Refused(Exception):
    """The file shows nothing; the sentence says why."""


def confine() -> None:
    """Give up all that drawing does not need; before anything of the file is read."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(limit, (most, most))
    if sys.platform == "linux":
        _seclude(ctypes.CDLL(None))


def _seclude(kernel: Any) -> None:
    """Leave the network and all files but READABLE, as far as the kernel knows how."""
    kernel.unshare(NEW_USER | NEW_NETWORK)
    version = kernel.syscall(CREATE_RULESET, None, 0, 1)
    if version < 1:
        return
    rules = struct.pack("=QQ", ANY_FILE, ANY_TCP if version >= WITH_TCP else 0)
    size = 16 if version >= WITH_TCP else 8
    ruleset = kernel.syscall(CREATE_RULESET, rules, size, 0)
    for path in filter(os.path.isdir, READABLE):
        beneath = os.open(path, os.O_PATH)
        kernel.syscall(ADD_RULE, ruleset, 1, struct.pack("=Qi", READ, beneath), 0)
        os.close(beneath)
    kernel.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    kernel.syscall(RESTRICT_SELF, ruleset, 0)


def picture(file: BinaryIO, page: int) -> tuple[dict[str, Any], Any]:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # asked below, with a sentence of its own
    try:
        image = Image.open(file, formats=FORMATS)
        frames = getattr(image, "n_frames", 1)
    except Exception:
        raise Refused("The image is damaged, or is none.") from None
    pages = frames if image.format == "TIFF" else 1  # a fax, say; of others the first is shown
    if not 1 <= page <= pages:
        raise Refused("The image has no such page.")
    try:
        if page > 1:
            image.seek(page - 1)
        width, height = image.size
        if width * height > LARGEST:
            raise Refused(f"The image has {width:,} × {height:,} pixels, too many to be shown.")
        if image.format == "JPEG":
            image.draft("RGB", (WIDTH, HEIGHT))
        image.load()
    except (Refused, MemoryError):
        raise
    except Exception:
        raise Refused("The image is damaged.") from None
    kind = image.format
    with contextlib.suppress(Exception):  # what says how it was held may itself be damaged
        image = ImageOps.exif_transpose(image)
    image, note = _seen(image, kind)
    image.thumbnail((WIDTH, HEIGHT))
    told = {"pages": pages, "frames": frames if pages == 1 else 1, "was": [width, height]}
    return told | {"text": "", "note": note}, image


def _seen(image: Any, kind: str | None) -> tuple[Any, str]:
    """Return the image in eight bits of red, green and blue as it is meant, and what to say of that."""
    from PIL import ImageChops

    note = ""
    if image.mode == "CMYK" and kind in ("JPEG", "MPO") and "adobe" not in image.info:
        # Pillow reads every such JPEG turned round, as Adobe writes them; this one says nothing of that
        info, image = image.info, ImageChops.invert(image)
        image.info = info
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        image, note = _from_deep(image, kind)
    clear = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "L", "CMYK", "RGBA", "LA"):
        with contextlib.suppress(Exception):  # a profile that means nothing changes nothing
            return _in_srgb(image, profile), note
    if image.mode == "CMYK" or image.mode == "LAB":
        note = note or "approximate"
    return image.convert("RGBA" if clear else "RGB"), note


def _from_deep(image: Any, kind: str | None) -> tuple[Any, str]:
    """Return an image of 16 or 32 bits a pixel in eight, and a note where no scale says what white is."""
    if image.mode.startswith("I;"):  # 16 bits without a sign
        return image.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L"), ""
    low, high = image.getextrema()
    if not (math.isfinite(low) and math.isfinite(high)):
        raise Refused("The image holds values without an end; they cannot be shown.")
    if image.mode == "I" and kind == "PNG" and low >= 0 and high <= 65535:
        return image.point(lambda value: value * (1 / 257) + 0.5).convert("L"), ""
    if image.mode == "F" and low >= 0 and high <= 1:
        return image.point(lambda value: value * 255 + 0.5).convert("L"), ""
    scale = 255 / (high - low) if high > low else 0
    shift = -low * scale if high > low else 128
    return image.point(lambda value: value * scale + shift).convert("L"), "stretched"


def _in_srgb(image: Any, profile: bytes) -> Any:
    """Return an image in the colours that its profile gives it."""
    from PIL import ImageCms

    alpha = image.getchannel("A") if "A" in image.getbands() else None
    plain = image.convert("L" if image.mode == "LA" else "RGB") if alpha else image
    source, target = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    seen = ImageCms.profileToProfile(plain, source, target, outputMode="RGB")
    if alpha is not None:
        seen.putalpha(alpha)
    elif "transparency" in image.info:
        seen.putalpha(image.convert("RGBA").getchannel("A"))
    return seen


def pdf(file: BinaryIO, page: int) -> tuple[dict[str, Any], Any]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise Refused("The PDF asks for a password.") from None
        raise Refused("The PDF is damaged, or is none.") from None
    pages = len(document)
    if not 1 <= page <= pages:
        raise Refused("The PDF has no such page." if pages else "The PDF has no pages.")
    try:
        shown = document[page - 1]
        width, height = shown.get_size()
    except pypdfium2.PdfiumError:
        raise Refused("This page of the PDF is damaged.") from None
    if not (0 < width < 1e6 and 0 < height < 1e6):
        raise Refused("This page of the PDF has no size that could be shown.")
    scale = min(WIDTH / width, HEIGHT / height, math.sqrt(PIXELS / (width * height)))
    image = shown.render(scale=scale).to_pil().convert("RGB")
    text = shown.get_textpage().get_text_bounded()[:LONGEST_TEXT].replace("\r\n", "\n")
    return {
        "pages": pages,
        "frames": 1,
        "was": [round(width), round(height)],
        "text": text,
        "note": "",
    }, image


DRAWN: dict[str, Callable[[BinaryIO, int], tuple[dict[str, Any], Any]]] = {
    "picture": picture,
    "pdf": pdf,
}


def main(kind: str, page: int) -> None:
    confine()
    out = sys.stdout.buffer
    try:
        said, image = DRAWN[kind](sys.stdin.buffer, page)
    except Refused as refusal:
        out.write(json.dumps({"problem": str(refusal)}).encode() + b"\n")
        return
    except MemoryError:
        return  # which whoever asked takes for too much
    except Exception:
        problem = "It cannot be shown here: it is damaged, or of a kind that is not known."
        out.write(json.dumps({"problem": problem}).encode() + b"\n")
        return
    said |= {"width": image.width, "height": image.height}
    out.write(json.dumps(said).encode() + b"\n")
    image.save(out, "WEBP", quality=88, method=2)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
