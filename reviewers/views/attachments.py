"""Documents of a case: looked at in place, page by page, or taken away as a file."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from escalation import attachments, ledger, lifecycle, sniffing
from escalation.attachments import Attachment
from escalation.models import Case
from escalation.views.people import person
from reviewers.models import Rendering
from reviewers.viewer import pictures, texts
from reviewers.views.cases import find

INERT = "sandbox; default-src 'none'"  # should a browser ever show it instead of saving it
DELIMITERS = {"comma": _("comma"), "semicolon": _("semicolon"), "tab": _("tab"), "pipe": _("pipe")}
IN_MEMORY = 1024 * 1024  # bytes of a file on its way out; beyond, it waits on disk


@dataclass(frozen=True)
class Viewer:
    """What the page shows of a document: one of a picture, a table and a text, or none of them."""

    attachment: Attachment
    page: int = 1
    picture: Rendering | None = None
    encoding: str = ""  # as it was chosen; empty for what was found
    delimiter: str = ""
    table: texts.Table | None = None
    text: texts.Text | None = None

    @property
    def encodings(self) -> list[tuple[str, str]]:
        return list(texts.ENCODINGS.items())

    @property
    def delimiters(self) -> list[tuple[str, str]]:
        return [(name, str(said)) for name, said in DELIMITERS.items()]

    @property
    def delimiter_said(self) -> str:
        found = self.table.delimiter if self.table else ""
        return str(DELIMITERS.get(found, found))

    @property
    def encoding_said(self) -> str:
        read = self.table or self.text
        return read.encoding if read else ""

    @property
    def lost(self) -> int:
        """How many bytes are no characters of the encoding that was chosen."""
        read = self.table or self.text
        return read.lost if read else 0

    @property
    def before(self) -> int:
        return max(self.page - 1, 1)

    @property
    def after(self) -> int:
        return min(self.page + 1, self.picture.pages) if self.picture else 1


def _attachment(request: HttpRequest, name: str, sha256: str) -> tuple[Case, Attachment]:
    case = find(request, name)
    found = attachments.of_case(case, sha256)
    if found is None:
        raise Http404
    return case, found


def _page(request: HttpRequest) -> int:
    number = request.GET.get("page", "1")
    if not (number.isascii() and number.isdigit() and len(number) < 6):
        raise Http404
    return int(number)


@require_GET
@never_cache
def view(request: HttpRequest, name: str, sha256: str) -> HttpResponse:
    """The document in place, or on a page of its own; that it was opened is on the record."""
    case, found = _attachment(request, name, sha256)
    at, number = now(), _page(request)
    shown = _viewer(found, number, at, _choice(request, "encoding", texts.ENCODINGS),
                    _choice(request, "delimiter", texts.DELIMITERS))  # fmt: skip
    _opened(request, case, found, number)
    context = {"section": "queue", "case": case, "viewer": shown, "attachment": found}
    page = "_viewer.html" if request.htmx else "attachment.html"  # type: ignore[attr-defined]
    return render(request, f"reviewers/{page}", context)


def _choice(request: HttpRequest, name: str, known: Mapping[str, str]) -> str:
    """Return how a reader wants a text to be read; empty for as it is found to be."""
    chosen = request.GET.get(name, "")
    if chosen and chosen not in known:
        raise Http404
    return chosen


def _viewer(
    found: Attachment, number: int, at: Any, encoding: str = "", delimiter: str = ""
) -> Viewer:
    if found.media_type in pictures.KINDS:
        picture = pictures.page(found, number, at=at)
        return Viewer(found, number, picture=picture)
    if number != 1:
        raise Http404
    if found.media_type in sniffing.TABLES and (table := texts.table(found, encoding, delimiter)):
        return Viewer(found, table=table, encoding=encoding, delimiter=delimiter)
    if found.media_type in texts.SHAPES:
        return Viewer(found, text=texts.text(found, encoding), encoding=encoding)
    return Viewer(found)


def _opened(request: HttpRequest, case: Case, found: Attachment, number: int = 1) -> None:
    at, by = now(), person(request)
    part = f"{request.path}?page={number}" if number > 1 else request.path
    ledger.append("case.viewed", subject=case, by=by, at=at, digest=case.digest, part=part)
    for step in found.steps:
        lifecycle.open_evidence(case.pk, step.position, by=by, at=at)


@require_GET
def picture(request: HttpRequest, name: str, sha256: str, number: int) -> HttpResponse:
    """One page as a picture of our own making; whoever sees it has asked for the page around it."""
    _case, found = _attachment(request, name, sha256)
    if found.media_type not in pictures.KINDS:
        raise Http404
    tag = f'"{sha256}-{number}"'
    response = get_conditional_response(request, etag=tag)
    if response is None:
        drawn = pictures.page(found, number, at=now())
        if drawn.body is None:
            raise Http404
        response = HttpResponse(bytes(drawn.body), content_type="image/webp")
    response["ETag"] = tag
    response["Cache-Control"] = "no-store, private"  # who may see it is asked each time
    return response


@require_GET
@never_cache
def raw(request: HttpRequest, name: str, sha256: str) -> FileResponse:
    """The file itself, to save: never as anything that a browser would open."""
    case, found = _attachment(request, name, sha256)
    _opened(request, case, found)
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 -- the response closes it
    for part in attachments.parts(sha256):
        file.write(part)
    file.seek(0)
    response = FileResponse(
        file, as_attachment=True, filename=found.file_name, content_type=sniffing.UNKNOWN
    )
    response["Content-Length"] = str(found.size)
    response["Content-Security-Policy"] = INERT
    return response
