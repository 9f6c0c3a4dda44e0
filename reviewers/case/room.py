"""How much of a case one page holds: what is longer than a screenful waits where it can be asked for.

A page has room for so many bytes, in the order in which it is read. Each text and each value takes of
it; what does not fit is a link to itself, loaded in its place where there are scripts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from escalation import inert
from escalation.canonical import pointer
from reviewers.words import json_in_text

BYTES = 180_000  # of what a case brings, on its first page
STEPS = 50  # on one page
SHORT, SHOWS, SHOWS_LEAST = 2_000, 600, 80  # characters
HOLDS = 20_000  # characters that are folded in the page; longer ones are asked for
CROWDED = 5  # bytes a character from which a text is not measured further: it is asked for
SCREENFUL = 10_000  # characters of a text that are sent at once
PIECE_BYTES = 120_000  # of one value that was asked for


@dataclass
class Room:
    """What is left of a page's room. ``url`` is where pieces are asked for; empty: they are not."""

    url: str = ""
    left: int = BYTES
    is_short: bool = False  # something did not fit

    @classmethod
    def of(cls, reference: str, left: int = BYTES) -> Room:
        return cls(reverse("reviewers:piece", args=[reference]), left)

    def take(self, html: str) -> str:
        self.left -= len(html)
        return html

    def address(self, at: str, start: int = 0) -> str:
        query = {"at": at} | ({"from": start} if start else {})
        return f"{self.url}?{urlencode(query)}"

    def text(self, text: str, at: str, short: int = SHORT, shows: int = SHOWS) -> SafeString:
        """Return a text inert: whole where it is short, folded, or with the rest to be asked for."""
        if len(text) <= short:
            html = inert.inert(text)
            if len(html) <= self.left:
                return mark_safe(self.take(html))  # noqa: S308 -- inert
        elif len(text) <= HOLDS and len(inert.inert(text[:shows])) <= CROWDED * shows:
            html = inert.fold(text, shows, inert.inert(text))
            if len(html) <= self.left // 2:
                return mark_safe(self.take(html))  # noqa: S308 -- inert
        self.is_short = True
        begins = shows if self.left > shows * 40 else SHOWS_LEAST
        within = self.later(self.address(at), _("Show the text on a page of its own"))
        return mark_safe(self.take(inert.fold(text, min(begins, len(text)), within)))  # noqa: S308 -- inert

    def later(self, address: str, words: str) -> str:
        """Return what loads a piece in its place as its fold is opened; a link without scripts."""
        url = escape(address)
        return (
            f'<div class="later" hx-get="{url}" hx-trigger="toggle from:closest details once" '
            f'hx-swap="outerHTML"><a href="{url}">{escape(words)}</a></div>'
        )

    def more(self, address: str, words: str) -> str:
        """Return a link that is replaced by what it leads to."""
        self.is_short = True
        url = escape(address)
        return self.take(
            f'<p class="later"><a href="{url}" hx-get="{url}" hx-target="closest .later" '
            f'hx-swap="outerHTML">{escape(words)}</a></p>'
        )


def step_address(reference: str, position: int) -> str:
    """Return where a step is: on the page of its case, or on that of the steps around it."""
    if position <= STEPS:
        return f"{reverse('reviewers:case', args=[reference])}#step-{position}"
    first = (position - 1) // STEPS * STEPS + 1
    return f"{reverse('reviewers:steps', args=[reference])}?from={first}#step-{position}"


def below(at: str, *parts: str | int) -> str:
    """Return the pointer to what stands below ``at``."""
    return f"{at}{pointer(*parts)}"


def entry(value: Any, part: str) -> Any:
    """Return what stands in an object, a list or a text that holds JSON; raises LookupError."""
    if isinstance(value, dict):
        return value[part]
    if isinstance(value, list):
        return value[_index(part)]
    if isinstance(value, str) and part.startswith("#"):
        piece = json_in_text.pieces(value)[_index(part[1:])]
        return piece if isinstance(piece, str) else piece.value
    raise LookupError(part)


def _index(part: str) -> int:
    if not (part.isascii() and part.isdigit() and len(part) < 8):
        raise LookupError(part)
    return int(part)
