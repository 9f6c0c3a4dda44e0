"""What of a case one reader may be sent, and what is left out for now.

Every page, fragment and raw value reads the package and the record of a case through here. What is
withheld never leaves the desk: it is left out of what a page is made of, not hidden on it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.crypto import salted_hmac

from escalation import canonical, protocol
from escalation.actors import actor_id
from escalation.enums import Protocol, StepKind
from escalation.intake import package_bodies
from escalation.ledger import Line
from escalation.models import Case, Evidence, User

OF_PROPOSAL = ("reasoning", "confidence")
OPAQUE = "version:"  # begins a name that says nothing of what is in the package
UNKNOWN = f"sha256:{'0' * 64}"  # of no package
# What stands on the record of somebody's answer or opinion before the case has ended, and what of
# it the record of a blind reader keeps.
ANSWERS = ("case.answered", "case.answered_in_chat", "case.committed", "case.signed", "case.commented",
           "case.opinion_given", "case.judged_needless")  # fmt: skip
KEPT = ("answer", "of", "digest", "stage", "release", "release_at")


@dataclass(frozen=True)
class Withheld:
    """In the place of a step that is left out: of what kind it is and when, nothing of what it says."""

    position: int
    version: int
    kind: StepKind
    at: datetime


class Sight:
    """What ``reader`` may be sent of ``case`` as it stands now."""

    def __init__(self, case: Case, reader: User) -> None:
        self.case, self.reader = case, reader

    @cached_property
    def is_revealed(self) -> bool:
        """Whether the agent's own view may be sent: why it proposes this, and how sure it is."""
        return protocol.is_revealed(self.case, self.reader)

    @cached_property
    def _shows_recommended(self) -> bool:
        return protocol.shows_recommended(self.case, self.reader)

    @cached_property
    def recommended(self) -> str:
        """The key of the option that the agent recommends; empty while that is withheld."""
        if not self.case.recommended or not self._shows_recommended:
            return ""
        return self.case.recommended

    @cached_property
    def sees_answers(self) -> bool:
        """Whether others' answers and opinions may be sent; none to who answers blind to them."""
        blind = protocol.review_of(self.case).protocol == Protocol.TWO_BLIND
        if self.case.is_ended or not (blind or self.case.approvals > 1):
            return True
        return bool(protocol.disputed(self.case))  # an arbiter sees both

    @cached_property
    def bodies(self) -> list[bytes]:
        """The package as it is stored, with all that is withheld: never to be sent."""
        return package_bodies(self.case)

    @cached_property
    def _whole(self) -> dict[str, Any]:
        return canonical.fold(self.bodies)

    @cached_property
    def package(self) -> dict[str, Any]:
        """The package as it stands, without what is withheld.

        Which option the agent recommends is never in it: that is asked for by its name alone.
        """
        question = {n: part for n, part in self._whole["question"].items() if n != "recommended"}
        found = self._whole | {"question": question}
        if self.is_revealed:
            return found
        if proposal := found["proposal"]:
            found["proposal"] = {n: part for n, part in proposal.items() if n not in OF_PROPOSAL}
        if "steps" in found:
            kinds = protocol.WITHHELD_KINDS
            found["steps"] = [step for step in found["steps"] if step["kind"] not in kinds]
        return found

    @cached_property
    def parts_left_out(self) -> tuple[str, ...]:
        """Which parts of the proposal are left out, whether it has them or not: that, too, would tell."""
        return () if self.is_revealed or not self._whole["proposal"] else OF_PROPOSAL

    @cached_property
    def evidence(self) -> list[Evidence]:
        """All steps, also those that may not be sent: for what only counts them.

        What each says is taken from the package, which is read anyway: it is not fetched twice.
        """
        found = list(Evidence.objects.filter(case=self.case.pk).defer("body"))
        for step, body in zip(found, self._whole.get("steps") or [], strict=False):
            step.body = body  # one that came in this instant is fetched
        return found

    def shows(self, step: Evidence) -> bool:
        """Return whether a step may be sent."""
        return self.is_revealed or step.kind not in protocol.WITHHELD_KINDS

    @cached_property
    def steps(self) -> list[Evidence | Withheld]:
        """All steps in their order; of one that is left out, only that it is there."""
        return [
            step
            if self.shows(step)
            else Withheld(step.position, step.version, StepKind(step.kind), step.at)
            for step in self.evidence
        ]

    def step(self, position: int) -> Evidence | None:
        """Return the step at a position; None where there is none that may be sent."""
        found = self.case.evidence.filter(position=position).first()
        return found if found and self.shows(found) else None

    # Which version of the package ---------------------------------------------------------------

    @cached_property
    def sees_digest(self) -> bool:
        """Whether digests of the package may be sent.

        Before, whoever knows all the rest could try what is withheld against one: it would be an oracle.
        """
        return self.is_revealed and self._shows_recommended

    def version_name(self, digest: str) -> str:
        """Return what a page calls the version with this digest: the digest itself where it may be sent."""
        return digest if self.sees_digest or not digest else opaque_name(self.case, digest)

    def digest_named(self, name: str) -> str:
        """Return the digest of the version that a page called so; UNKNOWN for what it never called one.

        A digest is taken for itself only by who may be sent what it covers: nobody finds out by trying.
        """
        if not name.startswith(OPAQUE):
            return name if self.is_revealed else UNKNOWN
        digests = self.case.packages.values_list("digest", flat=True)
        return next((one for one in digests if opaque_name(self.case, one) == name), UNKNOWN)

    # The record --------------------------------------------------------------------------------

    def lines(self, lines: list[Line]) -> list[Line]:
        """Return the record of the case without what of it is withheld."""
        if not self.is_revealed:
            hidden = {step.key for step in self.evidence if not self.shows(step)}
            lines = [_without_keys(line, hidden) for line in lines]
        if not (self.sees_answers and self.is_revealed):
            own = actor_id(self.reader)
            lines = [_bare(one) if one.actor != own else one for one in lines]
        if not self.sees_digest:
            lines = [self._undigested(line) for line in lines]
        return lines

    def _undigested(self, line: Line) -> Line:
        """Return an event with the versions it names called as on a page."""
        named = line.facts.get("digest")
        if not isinstance(named, str):
            return line
        return replace(line, facts=line.facts | {"digest": self.version_name(named)})


def opaque_name(case: Case, digest: str) -> str:
    """Return a name for a version of a case's package that only this desk can make, or tell from another."""
    said = f"{case.pk}:{digest}"
    return OPAQUE + salted_hmac("recourse.version", said, algorithm="sha256").hexdigest()[:40]


def _without_keys(line: Line, hidden: set[str]) -> Line:
    """Return an event without the keys of steps that are left out."""
    facts = {
        name: fact for name, fact in line.facts.items() if name != "step" or fact not in hidden
    }
    if "steps" in facts:
        facts["steps"] = [key for key in facts["steps"] if key not in hidden]
    return line if facts == line.facts else replace(line, facts=facts)


def _bare(line: Line) -> Line:
    """Return an event without what somebody answered or thinks."""
    if line.action not in ANSWERS:
        return line
    facts = {name: fact for name, fact in line.facts.items() if name in KEPT}
    return replace(line, facts=facts, private={})
