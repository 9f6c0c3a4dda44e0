"""The record of a case as sentences, in order: who did what, when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from escalation.ledger import Entry
from escalation.models import Agent, Case, Role, User

ERASED = "(erased)"


@dataclass(frozen=True)
class Line:
    at: datetime
    action: str
    who: str
    what: str
    quote: str = ""  # from outside: shown inert


def told(entries: list[Entry], case: Case) -> list[Line]:
    names = _names(entries)
    labels = {option.key: option.label for option in case.options.all()}
    roles = dict(Role.objects.values_list("slug", "name"))
    return [_line(entry, names, labels, roles) for entry in entries]


def _names(entries: list[Entry]) -> dict[str, str]:
    """Return what each actor of the entries is called."""
    names = {"system:router": "The router", "system:courier": "The courier", "system:operator": "An operator"}
    for model, kind in ((User, "user"), (Agent, "agent")):
        ids = {entry.actor.partition(":")[2] for entry in entries if entry.actor.startswith(f"{kind}:")}
        found = model.objects.in_bulk([UUID(each) for each in ids])
        names |= {f"{kind}:{pk}": str(each) for pk, each in found.items()}
    return names


def _private(entry: Entry, name: str) -> Any:
    """Return a private value; ``ERASED`` when it is no longer there, None when there never was one."""
    if name not in entry.private:
        return None
    return ERASED if entry.private[name] is None and name != "parameters" else entry.private[name]


def _line(entry: Entry, names: dict[str, str], labels: dict[str, str], roles: dict[str, str]) -> Line:
    who = names.get(entry.actor, entry.actor)
    say = SENTENCES.get(entry.action, _plain)
    what, quote = say(entry, labels, roles)
    return Line(entry.at, entry.action, who, what, quote or "")


Said = tuple[str, str | None]
Words = dict[str, str]


def _opened(entry: Entry, labels: Words, roles: Words) -> Said:
    kinds = sorted({trigger[0] for trigger in entry.facts.get("triggers", [])})
    return f"stopped and asked ({', '.join(kinds)})", None


def _handed_off(entry: Entry, labels: Words, roles: Words) -> Said:
    reason = {"wished": "as the agent wished", "default": "by the default route",
              "passed_up": "passed up"}.get(entry.facts["reason"], entry.facts["reason"])  # fmt: skip
    return f"gave it to {roles.get(entry.facts['role'], entry.facts['role'])}, {reason}", None


def _viewed(entry: Entry, labels: Words, roles: Words) -> Said:
    return "opened the package", None


def _read(entry: Entry, labels: Words, roles: Words) -> Said:
    return "read it as an auditor", None


def _added(entry: Entry, labels: Words, roles: Words) -> Said:
    count = len(entry.facts["steps"])
    return f"added {count} step{'' if count == 1 else 's'} of evidence", None


def _decided(entry: Entry, labels: Words, roles: Words) -> Said:
    key = entry.facts["option"]
    return f"decided: {labels.get(key, key)}", _private(entry, "rationale")


def _passed_up(entry: Entry, labels: Words, roles: Words) -> Said:
    return f"passed it up to {roles.get(entry.facts['role'], entry.facts['role'])}", _private(entry, "rationale")


def _withdrawn(entry: Entry, labels: Words, roles: Words) -> Said:
    return "withdrew the question", _private(entry, "reason")


def _delivered(entry: Entry, labels: Words, roles: Words) -> Said:
    tries = entry.facts.get("attempts", 1)
    return f"told the agent{'' if tries == 1 else f', at try {tries}'}", None


def _given_up(entry: Entry, labels: Words, roles: Words) -> Said:
    return f"gave up telling the agent after {entry.facts.get('attempts')} tries", entry.facts.get("error")


def _collected(entry: Entry, labels: Words, roles: Words) -> Said:
    return "fetched the decision", None


def _resumed(entry: Entry, labels: Words, roles: Words) -> Said:
    return f"went on: {entry.facts['result']}", _private(entry, "detail")


def _plain(entry: Entry, labels: Words, roles: Words) -> Said:
    return entry.action.replace(".", " ").replace("_", " "), None


SENTENCES = {
    "case.opened": _opened,
    "case.handed_off": _handed_off,
    "case.viewed": _viewed,
    "audit.read": _read,
    "case.evidence_added": _added,
    "case.decided": _decided,
    "case.passed_up": _passed_up,
    "case.withdrawn": _withdrawn,
    "delivery.delivered": _delivered,
    "delivery.given_up": _given_up,
    "decision.collected": _collected,
    "case.resumed": _resumed,
}
