"""The documentation, served by the desk it describes."""

import re
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt

DOCS = settings.BASE_DIR / "docs"
NAME = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)?(\.svg)?")
HEADING = re.compile(r"^# (.+)$", re.MULTILINE)
markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


@login_not_required
def index(request: HttpRequest) -> HttpResponse:
    return _shown(request, DOCS / "index.md")


@login_not_required
def page(request: HttpRequest, name: str) -> HttpResponse:
    if not NAME.fullmatch(name):
        raise Http404
    if name.endswith(".svg"):
        drawing = DOCS / name
        if not drawing.is_file():
            raise Http404
        return HttpResponse(drawing.read_bytes(), content_type="image/svg+xml")
    return _shown(request, DOCS / f"{name}.md")


def _shown(request: HttpRequest, source: Path) -> HttpResponse:
    if not source.is_file():
        raise Http404
    text = source.read_text()
    title = found.group(1) if (found := HEADING.search(text)) else source.stem
    context = {
        "title": title,
        "body": mark_safe(_linked(markdown.render(text))),  # noqa: S308 -- our own files
        "pages": [(path.stem, _title(path)) for path in sorted(DOCS.glob("*.md"))],
        "current": source.stem,
    }
    return render(request, "escalation/docs.html", context)


def _title(source: Path) -> str:
    found = HEADING.search(source.read_text())
    return found.group(1) if found else source.stem


def _linked(html: str) -> str:
    """Turn links between files (``sdk.md``) into links between pages (``/docs/sdk/``)."""
    html = re.sub(r'href="(?:\./|\.\./)?index\.md"', 'href="/docs/"', html)
    html = re.sub(r'href="(?:\./|\.\./)?([a-z0-9/-]+)\.md(#[^"]*)?"', r'href="/docs/\1/\2"', html)
    return re.sub(r'src="(?:\./|\.\./)?([a-z0-9/-]+\.svg)"', r'src="/docs/\1/"', html)
