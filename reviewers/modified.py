"""How what a reviewer fills in differs from what the agent proposed: place by place, word by word.

Of the proposal only what the answer's schema asks about is compared: the rest stands as proposed.
Both sides are an agent's or a person's words of any size, so each comparison is bounded; what is too
long to compare word by word is shown whole on both sides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from itertools import takewhile, zip_longest
from typing import Any, Literal

from django.utils.translation import gettext as _

from escalation.cases.arguments import asked_about
from reviewers import wording
from reviewers.schemaform import money, schemas
from reviewers.schemaform.schemas import NOTHING, Schema

Place = tuple[str, ...]
ABSENT = object()
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+|\s+|.", re.DOTALL)
MOST_LINES = 60  # that differ; the rest is counted
MOST_WORDS = 600  # compared one by one, once what begins and ends alike is put aside
MOST_WORDS_IN_ALL = 3_000
MOST_ITEMS = 300  # of a list
MOST_LETTERS = 4_000  # of a value on either side
ALIKE = 0.35  # below it two texts are two texts
AROUND = 48  # letters of what stayed the same that are shown beside a change


@dataclass(frozen=True)
class Piece:
    """A run of text that stayed (""), came ("+") or went ("−"); ``…`` stands for what is left out."""

    sign: Literal["", "+", "−"]
    text: str


@dataclass(frozen=True)
class Line:
    """One place that differs. ``note`` says by how much, or where to."""

    place: tuple[str, ...]
    pieces: tuple[Piece, ...]
    note: str = ""


@dataclass(frozen=True)
class Difference:
    """What differs, and how many places stayed as proposed. ``more`` differ and are not listed."""

    lines: tuple[Line, ...]
    same: int
    more: int = 0

    @property
    def is_none(self) -> bool:
        return not self.lines


def between(
    proposed: Any, filled: Any, schema: Schema | None = None, *, currency: str = ""
) -> Difference:
    """Return what ``filled`` changes of what the agent proposed.

    ``currency`` is that of the proposal, for amounts with none beside them.
    """
    compared = _Comparison(schema or NOTHING, currency)
    root = schemas.resolved(compared.root, compared.root)
    given = proposed if isinstance(proposed, Mapping) else {}
    chosen = filled if isinstance(filled, Mapping) else {}
    asked = {*asked_about(compared.root, given), *chosen} if schema is not None else set(chosen)
    compared.objects((), {key: given[key] for key in given if key in asked}, chosen, root)
    return Difference(tuple(compared.lines), compared.same, compared.more)


class _Comparison:
    """Walks both sides together and keeps what differs."""

    def __init__(self, root: Schema, currency: str) -> None:
        self.root, self.currency = root, currency
        self.words_left = MOST_WORDS_IN_ALL
        self.lines: list[Line] = []
        self.same = self.more = 0

    def objects(
        self, place: Place, old: Mapping[str, Any], new: Mapping[str, Any], schema: Schema
    ) -> None:
        order = dict.fromkeys([*(key for key, _ in schemas.properties(schema)), *old, *new])
        for key in order:
            if key not in old and key not in new:
                continue
            part = schemas.at(self.root, schema, key)
            beside = new if money.named_in(new) else old
            currency = money.currency_of(key, part, beside, self.currency)
            label = schemas.label(part, key)
            self.value((*place, label), old.get(key, ABSENT), new.get(key, ABSENT), part, currency)

    def value(self, place: Place, old: Any, new: Any, schema: Schema, currency: str = "") -> None:
        if _key(old) == _key(new):
            self.same += 1
        elif isinstance(old, Mapping) and isinstance(new, Mapping):
            self.objects(place, old, new, schema)
        elif isinstance(old, list) and isinstance(new, list):
            self.lists(place, old, new, schema)
        elif old is ABSENT and new and isinstance(new, (Mapping, list)):
            self.value(place, type(new)(), new, schema, currency)  # leaf by leaf, not as JSON
        elif new is ABSENT and old and isinstance(old, (Mapping, list)):
            self.value(place, old, type(old)(), schema, currency)
        elif old is not ABSENT and new is not ABSENT and _is_part(old) is not _is_part(new):
            for before, after in ((old, ABSENT), (ABSENT, new)):  # one became many, or many one
                if (before, after) not in ((None, ABSENT), (ABSENT, None)):
                    self.value(place, before, after, schema, currency)
        else:
            self.line(place, *self.said(old, new, currency))

    def line(self, place: Place, pieces: tuple[Piece, ...], note: str = "") -> None:
        if len(self.lines) < MOST_LINES:
            self.lines.append(Line(place, pieces, note))
        else:
            self.more += 1

    # Lists

    def lists(self, place: Place, old: list[Any], new: list[Any], schema: Schema) -> None:
        if max(len(old), len(new)) > MOST_ITEMS:
            note = _("%(before)s before, %(now)s now: too many to compare one by one") % {
                "before": f"{len(old):,}",
                "now": f"{len(new):,}",
            }
            self.line(place, _replaced(_text(old), _text(new)), note)
            return
        before, after = [_key(item) for item in old], [_key(item) for item in new]
        blocks = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        went = [n for how, i, j, _, _ in blocks if how != "equal" for n in range(i, j)]
        came = [n for how, _, _, i, j in blocks if how != "equal" for n in range(i, j)]
        moved = self.moved(place, old, before, after, went, came)
        part = schemas.at(self.root, schema, "") if "items" in schema else NOTHING
        for how, i, j, k, m in blocks:
            if how == "equal":
                self.same += j - i
                continue
            lost = [n for n in range(i, j) if ("old", n) not in moved]
            gained = [n for n in range(k, m) if ("new", n) not in moved]
            for a, b in zip_longest(lost, gained):
                number = b if b is not None else a
                self.value(
                    (*place, str(number + 1)),
                    ABSENT if a is None else old[a],
                    ABSENT if b is None else new[b],
                    part,
                )

    def moved(
        self, place: Place, old: list[Any], before: list[str], after: list[str],
        went: list[int], came: list[int],
    ) -> set[tuple[str, int]]:  # fmt: skip
        """Note what only stands elsewhere, and return both of its places."""
        found: set[tuple[str, int]] = set()
        places: dict[str, list[int]] = {}
        for n in came:
            places.setdefault(after[n], []).append(n)
        for n in went:
            if there := places.get(before[n]):
                to = there.pop(0)
                found |= {("old", n), ("new", to)}
                piece = Piece("", _short(_text(old[n])))
                was = _("was number %(n)d") % {"n": n + 1}
                self.line((*place, str(to + 1)), (piece,), was)
        return found

    # One value

    def said(self, old: Any, new: Any, currency: str) -> tuple[tuple[Piece, ...], str]:
        """Return both sides of one value that differs, and by how much it does."""
        if old is ABSENT:
            return (Piece("+", _short(self.text(new, currency))),), _("not in the proposal")
        if new is ABSENT:
            return (Piece("−", _short(self.text(old, currency))),), _("left out")
        before, after = self.text(old, currency), self.text(new, currency)
        if before == after:  # one is a text, the other is not
            before, after = _exact(old), _exact(new)
            return _replaced(before, after), ""
        if isinstance(old, str) and isinstance(new, str) and not currency:
            return self.words(before, after), ""
        return _replaced(before, after), self.by_how_much(old, new, currency)

    def text(self, value: Any, currency: str) -> str:
        amount = money.number(value) if currency else None
        return _text(value) if amount is None else wording.money(amount, currency)

    def by_how_much(self, old: Any, new: Any, currency: str) -> str:
        if not currency and (isinstance(old, str) or isinstance(new, str)):
            return ""
        before, after = money.number(old), money.number(new)
        if before is None or after is None or before == after:
            return ""
        return _("%(much)s of proposed") % {"much": _signed(after - before, currency)}

    def words(self, old: str, new: str) -> tuple[Piece, ...]:
        if not (_is_prose(old) and _is_prose(new)):
            return _replaced(old, new)
        before, after = WORD.findall(old), WORD.findall(new)
        head = _alike(before, after)
        tail = _alike(before[head:][::-1], after[head:][::-1])
        a, b = before[head : len(before) - tail], after[head : len(after) - tail]
        longest = max(len(a), len(b))
        if longest > min(MOST_WORDS, self.words_left):
            return _replaced(old, new)
        self.words_left -= longest
        matcher = SequenceMatcher(None, a, b, autojunk=False)
        runs: list[Piece] = [Piece("", "".join(before[:head]))]
        stayed = len(runs[0].text)
        for how, i, j, k, m in matcher.get_opcodes():
            if how == "equal":
                runs.append(Piece("", "".join(a[i:j])))
                stayed += len(runs[-1].text)
            else:
                runs += [Piece("−", "".join(a[i:j])), Piece("+", "".join(b[k:m]))]
        runs.append(Piece("", "".join(before[len(before) - tail :])))
        stayed += len(runs[-1].text)
        if 2 * stayed < ALIKE * (len(old) + len(new)):
            return _replaced(old, new)
        return _told(runs)


def _told(runs: list[Piece]) -> tuple[Piece, ...]:
    """Return runs joined where only a space parts two changes, and what stayed shortened."""
    joined: list[Piece] = []
    runs = [run for run in runs if run.text]
    for number, run in enumerate(runs):
        between_changes = 0 < number < len(runs) - 1
        if not run.sign and between_changes and not run.text.strip():
            joined += [Piece("−", run.text), Piece("+", run.text)]
        else:
            joined.append(run)
    told: list[Piece] = []
    while joined:
        if not joined[0].sign:
            told.append(joined.pop(0))
            continue
        here = list(takewhile(lambda run: run.sign, joined))
        del joined[: len(here)]
        for sign in ("−", "+"):
            if text := "".join(run.text for run in here if run.sign == sign):
                told.append(Piece(sign, text))
    last = len(told) - 1
    return tuple(
        piece if piece.sign else Piece("", _context(piece.text, number == 0, number == last))
        for number, piece in enumerate(told)
    )


def _context(text: str, is_first: bool, is_last: bool) -> str:
    """Return what stayed the same with its far end, or its middle, left out."""
    if len(text) <= 2 * AROUND:
        return text
    head = "" if is_first else text[:AROUND]
    tail = "" if is_last else text[-AROUND:]
    return f"{head}…{tail}"


def _replaced(old: str, new: str) -> tuple[Piece, ...]:
    return Piece("−", _short(old)), Piece("+", _short(new))


def _short(text: str) -> str:
    if len(text) <= MOST_LETTERS:
        return text
    half = MOST_LETTERS // 2
    left = _("%(count)s characters") % {"count": f"{len(text) - 2 * half:,}"}
    return f"{text[:half]} … {left} … {text[-half:]}"


def _alike(one: list[str], other: list[str]) -> int:
    """Return how many begin the same."""
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


def _is_prose(text: str) -> bool:
    """Return whether a text is words, not one number, name or id that is changed as a whole."""
    return len(WORD.findall(text[:400])) > 3 and (" " in text or "\n" in text or not text.isascii())


def _signed(given: Decimal, currency: str) -> str:
    size = abs(given)
    said = wording.money(size, currency) if currency else f"{size.normalize():,f}"
    return f"{'−' if given < 0 else '+'}{said}"


def _is_part(value: Any) -> bool:
    """Return whether a value has others in it."""
    return bool(value) and isinstance(value, (Mapping, list))


def _key(value: Any) -> str:
    """Return a text by which values are the same only if their JSON is."""
    return "" if value is ABSENT else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _exact(value: Any) -> str:
    """Return a value as JSON writes it: a text in its quotes."""
    return json.dumps(value, ensure_ascii=False)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value or "empty"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return json.dumps(value, ensure_ascii=False)
