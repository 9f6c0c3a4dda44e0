"""Documents as evidence: taken in piece by piece, kept by their digest, found again through their case.

An attachment is one more step of the package, whose ``attachment`` names the bytes by their SHA-256;
so the digest that is decided on covers them.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Any, cast

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from pydantic import Field, StringConstraints

from escalation import canonical, intake, ledger, sniffing
from escalation.enums import StepKind
from escalation.errors import BodyTooLarge, CaseTooLarge, Fault, PackageRejected
from escalation.models import Agent, Case, Content, ContentPart, Evidence
from escalation.package import Body, Label, Step, StepsBody

MOST = 100  # to a case
PART = 1024 * 1024  # bytes
LONGEST_NAME = 255


class AttachmentPart(Body):
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(gt=0)]
    media_type: Label
    file_name: Label


class AttachedStep(Step):
    """The step that a document becomes. Only the desk makes one; an agent cannot send it."""

    attachment: AttachmentPart


class AttachedSteps(StepsBody):
    steps: Annotated[list[AttachedStep], Field(min_length=1, max_length=1)]  # type: ignore[assignment]


@dataclass(frozen=True)
class Attached:
    case: Case
    step: dict[str, Any]
    replayed: bool  # the same document was there already, under the same title


def attach(
    case: Case,
    file: File[bytes],
    title: str,
    *,
    media_type: str = "",
    must_read: bool = False,
    by: Agent,
    at: datetime,
) -> Attached:
    """Add a document to the evidence of a case that is not ended.

    ``media_type`` is the one that it was sent with. The same bytes under the same title are added
    once. Raises CaseClosed, PackageRejected with pointers to ``/file`` and ``/title``, and
    BodyTooLarge and CaseTooLarge.
    """
    intake.check_open(case)
    _check(file, title)
    sha256 = _keep(file, at=at)
    with transaction.atomic():
        case = Case.objects.locked(case.pk)
        if there := _same(case, sha256, title):
            return Attached(case, there.body, True)
        intake.check_open(case)
        step = _step(case, file, sha256, title, media_type, must_read, at)
        intake.add_to(case, {"steps": [step]}, shape=AttachedSteps, by=by, at=at)
    return Attached(case, step, False)


def _check(file: File[bytes], title: str) -> None:
    faults = []
    if not title.strip():
        faults.append(Fault("/title", "must not be blank"))
    elif len(title) > LONGEST_NAME:
        faults.append(Fault("/title", f"has at most {LONGEST_NAME} characters"))
    elif problem := canonical.text_problem(title):
        faults.append(Fault("/title", problem))
    if not file.size:
        faults.append(Fault("/file", "is empty"))
    if faults:
        raise PackageRejected(*faults)
    if file.size > settings.ATTACHMENT_BYTES:
        raise BodyTooLarge(f"A document is at most {settings.ATTACHMENT_BYTES // 2**20} MiB.")


def _keep(file: File[bytes], *, at: datetime) -> str:
    """Store the bytes, where they are not stored already, and return their SHA-256."""
    hashed = hashlib.sha256()
    for chunk in file.chunks(PART):
        hashed.update(chunk)
    sha256 = hashed.hexdigest()
    if Content.objects.filter(pk=sha256).exists():
        return sha256
    with transaction.atomic():
        _, made = Content.objects.get_or_create(
            pk=sha256, defaults={"size": file.size, "received_at": at}
        )  # who comes at the same instant waits here for the other's parts
        if made:
            for number, body in enumerate(file.chunks(PART)):
                ContentPart.objects.create(content_id=sha256, number=number, body=body)
    return sha256


def _same(case: Case, sha256: str, title: str) -> Evidence | None:
    return case.evidence.filter(name=title, body__attachment__sha256=sha256).first()


def _step(
    case: Case, file: File[bytes], sha256: str, title: str, said: str, must_read: bool, at: datetime
) -> dict[str, Any]:
    there = set(case.evidence.filter(body__has_key="attachment").values_list("key", flat=True))
    if len(there) >= MOST:
        raise CaseTooLarge(f"A case holds at most {MOST} documents.")
    taken = set(case.evidence.values_list("key", flat=True))
    number = next(n for n in range(len(there) + 1, 10**6) if f"attachment-{n}" not in taken)
    name = file_name(file.name or "")
    head = b"".join(_first(file.chunks(PART), sniffing.LOOKED_AT))
    return {
        "key": f"attachment-{number}",
        "kind": StepKind.OTHER.value,
        "name": title,
        "at": ledger.instant(at),
        "must_read": must_read,
        "attachment": {
            "sha256": sha256,
            "size": file.size,
            "media_type": sniffing.media_type(head, name, said),
            "file_name": name,
        },
    }


def _first(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[:most]
        most -= len(piece)
        if most <= 0:
            return


def file_name(given: str) -> str:
    """Return the last part of a file's name, without what a file system or a header could mistake."""
    last = PurePosixPath(given.replace("\\", "/")).name
    name = re.sub(r'[\x00-\x1f\x7f"<>:|?*\u2028-\u202e\u2066-\u2069\ud800-\udfff]+', "_", last)
    stem, dot, suffix = name.strip(" .").rpartition(".")
    return (f"{stem[: LONGEST_NAME - 20]}{dot}{suffix[:19]}" if dot else suffix[:200]) or "document"


# Found again -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Attachment:
    """A document of a case, by the steps that brought it; a second title makes a second step."""

    steps: tuple[Evidence, ...]

    @property
    def title(self) -> str:
        return self.steps[0].name

    @property
    def sha256(self) -> str:
        return cast(str, self._facts["sha256"])

    @property
    def size(self) -> int:
        return cast(int, self._facts["size"])

    @property
    def media_type(self) -> str:
        return cast(str, self._facts["media_type"])

    @property
    def file_name(self) -> str:
        return cast(str, self._facts["file_name"])

    @property
    def _facts(self) -> dict[str, Any]:
        return cast(dict[str, Any], self.steps[0].body["attachment"])


def of_case(case: Case, sha256: str) -> Attachment | None:
    """Return the case's document with this digest, or None: another case's is not found here."""
    steps = tuple(case.evidence.filter(body__attachment__sha256=sha256))
    return Attachment(steps) if steps else None


def parts(sha256: str) -> Iterator[bytes]:
    """Yield the bytes of a document, a part at a time."""
    numbers = ContentPart.objects.filter(content=sha256).values_list("number", flat=True)
    for number in list(numbers):
        body = ContentPart.objects.values_list("body", flat=True).get(content=sha256, number=number)
        yield bytes(body)


def beginning(sha256: str, most: int) -> bytes:
    """Return up to ``most`` bytes from the beginning of a document."""
    return b"".join(_first(parts(sha256), most))


def first_broken() -> str:
    """Return the digest of a document whose bytes are not those that it names; empty when all hold."""
    for sha256, size in Content.objects.order_by("pk").values_list("sha256", "size").iterator():
        hashed, length = hashlib.sha256(), 0
        for part in parts(sha256):
            hashed.update(part)
            length += len(part)
        if (hashed.hexdigest(), length) != (sha256, size):
            return sha256
    return ""
