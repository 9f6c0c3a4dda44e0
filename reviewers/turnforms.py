"""What else than a decision somebody does with a case: the small forms for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext_lazy as _

from escalation.enums import Asked, IncidentKind
from escalation.models import Case, Option, User

LENGTH = 4_000
NEXT = "next"
PICKER = "%Y-%m-%dT%H:%M"


def _text(label: Any, missing: Any, *, required: bool = True, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=LENGTH,
        widget=forms.Textarea(attrs={"rows": rows, "dir": "auto"}),
        error_messages={"required": missing},
    )


class AskForm(forms.Form):
    """``of`` is the agent, or the requester, to whom the agent brings the question."""

    prefix = "ask"
    of = forms.ChoiceField(label=_("Whom"), choices=Asked.choices, required=False)
    text = _text(_("What do you need to know?"), _("Say what is to be found out."))
    field_order = ("text", "of")

    def __init__(self, data: Any = None, *, case: Case) -> None:
        super().__init__(data, initial={"of": Asked.AGENT})
        whom = self.fields["of"]
        assert isinstance(whom, forms.ChoiceField)
        whom.choices = [
            (Asked.AGENT, case.agent.name),
            (Asked.REQUESTER, _("The requester; the agent asks them")),
        ]

    def clean_of(self) -> Asked:
        return Asked(self.cleaned_data["of"] or Asked.AGENT)


class HoldForm(forms.Form):
    """``until`` is on the reader's own wall clock; empty for as long as policy lets it."""

    prefix = "hold"
    reason = _text(_("Why does it wait?"), _("Say why it waits."))
    until = forms.DateTimeField(
        label=_("Until"),
        required=False,
        input_formats=[PICKER, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(format=PICKER, attrs={"type": "datetime-local"}),
        error_messages={"invalid": _("Write a date and a time, such as 2026-11-23 09:00.")},
    )

    def __init__(self, data: Any = None, *, last: datetime, at: datetime) -> None:
        super().__init__(data)
        self.last, self.at = last, at
        self.fields["until"].help_text = _("Until %(time)s if you name no time.") % {
            "time": self._last_said
        }

    def clean_until(self) -> datetime | None:
        until: datetime | None = self.cleaned_data["until"]
        if until and until <= self.at:
            raise forms.ValidationError(_("That has already passed. Choose a later time."))
        if until and until > self.last:
            most = _("It can be held until %(time)s at most.") % {"time": self._last_said}
            raise forms.ValidationError(most)
        return until

    @property
    def _last_said(self) -> str:
        return date_format(timezone.localtime(self.last), "D j M, H:i")


class ColleagueForm(forms.Form):
    """``to`` is a colleague, or None for whoever of the role is asked next."""

    to = forms.ChoiceField(
        error_messages={"invalid_choice": _("Choose somebody who can decide it now.")}
    )

    def __init__(self, data: Any = None, *, colleagues: list[User]) -> None:
        super().__init__(data)
        self.colleagues = {str(user.pk): user for user in colleagues}
        named = [(pk, user.name) for pk, user in self.colleagues.items()]
        to = self.fields["to"]
        assert isinstance(to, forms.ChoiceField)
        to.choices = [(NEXT, _("Whoever is on call next")), *named]

    def clean_to(self) -> User | None:
        return self.colleagues.get(self.cleaned_data["to"])


class HandOverForm(ColleagueForm):
    prefix = "over"
    note = _text(
        _("What should they know?"), _("Leave a note: whoever takes it over starts from it.")
    )

    def __init__(self, data: Any = None, *, colleagues: list[User]) -> None:
        super().__init__(data, colleagues=colleagues)
        self.fields["to"].label = _("To")


class OpinionForm(ColleagueForm):
    """Asks a colleague what they think."""

    prefix = "opinion"
    note = _text(_("What do you want to know?"), "", required=False)

    def __init__(self, data: Any = None, *, colleagues: list[User], is_blind: bool) -> None:
        super().__init__(data, colleagues=colleagues)
        self.fields["to"].label = _("Of")
        said = _("They decide nothing. You are told when their opinion is there.")
        if is_blind:
            said = _("They decide nothing. You see their opinion once your own answer is stored.")
        self.fields["note"].help_text = said


class PassUpForm(forms.Form):
    prefix = "up"
    note = _text(_("Why is it for them?"), _("Say why: they start from it."))


class IncidentForm(forms.Form):
    prefix = "incident"
    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[("", _("Choose")), *IncidentKind.choices],
        error_messages={
            "required": _("Choose what it is: by when an authority hears depends on it.")
        },
    )
    text = _text(_("What happened?"), _("Say what happened."))

    def clean_kind(self) -> IncidentKind:
        return IncidentKind(self.cleaned_data["kind"])


class StopForm(forms.Form):
    prefix = "stop"
    reason = _text(_("Why?"), _("Say why: whoever starts it again reads it first."), rows=2)
    drill = forms.BooleanField(label=_("This is a drill"), required=False)
    sure = forms.BooleanField(
        label=_("Stop it now"), error_messages={"required": _("Tick this to stop the agent.")}
    )


# What is said ----------------------------------------------------------------------------------------


class CommentForm(forms.Form):
    prefix = "comment"
    text = _text(_("Comment"), _("Write what the others should know."), rows=2)


class GivenForm(forms.Form):
    """A second opinion, as whoever was asked gives it."""

    prefix = "given"
    option = forms.ChoiceField(label=_("I would choose"), required=False)
    text = _text(_("What I think"), _("Say what you think, and why."))

    def __init__(self, data: Any = None, *, options: list[Option]) -> None:
        super().__init__(data)
        chosen = self.fields["option"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [
            ("", _("No answer, only words")),
            *((one.key, one.label) for one in options),
        ]


class CloseForm(forms.Form):
    """Closes an incident."""

    prefix = "close"
    conclusion = _text(
        _("What came of it?"), _("Say what came of it: it cannot be added to later.")
    )
