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
from itertools import islice, pairwise
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalation.enums import StepKind
from escalation.money.amounts import Reader
from escalation.money.declared import Registration
from escalation.money.moved import Moved
from reviewers import overlimit, wording
from reviewers.words import json_in_text

CONTRADICTION, MISSING = "contradiction", "missing"
LONG_PAUSE = timedelta(hours=1)
DEEPEST = 12
MOST_VALUES = 8_000  # of all steps, and of a proposal's arguments, that are compared
MOST_KEYS = 200  # of one answer that are held against those of others
MOST_NAMED = 30  # identifiers of a proposal that are looked for
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


class _Read:
    """A step with what its call was given and answered: JSON in texts read, wrappers taken off."""

    def __init__(self, step: Step) -> None:
        self.position, self.title, self.kind = step.position, step.title, step.kind
        self.at, self.ended_at, self.body = step.at, step.ended_at, step.body
        self.given = json_in_text.meaning(step.body.get("input"))
        self.came = json_in_text.meaning(step.body.get("output"))
        if self.came is None and isinstance(
            said := json_in_text.meaning(step.body.get("text")), (dict, list)
        ):
            self.came = said  # a message of a tool


Value = tuple[_Read, str, str, Any]  # of which step, "given", "came" or "wrapper", key, value

REQUEST = Place("the request", "request")
PROPOSAL = Place("the proposal", "proposal")
IDENTITY = Place("whom it acts for", "identity")


def find(
    package: Mapping[str, Any], shown: Iterable[Step], moved: Moved | None = None
) -> list[Doubt]:
    """Return what there is to doubt, contradictions first; ``shown`` are the steps that may be seen.

    ``moved`` is what the proposal moves; None: as it is read without its agent's registration.
    Of very many values only the first MOST_VALUES are compared.
    """
    steps = [_Read(step) for step in shown]
    proposal = package["proposal"] or {}
    values = list(islice(_values(steps), MOST_VALUES))
    moved = moved or Reader.of(package, Registration()).proposed()
    found = [
        *_answers_that_differ(steps),
        *_other_values_of_one_thing(steps),
        *(Doubt(CONTRADICTION, said, (PROPOSAL,)) for said in overlimit.differing(moved)),
        *(Doubt(MISSING, said, (PROPOSAL,)) for said in overlimit.unread(moved)),
        *_arguments_that_no_step_returned(proposal, values, moved),
        *_identifiers_from_nowhere(package, proposal, steps, values),
        *_errors(steps),
        *_calls_without_output(steps),
        *_long_pauses(steps),
        *_empty_parts(package, steps),
    ]
    return sorted(found, key=lambda doubt: doubt.kind != CONTRADICTION)


# Contradictions ----------------------------------------------------------------------------------


def _answers_that_differ(steps: list[_Read]) -> Iterator[Doubt]:
    """Yield calls that were made twice with the same input and answered otherwise."""
    before: dict[str, _Read] = {}
    for step in steps:
        given, came = step.given, step.came
        if step.kind != StepKind.TOOL_CALL or given is None or came is None:
            continue
        asked = json.dumps([step.title, given], sort_keys=True)
        first = before.setdefault(asked, step)
        was = first.came
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


def _other_values_of_one_thing(steps: list[_Read]) -> Iterator[Doubt]:
    """Yield keys that different calls answered otherwise on what bears the same identifiers."""
    told: dict[str, list[tuple[_Read, Any]]] = defaultdict(list)
    for step in steps:
        came = step.came
        if isinstance(came, dict):
            for key, value in islice(came.items(), MOST_KEYS):
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


def _is_set_by(step: _Read, key: str, value: Any) -> bool:
    """Return whether a call was told to make the value what it then answered."""
    given = step.given
    return isinstance(given, dict) and key in given and _normal(given[key]) == _normal(value)


def _are_of_one_thing(one: _Read, other: _Read) -> bool:
    """Return whether two steps name the same identifiers, and none that differs under one key."""
    mine, theirs = _named(one), _named(other)
    both = mine.keys() & theirs.keys()
    return bool(both) and all(mine[key] == theirs[key] for key in both)


def _named(step: _Read) -> dict[str, str]:
    """Return the identifiers that a step names, by key."""
    sides = [step.given, step.came]
    return {key: value for side in sides if isinstance(side, dict)
            for key, value in islice(side.items(), MOST_KEYS)
            if isinstance(value, str) and (_is_identifier(value) or key.endswith("_id"))}  # fmt: skip


def _arguments_that_no_step_returned(
    proposal: Mapping[str, Any], values: list[Value], moved: Moved
) -> Iterator[Doubt]:
    """Yield arguments of which steps returned other values, and none the one that is proposed."""
    returned: dict[str, list[tuple[_Read, Any]]] = defaultdict(list)
    every: set[str] = set()
    for step, side, key, value in values:
        every.add(_normal(value))
        if side == "came":
            returned[_bare(key)].append((step, value))
    amounts = {one.pointer.rpartition("/")[2]: one.amount for one in moved.found}
    told: set[tuple[str, str]] = set()
    for key, value in sorted(_arguments(proposal), key=lambda one: one[0]):
        if isinstance(value, bool) or key.casefold() in GENERIC - {"total"}:
            continue
        came = returned.get(_bare(key), [])
        if not came or _normal(value) in every or (key, _normal(value)) in told:
            continue
        if key in amounts and _normal(str(amounts[key])) in every:
            continue  # the same in minor units
        told.add((key, _normal(value)))
        others = list(dict.fromkeys(_said(other) for _step, other in came))
        said = _("The proposal says %(key)s %(value)s; the steps returned %(others)s.")
        words = {"key": key, "value": _said(value), "others": ", ".join(others[:3])}
        places = dict.fromkeys(_place(step) for step, _other in came)
        yield Doubt(CONTRADICTION, said % words, (PROPOSAL, *list(places)[:3]))


def _values(steps: list[_Read]) -> Iterator[Value]:
    """Yield every value of the steps, with its step, its side and its key."""
    for step in steps:
        for side, name in (("given", "input"), ("came", "output")):
            inner, whole = getattr(step, side), step.body.get(name)
            for key, value in _leaves(inner):
                yield step, side, key, value
            # what the wrapper itself says is known, though no answer of the call
            for key, value in () if inner is whole else _leaves(whole):
                yield step, "wrapper", key, value


def _arguments(proposal: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return list(islice(_leaves(json_in_text.meaning(proposal.get("arguments"))), MOST_VALUES))


def _bare(key: str) -> str:
    """Return a key for comparing: ``orderId`` is ``order_id``."""
    return key.casefold().replace("_", "").replace("-", "")


# What is not there -------------------------------------------------------------------------------


def _identifiers_from_nowhere(
    package: Mapping[str, Any],
    proposal: Mapping[str, Any],
    steps: list[_Read],
    values: list[Value],
) -> Iterator[Doubt]:
    sources = [package["request"]["content"], json.dumps(package["identity"], ensure_ascii=False)]
    sources += [json.dumps(step.body, ensure_ascii=False) for step in steps]
    sources += [value for _step, _side, _key, value in values
                if isinstance(value, str) and len(value) <= 64]  # fmt: skip
    known = "\n".join(sources).casefold()
    named = {
        value: key
        for key, value in _arguments(proposal)
        if isinstance(value, str) and len(value) >= SHORTEST_NAMED and _is_identifier(value)
    }
    for value, key in islice(named.items(), MOST_NAMED):
        if value.casefold() not in known:
            said = _("The proposal names %(key)s %(value)s, which stands in no step shown here and "
                     "not in the request.")  # fmt: skip
            yield Doubt(MISSING, said % {"key": key, "value": _said(value)}, (PROPOSAL,))


def _errors(steps: list[_Read]) -> Iterator[Doubt]:
    """Yield what ended in an error, unless it was done again and came to something."""
    failed: dict[str, list[_Read]] = defaultdict(list)
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


def _calls_without_output(steps: list[_Read]) -> Iterator[Doubt]:
    silent = [step for step in steps if step.kind == StepKind.TOOL_CALL and _is_silent(step)]
    for step in silent[:3]:
        said = _("%(step)s came without an output.") % {"step": step.title}
        yield Doubt(MISSING, said, (_place(step),))
    if silent[3:]:
        said = _("%(count)s more calls came without an output.") % {"count": len(silent) - 3}
        yield Doubt(MISSING, said, tuple(_place(step) for step in silent[3:8]))


def _is_silent(step: _Read) -> bool:
    return step.body.get("output") is None and not step.body.get("text")


def _long_pauses(steps: list[_Read]) -> Iterator[Doubt]:
    for before, step in pairwise(steps):
        if (pause := step.at - before.ended_at) >= LONG_PAUSE:
            said = _("%(pause)s passed before %(step)s: what came before it may be out of date.")
            words = {"pause": wording.span(pause), "step": step.title}
            yield Doubt(MISSING, said % words, (_place(before), _place(step)))


def _empty_parts(package: Mapping[str, Any], steps: list[_Read]) -> Iterator[Doubt]:
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
    """Yield every scalar with its own key; an item of a list has that of the list.

    A text that is JSON is what it holds.
    """
    if isinstance(value, str) and depth < DEEPEST:
        value = json_in_text.read(value)
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


def _place(step: _Read) -> Place:
    return Place(step.title, f"step-{step.position}")
