"""Searching the evidence of one case on the server, for what is not on the page: words and where they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from reviewers.case.room import HOLDS, SCREENFUL
from reviewers.casefile import Casefile
from reviewers.evidence import StepView

LEAST = 2  # characters
MOST = 50  # places that are listed
COUNTED = 1_000
AROUND = 60  # characters on either side


@dataclass(frozen=True)
class Hit:
    """One place: in what it is, where that is shown, and the words around it."""

    place: str  # may be from outside
    address: str
    before: str
    found: str
    after: str


@dataclass
class Hits:
    q: str
    hits: list[Hit] = field(default_factory=list)
    count: int = 0

    @property
    def is_more(self) -> bool:
        return self.count >= COUNTED

    @property
    def unlisted(self) -> int:
        return self.count - len(self.hits)


def search_case(file: Casefile, q: str) -> Hits:
    """Return where ``q`` stands in what this reader may see and, of what must be read, has opened."""
    told = Hits(q.strip()[:200])
    if len(told.q) < LEAST:
        return told
    wanted = re.compile(re.escape(told.q), re.IGNORECASE)
    for place, text, at, address in _texts(file):
        for found in wanted.finditer(text):
            told.count += 1
            if len(told.hits) < MOST:
                there = address or _address(file, at, found.start(), text, told.q)
                told.hits.append(_hit(place, there, text, found))
            if told.count >= COUNTED:
                return told
    return told


def _hit(place: str, address: str, text: str, found: re.Match[str]) -> Hit:
    start, end = found.span()
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return Hit(place, address, _flat(before), _flat(found[0]), _flat(after))


def _flat(text: str) -> str:
    """Return a text in one line, with the spaces that part it from what stands beside it."""
    return re.sub(r"[ \t\n]+", " ", text)


def _address(file: Casefile, at: str, position: int, text: str, q: str) -> str:
    start = position // SCREENFUL * SCREENFUL
    query = {"at": at, "q": q} | ({"from": start} if start and len(text) > HOLDS else {})
    return f"{file.room.url}?{urlencode(query)}"


def _texts(file: Casefile) -> Iterator[tuple[str, str, str, str]]:
    """Yield the name of a part, its text, the pointer to it, and where it is on a page of many."""
    package = file.package
    yield _("the question"), file.case.question, "/question/text", ""
    yield _("the request"), file.request["content"], "/request/content", ""
    for number, fired in enumerate(package["triggers"], 1):
        if fired.get("detail"):
            yield str(fired["name"]), fired["detail"], f"/triggers/{number}/detail", ""
    for step in file.steps:
        if isinstance(step, StepView) and not step.is_closed:
            yield from _of_step(file, step)
    for name, part in (file.proposal or {}).items():
        yield _("the proposal"), _said(part), f"/proposal/{name}", ""
    yield _("whom it acts for"), _said(file.identity), "/identity", ""
    for option in file.options:
        yield option.label, option.label, f"/options/{option.position}/label", ""
        for number, each in enumerate(option.consequences):
            at = f"/options/{option.position}/consequences/{number}/text"
            yield option.label, each["text"], at, ""


def _of_step(file: Casefile, step: StepView) -> Iterator[tuple[str, str, str, str]]:
    there = file.where(step.position)
    place = _("Step %(number)s: %(title)s") % {"number": step.position, "title": step.title}
    yield place, step.title, "", there
    for name in ("text", "input", "output"):
        value = step.body.get(name)
        if value is not None:
            said = _said(value)
            long = isinstance(value, str) and len(said) > HOLDS
            yield place, said, f"/steps/{step.position}/{name}", "" if long else there


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
