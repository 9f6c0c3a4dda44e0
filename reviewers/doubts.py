"""What does not fit together in a package, and what is not in it: found by rules, without a guess.

Pure: it reads the parts that a reader may see and says what it compared, where. A rule knows no
meaning; each says little rather than cry wolf. What it finds is a reason to look, not a finding.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalation.enums import StepKind
from reviewers import wording

CONTRADICTION, MISSING = "contradiction", "missing"
LONG_PAUSE = timedelta(hours=1)
MOST = 12
DEEPEST = 12
# Keys that say nothing of which thing they belong to: the same word, another thing.
GENERIC = frozenset(
    ("id", "name", "type", "kind", "at", "date", "time", "note", "text", "title", "reason", "reply")
    + ("remark", "count", "total", "document", "section", "score", "query", "message", "summary")
    + ("description", "value", "result", "version")
)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")
IDENTIFIER = re.compile(r"(?=\S*\d)[\w.:/#@+-]{3,64}")
SHORTEST_NAMED = 4  # shorter ones, such as 14d or 2nd, are seldom a name


@dataclass(frozen=True)
class Place:
    """Where to look: in words, and the id on the page."""

    words: str
    anchor: str


@dataclass(frozen=True)
class Doubt:
    """One thing that does not fit, or that is not there."""

    kind: str  # CONTRADICTION or MISSING
    said: str  # holds values from outside: shown inert
    places: tuple[Place, ...] = ()


class Step(Protocol):
    """A step as it can be seen: what the timeline shows."""

    position: int
    title: str
    kind: str
    at: Any
    ended_at: Any
    body: dict[str, Any]


REQUEST = Place("the request", "request")
PROPOSAL = Place("the proposal", "proposal")
IDENTITY = Place("whom it acts for", "identity")


def find(package: Mapping[str, Any], steps: Iterable[Step]) -> list[Doubt]:
    """Return what there is to doubt, contradictions first; ``steps`` are those that may be seen."""
    steps = list(steps)
    proposal = package["proposal"] or {}
    found = [
        *_answers_that_differ(steps),
        *_other_values_of_one_thing(steps),
        *_amount_against_arguments(proposal),
        *_arguments_that_no_step_returned(proposal, steps),
        *_identifiers_from_nowhere(package, proposal, steps),
        *_errors(steps),
        *_calls_without_output(steps),
        *_long_pauses(steps),
        *_empty_parts(package, steps),
    ]
    return sorted(found, key=lambda doubt: doubt.kind != CONTRADICTION)


# Contradictions ----------------------------------------------------------------------------------


def _answers_that_differ(steps: list[Step]) -> Iterator[Doubt]:
    """Yield calls that were made twice with the same input and answered otherwise."""
    before: dict[str, Step] = {}
    for step in steps:
        given, came = step.body.get("input"), step.body.get("output")
        if step.kind != StepKind.TOOL_CALL or given is None or came is None:
            continue
        asked = json.dumps([step.title, given], sort_keys=True)
        first = before.setdefault(asked, step)
        was = first.body["output"]
        if first is step or was == came:
            continue
        if isinstance(was, dict) and isinstance(came, dict):
            keys = [k for k in sorted(was) if k in came and _scalar(was[k]) and was[k] != came[k]]
            if not keys:
                continue
            told = ", ".join(f"{k} {_said(was[k])}, then {_said(came[k])}" for k in keys[:3])
            said = _("%(call)s was asked the same twice and answered otherwise: %(told)s.")
            yield Doubt(CONTRADICTION, said % {"call": first.title, "told": told},
                        (_place(first), _place(step)))  # fmt: skip
        else:
            said = _("%(call)s was asked the same twice and answered otherwise.")
            yield Doubt(CONTRADICTION, said % {"call": first.title}, (_place(first), _place(step)))


def _other_values_of_one_thing(steps: list[Step]) -> Iterator[Doubt]:
    """Yield keys that different calls answered otherwise on what bears the same identifiers."""
    told: dict[str, list[tuple[Step, Any]]] = defaultdict(list)
    for step in steps:
        came = step.body.get("output")
        if isinstance(came, dict):
            for key, value in came.items():
                generic = key.casefold() in GENERIC or key.casefold().endswith(("_at", "_on"))
                if _scalar(value) and not generic and not _is_set_by(step, key, value):
                    told[key].append((step, value))
    for key, values in sorted(told.items()):
        first, was = values[0]
        for step, value in values[1:]:
            same = _normal(value) == _normal(was) or type(value) is not type(was)
            if same or step.title == first.title or not _are_of_one_thing(first, step):
                continue
            said = _("%(key)s is %(was)s by %(first)s, and %(value)s by %(second)s.")
            words = {"key": key, "was": _said(was), "first": first.title,
                     "value": _said(value), "second": step.title}  # fmt: skip
            yield Doubt(CONTRADICTION, said % words, (_place(first), _place(step)))
            break


def _is_set_by(step: Step, key: str, value: Any) -> bool:
    """Return whether a call was told to make the value what it then answered."""
    given = step.body.get("input")
    return isinstance(given, dict) and key in given and _normal(given[key]) == _normal(value)


def _are_of_one_thing(one: Step, other: Step) -> bool:
    """Return whether two steps name the same identifiers, and none that differs under one key."""
    mine, theirs = _named(one), _named(other)
    both = mine.keys() & theirs.keys()
    return bool(both) and all(mine[key] == theirs[key] for key in both)


def _named(step: Step) -> dict[str, str]:
    """Return the identifiers that a step names, by key."""
    sides = [step.body.get("input"), step.body.get("output")]
    return {key: value for side in sides if isinstance(side, dict) for key, value in side.items()
            if isinstance(value, str) and (_is_identifier(value) or key.endswith("_id"))}  # fmt: skip


def _amount_against_arguments(proposal: Mapping[str, Any]) -> Iterator[Doubt]:
    money, arguments = proposal.get("amount"), proposal.get("arguments") or {}
    sent = arguments.get("amount")
    if isinstance(sent, dict):
        sent = sent.get("amount")
    if not money or sent is None or _number(sent) is None:
        return
    if _number(sent) != _number(money["amount"]):
        said = _("The proposal is given as %(amount)s; its argument amount says %(sent)s.")
        words = {"amount": _money(money), "sent": _said(sent)}
        yield Doubt(CONTRADICTION, said % words, (PROPOSAL,))
    currency = arguments.get("currency")
    if isinstance(currency, str) and currency != money["currency"]:
        said = _("The proposal is given in %(one)s; its argument currency says %(other)s.")
        words = {"one": money["currency"], "other": currency}
        yield Doubt(CONTRADICTION, said % words, (PROPOSAL,))


def _arguments_that_no_step_returned(
    proposal: Mapping[str, Any], steps: list[Step]
) -> Iterator[Doubt]:
    """Yield arguments of which steps returned other values, and none the one that is proposed."""
    returned: dict[str, list[tuple[Step, Any]]] = defaultdict(list)
    every: set[str] = set()
    for step in steps:
        for side in ("input", "output"):
            for key, value in _leaves(step.body.get(side)):
                every.add(_normal(value))
                if side == "output":
                    returned[key].append((step, value))
    for key, value in sorted((proposal.get("arguments") or {}).items()):
        if not _scalar(value) or isinstance(value, bool) or key.casefold() in GENERIC - {"total"}:
            continue
        came = returned.get(key, [])
        if not came or _normal(value) in every:
            continue
        others = list(dict.fromkeys(_said(other) for _step, other in came))
        said = _("The proposal says %(key)s %(value)s; the steps returned %(others)s.")
        words = {"key": key, "value": _said(value), "others": ", ".join(others[:3])}
        places = dict.fromkeys(_place(step) for step, _other in came)
        yield Doubt(CONTRADICTION, said % words, (PROPOSAL, *list(places)[:3]))


# What is not there -------------------------------------------------------------------------------


def _identifiers_from_nowhere(
    package: Mapping[str, Any], proposal: Mapping[str, Any], steps: list[Step]
) -> Iterator[Doubt]:
    sources = [package["request"]["content"], json.dumps(package["identity"], ensure_ascii=False)]
    sources += [json.dumps(step.body, ensure_ascii=False) for step in steps]
    known = "\n".join(sources).casefold()
    for key, value in _leaves(proposal.get("arguments")):
        if not (isinstance(value, str) and _is_identifier(value) and len(value) >= SHORTEST_NAMED):
            continue
        if value.casefold() not in known:
            said = _("The proposal names %(key)s %(value)s, which stands in no step shown here and "
                     "not in the request.")  # fmt: skip
            yield Doubt(MISSING, said % {"key": key, "value": _said(value)}, (PROPOSAL,))


def _errors(steps: list[Step]) -> Iterator[Doubt]:
    """Yield what ended in an error, unless it was done again and came to something."""
    failed: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        if step.kind == StepKind.ERROR:
            failed[step.title].append(step)
        elif step.title in failed and not _is_silent(step):
            del failed[step.title]
    for title, found in failed.items():
        said = ngettext(
            "%(step)s ended in an error: what it was to find out or to do is not known.",
            "%(step)s ended in an error %(count)s times: what it was to find out or to do is not "
            "known.",
            len(found),
        )
        places = tuple(_place(step) for step in found[:5])
        yield Doubt(MISSING, said % {"step": title, "count": len(found)}, places)


def _calls_without_output(steps: list[Step]) -> Iterator[Doubt]:
    silent = [step for step in steps if step.kind == StepKind.TOOL_CALL and _is_silent(step)]
    for step in silent[:3]:
        said = _("%(step)s came without an output.") % {"step": step.title}
        yield Doubt(MISSING, said, (_place(step),))
    if silent[3:]:
        said = _("%(count)s more calls came without an output.") % {"count": len(silent) - 3}
        yield Doubt(MISSING, said, tuple(_place(step) for step in silent[3:8]))


def _is_silent(step: Step) -> bool:
    return step.body.get("output") is None and not step.body.get("text")


def _long_pauses(steps: list[Step]) -> Iterator[Doubt]:
    for before, step in pairwise(steps):
        if (pause := step.at - before.ended_at) >= LONG_PAUSE:
            said = _("%(pause)s passed before %(step)s: what came before it may be out of date.")
            words = {"pause": wording.span(pause), "step": step.title}
            yield Doubt(MISSING, said % words, (_place(before), _place(step)))


def _empty_parts(package: Mapping[str, Any], steps: list[Step]) -> Iterator[Doubt]:
    identity = package["identity"]
    user = identity.get("user") or {}
    if not package["request"]["content"].strip():
        yield Doubt(MISSING, _("The request is empty."), (REQUEST,))
    if not package.get("steps") and not steps:
        said = _("There are no steps: nothing shows how the agent came to ask.")
        yield Doubt(MISSING, said, (Place("the steps", "chain"),))
    lacking = [
        name
        for name, given in (
            (_("nobody for whom the agent acts"), user.get("id") or user.get("name")),
            (_("no tenant"), identity.get("tenant")),
            (_("no authority"), identity.get("authority")),
        )
        if not given
    ]
    if lacking:
        said = _("The package names %(what)s.") % {"what": _(" and ").join(lacking)}
        yield Doubt(MISSING, said, (IDENTITY,))


# Values ------------------------------------------------------------------------------------------


def _scalar(value: Any) -> bool:
    return isinstance(value, (str, int, float, bool))


def _leaves(value: Any, key: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield every scalar with its own key; an item of a list has that of the list."""
    if isinstance(value, dict):
        for name, item in value.items():
            # {"amount": {"amount": "9.00", "currency": "EUR"}} is one amount
            if depth < DEEPEST:
                yield from _leaves(item, name, depth + 1)
    elif isinstance(value, list):
        for item in value:
            if depth < DEEPEST:
                yield from _leaves(item, key, depth + 1)
    elif _scalar(value):
        yield key, value


def _is_identifier(text: str) -> bool:
    """Return whether a text names one thing: it has a digit, and is no number, date or prose."""
    text = text.strip()
    if _number(text) is not None and not (text.isdigit() and len(text) >= 5):
        return False
    return bool(IDENTIFIER.fullmatch(text)) and not DATE.fullmatch(text)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _normal(value: Any) -> str:
    """Return a value for comparing: 412.5 is "412.50", spaces and capitals do not matter."""
    number = _number(value)
    if number is not None:
        return str(number.normalize())
    return re.sub(r"\s+", "", str(value)).casefold()


def _said(value: Any) -> str:
    return wording.value(value)


def _money(money: Mapping[str, Any]) -> str:
    return wording.money(Decimal(money["amount"]), money["currency"])


def _place(step: Step) -> Place:
    return Place(step.title, f"step-{step.position}")
