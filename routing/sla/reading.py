"""Reading the facts of an SLA policy strictly: all that is wrong is told at once, each with its place."""

import re
from datetime import timedelta
from itertools import combinations
from typing import Any

from escalation.canonical import FAULTS_SHOWN
from escalation.canonical import pointer as pointed
from escalation.enums import Because, Protocol, Stakes
from escalation.errors import Fault
from escalation.protocol import LONGEST_WINDOW, Review
from escalation.values import durations
from routing.enums import TERMINAL, CountedIn, Rung
from routing.errors import PolicyRejected
from routing.sla.policy import (
    LONGEST,
    PAUSES,
    TARGETS,
    Chain,
    Promise,
    Reason,
    Sla,
    Step,
    time_word,
)
from routing.sla.words import DONE, listed
from routing.standard import STANDARD

MOST_STEPS, MOST_WARNINGS, LONGEST_NAME = 20, 10, 120
MOST_REASONS, LONGEST_LABEL = 30, 80
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
REASON = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")
NEEDED = ("slug", "name", "targets", "chain")
KEYS = (
    *("slug", "name", "targets", "warnings", "pauses", "longest_pause", "chain"),
    *("through_quiet_hours", "shows_question", "decide_in_chat"),
    *("review", "reasons"),
)


def read(data: Any, pointer: str = "") -> Sla:
    """Return the policy that the facts tell of. Raises PolicyRejected with every fault in them."""
    reader = _Reader()
    found = reader.sla(data, pointer)
    if reader.faults:
        raise PolicyRejected(*reader.faults[:FAULTS_SHOWN])
    return found


class _Reader:
    """Reads facts and gathers what is wrong; what it returns is of use only without a fault."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, pointer: str, message: str) -> None:
        self.faults.append(Fault(pointer, message))

    def sla(self, data: Any, at: str) -> Any:
        facts = self.object(data, at, KEYS, needed=NEEDED)
        pauses = self.chosen(facts.get("pauses", []), f"{at}/pauses", PAUSES)
        return Sla(
            slug=self.slug(facts.get("slug"), f"{at}/slug") if "slug" in facts else "",
            name=self.name(facts.get("name"), f"{at}/name") if "name" in facts else "",
            targets=self.targets(facts.get("targets", {}), f"{at}/targets"),
            warnings=self.warnings(facts.get("warnings", []), f"{at}/warnings"),
            pauses=pauses,
            longest_pause=self.longest_pause(facts, at, pauses),
            chain=self.chain(facts["chain"], f"{at}/chain") if "chain" in facts else None,
            through_quiet_hours=self.chosen(
                facts.get("through_quiet_hours", []), f"{at}/through_quiet_hours", Stakes.values
            ),
            shows_question=self.flag(facts, "shows_question", at),
            decide_in_chat=self.flag(facts, "decide_in_chat", at),
            review=self.reviews(facts.get("review", {}), f"{at}/review"),
            reasons=self.reasons(facts.get("reasons", STANDARD["reasons"]), f"{at}/reasons"),
        )

    def object(
        self, data: Any, at: str, known: Any, *, needed: tuple[str, ...] = (), what: str = ""
    ) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fault(at, "This must be an object: names and their values.")
            return {}
        for key in data:
            if key not in known:
                said = what or "There is no such field"
                self.fault(f"{at}{pointed(str(key))}", f"{said}; known are {listed(known)}.")
        for key in needed:
            if key not in data:
                self.fault(f"{at}/{key}", "This is required.")
        return {key: value for key, value in data.items() if key in known}

    def slug(self, given: Any, at: str) -> str:
        if not isinstance(given, str) or not SLUG.fullmatch(given) or len(given) > 64:
            self.fault(at, "Write a short name of small letters, digits and hyphens, 64 at most.")
        return given

    def name(self, given: Any, at: str) -> str:
        if (
            not isinstance(given, str)
            or not given.strip()
            or len(given) > LONGEST_NAME
            or not given.isprintable()
        ):
            self.fault(at, f"Give a name of {LONGEST_NAME} characters at most.")
        return given

    def flag(self, facts: dict[str, Any], key: str, at: str) -> bool:
        given = facts.get(key, False)
        if not isinstance(given, bool):
            self.fault(f"{at}/{key}", "This must be true or false.")
        return bool(given)

    def chosen(self, given: Any, at: str, known: Any) -> tuple[str, ...]:
        """Return a list of known words in their own order, each once."""
        if not isinstance(given, list):
            self.fault(at, "This must be a list.")
            return ()
        for index, word in enumerate(given):
            if word not in known:
                self.fault(f"{at}/{index}", f"This must be one of {listed(known, 'or')}.")
                return ()
            if word in given[:index]:
                self.fault(f"{at}/{index}", f"{word} stands twice.")
                return ()
        return tuple(word for word in known if word in given)

    def length(self, given: Any, at: str, longest: timedelta, working: bool = False) -> timedelta:
        try:
            found = durations.read(given)
        except ValueError as refusal:
            self.fault(at, str(refusal))
            return timedelta()
        if found > longest:
            most = durations.said(longest, days=not working)
            counted = " of working time" if working else ""
            self.fault(at, f"{most}{counted} is the longest that anybody is kept waiting.")
        return found

    def time(self, facts: dict[str, Any], at: str) -> bool:
        """Return whether ``time`` says working time."""
        given = facts.get("time", CountedIn.WALL)
        if given not in CountedIn.values:
            self.fault(f"{at}/time", f"This must be {listed(CountedIn.values, 'or')}.")
        return bool(given == CountedIn.WORKING)

    # targets

    def targets(self, given: Any, at: str) -> dict[str, dict[str, Promise]]:
        by_stakes = self.object(given, at, Stakes.values, what="There are no such stakes")
        return {
            stakes: self.promises(by_stakes[stakes], f"{at}/{stakes}")
            for stakes in Stakes.values
            if stakes in by_stakes
        }

    def promises(self, given: Any, at: str) -> dict[str, Promise]:
        facts = self.object(given, at, TARGETS, what="There is no such target")
        told = {
            kind: self.promise(facts[kind], f"{at}/{kind}") for kind in TARGETS if kind in facts
        }
        found = {kind: promise for kind, promise in told.items() if promise is not None}
        for sooner, later in combinations(found, 2):
            if _outlasts(found[sooner], found[later]):
                self.fault(
                    f"{at}/{sooner}",
                    f"A case would have to be {DONE[later]} (within {found[later].said}) before "
                    f"it is {DONE[sooner]} (within {found[sooner].said}).",
                )
        return found

    def promise(self, given: Any, at: str) -> Promise | None:
        before = len(self.faults)
        facts = self.object(given, at, ("within", "time"), needed=("within", "time"))
        working = self.time(facts, at)
        longest = LONGEST[CountedIn(time_word(working))]
        within = timedelta()
        if "within" in facts:
            within = self.length(facts["within"], f"{at}/within", longest, working)
        return Promise(within, working) if len(self.faults) == before else None

    def warnings(self, given: Any, at: str) -> tuple[int, ...]:
        if not isinstance(given, list):
            self.fault(at, "This must be a list of percentages.")
            return ()
        if len(given) > MOST_WARNINGS:
            self.fault(at, f"{MOST_WARNINGS} warnings are enough.")
            return ()
        before = 0
        for index, percent in enumerate(given):
            if isinstance(percent, bool) or not isinstance(percent, int) or not 1 <= percent <= 99:
                self.fault(f"{at}/{index}", "A warning is a whole percentage from 1 to 99.")
                return ()
            if percent <= before:
                self.fault(f"{at}/{index}", "Percentages rise from one to the next.")
                return ()
            before = percent
        return tuple(given)

    def longest_pause(
        self, facts: dict[str, Any], at: str, pauses: tuple[str, ...]
    ) -> timedelta | None:
        given, at = facts.get("longest_pause"), f"{at}/longest_pause"
        if given is None:
            if pauses:
                self.fault(at, "Say how long a clock may stand still, or nothing may stop it.")
            return None
        found = self.length(given, at, LONGEST[CountedIn.WALL])
        if not facts.get("pauses"):
            self.fault(at, "Nothing stops the clocks, so there is no longest pause.")
        elif not found:
            self.fault(at, "A pause must last; leave the reasons out if none may stop the clocks.")
        return found

    # the review

    def reviews(self, given: Any, at: str) -> dict[str, Review]:
        """Return how cases are reviewed at all stakes; what is not said is as on an empty desk."""
        by_stakes = self.object(given, at, Stakes.values, what="There are no such stakes")
        return {
            stakes: self.review(by_stakes.get(stakes, {}), f"{at}/{stakes}", standard)
            for stakes, standard in STANDARD["review"].items()
        }

    def review(self, given: Any, at: str, standard: dict[str, Any]) -> Review:
        facts = standard | self.object(given, at, standard)
        for key, known in (("protocol", Protocol), ("because", Because)):
            if facts[key] not in known.values:
                self.fault(f"{at}/{key}", f"This must be {listed(known.values, 'or')}.")
                facts[key] = standard[key]
        return Review(
            Protocol(facts["protocol"]),
            self.hold_window(facts["hold_window"], f"{at}/hold_window"),
            Because(facts["because"]),
            self.flag(facts, "step_up", at),
        )

    def hold_window(self, given: Any, at: str) -> timedelta:
        try:
            found = durations.read(given)
        except ValueError as refusal:
            self.fault(at, str(refusal))
            return timedelta()
        if found > LONGEST_WINDOW:
            most = durations.said(LONGEST_WINDOW)
            self.fault(at, f"A signed answer is kept back for {most} at most.")
            return timedelta()
        return found

    def reasons(self, given: Any, at: str) -> tuple[Reason, ...]:
        if not isinstance(given, list):
            self.fault(at, "This must be a list of reasons, each with its key and label.")
            return ()
        if not 1 <= len(given) <= MOST_REASONS:
            self.fault(at, f"List from 1 to {MOST_REASONS} reasons; this has {len(given)}.")
            return ()
        found = [self.reason(one, f"{at}/{number}") for number, one in enumerate(given)]
        for number, one in enumerate(found):
            before = found[:number]
            if one.key and one.key in [other.key for other in before]:
                self.fault(f"{at}/{number}/key", f"{one.key} stands twice.")
            elif one.label and one.label in [other.label for other in before]:
                self.fault(f"{at}/{number}/label", "Another reason says the same.")
        return tuple(found)

    def reason(self, given: Any, at: str) -> Reason:
        facts = self.object(given, at, ("key", "label"), needed=("key", "label"))
        key, label = facts.get("key", ""), facts.get("label", "")
        if "key" in facts and not (
            isinstance(key, str) and REASON.fullmatch(key) and len(key) <= 64
        ):
            self.fault(f"{at}/key", "Write small letters and digits, joined by _ or -, 64 at most.")
            key = ""
        if "label" in facts and not (
            isinstance(label, str)
            and label.strip()
            and len(label) <= LONGEST_LABEL
            and label.isprintable()
        ):
            self.fault(f"{at}/label", f"Say the reason in {LONGEST_LABEL} characters at most.")
            label = ""
        return Reason(key, label)

    # the chain

    def chain(self, given: Any, at: str) -> Chain:
        facts = self.object(
            given, at, ("starts_at", "steps", "time"), needed=("starts_at", "steps")
        )
        starts_at = facts.get("starts_at", "decision")
        if starts_at not in TARGETS:
            self.fault(f"{at}/starts_at", f"This must be {listed(TARGETS, 'or')}.")
        working = self.time(facts, at)
        steps = self.steps(facts["steps"], f"{at}/steps", working) if "steps" in facts else ()
        return Chain(starts_at, steps, working)

    def steps(self, given: Any, at: str, working: bool) -> tuple[Step, ...]:
        if not isinstance(given, list):
            self.fault(at, "This must be a list of steps.")
            return ()
        if len(given) > MOST_STEPS:
            self.fault(at, f"A chain has {MOST_STEPS} steps at most; this has {len(given)}.")
            return ()
        last = len(given) - 1
        found = [self.step(one, f"{at}/{n}", n == last, working) for n, one in enumerate(given)]
        if not given:
            self.fault(at, f"A chain has an end: {listed(TERMINAL, 'or')}.")
        return tuple(step for step in found if step is not None)

    def step(self, given: Any, at: str, is_last: bool, working: bool) -> Step | None:
        facts = self.object(given, at, ("do", "wait"), needed=("do",))
        do = facts.get("do")
        if "do" not in facts:
            return None
        if do not in Rung.values:
            self.fault(f"{at}/do", _no_such_step(do))
            return None
        step = Rung(do)
        if step in TERMINAL:
            if not is_last:
                self.fault(f"{at}/do", f"{step} ends the chain, so nothing can follow it.")
            if "wait" in facts:
                self.fault(f"{at}/wait", f"{step} ends the chain: there is nothing to wait for.")
            return Step(step)
        if is_last:
            self.fault(f"{at}/do", f"The last step must end it: {listed(TERMINAL, 'or')}.")
        if "wait" not in facts:
            self.fault(f"{at}/wait", "Say how long to wait before the next step.")
            return Step(step)
        longest = LONGEST[CountedIn(time_word(working))]
        return Step(step, self.length(facts["wait"], f"{at}/wait", longest, working))


def _outlasts(sooner: Promise, later: Promise) -> bool:
    """Return whether the sooner target is due after the later one whatever the hours are.

    Working time never runs faster than the clock on the wall; the other way round it depends.
    """
    return sooner.within > later.within and (sooner.working or not later.working)


def _no_such_step(do: Any) -> str:
    if isinstance(do, str) and any(word in do.lower() for word in ("approve", "accept", "permit")):
        return "Nothing is ever approved by a fallback."
    return f"There is no such step; known are {listed(Rung.values)}."
