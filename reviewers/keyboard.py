"""The keyboard map: what single keys do on a page, switchable and each of them anybody's own choice.

A key is one character as the keyboard gives it (``?`` whatever it takes to type one), or two that are
pressed one after the other. What decides a case has no key here: signing takes Ctrl or Cmd with Enter,
twice, and choosing an answer is no more than choosing it.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

EVERYWHERE, LIST, CASE = "everywhere", "list", "case"


@dataclass(frozen=True)
class Act:
    """Something that a key does. The same key may do two things that no page has both of."""

    name: str
    key: str  # unless a person chose another; "" where they want none
    place: str
    label: StrPromise

    def meets(self, other: "Act") -> bool:
        return EVERYWHERE in (self.place, other.place) or self.place == other.place


ACTS = (
    Act("help", "?", EVERYWHERE, _("Show these keys")),
    Act("search", "/", EVERYWHERE, _("Search")),
    Act("go_work", "g w", EVERYWHERE, _("Go to my work")),
    Act("go_queue", "g q", EVERYWHERE, _("Go to the queue")),
    Act("go_team", "g t", EVERYWHERE, _("Go to who is on call")),
    Act("go_audit", "g a", EVERYWHERE, _("Go to the audit")),
    Act("next", "n", EVERYWHERE, _("Start reviewing: the next case")),
    Act("down", "j", LIST, _("Next row")),
    Act("up", "k", LIST, _("Row before")),
    Act("open", "o", LIST, _("Open the row")),
    Act("claim", "c", LIST, _("Take the case")),
    Act("select", "x", LIST, _("Select the row")),
    Act("snooze", "s", LIST, _("Snooze")),
    Act("move", "m", LIST, _("Move")),
    Act("pane", "p", LIST, _("Show or hide the case beside the list")),
    Act("view_before", "[", LIST, _("View before")),
    Act("view_after", "]", LIST, _("Next view")),
    Act("read", "e", CASE, _("Open or close a piece of evidence")),
    Act("unread", ".", CASE, _("Next piece that is unread or contradicts")),
    Act("policy", "p", CASE, _("Policy")),
    Act("history", "h", CASE, _("History")),
    Act("ask", "r", CASE, _("Ask a question")),
    Act("opinion", "u", CASE, _("Second opinion")),
    Act("take", "c", CASE, _("Take the case")),
    Act("needless", "!", CASE, _("This should not have been escalated")),
    Act("decide", "d", CASE, _("Go to the answer")),
    Act("undo", "z", CASE, _("Undo, while it has not gone out")),
)
BY_NAME = {act.name: act for act in ACTS}
HEADS = {EVERYWHERE: _("On every page"), LIST: _("In a list"), CASE: _("On a case")}

# What is the same for everybody: (keys, place, what it does).
FIXED = (
    ("Ctrl K", EVERYWHERE, _("Command bar; Cmd K on a Mac")),
    ("Esc", EVERYWHERE, _("Back out of what is open")),
    ("↑ ↓", LIST, _("Row before, next row")),
    ("Enter", LIST, _("Open the row")),
    ("1 … 9", CASE, _("Jump to a part of the evidence; within the answer, choose an option")),
    ("Ctrl Enter", CASE, _("Show what will happen; once more to sign. Cmd Enter on a Mac")),
)


def in_force(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the key of every act, a person's own choices among them; "" is none."""
    return {act.name: chosen.get(act.name, act.key) for act in ACTS}


def own(keys: Mapping[str, str]) -> dict[str, str]:
    """Return what differs from the map that everybody starts with; that alone is kept."""
    return {name: key for name, key in keys.items() if key != BY_NAME[name].key}


def faults(keys: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with a map, a sentence by the name of each act that cannot keep its key."""
    found = {name: said for name, key in keys.items() if (said := _fault(key))}
    sound = [(BY_NAME[name], key) for name, key in keys.items() if key and name not in found]
    sound.sort(key=lambda one: one[0].key != one[1])  # who took a key from the usual map is told so
    for place, (act, key) in enumerate(sound):
        for other, taken in sound[:place]:
            if act.meets(other) and _clash(key, taken):
                found.setdefault(
                    act.name,
                    str(
                        _("“%(key)s” already means “%(act)s”.") % {"key": taken, "act": other.label}
                    ),
                )
    return found


def _clash(key: str, taken: str) -> bool:
    """Return whether two keys get in each other's way: the same, or one begins the other."""
    shorter, longer = sorted((key.split(), taken.split()), key=len)
    return longer[: len(shorter)] == shorter


def _fault(key: str) -> str:
    parts = key.split()
    if len(parts) > 2 or any(len(part) != 1 for part in parts):
        return str(_("Give one character, or two with a space between them; nothing for no key."))
    if any(unicodedata.category(part)[0] not in "LPS" for part in parts):
        digit = any(part.isdigit() for part in parts)
        return str(
            _("Digits jump to the parts of a case and choose answers; give another character.")
            if digit
            else _("This is no character that a key gives; give another.")
        )
    return ""
