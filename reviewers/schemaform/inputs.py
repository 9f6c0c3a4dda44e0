"""One input of a form, or a group of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from escalation import canonical
from reviewers.schemaform.schemas import NOTHING, Schema

ABSENT = object()
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", re.ASCII)
GROUPS = ("group", "rows", "variants")  # hold inputs, and no text of their own


@dataclass
class Input:
    """One input of the form, or a group of them.

    ``kind``: text, long, number, integer, money, choice, several (of a list of choices), fixed, date,
    instant (typed on the reader's clock), email, lines (a text an item), json, rest (what else an
    object holds, as JSON); and of GROUPS group, rows (one input an item) and variants (one of them
    is filled in).
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
    given: Any = ABSENT  # what was proposed: it stays what it was while the text does
    prefilled: str = ""  # the text of what was proposed
    proposed: str = ""  # the same in words
    currency: str = ""  # of money, where one is known
    limit: str = ""  # what the role may let through of it, as a sentence
    nullable: bool = False
    begins: bool = False  # the page goes on here
    row: Callable[[int], Input] | None = field(default=None, repr=False)  # makes one more
    fewest: int = 0
    most: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def pointer(self) -> str:
        return canonical.pointer(*self.path)

    @property
    def described_by(self) -> str:
        ids = [(self.errors, "error"), (self.has_hint, "hint")]
        return " ".join(f"{self.name}-{part}" for given, part in ids if given)

    @property
    def has_hint(self) -> bool:
        told = self.hint or self.limit or (self.proposed and self.is_changed)
        return bool(told) or self.kind in ("lines", "json")

    @property
    def is_changed(self) -> bool:
        return self.text != self.prefilled

    @property
    def ticked(self) -> list[str]:
        return self.text.split(",")

    @property
    def is_date(self) -> bool:
        """Whether a browser's own control for a day can hold what is typed: it drops anything else."""
        return self.kind == "date" and (not self.text or bool(DAY.fullmatch(self.text)))

    @property
    def is_local(self) -> bool:
        return self.kind == "instant" and (not self.text or bool(LOCAL.fullmatch(self.text)))

    @property
    def is_short(self) -> bool:
        """Whether its choices stand side by side, each in sight, instead of in a list that opens."""
        return len(self.choices) <= MOST_SHORT

    @property
    def has_room(self) -> bool:
        return len(self.inputs) < self.most

    @property
    def is_money(self) -> bool:
        """Whether a group is an amount and its currency, which stand in one line."""
        return self.kind == "group" and {part.path[-1] for part in self.inputs} == MONEY

    def walk(self) -> Iterator[Input]:
        yield self
        for inner in self.inputs:
            yield from inner.walk()


MONEY = {"amount", "currency"}
MOST_SHORT = 5
