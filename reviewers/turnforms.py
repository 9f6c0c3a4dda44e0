"""What else than a decision somebody does with a case: hand it over, ask its agent, hold it."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.utils import timezone

from escalation import access, lifecycle
from escalation.models import User
from reviewers import hands
from reviewers.casefile import Casefile

LENGTH = 4_000
NEXT = "next"
PICKER = "%Y-%m-%dT%H:%M"


def _text(label: str, missing: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        error_messages={"required": missing},
    )


class AskForm(forms.Form):
    prefix = "ask"
    text = _text("What do you need to know?", "Say what the agent is to find out.")


class HoldForm(forms.Form):
    """``until`` is on the reader's own wall clock; empty for as long as policy lets it."""

    prefix = "hold"
    reason = _text("Why does it wait?", "Say why it waits.")
    until = forms.DateTimeField(
        label="Until",
        required=False,
        input_formats=[PICKER, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(format=PICKER, attrs={"type": "datetime-local"}),
        error_messages={"invalid": "Write a date and a time, such as 2026-11-23 09:00."},
    )

    def __init__(self, data: Any = None, *, last: datetime, at: datetime) -> None:
        super().__init__(data)
        self.last, self.at = last, at
        said = timezone.localtime(last)
        self.fields["until"].help_text = f"Until {said:%a %-d %b, %H:%M} if you name no time."

    def clean_until(self) -> datetime | None:
        until: datetime | None = self.cleaned_data["until"]
        if until and until <= self.at:
            raise forms.ValidationError("That has already passed. Choose a later time.")
        if until and until > self.last:
            said = timezone.localtime(self.last)
            raise forms.ValidationError(f"It can be held until {said:%a %-d %b, %H:%M} at most.")
        return until


class HandOverForm(forms.Form):
    """``to`` is a colleague, or None for whoever of the role is asked next."""

    prefix = "over"
    to = forms.ChoiceField(
        label="To", error_messages={"invalid_choice": "Choose somebody who can decide it now."}
    )
    note = _text("What should they know?", "Leave a note: whoever takes it over starts from it.")

    def __init__(self, data: Any = None, *, colleagues: list[User]) -> None:
        super().__init__(data)
        self.colleagues = {str(user.pk): user for user in colleagues}
        named = [(pk, user.name) for pk, user in self.colleagues.items()]
        to = self.fields["to"]
        assert isinstance(to, forms.ChoiceField)
        to.choices = [(NEXT, "Whoever is on call next"), *named]

    def clean_to(self) -> User | None:
        return self.colleagues.get(self.cleaned_data["to"])


class Acts:
    """The small forms beside a decision, and which of them this reader is offered."""

    def __init__(self, file: Casefile, name: str = "", data: Any = None) -> None:
        self.file, self.opened, self._data = file, name, data

    def _given(self, name: str) -> Any:
        return self._data if self.opened == name else None

    @cached_property
    def ask(self) -> AskForm:
        return AskForm(self._given("ask"))

    @cached_property
    def hold(self) -> HoldForm:
        last = self.file.at + lifecycle.longest_pause(self.file.case)
        return HoldForm(self._given("hold"), last=last, at=self.file.at)

    @cached_property
    def hand_over(self) -> HandOverForm:
        found = hands.colleagues(self.file.case, self.file.at)
        return HandOverForm(self._given("hand_over"), colleagues=found)

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
        if turn is None or role is None or not self.file.is_owed:
            return False
        if self.file.may_decide and turn.user_id in (None, self.file.reader.pk):
            return True
        return access.roles_with(access.SUPERVISE, self.file.reader).filter(pk=role.pk).exists()
