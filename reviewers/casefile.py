"""The case as its page shows it: the seven parts of the package, put in the order that decides well.

What the page may show of them is decided elsewhere (``withholding``); nothing here goes past that.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, prefetch_related_objects
from django.utils.translation import gettext_noop as _

from escalation import access, answers, ledger, protocol
from escalation.eligibility import NONE, WITHIN, Eligibility, beyond_authority
from escalation.enums import OWED, PERMITTING, AnswerStage, DecidedBy, Protocol
from escalation.models import Case, Decision, Handoff, Pause, Role, User
from escalation.money.cases import moved_by_package
from escalation.sentences import Sentence
from reviewers import clockface, doubts, evidence, handshow, leftout, measures, presence, story
from reviewers.answering import Answering
from reviewers.case.room import STEPS, Room, step_address
from reviewers.case.sent import Sent
from reviewers.doubts import Doubt
from reviewers.evidence import StepView, WithheldStep
from reviewers.leases import Lease, lease_of
from reviewers.measures import Measure
from reviewers.overlimit import who_may
from reviewers.wayback import Mark, WayBack

SIBLINGS = 30
SHORT_LIST = 8  # of steps that are named in a line
ENDINGS = {"case.decided", "case.fell_back", "case.overturned", "case.withdrawn"}
DOUBTS = 12  # shown; the rest are counted
COMPARED, COMPARED_BYTES = (
    300,
    300_000,
)  # steps, and bytes of a package, that a page compares at once
PARTS = ("why", "doubts", "request", "steps", "identity", "policy", "proposal", "about")


class Casefile(Sent):
    """One case for one reader: what was sent, what they may do with it, and how it stands."""

    @cached_property
    def room(self) -> Room:
        """What is left of the room that a page has for what the case brought."""
        return Room.of(self.case.reference)

    @property
    def first_steps(self) -> list[StepView | WithheldStep]:
        return self.steps[:STEPS]

    @property
    def next_step(self) -> int:
        """The position of the first step that is not on the page; 0 where all are."""
        return STEPS + 1 if len(self.steps) > STEPS else 0

    def where(self, position: int) -> str:
        """Return the address of a step: on the page of the case, or on that of the steps around it."""
        return step_address(self.case.reference, position)

    @property
    def left_in_short(self) -> list[StepView]:
        """The first of the steps that are left to open, as many as a line names."""
        return self.left_to_open[:SHORT_LIST]

    @property
    def left_beyond(self) -> int:
        return max(0, len(self.left_to_open) - SHORT_LIST)

    @cached_property
    def steps(self) -> list[StepView | WithheldStep]:
        return evidence.timeline(
            self.sight.steps,
            seen=self._seen_version(),
            opened=self.opened,
            must_open=self.must_open,
        )

    @property
    def reasons_said(self) -> list[str]:
        """The listed reasons of the decision in the words that policy has for them."""
        labels = self.answering.reasons
        return [labels.get(key, key) for key in self.decision.reasons] if self.decision else []

    @property
    def parts(self) -> list[str]:
        """The templates of the evidence in the order that decides well, the proposal where policy has it."""
        order = list(PARTS)
        if protocol.review_of(self.case).protocol == Protocol.OPEN:
            order.remove("proposal")
            order.insert(order.index("request"), "proposal")
        return [f"reviewers/_{part}.html" for part in order]

    def number_of(self, part: str) -> int:
        """Return the number of a part of the evidence, counted from one, by which keys find it."""
        return self.parts.index(f"reviewers/_{part}.html") + 1

    @property
    def folds_reasoning(self) -> bool:
        """Whether why the agent proposes it waits behind a summary, below the evidence."""
        asked = protocol.review_of(self.case).protocol == Protocol.EVIDENCE_FIRST
        return asked and not self.case.is_ended

    @cached_property
    def compares_later(self) -> bool:
        """Whether a package is so large that comparing it is a request of its own, after the page."""
        return len(self.steps) > COMPARED or sum(map(len, self.sight.bodies)) > COMPARED_BYTES

    @cached_property
    def _doubts(self) -> list[Doubt]:
        shown = [step for step in self.steps if isinstance(step, StepView)]
        return doubts.find(self.package, shown, moved_by_package(self.case, self.package))

    @property
    def doubts(self) -> list[Doubt]:
        """What does not fit together, and what is not there."""
        return self._doubts[:DOUBTS]

    @property
    def more_doubts(self) -> int:
        return max(0, len(self._doubts) - DOUBTS)

    @cached_property
    def doubted(self) -> set[int]:
        """The positions of the steps that something else does not match, where that was compared."""
        if self.compares_later:
            return set()
        anchors = {
            place.anchor
            for doubt in self.doubts
            if doubt.kind == doubts.CONTRADICTION
            for place in doubt.places
        }
        return {step.position for step in self.steps if f"step-{step.position}" in anchors}

    @cached_property
    def measures(self) -> list[Measure]:
        """The proposal beside what limits it."""
        return list(measures.of_case(self.case, self._role, self._fired, self.arguments))

    @property
    def must_open(self) -> bool:
        """Whether this reader has to open what must be read before they answer."""
        return protocol.enforces_reading(self.case) and self.is_owed and self.may_decide

    @cached_property
    def opened(self) -> dict[UUID, datetime]:
        """When this reader opened which step of those that must be read."""
        if not any(step.must_read for step in self.sight.evidence):
            return {}
        openings = self.case.openings.filter(user=self.reader.pk)
        return dict(openings.values_list("evidence", "opened_at"))

    @property
    def must_read(self) -> list[StepView]:
        """The steps that this reader has to open before they answer."""
        if not self.must_open:
            return []
        return [step for step in self.steps if isinstance(step, StepView) and step.must_read]

    @property
    def opened_of_must_read(self) -> int:
        return len(self.must_read) - len(self.left_to_open)

    @property
    def left_to_open(self) -> list[StepView]:
        return [step for step in self.must_read if step.is_closed]

    @property
    def until_when(self) -> str:
        """Until when what is withheld is."""
        return leftout.until(will_answer=self.is_owed and self.may_decide)

    @property
    def steps_left_out(self) -> str:
        return leftout.steps([step.kind for step in self.withheld_steps], self.until_when)

    @property
    def proposal_left_out(self) -> str:
        return leftout.proposal(self.sight.parts_left_out, self.until_when)

    @property
    def withheld_steps(self) -> list[WithheldStep]:
        return [step for step in self.steps if isinstance(step, WithheldStep)]

    @property
    def version(self) -> str:
        """What identifies the package on screen: its digest, or before that may be sent an opaque name."""
        return self.sight.version_name(self.case.digest)

    def _seen_version(self) -> int:
        """Return the version of the package that the reader had on screen before."""
        if not self.seen_digest:
            return self.case.version
        found = self.case.packages.filter(digest=self.seen_digest).values_list("version", flat=True)
        return found.first() or self.case.version

    @property
    def new_steps(self) -> list[StepView | WithheldStep]:
        return [step for step in self.steps if step.is_new]

    @property
    def new_in_short(self) -> list[StepView | WithheldStep]:
        """The first of what is new, as many as are named one by one."""
        return self.new_steps[:SHORT_LIST]

    @cached_property
    def siblings(self) -> QuerySet[Case] | list[Case]:
        """The other cases of the same batch that this reader may see."""
        if not self.case.batch:
            return []
        same = access.cases_for(self.reader).filter(agent=self.case.agent_id, batch=self.case.batch)
        return list(same.exclude(pk=self.case.pk).order_by("number")[:SIBLINGS])

    @cached_property
    def lines(self) -> list[ledger.Line]:
        return self.sight.lines(ledger.history(self.case))

    @property
    def proof(self) -> ledger.Line | None:
        """The event that ended the case, by whose leaf the print is found again in the record."""
        return next((line for line in reversed(self.lines) if line.action in ENDINGS), None)

    @cached_property
    def history(self) -> list[story.Sentence]:
        return story.told(self.lines, self.case)

    @cached_property
    def hands(self) -> list[handshow.Hand]:
        return handshow.hands(self.case, self.lines)

    @cached_property
    def turn(self) -> Handoff | None:
        """The handoff that lasts: whose turn it is."""
        return self.hands[-1].handoff if self.hands and not self.case.is_ended else None

    @property
    def is_unread(self) -> bool:
        """Whether this very reading is the first of those to whom the case was given."""
        if not (self.is_owed and self.may_decide):
            return False
        turn = self.turn
        unseen = turn and not turn.seen_at and turn.user_id in (None, self.reader.pk)
        return bool(unseen) or any(clock.awaits_reading for clock in self.clocks)

    @cached_property
    def lease(self) -> Lease:
        return Lease() if self.case.is_ended else lease_of(self.case, self.reader, at=self.at)

    @cached_property
    def others_reading(self) -> list[User]:
        return presence.looking(self.case, but=self.reader, at=self.at)

    @cached_property
    def clocks(self) -> list[clockface.Face]:
        return clockface.faces(self.case, self.at)

    # Where the case stands ------------------------------------------------------------------------

    @cached_property
    def decision(self) -> Decision | None:
        return answers.standing_decision(self.case) if self.case.is_ended else None

    @cached_property
    def may_decide(self) -> bool:
        return access.may_decide(self.reader, self.case)

    @cached_property
    def works(self) -> bool:
        """Whether this reader works with the case, and does not only audit it."""
        return access.working(self.reader).covers(self.case)

    @property
    def is_owed(self) -> bool:
        """Whether a role owes a decision, also while the case waits for something."""
        return self.case.status in OWED

    @cached_property
    def answering(self) -> Answering:
        return Answering(self)

    @property
    def accepts_answer(self) -> bool:
        """Whether this reader may answer now; while a signed answer is on its way out, nobody may."""
        owed = self.is_owed and self.case.release_at is None
        return owed and self.may_decide and not self.obstacle

    @property
    def may_overturn(self) -> bool:
        """Whether this reader may put another decision in the place of the one that stands.

        Of a fallback's, who decides for the role; of a person's, who has the right to and did not
        take part in it.
        """
        made = self.decision
        if made is None or self.obstacle:
            return False
        if made.kind == DecidedBy.FALLBACK:
            return self.may_decide
        took_part = {made.decided_by_id, *(answer.user_id for answer in self.answering.final)}
        return (
            self.reader.pk not in took_part
            and access.roles_with(access.OVERTURN, self.reader)
            .filter(pk=self.case.role_id)
            .exists()
        )

    @cached_property
    def pause(self) -> Pause | None:
        return answers.pause_of(self.case)

    @cached_property
    def obstacle(self) -> Sentence:
        """Why this reader, who decides for the role, must not decide this case; mostly empty."""
        role = self.case.role
        if role is None or not self.may_decide:
            return NONE
        if self.reader in self.answered:
            return Sentence(_("You have answered it."))
        return Eligibility.of([self.reader], role, at=self.at).obstacle(self.reader, self.case)

    @cached_property
    def answered(self) -> list[User]:
        """Who of the several that must agree has answered the package as it stands."""
        if self.case.approvals == 1:
            return []
        return [answer.user for answer in self.answering.final]

    @property
    def agreed(self) -> list[User]:
        """Who gave the answer that the decision is, where several had to."""
        made = self.decision
        if made is None or self.case.approvals == 1 or not made.permitted:
            return []
        given = self.case.answers.filter(
            option=made.option_id, digest=made.digest, stage=AnswerStage.FINAL
        )
        return [
            one.user for one in given.select_related("user") if one.parameters == made.parameters
        ]

    @cached_property
    def beyond(self) -> Sentence:
        """Why the role may not let the agent do what it proposes; empty when it may."""
        return beyond_authority(self._role, self.case) if self._role else WITHIN

    @cached_property
    def _role(self) -> Role | None:
        """The role that has the case, its limits at hand."""
        if self.case.role:
            prefetch_related_objects([self.case.role], "limits")
        return self.case.role

    @cached_property
    def who_may(self) -> Role | None:
        """The next role up that may let the agent do this; None where there is none."""
        return who_may(self.case)

    @cached_property
    def withheld(self) -> list[str]:
        """The keys of the answers that take more authority than the role has."""
        if not self.beyond:
            return []
        return [option.key for option in self.options if option.outcome in PERMITTING]

    @cached_property
    def filled(self) -> Any:
        return self.decision.parameters if self.decision else None

    @cached_property
    def way(self) -> WayBack:
        return WayBack(self.case, self.decision)

    @property
    def path(self) -> list[Mark]:
        """The way of the decision back to its agent."""
        return self.way.marks

    @property
    def is_on_its_way(self) -> bool:
        """Whether there is still something to come that the page should wait for."""
        return bool(self.decision) and not self.way.resumption

    @property
    def state_tag(self) -> str:
        """What of this page changes by itself, as a validator for polling."""
        delivery, said = self.way.delivery, self.way.resumption
        parts = [self.version.partition(":")[2][:16], self.case.status, str(self.case.role_id)]
        parts += [str(self.case.release_at.timestamp())] if self.case.release_at else []
        parts += [str(self.decision.pk)[-12:]] if self.decision else []
        parts += [delivery.status, str(delivery.attempts)] if delivery else []
        parts += [said.result] if said else []
        parts += [self.lease.tag, *(str(user.pk)[-12:] for user in self.others_reading)]
        return "-".join(parts)
