"""An SLA policy in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from escalation.enums import Because, Protocol, Stakes
from escalation.values import durations
from routing.enums import Rung

if TYPE_CHECKING:
    from escalation.protocol import Review
    from routing.sla.policy import Promise, Sla, Step

DONE = {"first_response": "read", "claim": "taken", "decision": "decided"}
STARTS = {"first_response": "reads it", "claim": "takes it", "decision": "decides"}
REVIEWED = {
    Protocol.OPEN: "open",
    Protocol.EVIDENCE_FIRST: "evidence first",
    Protocol.COMMIT_FIRST: "commit first",
    Protocol.TWO_BLIND: "two people, each blind to the other",
}
GIVEN = {
    Because.OPTIONAL: "a reason may be given",
    Because.LISTED: "a listed reason",
    Because.WRITTEN: "a listed reason and why in words",
}
PAUSED = {"information_requested": "waits for information", "held": "is held"}


def listed(words: Iterable[str], last: str = "and") -> str:
    *before, final = words
    return f"{', '.join(before)} {last} {final}" if before else final


def deadlines(sla: Sla) -> Iterator[str]:
    """Yield ``High: taken within 15 min, decided within 2 h of working time.`` for each stakes."""
    for stakes in Stakes:
        yield f"{stakes.label.capitalize()}: {promises(sla.targets.get(stakes, {}))}."


def chain(sla: Sla) -> str:
    said = steps(sla.chain.steps, working=sla.chain.working)
    boundary = ""
    if sla.chain.steps[-1].do == Rung.DO_NOTHING:
        boundary = "; a boundary case is denied instead"
    return f"If nobody {STARTS[sla.chain.starts_at]} in time: {said}{boundary}."


def rest(sla: Sla) -> Iterator[str]:
    if sla.warnings:
        yield f"A warning at {listed(f'{percent} %' for percent in sla.warnings)} of each."
    if sla.longest_pause is not None:
        reasons = listed((PAUSED[reason] for reason in sla.pauses), "or")
        longest = durations.said(sla.longest_pause)
        yield f"The clocks stop while a case {reasons}, for {longest} at most."
    else:
        yield "Nothing stops the clocks."
    if sla.through_quiet_hours:
        yield f"Notices of {listed(sla.through_quiet_hours)} stakes break through quiet hours."
    if sla.shows_question:
        yield "Messages show the question in one line."
    if sla.decide_in_chat:
        yield "Low stakes may be answered from the chat message."


def reviews(sla: Sla) -> Iterator[str]:
    """Yield ``High stakes: commit first; goes out after 30 s; a listed reason and why in words.``"""
    for stakes in Stakes:
        yield f"{stakes.label.capitalize()} stakes: {review(sla.review[stakes])}."


def review(given: Review) -> str:
    said = [REVIEWED[given.protocol], f"goes out {leaves(given)}", GIVEN[given.because]]
    if given.step_up:
        said.append("who signs proves again who they are")
    return "; ".join(said)


def leaves(given: Review) -> str:
    """Return how long after it was signed an answer goes out: ``after 30 s``, ``at once``."""
    return f"after {durations.said(given.hold_window)}" if given.hold_window else "at once"


def reasons(sla: Sla) -> str:
    return f"Reasons: {' · '.join(one.label for one in sla.reasons) or 'none are listed'}."


def promises(given: Mapping[str, Promise]) -> str:
    """Return ``taken within 15 min, decided within 2 h of working time``."""
    said = []
    in_order = [(kind, given[kind]) for kind in DONE if kind in given]
    following = [promise.working for _, promise in in_order[1:]] + [None]
    for (kind, promise), after in zip(in_order, following, strict=False):
        within = f"within {promise.said}" if promise.within else "at once"
        if promise.within and after != promise.working:  # said once for all that are counted alike
            within += " of working time" if promise.working else " around the clock"
        said.append(f"{DONE[kind]} {within}")
    return ", ".join(said) or "no deadline"


def steps(given: Iterable[Step], *, working: bool) -> str:
    """Return ``a reminder, after 10 min the secondary on call, after 15 min more it is denied``."""
    said: list[str] = []
    before = None
    for step in given:
        what = f"it is {step.do.label}" if step.is_terminal else str(step.do.label)
        said.append(f"{_after(before, working, more=len(said) > 1)}{what}")
        before = step
    return ", ".join(said)


def _after(before: Step | None, working: bool, *, more: bool) -> str:
    if before is None:
        return ""
    if not before.wait:
        return "at once "
    counted = " of working time" if working else ""
    span = durations.said(before.wait, days=not working)
    return f"after {span}{counted}{' more' if more else ''} "
