"""The record of a case as sentences, in order: who did what, when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from escalation import actors
from escalation.enums import (
    Asked,
    FallbackEnd,
    IncidentKind,
    PauseReason,
    ResumptionResult,
    Target,
    TriggerType,
)
from escalation.ledger import Line
from escalation.models import Case, Role

ERASED = gettext_lazy("(erased)")
NULLABLE = ("parameters", "arguments")  # where null is a value, not what was erased


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
    is_reading = sentence.action in ("case.viewed", "case.previewed")
    return (sentence.action, sentence.who) if is_reading else (id(sentence),)


def _together(run: list[Sentence]) -> Sentence:
    if len(run) == 1:
        return run[0]
    said = _("%(what)s, %(count)d times") % {"what": run[0].what, "count": len(run)}
    return replace(run[0], what=said, until=run[-1].at)


def _private(line: Line, name: str) -> Any:
    """Return a private value; ``ERASED`` when it is no longer there, None when there never was one."""
    if name not in line.private:
        return None
    return ERASED if line.private[name] is None and name not in NULLABLE else line.private[name]


def _line(
    line: Line, names: dict[str, str], labels: dict[str, str], roles: dict[str, str]
) -> Sentence:
    who = names.get(line.actor, line.actor)
    if line.action in PLAIN:
        said, written = PLAIN[line.action]
        what, quote = str(said), _private(line, written)
    elif line.action in NAMING:
        what, quote = NAMING[line.action](line, names, roles)
    else:
        what, quote = SENTENCES.get(line.action, _unknown)(line, labels, roles)
    return Sentence(line.at, line.action, who, what, quote or "")


Said = tuple[str, str | None]
Words = dict[str, str]


def _opened(line: Line, labels: Words, roles: Words) -> Said:
    kinds = sorted({trigger[0] for trigger in line.facts.get("triggers", [])})
    said = ", ".join(str(TriggerType(kind).label) for kind in kinds)
    return _("stopped and asked (%(triggers)s)") % {"triggers": said}, None


def _handed_off(line: Line, names: Words, roles: Words) -> Said:
    facts = line.facts
    given = {
        "role": roles.get(facts["role"], facts["role"]),
        "person": names.get(f"user:{facts.get('user')}", ""),
        "reason": REASONS.get(facts["reason"], facts["reason"]),
    }
    passed_over = _private(line, "passed_over") or []
    quote = passed_over if passed_over == ERASED else "\n".join(passed_over)
    if given["person"]:
        return _("gave it to %(role)s, to %(person)s, %(reason)s") % given, quote
    return _("gave it to %(role)s, %(reason)s") % given, quote


def _lapsed(line: Line, names: Words, roles: Words) -> Said:
    person = _named(line, names)
    said = _("gave it back to its role: the lease of %(person)s had ended")
    return said % {"person": person}, None


def _added(line: Line, labels: Words, roles: Words) -> Said:
    count = len(line.facts["steps"])
    said = ngettext("added %(count)d step of evidence", "added %(count)d steps of evidence", count)
    return said % {"count": count}, None


def _decided(line: Line, labels: Words, roles: Words) -> Said:
    key = line.facts["option"]
    said = _("decided: %(option)s") % {"option": labels.get(key, key)}
    return said, _private(line, "rationale")


def _passed_up(line: Line, labels: Words, roles: Words) -> Said:
    return _("passed it up to %(role)s") % _role(line, roles), _private(line, "rationale")


def _delivered(line: Line, labels: Words, roles: Words) -> Said:
    tries = line.facts.get("attempts", 1)
    if tries == 1:
        return _("told the agent"), None
    return _("told the agent, at try %(number)d") % {"number": tries}, None


def _given_up(line: Line, labels: Words, roles: Words) -> Said:
    said = _("gave up telling the agent after %(tries)s tries")
    return said % {"tries": line.facts.get("attempts")}, line.facts.get("error")


def _resumed(line: Line, labels: Words, roles: Words) -> Said:
    result = ResumptionResult(line.facts["result"]).label
    return _("went on: %(result)s") % {"result": result}, _private(line, "detail")


def _moved(line: Line, labels: Words, roles: Words) -> Said:
    return _("moved it to %(role)s") % _role(line, roles), _private(line, "reason")


def _snoozed(line: Line, labels: Words, roles: Words) -> Said:
    said = _("put it aside until %(time)s") % {"time": _at(line, "until")}
    return said, _private(line, "reason")


def _held(line: Line, labels: Words, roles: Words) -> Said:
    reason = _private(line, "reason")
    if line.facts.get("stopped"):
        return _("held it: its agent was stopped"), reason
    said = _("held it until somebody takes it up")
    if until := _at(line, "until"):
        said = _("held it until %(time)s") % {"time": until}
    return _clocks(line, said), reason


def _asked(line: Line, labels: Words, roles: Words) -> Said:
    said = _("asked the agent, and waits until %(time)s")
    if line.facts.get("of") == Asked.REQUESTER:
        said = _("asked the requester, through the agent, and waits until %(time)s")
    return _clocks(line, said % {"time": _at(line, "until")}), _private(line, "text")


def _asked_opinion(line: Line, names: Words, roles: Words) -> Said:
    said = _("asked %(person)s for an opinion") % {"person": _named(line, names)}
    return said, _private(line, "note")


def _judged_needless(line: Line, labels: Words, roles: Words) -> Said:
    needless = line.facts.get("needless")  # None: withheld
    if needless is None:
        return _("judged whether it should have been escalated"), None
    if needless:
        return _("said that it should not have been escalated"), None
    return _("took back that it should not have been escalated"), None


def _reported_incident(line: Line, labels: Words, roles: Words) -> Said:
    kind = IncidentKind(line.facts["kind"]).label
    return _("reported a serious incident: %(kind)s") % {"kind": kind}, _private(line, "text")


def _taken_up(line: Line, labels: Words, roles: Words) -> Said:
    waited_for = line.facts["waited_for"]
    if waited_for == PauseReason.INFORMATION_REQUESTED:
        return _("took it up again after nothing came"), None
    if waited_for == PauseReason.STOPPED:
        return _("took it up again after its agent was started again"), None
    return _("took it up again after it was held"), None


def _answered(line: Line, labels: Words, roles: Words) -> Said:
    said = _("answered, as one of %(number)s who must agree")
    return said % {"number": line.facts["of"]}, None


def _committed(line: Line, labels: Words, roles: Words) -> Said:
    said = _("answered before what the agent recommends was shown")
    if option := _chosen(line, labels):
        said = _("answered before what the agent recommends was shown: %(option)s")
        said %= {"option": option}
    return said, _private(line, "rationale")


def _signed(line: Line, labels: Words, roles: Words) -> Said:
    given = {"option": _chosen(line, labels), "time": _at(line, "release_at", "H:i:s")}
    said = _("signed, to go out at %(time)s")
    if given["option"]:
        said = _("signed: %(option)s, to go out at %(time)s")
    return said % given, _private(line, "rationale")


def _opened_step(line: Line, labels: Words, roles: Words) -> Said:
    said = _("opened step %(position)s of the evidence")
    return said % {"position": line.facts["position"]}, None


def _overturned(line: Line, labels: Words, roles: Words) -> Said:
    key = line.facts["option"]
    said = _("overturned what stood: %(option)s") % {"option": labels.get(key, key)}
    return said, _private(line, "rationale")


def _fell_back(line: Line, labels: Words, roles: Words) -> Said:
    said = _("%(ended)s it by the fallback of %(policy)s: nobody of %(role)s answered")
    ended = FallbackEnd(line.facts["fallback"]).label
    return said % {**_role(line, roles), "ended": ended, "policy": line.facts["policy"]}, None


def _warned(line: Line, labels: Words, roles: Words) -> Said:
    said = _("warned: %(share)s of the time for the %(target)s is used")
    given = {"share": f"{line.facts['percent']} %", "target": Target(line.facts["target"]).label}
    return said % given, None


def _breached(line: Line, labels: Words, roles: Words) -> Said:
    target = Target(line.facts["target"])
    if target == Target.FALLBACK:
        return _("waited in vain after the last step"), None
    said = _("saw the %(target)s missed, due %(time)s")
    return said % {"target": target.label, "time": _at(line, "due_at")}, None


def _stepped(line: Line, labels: Words, roles: Words) -> Said:
    facts = line.facts
    given = {"step": STEPS.get(facts["do"], facts["do"]), "why": facts["skipped"]}
    if given["why"]:
        return _("passed over a step, %(step)s: %(why)s") % given, None
    return _("took the next step: %(step)s") % given, None


def _unknown(line: Line, labels: Words, roles: Words) -> Said:
    return line.action.replace(".", " ").replace("_", " "), None


# What they are put together from -------------------------------------------------------------------


def _role(line: Line, roles: Words) -> Words:
    slug = line.facts["role"]
    return {"role": roles.get(slug, slug)}


def _named(line: Line, names: Words) -> str:
    return names.get(f"user:{line.facts['user']}") or _("somebody")


def _chosen(line: Line, labels: Words) -> str:
    """Return which answer it was; nothing where that is withheld from the reader."""
    key = _private(line, "option")
    return labels.get(key, key) if key else ""


def _at(line: Line, name: str, form: str = "H:i") -> str:
    """Return an instant of an event on the reader's wall clock."""
    said = line.facts.get(name)
    if not said:
        return ""
    local = timezone.localtime(datetime.fromisoformat(said))
    return date_format(local, form if local.date() == timezone.localdate() else f"j M, {form}")


def _clocks(line: Line, said: str) -> str:
    return (
        said
        if line.facts.get("stops_clocks")
        else _("%(said)s; its clocks run on") % {"said": said}
    )


REASONS = {
    "wished": gettext_lazy("as the agent wished"),
    "default": gettext_lazy("by the default route"),
    "authority": gettext_lazy("since it is beyond the role asked for"),
    "passed_up": gettext_lazy("passed up"),
    "returned": gettext_lazy("given back by who had it"),
    "routed": gettext_lazy("by the route that took it"),
    "claimed": gettext_lazy("who took it"),
    "handed_over": gettext_lazy("with a note"),
    "shift": gettext_lazy("as the shift changed"),
    "waited": gettext_lazy("now that somebody can be asked"),
    "second": gettext_lazy("for another answer"),
    "arbiter": gettext_lazy("to settle two answers that differ"),
    "lapsed": gettext_lazy("as the lease on it had ended"),
    "moved": gettext_lazy("moved by a person"),
    "secondary": gettext_lazy("next in line, as nobody had answered"),
    "backup": gettext_lazy("its backup, as nobody had answered"),
    "higher": gettext_lazy("the higher role, as nobody had answered"),
}
STEPS = {
    "remind": gettext_lazy("a reminder"),
    "secondary": gettext_lazy("the next in line"),
    "backup_role": gettext_lazy("the backup role"),
    "higher_role": gettext_lazy("the higher role"),
    "hold": gettext_lazy("hold it"),
    "deny": gettext_lazy("deny it"),
    "do_nothing": gettext_lazy("close it without action"),
}
PLAIN = {  # the same words each time, with what was written with it
    "case.viewed": (gettext_lazy("opened the package"), ""),
    "case.previewed": (gettext_lazy("looked at it beside the queue"), ""),
    "case.snooze_ended": (gettext_lazy("took it back into their queue"), ""),
    "audit.read": (gettext_lazy("read it as an auditor"), ""),
    "decision.collected": (gettext_lazy("fetched the decision"), ""),
    "case.claimed": (gettext_lazy("took it"), ""),
    "case.commented": (gettext_lazy("commented"), ""),
    "case.opinion_given": (gettext_lazy("gave the opinion that was asked for"), ""),
    "case.released": (gettext_lazy("let the signed answer go out"), ""),
    "case.undone": (gettext_lazy("took the signed answer back before it went out"), ""),
    "case.overtaken": (
        gettext_lazy("overtook the signed answer with new evidence: it does not go out"),
        "",
    ),
    "incident.closed": (gettext_lazy("closed the incident"), "conclusion"),
    "case.information_given": (gettext_lazy("answered what was asked"), "text"),
    "case.withdrawn": (gettext_lazy("withdrew the question"), "reason"),
}
NAMING = {  # a person other than who did it
    "case.handed_off": _handed_off,
    "case.lapsed": _lapsed,
    "case.opinion_asked": _asked_opinion,
}
SENTENCES = {
    "case.opened": _opened,
    "case.evidence_added": _added,
    "case.decided": _decided,
    "case.passed_up": _passed_up,
    "delivery.delivered": _delivered,
    "delivery.given_up": _given_up,
    "case.resumed": _resumed,
    "case.moved": _moved,
    "case.snoozed": _snoozed,
    "case.held": _held,
    "case.information_requested": _asked,
    "case.taken_up": _taken_up,
    "case.judged_needless": _judged_needless,
    "incident.reported": _reported_incident,
    "case.answered": _answered,
    "case.overturned": _overturned,
    "case.committed": _committed,
    "case.signed": _signed,
    "evidence.opened": _opened_step,
    "case.fell_back": _fell_back,
    "case.fallback_step": _stepped,
    "clock.warned": _warned,
    "clock.breached": _breached,
}
