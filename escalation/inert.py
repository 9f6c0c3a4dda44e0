"""Text from outside as inert HTML: escaped, the invisible made visible, no line too long for a page.

Everything an agent sends is hostile until shown otherwise. What a person could not see is named
with a mark; nothing becomes a link.
"""

import re
import unicodedata

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

FOLD_BEYOND = 2_000  # characters of one text shown before the rest is folded away
FOLD_SHOWS = 600
FOLD_HOLDS = 20_000  # characters that a fold holds; what is longer is cut, and its length said
MARKS = 60  # in one text that are named in full; beyond, what cannot be seen is counted

# What has no shape of its own, or changes the order or the look of what stands around it.
INVISIBLE = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, delete, C1 (ANSI escapes among them)
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff\U0001d173-\U0001d17a"
)
COMBINING = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
MARKED = re.compile(
    # a joiner between two emoji makes one picture of them, and hides nothing
    f"(?P<joined>(?<=[{EMOJI}\ufe0f])\u200d(?=[{EMOJI}]))"
    f"|(?P<same>(?P<one>[{INVISIBLE}])(?P=one)*)"
    f"|(?P<pile>[{COMBINING}]{{5,}})"
)
CROWD = re.compile(
    f"(?P<joined>(?<=[{EMOJI}\ufe0f])\u200d(?=[{EMOJI}]))|[{INVISIBLE}]+|[{COMBINING}]{{5,}}"
)
NAMES = {
    "\x07": "bell",
    "\x08": "backspace",
    "\r": "carriage return",
    "\x1b": "escape, begins a terminal code",
    "\x7f": "delete",
    "\x9b": "control sequence, begins a terminal code",
}


def inert(value: object) -> SafeString:
    """Return ``value`` as HTML that shows every character of it and does nothing."""
    text = str(value)
    pieces: list[str] = []
    end = marks = 0
    for found in MARKED.finditer(text):
        if found["joined"]:
            continue
        pieces += [escape(text[end : found.start()]), _mark(found)]
        end = found.end()
        marks += 1
        if marks == MARKS:
            break
    pieces += _crowded(text[end:]) if marks == MARKS else [escape(text[end:])]
    return mark_safe("".join(pieces))  # noqa: S308 -- each piece is escaped above


def _crowded(text: str) -> list[str]:
    """Return the rest of a text that has very many marks: each run of what is unseen is counted."""
    pieces: list[str] = []
    end = 0
    for found in CROWD.finditer(text):
        if found["joined"]:
            continue
        run = found[0]
        times = f"×{len(run)}" if len(run) > 1 else ""
        pieces.append(escape(text[end : found.start()]))
        pieces.append(f'<i class="mark">{ord(run[0]):04X}{times}</i>')
        end = found.end()
    return [*pieces, escape(text[end:])]


def _mark(found: re.Match[str]) -> str:
    if pile := found["pile"]:
        return _span(f"{len(pile)} combining marks piled up", f"+{len(pile)} marks")
    character, count = found["one"], len(found["same"])
    point = f"U+{ord(character):04X}"
    name = NAMES.get(character) or unicodedata.name(character, "control character").lower()
    times = f" × {count}" if count > 1 else ""
    return _span(f"{point} {name}{times}", f"{point}{times}")


def _span(title: str, label: str) -> str:
    return f'<span class="mark" title="{escape(title)}">{escape(label)}</span>'


def plain(value: object) -> str:
    """Return ``value`` as text in which the invisible is named, for where no markup can stand."""

    def named(found: re.Match[str]) -> str:
        if found["joined"]:
            return found[0]
        return f"⟦+{len(found[0])} marks⟧" if found["pile"] else f"⟦U+{ord(found['one']):04X}⟧"

    return MARKED.sub(named, str(value))


def folded(value: object, beyond: int = FOLD_BEYOND, shows: int = FOLD_SHOWS) -> SafeString:
    """Return ``inert(value)``; beyond so many characters the rest waits behind a summary.

    Of a text that is longer than FOLD_HOLDS there is only so much, and how much more there is.
    """
    text = str(value)
    if len(text) <= beyond:
        return inert(text)
    whole, cut = inert(text[:FOLD_HOLDS]), ""
    if len(text) > FOLD_HOLDS:
        cut = f'<span class="more"> … {len(text) - FOLD_HOLDS:,} more characters are not shown here</span>'
    return fold(text, shows, f"{whole}{cut}")


def fold(text: str, shows: int, within: str) -> SafeString:
    """Return a fold that begins with ``shows`` characters of a text; ``within`` is HTML of ours."""
    more = f"{len(text) - shows:,} more characters"
    return mark_safe(  # noqa: S308 -- made of inert pieces and our own words
        '<details class="fold"><summary>'
        f'<span class="start">{inert(text[:shows])}</span><span class="ellipsis">… </span>'
        f'<span class="more">show {more}</span><span class="less">fold again</span>'
        f"</summary>{within}</details>"
    )
