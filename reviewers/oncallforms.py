"""What people type about their own shifts: when, who, and why. Times are those of the zone shown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict

from escalation.models import User
from escalation.wallclock import NoSuchTime, typed, wall
from reviewers.enums import AbsenceKind, OverrideKind

MINUTE = timedelta(minutes=1)
FORMATS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")
KINDS = [
    (OverrideKind.REPLACE, "One person stands in for another"),
    (OverrideKind.ADD, "A person is added beside whoever is on"),
    (OverrideKind.COVER, "A person covers, whatever the layers say"),
    (OverrideKind.REMOVE, "A person is taken off"),
]
POSITIONS = [("", "Whichever they hold"), *((n, f"{n}") for n in range(1, 10))]


class WallTimeField(forms.CharField):
    """A date and a time on a wall; which wall is the form's to say."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        for form in FORMATS:
            try:
                found = datetime.strptime(text, form)  # noqa: DTZ007 -- a time on a wall has no zone
            except ValueError:
                continue
            if 2000 <= found.year <= 2100:
                return found
        if text:
            raise forms.ValidationError("Give a day and a time, such as 2026-11-20 09:00.")
        return text


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


class SpanForm(forms.Form):
    """From when until when, on the wall of ``zone``; ``cleaned_data`` holds the instants, in UTC."""

    since = WallTimeField(label="From", error_messages={"required": "Say from when."})
    until = WallTimeField(label="Until", error_messages={"required": "Say until when."})

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        zone: ZoneInfo,
        since: datetime | None = None,
        until: datetime | None = None,
        **initial: Any,
    ) -> None:
        shown: dict[str, Any] = {}
        if since:  # to the minute, and never outside of what was asked for
            shown["since"] = _minute(wall(since + MINUTE - timedelta.resolution, zone))
        if until:
            shown["until"] = _minute(wall(until, zone))
        super().__init__(data, initial=shown | initial)
        self.zone = zone

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        for name in ("since", "until"):
            if isinstance(self.cleaned_data.get(name), datetime):
                try:
                    self.cleaned_data[name] = typed(self.cleaned_data[name], self.zone)
                except NoSuchTime as asked_again:
                    self.add_error(name, str(asked_again))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until <= since:
            self.add_error("until", "It would end before it starts.")
        return cleaned


class FillForm(SpanForm):
    """A member stands in where nobody is."""

    reason = forms.CharField(
        max_length=255, error_messages={"required": "Say why: your colleagues will read it."}
    )
    position = forms.IntegerField(min_value=1, max_value=9, widget=forms.HiddenInput)


class PersonField(forms.ChoiceField):
    """One of some people; cleaned, it is the person."""

    def __init__(self, people: Iterable[User], *, nobody: str = "", **given: Any) -> None:
        self.people = {str(user.pk): user for user in people}
        first = [("", nobody)]
        choices = first + [(pk, user.name) for pk, user in self.people.items()]
        super().__init__(choices=choices, **given)

    def clean(self, value: Any) -> User | None:
        return self.people.get(super().clean(value) or "")


class OverrideForm(SpanForm):
    """A manager lets somebody stand in: any of the four kinds."""

    kind = forms.ChoiceField(label="What", choices=KINDS)

    def __init__(self, *args: Any, people: Iterable[User], **given: Any) -> None:
        super().__init__(*args, **given)
        people = list(people)
        self.fields["out"] = PersonField(people, nobody="Nobody", label="Off", required=False)
        self.fields["stand_in"] = PersonField(people, nobody="Nobody", label="On", required=False)
        self.fields["position"] = forms.TypedChoiceField(
            choices=POSITIONS, coerce=int, empty_value=None, required=False, label="Position"
        )
        self.fields["reason"] = forms.CharField(
            max_length=255, error_messages={"required": "Say why: whoever is affected reads it."}
        )
        self.order_fields(["kind", "out", "stand_in", "position", "since", "until", "reason"])


class SwapForm(SpanForm):
    """One's own shift, or a part of it, and the colleague who is asked."""

    reason = forms.CharField(max_length=255, required=False)

    def __init__(self, *args: Any, people: Iterable[User], **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["colleague"] = PersonField(
            people,
            nobody="Choose",
            label="Ask",
            error_messages={
                "required": "Choose a colleague.",
                "invalid_choice": "They are not in this role. Choose a colleague.",
            },
        )
        self.order_fields(["colleague", "since", "until", "reason"])


class AwayForm(SpanForm):
    kind = forms.ChoiceField(label="Why", choices=AbsenceKind.choices)
    note = forms.CharField(max_length=255, required=False)
