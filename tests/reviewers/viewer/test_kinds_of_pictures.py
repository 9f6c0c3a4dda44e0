"""Pictures of every kind that Pillow can write, seen as they are meant or said not to be."""

import io
import struct

import pytest
from django.core.files.base import ContentFile
from PIL import Image, ImageCms

from escalation import attachments
from reviewers.viewer import pictures
from tests.factories import NINE, open_case
from tests.reviewers.viewer import files

pytestmark = pytest.mark.django_db


def drawn(body, number=1, name="file"):
    case = open_case()
    step = attachments.attach(case, ContentFile(body, name), name, by=case.agent, at=NINE).step
    found = attachments.of_case(case, step["attachment"]["sha256"])
    assert found and found.media_type in pictures.KINDS, found.media_type
    return pictures.page(found, number, at=NINE)


def seen(body, mode="RGB"):
    shown = drawn(body)
    assert shown.problem == ""
    return Image.open(io.BytesIO(bytes(shown.body))).convert(mode)


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def near(colour, other, by=12):
    return all(abs(one - two) <= by for one, two in zip(colour, other, strict=True))


def halves(mode, dark, light, size=(40, 20)):
    """Return an image that is dark on the left and light on the right."""
    image = Image.new(mode, size, dark)
    image.paste(light, (size[0] // 2, 0, *size))
    return image


def deep(left=0, right=65535, size=(40, 20)):
    row = struct.pack("<H", left) * (size[0] // 2) + struct.pack("<H", right) * (size[0] // 2)
    return Image.frombytes("I;16", size, row * size[1])


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize(("left", "right"), [(0, 65535), (0x4000, 0xC000), (300, 20_000)])
def test_sixteen_bits_of_grey_are_seen_in_eight(kind, left, right):
    image = seen(saved(deep(left, right), kind), "L")

    assert abs(image.getpixel((5, 10)) - left / 257) < 6
    assert abs(image.getpixel((35, 10)) - right / 257) < 6


@pytest.mark.parametrize(
    ("image", "kind", "left", "right"),
    [
        (halves("1", 0, 1), "PNG", (0, 0, 0), (255, 255, 255)),
        (halves("1", 0, 1), "TIFF", (0, 0, 0), (255, 255, 255)),
        (halves("L", 40, 200), "PNG", (40, 40, 40), (200, 200, 200)),
        (halves("L", 40, 200), "JPEG", (40, 40, 40), (200, 200, 200)),
        (halves("RGB", (200, 0, 0), (0, 0, 200)), "TIFF", (200, 0, 0), (0, 0, 200)),
        (halves("RGB", (200, 0, 0), (0, 0, 200)), "BMP", (200, 0, 0), (0, 0, 200)),
        (halves("F", 0.0, 1.0), "TIFF", (0, 0, 0), (255, 255, 255)),
        (halves("F", -5.0, 1e6), "TIFF", (0, 0, 0), (255, 255, 255)),
        (halves("I", -70_000, 70_000), "TIFF", (0, 0, 0), (255, 255, 255)),
        # what is no ink is white
        (halves("CMYK", (0, 0, 0, 0), (0, 0, 0, 255)), "JPEG", (255, 255, 255), (0, 0, 0)),
        (halves("CMYK", (0, 0, 0, 0), (0, 0, 0, 255)), "TIFF", (255, 255, 255), (0, 0, 0)),
    ],
    ids=lambda value: getattr(value, "mode", None),
)  # fmt: skip
def test_every_mode_is_seen_in_its_colours(image, kind, left, right):
    found = seen(saved(image, kind, **({"quality": 95} if kind == "JPEG" else {})))

    assert near(found.getpixel((5, 10)), left)
    assert near(found.getpixel((35, 10)), right)


def test_a_print_jpeg_without_adobes_mark_is_not_turned_round():
    inked = saved(halves("CMYK", (0, 0, 0, 0), (0, 0, 0, 255)), "JPEG", quality=95)
    at = inked.index(b"\xff\xee")  # the segment that says how Adobe writes
    length = struct.unpack(">H", inked[at + 2 : at + 4])[0]
    unmarked = inked[:at] + inked[at + 2 + length :]

    marked, other = seen(inked), seen(unmarked)

    assert near(marked.getpixel((5, 10)), (255, 255, 255))
    assert near(other.getpixel((5, 10)), (0, 0, 0))  # stored as 255: all ink


def test_a_float_image_without_a_scale_says_that_it_was_stretched():
    assert drawn(saved(halves("F", -5.0, 1e6), "TIFF")).note == "stretched"
    assert drawn(saved(halves("F", 0.0, 1.0), "TIFF")).note == ""
    assert drawn(saved(Image.new("F", (4, 4), 7.0), "TIFF")).problem == ""


def test_a_float_image_of_values_without_an_end_says_that_it_cannot_be_shown():
    found = drawn(saved(halves("F", 0.0, float("inf")), "TIFF"))

    assert "cannot be shown" in found.problem


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_photo_is_turned_as_its_camera_says(kind, orientation):
    upright = Image.new("RGB", (48, 32), (255, 255, 255))
    upright.paste((200, 0, 0), (0, 0, 16, 16))  # top left
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    held = upright.transpose(turns[orientation]) if orientation in turns else upright
    exif = Image.Exif()
    exif[0x0112] = orientation

    found = seen(saved(held, kind, exif=exif))

    assert found.size == (48, 32)
    assert near(found.getpixel((6, 6)), (200, 0, 0), 40)
    assert near(found.getpixel((40, 24)), (255, 255, 255), 40)


def test_what_is_damaged_in_how_a_photo_was_held_hides_nothing():
    found = seen(
        saved(
            Image.new("RGB", (48, 32), (200, 0, 0)), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff"
        )
    )

    assert near(found.getpixel((5, 5)), (200, 0, 0), 20)


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_what_is_clear_in_a_palette_is_clear(kind):
    image = halves("P", 0, 1)
    image.putpalette([200, 0, 0, 0, 0, 200])

    found = seen(saved(image, kind, transparency=0), "RGBA")

    assert found.getpixel((5, 10))[3] == 0
    assert near(found.getpixel((35, 10)), (0, 0, 200, 255))


@pytest.mark.parametrize(
    ("mode", "dark", "light"),
    [("LA", (0, 0), (90, 255)), ("RGBA", (9, 9, 9, 0), (90, 90, 90, 255))],
)
def test_what_is_clear_stays_clear(mode, dark, light):
    found = seen(saved(halves(mode, dark, light), "PNG"), "RGBA")

    assert found.getpixel((5, 10))[3] == 0
    assert near(found.getpixel((35, 10)), (90, 90, 90, 255))


@pytest.mark.parametrize(
    ("kind", "channels", "clear"), [(4, 2, 0x80), (2, 3, 255), (6, 4, 0x80)],
    ids=["grey and clear", "colour", "colour and clear"],
)  # fmt: skip
def test_sixteen_bits_a_channel_are_seen_in_eight(kind, channels, clear):
    found = seen(files.png_of_sixteen_bits(kind, channels), "RGBA")

    assert near(found.getpixel((2, 2)), (0x80, 0x80, 0x80, clear), 3)


def test_of_several_pictures_in_a_photo_the_first_is_shown():
    first, second = Image.new("RGB", (40, 30), (200, 0, 0)), Image.new("RGB", (40, 30), (0, 0, 200))
    out = io.BytesIO()
    first.save(out, "MPO", save_all=True, append_images=[second])

    shown = drawn(out.getvalue())
    found = Image.open(io.BytesIO(bytes(shown.body))).convert("RGB")

    assert shown.frames == 2
    assert near(found.getpixel((5, 5)), (200, 0, 0), 20)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_of_what_moves_the_first_is_shown_and_said(kind):
    pages = [Image.new("RGB", (10, 10), (80 * n, 0, 0)) for n in range(3)]

    assert drawn(saved(pages[0], kind, save_all=True, append_images=pages[1:])).frames == 3


def test_a_fax_of_several_pages_is_turned_page_by_page():
    pages = [Image.new("L", (10, 10), 100 * n) for n in range(3)]
    body = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])

    second = drawn(body, 2)

    assert (second.pages, second.frames, second.problem) == (3, 1, "")
    found = Image.open(io.BytesIO(bytes(second.body))).convert("L")
    assert abs(found.getpixel((5, 5)) - 100) < 6
    assert drawn(body, 4).problem == "The image has no such page."


def test_colours_are_those_of_the_profile():
    # Lab is the one profile that differs surely and that the library makes by itself
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    body = saved(Image.new("RGBA", (20, 20), (200, 10, 10, 128)), "PNG", icc_profile=profile)

    assert near(seen(body, "RGBA").getpixel((5, 5)), (200, 10, 10, 128), 8)


def test_a_profile_that_means_nothing_changes_nothing():
    body = saved(Image.new("RGB", (20, 20), (200, 10, 10)), "PNG", icc_profile=b"no profile")

    assert near(seen(body).getpixel((5, 5)), (200, 10, 10))


def test_print_colours_without_a_profile_are_said_to_be_near():
    assert drawn(saved(Image.new("CMYK", (9, 9)), "JPEG")).note == "approximate"


def test_the_drawing_of_a_gradient_is_not_blank():
    row = b"".join(struct.pack("<H", n * 256) for n in range(256))
    found = seen(saved(Image.frombytes("I;16", (256, 8), row * 8), "PNG"), "L")

    low, high = found.getextrema()
    assert low < 12 and high > 243
