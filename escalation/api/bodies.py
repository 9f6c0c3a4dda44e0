"""Reading a request's body: its size, its type, its JSON; what it means is the domain's to say."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, RawPostDataException

from escalation import canonical
from escalation.errors import BodyTooLarge, EscalationError, IdempotencyKeyMissing

LONGEST_KEY = 255


class WrongMediaType(EscalationError):
    slug, title, status = "wrong-media-type", "The body is not sent as JSON", 415


class KeyMalformed(EscalationError):
    slug, title, status = "idempotency-key-malformed", "Idempotency-Key is malformed", 400


def read_json(request: HttpRequest) -> Any:
    """Return the parsed body; raises BodyTooLarge, WrongMediaType, NotJson or PackageRejected."""
    too_large = BodyTooLarge(f"A body is at most {settings.PACKAGE_BYTES} bytes.")
    length = request.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > settings.PACKAGE_BYTES:
        raise too_large
    if request.content_type not in ("application/json", ""):
        raise WrongMediaType(f"Send application/json, not {request.content_type}.")
    try:
        body = request.body
    except (RequestDataTooBig, RawPostDataException):
        raise too_large from None
    if len(body) > settings.PACKAGE_BYTES:
        raise too_large
    return canonical.parse(body)


def idempotency_key(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise IdempotencyKeyMissing(
            "Send an Idempotency-Key header, so that a post that is repeated opens one case."
        )
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise KeyMalformed(f"An Idempotency-Key has 1 to {LONGEST_KEY} printable characters.")
    return key
