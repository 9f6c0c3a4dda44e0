"""The record of a case as sentences, in order: who did what, when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils import timezone

from escalation import actors
from escalation.enums import FallbackEnd, IncidentKind, Target
from escalation.ledger import Line
from escalation.models import Case, Role

ERASED = "(erased)"


@dataclass(frozen=True)
class Sentence:
    at: datetime
    action: str
    who: str
    what: str
    quote: str = ""  # from outside: shown inert
    until: datetime | None = None  # the last of several alike


def told(lines: list[Line], case: Case) -> list[Sentence]:
    turns = [f"user:{line.facts['user']}" for line in lines if line.facts.get("user")]
    names = actors.names([*(line.actor for line in lines), *turns])
    labels = {option.key: option.label for option in case.options.all()}
    roles = dict(Role.objects.values_list("slug", "name"))
    told = [_line(line, names, labels, roles) for line in lines]
    return [_together(list(run)) for _, run in groupby(told, _sameness)]


def _sameness(sentence: Sentence) -> tuple[object, ...]:
    """Readings by one person in a row are told once; everything else stands alone."""
    return ("read", sentence.who) if sentence.action == "case.viewed" else (id(sentence),)


def _together(run: list[Sentence]) -> Sentence:
    if len(run) == 1:
        return run[0]
    return replace(run[0], what=f"{run[0].what}, {len(run)} times", until=run[-1].at)


def _private(line: Line, name: str) -> Any:
    """Return a private value; ``ERASED`` when it is no longer there, None when there never was one."""
    if name not in line.private:
        return None
    return ERASED if line.private[name] is None and name != "parameters" else line.private[name]


def _line(
    line: Line, names: dict[str, str], labels: dict[str, str], roles: dict[str, str]
) -> Sentence:
    who = names.get(line.actor, line.actor)
    if line.action in NAMING:
        what, quote = NAMING[line.action](line, names, roles)
    else:
        what, quote = SENTENCES.get(line.action, _plain)(line, labels, roles)
    return Sentence(line.at, line.action, who, what, quote or "")


Said = tuple[str, str | None]
Words = dict[str, str]


def _opened(line: Line, labels: Words, roles: Words) -> Said:
    kinds = sorted({trigger[0] for trigger in line.facts.get("triggers", [])})
    return f"stopped and asked ({', '.join(kinds)})", None


def _handed_off(line: Line, names: Words, roles: Words) -> Said:
    facts = line.facts
    to, reason = roles.get(facts["role"], facts["role"]), facts["reason"]
    turn = names.get(f"user:{facts.get('user')}", "")
    whose = f", to {turn}" if turn else ""
    passed_over = _private(line, "passed_over") or []
    quote = passed_over if passed_over == ERASED else "\n".join(passed_over)
    return f"gave it to {to}{whose}, {REASONS.get(reason, reason)}", quote


def _lapsed(line: Line, names: Words, roles: Words) -> Said:
    whose = names.get(f"user:{line.facts['user']}", "somebody")
    return f"gave it back to its role: the lease of {whose} had ended", None


def _viewed(line: Line, labels: Words, roles: Words) -> Said:
    return "opened the package", None


def _read(line: Line, labels: Words, roles: Words) -> Said:
    return "read it as an auditor", None


def _added(line: Line, labels: Words, roles: Words) -> Said:
    count = len(line.facts["steps"])
    return f"added {count} step{'' if count == 1 else 's'} of evidence", None


def _decided(line: Line, labels: Words, roles: Words) -> Said:
    key = line.facts["option"]
    return f"decided: {labels.get(key, key)}", _private(line, "rationale")


def _passed_up(line: Line, labels: Words, roles: Words) -> Said:
    return f"passed it up to {roles.get(line.facts['role'], line.facts['role'])}", _private(
        line, "rationale"
    )


def _withdrawn(line: Line, labels: Words, roles: Words) -> Said:
    return "withdrew the question", _private(line, "reason")


def _delivered(line: Line, labels: Words, roles: Words) -> Said:
    tries = line.facts.get("attempts", 1)
    return f"told the agent{'' if tries == 1 else f', at try {tries}'}", None


def _given_up(line: Line, labels: Words, roles: Words) -> Said:
    return f"gave up telling the agent after {line.facts.get('attempts')} tries", line.facts.get(
        "error"
    )


def _collected(line: Line, labels: Words, roles: Words) -> Said:
    return "fetched the decision", None


def _resumed(line: Line, labels: Words, roles: Words) -> Said:
    return f"went on: {line.facts['result']}", _private(line, "detail")


def _claimed(line: Line, labels: Words, roles: Words) -> Said:
    return "took it", None


def _moved(line: Line, labels: Words, roles: Words) -> Said:
    to = line.facts["role"]
    return f"moved it to {roles.get(to, to)}", _private(line, "reason")


def _snoozed(line: Line, labels: Words, roles: Words) -> Said:
    return f"put it aside until {_at(line, 'until')}", _private(line, "reason")


def _held(line: Line, labels: Words, roles: Words) -> Said:
    until = _at(line, "until")
    if line.facts.get("stopped"):
        return "held it: its agent was stopped", _private(line, "reason")
    return (
        f"held it{f' until {until}' if until else ' until somebody takes it up'}{_clocks(line)}",
        (_private(line, "reason")),
    )


def _asked(line: Line, labels: Words, roles: Words) -> Said:
    whom = (
        "the requester, through the agent" if line.facts.get("of") == "requester" else "the agent"
    )
    return f"asked {whom}, and waits until {_at(line, 'until')}{_clocks(line)}", (
        _private(line, "text")
    )


def _commented(line: Line, labels: Words, roles: Words) -> Said:
    return "commented", None  # what was said stands among the comments, for who may see it


def _asked_opinion(line: Line, names: Words, roles: Words) -> Said:
    of = names.get(f"user:{line.facts['user']}", "somebody")
    return f"asked {of} for an opinion", _private(line, "note")


def _gave_opinion(line: Line, labels: Words, roles: Words) -> Said:
    return "gave the opinion that was asked for", None


def _judged_needless(line: Line, labels: Words, roles: Words) -> Said:
    needless = line.facts.get("needless")  # None: withheld
    if needless is None:
        return "judged whether it should have been escalated", None
    if needless:
        return "said that it should not have been escalated", None
    return "took back that it should not have been escalated", None


def _reported_incident(line: Line, labels: Words, roles: Words) -> Said:
    kind = IncidentKind(line.facts["kind"]).label
    return f"reported a serious incident: {kind}", _private(line, "text")


def _closed_incident(line: Line, labels: Words, roles: Words) -> Said:
    return "closed the incident", _private(line, "conclusion")


def _gave(line: Line, labels: Words, roles: Words) -> Said:
    return "answered what was asked", _private(line, "text")


def _taken_up(line: Line, labels: Words, roles: Words) -> Said:
    return f"took it up again after {WAITED.get(line.facts['waited_for'], 'it was held')}", None


def _answered(line: Line, labels: Words, roles: Words) -> Said:
    return f"answered, as one of {line.facts['of']} who must agree", None


def _committed(line: Line, labels: Words, roles: Words) -> Said:
    said = "answered before what the agent recommends was shown"
    return f"{said}{_chosen(line, labels)}", _private(line, "rationale")


def _signed(line: Line, labels: Words, roles: Words) -> Said:
    goes_out = _at(line, "release_at", "%H:%M:%S")
    return f"signed{_chosen(line, labels)}, to go out at {goes_out}", _private(line, "rationale")


def _released(line: Line, labels: Words, roles: Words) -> Said:
    return "let the signed answer go out", None


def _undone(line: Line, labels: Words, roles: Words) -> Said:
    return "took the signed answer back before it went out", None


def _overtaken(line: Line, labels: Words, roles: Words) -> Said:
    return "overtook the signed answer with new evidence: it does not go out", None


def _opened_step(line: Line, labels: Words, roles: Words) -> Said:
    return f"opened step {line.facts['position']} of the evidence", None


def _chosen(line: Line, labels: Words) -> str:
    """Return which answer it was; nothing where that is withheld from the reader."""
    key = _private(line, "option")
    return f": {labels.get(key, key)}" if key else ""


def _overturned(line: Line, labels: Words, roles: Words) -> Said:
    key = line.facts["option"]
    said = f"overturned what stood: {labels.get(key, key)}"
    return said, _private(line, "rationale")


def _fell_back(line: Line, labels: Words, roles: Words) -> Said:
    ended = FallbackEnd(line.facts["fallback"]).label
    role = roles.get(line.facts["role"], line.facts["role"])
    return f"{ended} it by the fallback of {line.facts['policy']}: nobody of {role} answered", None


def _warned(line: Line, labels: Words, roles: Words) -> Said:
    target = Target(line.facts["target"]).label
    return f"warned: {line.facts['percent']} % of the time for the {target} is used", None


def _breached(line: Line, labels: Words, roles: Words) -> Said:
    if line.facts["target"] == Target.FALLBACK:
        return "waited in vain after the last step", None
    return f"saw the {Target(line.facts['target']).label} missed, due {_at(line, 'due_at')}", None


def _stepped(line: Line, labels: Words, roles: Words) -> Said:
    what = STEPS.get(line.facts["do"], line.facts["do"])
    if why := line.facts["skipped"]:
        return f"passed over a step, {what}: {why}", None
    return f"took the next step: {what}", None


def _at(line: Line, name: str, form: str = "%H:%M") -> str:
    """Return an instant of an event on the reader's wall clock."""
    said = line.facts.get(name)
    if not said:
        return ""
    local = timezone.localtime(datetime.fromisoformat(said))
    return f"{local:{'' if local.date() == timezone.localdate() else '%-d %b, '}{form}}"


def _clocks(line: Line) -> str:
    return "" if line.facts.get("stops_clocks") else "; its clocks run on"


def _plain(line: Line, labels: Words, roles: Words) -> Said:
    return line.action.replace(".", " ").replace("_", " "), None


REASONS = {
    "wished": "as the agent wished",
    "default": "by the default route",
    "authority": "since it is beyond the role asked for",
    "passed_up": "passed up",
    "returned": "given back by who had it",
    "routed": "by the route that took it",
    "claimed": "who took it",
    "handed_over": "with a note",
    "shift": "as the shift changed",
    "waited": "now that somebody can be asked",
    "second": "for another answer",
    "arbiter": "to settle two answers that differ",
    "lapsed": "as the lease on it had ended",
    "moved": "moved by a person",
    "secondary": "next in line, as nobody had answered",
    "backup": "its backup, as nobody had answered",
    "higher": "the higher role, as nobody had answered",
}
WAITED = {"information_requested": "nothing came", "stopped": "its agent was started again"}
STEPS = {
    "remind": "a reminder",
    "secondary": "the next in line",
    "backup_role": "the backup role",
    "higher_role": "the higher role",
    "hold": "hold it",
    "deny": "deny it",
    "do_nothing": "close it without action",
}
NAMING = {  # a person other than who did it
    "case.handed_off": _handed_off,
    "case.lapsed": _lapsed,
    "case.opinion_asked": _asked_opinion,
}
SENTENCES = {
    "case.opened": _opened,
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
    "case.claimed": _claimed,
    "case.moved": _moved,
    "case.snoozed": _snoozed,
    "case.held": _held,
    "case.information_requested": _asked,
    "case.information_given": _gave,
    "case.taken_up": _taken_up,
    "case.commented": _commented,
    "case.opinion_given": _gave_opinion,
    "case.judged_needless": _judged_needless,
    "incident.reported": _reported_incident,
    "incident.closed": _closed_incident,
    "case.answered": _answered,
    "case.overturned": _overturned,
    "case.committed": _committed,
    "case.signed": _signed,
    "case.released": _released,
    "case.undone": _undone,
    "case.overtaken": _overtaken,
    "evidence.opened": _opened_step,
    "case.fell_back": _fell_back,
    "case.fallback_step": _stepped,
    "clock.warned": _warned,
    "clock.breached": _breached,
}
