"""The colours that are used together are readable, in light and in dark."""

import re
from itertools import product

import pytest
from django.conf import settings

TOKEN = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
CSS = (settings.BASE_DIR / "static/css/tokens.css").read_text()
TOKENS = {name: (light, dark) for name, light, dark in reversed(TOKEN.findall(CSS))}

GROUNDS = ("canvas", "raised", "sunken", "hover")
TEXTS = ("text", "text-2", "text-3", "accent", "calm", "attention", "late", "done")
READ = [
    *product(TEXTS, GROUNDS),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("accent", "accent-soft"),
    *((meaning, f"{meaning}-soft") for meaning in ("calm", "attention", "late", "done")),
    *(("text", f"{meaning}-soft") for meaning in ("calm", "attention", "late", "done")),
    *(("text", f"who-{n}-soft") for n in range(1, 7)),
]
SEEN = [  # borders of controls, fills of marks: 3 to 1
    *product(("line-strong", "accent"), ("canvas", "raised")),
    *product(("calm-fill", "attention-fill", "late-fill", "done-fill"), ("canvas", "raised")),
    *product([f"who-{n}" for n in range(1, 7)], ("canvas", "raised")),
]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "ground"), READ)
def test_text_has_the_contrast_of_wcag_aa(front: str, ground: str, scheme: int):
    assert contrast(TOKENS[front][scheme], TOKENS[ground][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "ground"), SEEN)
def test_shapes_that_mean_something_stand_out(front: str, ground: str, scheme: int):
    assert contrast(TOKENS[front][scheme], TOKENS[ground][scheme]) >= 3
