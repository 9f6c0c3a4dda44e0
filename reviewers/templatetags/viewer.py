"""What the pages of documents need: what a document is, in words."""

from django import template
from django.utils.translation import gettext_lazy as _

from reviewers.viewer import pictures, texts

register = template.Library()
CALLED = {
    "application/pdf": "PDF",
    "image/png": _("PNG image"),
    "image/jpeg": _("JPEG image"),
    "image/gif": _("GIF image"),
    "image/webp": _("WebP image"),
    "image/tiff": _("TIFF image"),
    "image/bmp": _("BMP image"),
    "image/avif": _("AVIF image"),
    "image/heic": _("HEIC image"),
    "image/svg+xml": _("SVG, a drawing that can hold programs"),
    "text/csv": "CSV",
    "text/tab-separated-values": "TSV",
    "text/plain": _("text"),
    "text/html": "HTML",
    "application/json": "JSON",
    "application/xml": "XML",
    "application/rtf": "RTF",
    "application/zip": _("a ZIP archive or an office file"),
    "application/x-ole-storage": _("an office file"),
}


@register.filter
def media(kind: str) -> str:
    """A media type as people call it."""
    return str(CALLED.get(kind) or _("a file of a kind not known"))


@register.filter
def is_shown(kind: str) -> bool:
    """Whether the desk shows such a document itself."""
    return kind in pictures.KINDS or kind in texts.SHAPES
