"""What this reader is offered to do with a case beside deciding it, and the forms for it."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from escalation import access, incidents, lifecycle, needless, protocol, stopping
from escalation.enums import CaseStatus
from escalation.models import Incident, Role, User
from reviewers import hands, shifts
from reviewers.casefile import Casefile
from reviewers.turnforms import (
    AskForm,
    HandOverForm,
    HoldForm,
    IncidentForm,
    OpinionForm,
    PassUpForm,
    StopForm,
)


class Acts:
    """The small forms beside a decision, and which of them this reader is offered."""

    def __init__(self, file: Casefile, name: str = "", data: Any = None) -> None:
        self.file, self.opened, self._data = file, name, data

    def _given(self, name: str) -> Any:
        return self._data if self.opened == name else None

    # The forms -----------------------------------------------------------------------------------

    @cached_property
    def ask(self) -> AskForm:
        return AskForm(self._given("ask"), case=self.file.case)

    @cached_property
    def hold(self) -> HoldForm:
        last = self.file.at + lifecycle.longest_pause(self.file.case)
        return HoldForm(self._given("hold"), last=last, at=self.file.at)

    @cached_property
    def hand_over(self) -> HandOverForm:
        return HandOverForm(self._given("hand_over"), colleagues=self._colleagues)

    @cached_property
    def opinion(self) -> OpinionForm:
        is_blind = protocol.review_of(self.file.case).protocol.withholds
        others = [one for one in self._colleagues if one.pk != self.file.reader.pk]
        return OpinionForm(self._given("opinion"), colleagues=others, is_blind=is_blind)

    @cached_property
    def pass_up(self) -> PassUpForm:
        return PassUpForm(self._given("pass_up"))

    @cached_property
    def incident(self) -> IncidentForm:
        return IncidentForm(self._given("incident"))

    @cached_property
    def stop(self) -> StopForm:
        return StopForm(self._given("stop"))

    @cached_property
    def _colleagues(self) -> list[User]:
        return hands.colleagues(self.file.case, self.file.at)

    # Whose turn it is ----------------------------------------------------------------------------

    @property
    def is_mine(self) -> bool:
        turn = self.file.turn
        return bool(turn and turn.user_id == self.file.reader.pk)

    @property
    def may_claim(self) -> bool:
        """Whether nobody has taken it: it may be somebody's turn, and still be taken by another."""
        turn = self.file.turn
        return self.file.accepts_answer and bool(turn and not turn.claimed_at)

    @cached_property
    def may_hand_over(self) -> bool:
        turn, role = self.file.turn, self.file.case.role
        if turn is None or role is None or not self.file.is_owed or self.file.case.release_at:
            return False
        if self.file.may_decide and turn.user_id in (None, self.file.reader.pk):
            return True
        return access.roles_with(access.SUPERVISE, self.file.reader).filter(pk=role.pk).exists()

    @cached_property
    def snoozed_until(self) -> datetime | None:
        """Until when this reader does not want to see it in their queue."""
        own = self.file.case.snoozes.filter(user=self.file.reader.pk, ended_at=None)
        running = own.filter(until__gt=self.file.at).order_by("-until")
        return running.values_list("until", flat=True).first()

    # What may be done ----------------------------------------------------------------------------

    @property
    def may_act(self) -> bool:
        """Whether anything of the case is this reader's to move."""
        return self.file.accepts_answer and not self.file.case.release_at

    @property
    def may_ask(self) -> bool:
        return self.may_act and self.file.case.status == CaseStatus.AWAITING

    @property
    def may_hold(self) -> bool:
        return self.may_act and self.file.case.status != CaseStatus.HELD

    @property
    def higher(self) -> Role | None:
        """The role that the case would be passed up to."""
        role = self.file.case.role
        return role.higher_role if role and self.may_act else None

    @cached_property
    def up_to(self) -> list[User]:
        """Who is on call there now, and would be told."""
        return (
            [one.user for one in shifts.on_call(self.higher, self.file.at)] if self.higher else []
        )

    @cached_property
    def may_stop(self) -> bool:
        case = self.file.case
        if case.agent.stopped_at:
            return False
        return self.file.may_decide or stopping.may_stop(self.file.reader, case)

    @cached_property
    def is_needless(self) -> bool:
        """Whether this reader has said that it should not have been escalated."""
        return needless.is_judged(self.file.case, self.file.reader)

    @cached_property
    def incidents(self) -> list[Incident]:
        return list(self.file.case.incidents.all())

    @property
    def incident_days(self) -> list[tuple[str, int]]:
        """By when an authority hears of each kind, in days."""
        return [(kind.label, within.days) for kind, within in incidents.WITHIN.items()]
