"""Pictures that came as text: data URIs, and the base64 of image blocks of MCP and Anthropic.

Here they are only known by how they begin; their bytes are looked at, and drawn, by a process apart.
"""

import base64
import binascii
import re
from typing import Any

URI = re.compile(
    r"\s*data:image/(?:png|jpe?g|gif|webp|tiff|bmp|avif)[^,]{0,100};base64,", re.IGNORECASE
)
BASE64 = re.compile(r"(?:iVBORw0KGgo|/9j/|R0lGOD|UklGR|SUkqA|TU0AK|Qk0)[A-Za-z0-9+/_=\s-]{40}")
LEAST = 40  # characters


def is_picture(text: str) -> bool:
    """Return whether a text says that it is a picture, or begins as the base64 of one does."""
    return len(text) >= LEAST and bool(URI.match(text) or BASE64.match(text))


def picture_bytes(text: Any) -> bytes | None:
    """Return the bytes of such a text; None where it is no base64."""
    if not isinstance(text, str) or not is_picture(text):
        return None
    body = text[found.end() :] if (found := URI.match(text)) else text
    body = re.sub(r"\s+", "", body).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
