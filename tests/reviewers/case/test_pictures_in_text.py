"""A picture that came as text is shown as a picture of our own making; a drawing that is a program is not."""

import base64
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from escalation.models import User
from tests.factories import case_under, handed_off_case, make_reviewer, make_role, package, step
from tests.reviewers.viewer import files

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
PNG = base64.b64encode(files.png((40, 30))).decode()
URI = f"data:image/png;base64,{PNG}"
SVG = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'></svg>").decode()


def shown(as_user: Browser, output: Any, **more: Any) -> tuple[Client, str, str]:
    role = make_role()
    case = handed_off_case(role, package(steps=[step("a", output=output, **more)]))
    client = as_user(make_reviewer(role))
    url = f"/cases/{case.reference}/"
    return client, url, client.get(url).content.decode()


@pytest.mark.parametrize(
    ("output", "at"),
    [
        (URI, "/steps/1/output"),
        ({"photo": URI}, "/steps/1/output/photo"),
        ([{"type": "image_url", "image_url": {"url": URI}}], "/steps/1/output/0/image_url/url"),
        ({"content": [{"type": "image", "data": PNG, "mimeType": "image/png"}]},
         "/steps/1/output/content/0/data"),
        ([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}],
         "/steps/1/output/0/source/data"),
    ],
    ids=range(5),
)  # fmt: skip
def test_a_picture_in_a_step_is_a_picture(output: Any, at: str, as_user: Browser):
    client, url, page = shown(as_user, output)
    drawn = client.get(f"{url}picture/", {"at": at})

    assert f"{url}picture/?at={at.replace('/', '%2F')}" in page
    assert 'href="data:' not in page and 'src="data:' not in page
    assert (drawn.status_code, drawn["Content-Type"]) == (200, "image/webp")
    assert "no-store" in drawn["Cache-Control"]
    assert Image.open(io.BytesIO(drawn.content)).size == (40, 30)


@pytest.mark.parametrize(
    "text",
    [
        f"data:image/svg+xml;base64,{SVG}",
        "data:image/svg+xml,<svg onload='alert(1)'/>",
        "data:text/html;base64," + base64.b64encode(b"<script>alert(1)</script>" * 9).decode(),
        f"data:image/png;base64,{SVG}",
        "data:image/png;base64,!!!!" + "x" * 60,
        "data:image/png;base64," + base64.b64encode(files.png_bomb()).decode(),
        "https://evil.example/picture.png",
    ],
    ids=range(7),
)
def test_what_is_no_picture_is_never_drawn(text: str, as_user: Browser):
    client, url, page = shown(as_user, text)

    assert client.get(f"{url}picture/", {"at": "/steps/1/output"}).status_code == 404
    assert 'src="data:' not in page and 'href="data:' not in page and "evil.example/" not in "".join(
        part for part in page.split('"') if part.startswith("http")
    )  # fmt: skip


def test_a_picture_of_what_must_be_read_first_is_not_sent(as_user: Browser):
    role = make_role()
    sent = package(stakes="high", steps=[step("a", output=URI, must_read=True)])
    case = case_under(role, sent, review={"high": {"protocol": "evidence_first"}})
    client = as_user(make_reviewer(role))

    assert (
        client.get(f"/cases/{case.reference}/picture/", {"at": "/steps/1/output"}).status_code
        == 404
    )
