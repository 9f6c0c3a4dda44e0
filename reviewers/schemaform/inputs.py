"""One input of a form, or a group of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from escalation import canonical
from reviewers.schemaform.choices import MOST_SHOWN, narrowed
from reviewers.schemaform.schemas import NOTHING, Schema

ABSENT = object()
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", re.ASCII)
GROUPS = ("group", "rows", "variants")  # hold inputs, and no text of their own
SEVERAL_LINES = ("lines", "json", "rest", "long")  # asked for in a text area
NUMBERS = ("number", "integer", "money")  # read as the reader writes numbers
MONEY = {("amount",), ("currency",)}
MOST_SHORT = 5
BEGINNING = 300  # characters that are shown of a text which is not drawn whole
LONG_LIST = 15  # choices from which a list can be searched
KEPT = "kept"  # the choice of a value that was proposed and is none of those on offer


@dataclass
class Input:
    """One input of the form, or a group of them.

    ``kind``: text, long, number, integer, money, choice, several (of a list of choices), fixed, date,
    instant (typed on the reader's clock), email, lines (a text an item), json, rest (what else an
    object holds, as JSON); and of GROUPS group, rows (one input an item) and variants (one of them
    is filled in).

    An input is drawn from ``given``, and is untouched while what comes back is ``prefilled``: then its
    value is that very value, whatever the text could show of it.
    """

    name: str  # in the post
    path: tuple[str, ...]
    kind: str
    label: str
    hint: str = ""
    required: bool = False
    schema: Schema = field(default_factory=lambda: NOTHING, repr=False)
    choices: list[tuple[str, str]] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)  # of the choices, in their own type
    item: str = "string"  # of one line, in ``lines``
    inputs: list[Input] = field(default_factory=list)
    text: str = ""  # as typed, or prefilled
    given: Any = ABSENT  # what was proposed here
    default: Any = (
        ABSENT  # what the schema fills in where nothing was proposed and something must be
    )
    prefilled: str = ""  # the text of what was proposed, or of the default
    proposed: str = ""  # the same in words
    misfit: bool = False  # what was proposed does not fit here
    plain: bool = False  # a control of its own kind could not show the text
    origin: int | None = None  # of a row: which item of the proposal it is drawn from
    searched: str = ""  # for what a long list is narrowed
    most_shown: int = MOST_SHOWN  # of a long list
    currency: str = ""  # of money, where one is known
    limit: str = ""  # what the role may let through of it, as a sentence
    over: str = ""  # that what is typed is more than that
    heard: str = ""  # how a number was read, in words
    example: str = ""  # how one is typed
    may_be_empty: bool = False  # an empty text is an answer, though one must be there
    nullable: bool = False
    begins: bool = False  # the page goes on here
    posted: bool = False  # it stood on the page that came back
    is_kept: bool = False  # too long for the page: said to be there, and kept as it was proposed
    row: Callable[..., Input] | None = field(default=None, repr=False)  # makes one more
    fewest: int = 0
    most: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def pointer(self) -> str:
        return canonical.pointer(*self.path)

    @property
    def described_by(self) -> str:
        ids = [
            (self.errors, "error"), (self.over, "over"), (self.misfit, "misfit"), (self.has_hint, "hint"),
            (self.is_number, "heard"),
        ]  # fmt: skip
        return " ".join(f"{self.name}-{part}" for given, part in ids if given)

    @property
    def has_hint(self) -> bool:
        told = self.hint or self.limit or (self.proposed and self.is_changed and not self.misfit)
        return bool(told) or self.kind in ("lines", "json")

    @property
    def is_changed(self) -> bool:
        return self.text != self.prefilled

    @property
    def misfit_text(self) -> str:
        """What was proposed and does not fit, to the letter: a text in its quotes, as JSON has it."""
        return json.dumps(self.given, ensure_ascii=False)

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS

    @property
    def ticked(self) -> list[str]:
        return self.text.split(",")

    @property
    def is_date(self) -> bool:
        """Whether a browser's own control for a day can hold what is typed: it drops anything else."""
        return self.kind == "date" and not self.plain and (not self.text or _is_day(self.text))

    @property
    def is_local(self) -> bool:
        fits = not self.text or bool(LOCAL.fullmatch(self.text) and _is_day(self.text[:10]))
        return self.kind == "instant" and not self.plain and fits

    @property
    def is_short(self) -> bool:
        """Whether its choices stand side by side, each in sight, instead of in a list that opens."""
        return len(self.choices) <= MOST_SHORT

    @property
    def is_searched(self) -> bool:
        """Whether its list is so long that it is searched."""
        return self.kind == "choice" and len(self.choices) > LONG_LIST

    @property
    def shown(self) -> list[tuple[str, str]]:
        return narrowed(self.choices, [self.text], self.searched, self.most_shown)

    @property
    def is_cut(self) -> bool:
        """Whether the page shows only some of a long list, so that the desk has to search it."""
        return len(self.choices) > self.most_shown

    @property
    def has_room(self) -> bool:
        return len(self.inputs) < self.most

    @property
    def is_money(self) -> bool:
        """Whether a group is an amount and its currency, which stand in one line."""
        return self.kind == "group" and {*(part.path[-1:] for part in self.inputs)} == MONEY

    @property
    def beginning(self) -> str:
        """The first words of a text that is too long for the page, or the whole of a short one."""
        return self.text if len(self.text) <= BEGINNING else f"{self.text[:BEGINNING]}…"

    @property
    def length(self) -> str:
        return f"{len(self.text):,}"

    def walk(self) -> Iterator[Input]:
        yield self
        for inner in self.inputs:
            yield from inner.walk()


def _is_day(text: str) -> bool:
    try:
        return bool(DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False
