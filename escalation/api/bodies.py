"""Reading a request's body: its size, its type, its parts; what it means is the domain's to say."""

from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, RawPostDataException
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict

from escalation import canonical
from escalation.errors import (
    BodyTooLarge,
    EscalationError,
    Fault,
    IdempotencyKeyMissing,
    PackageRejected,
)
from escalation.package import SCORES

LONGEST_KEY = 255


class WrongMediaType(EscalationError):
    slug, title, status = "wrong-media-type", "The body is of another type", 415


class FormMalformed(EscalationError):
    slug, title, status = "form-malformed", "The form cannot be read", 400


class KeyMalformed(EscalationError):
    slug, title, status = "idempotency-key-malformed", "Idempotency-Key is malformed", 400


def read_json(request: HttpRequest) -> Any:
    """Return the parsed body; raises BodyTooLarge, WrongMediaType, NotJson or PackageRejected."""
    check_encoding(request)
    too_large = BodyTooLarge(f"The body of a request is at most {settings.PACKAGE_BYTES} bytes.")
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
    return canonical.parse(body, scores=SCORES)


def check_encoding(request: HttpRequest) -> None:
    """Raise WrongMediaType for a body that would have to be unpacked before it can be read."""
    encoding = request.headers.get("Content-Encoding", "").strip()
    if encoding.lower() not in ("", "identity"):
        raise WrongMediaType(f"Send the body as it is, without Content-Encoding: {encoding[:40]}.")


@dataclass(frozen=True)
class Document:
    """A form with a document, as it was sent."""

    file: UploadedFile[bytes]
    title: str
    must_read: bool


def read_document(request: HttpRequest) -> Document:
    """Return the parts of a multipart form: ``file`` and ``title``, and ``must_read`` perhaps.

    Raises WrongMediaType, FormMalformed, BodyTooLarge and, with a pointer to each part that is
    missing, unknown or there twice, PackageRejected.
    """
    check_encoding(request)
    if request.content_type != "multipart/form-data":
        raise WrongMediaType(f"Send multipart/form-data, not {request.content_type or 'nothing'}.")
    try:
        fields, files = request.POST, request.FILES
    except (MultiPartParserError, TooManyFieldsSent) as error:
        raise FormMalformed(f"The form cannot be read: {error}") from None
    except RequestDataTooBig:
        raise BodyTooLarge("The form beside the file is too large.") from None
    faults = [
        *_part_faults(files, ("file",), ()),
        *_part_faults(fields, ("title",), ("must_read",)),
    ]
    must_read = fields.get("must_read", "false")
    if must_read not in ("true", "false"):
        faults.append(Fault("/must_read", "must be true or false"))
    if faults:
        raise PackageRejected(*faults)
    file = cast("UploadedFile[bytes]", files["file"])
    return Document(file, fields["title"], must_read == "true")


def _part_faults(
    parts: MultiValueDict[str, Any], needed: tuple[str, ...], known: tuple[str, ...]
) -> list[Fault]:
    missing = [name for name in needed if name not in parts]
    return [
        *(Fault(canonical.pointer(name), "is required") for name in missing),
        *(
            Fault(canonical.pointer(name), "this field is not known")
            for name in parts
            if name not in (*needed, *known)
        ),
        *(
            Fault(canonical.pointer(name), "stands there twice")
            for name in (*needed, *known)
            if len(parts.getlist(name)) > 1
        ),
    ]


def idempotency_key(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise IdempotencyKeyMissing(
            "Send an Idempotency-Key header, so that a post that is repeated opens one case."
        )
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise KeyMalformed(f"An Idempotency-Key has 1 to {LONGEST_KEY} printable characters.")
    return key
