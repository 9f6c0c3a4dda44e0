"""What a person fills in about how, and when, to reach them."""

from typing import Any

from django import forms

from escalation.enums import Weekday
from escalation.fields import DAY, ClockFormField
from escalation.models import User
from reviewers import profiles
from reviewers.enums import ContactKind
from reviewers.models import ContactPoint, QuietHours


class LanguagesForm(forms.Form):
    languages = forms.CharField(
        required=False, max_length=80, help_text="Codes, the best first: nb, en, ja."
    )

    def clean_languages(self) -> list[str]:
        codes = [code.strip() for code in self.cleaned_data["languages"].split(",")]
        codes = [code for code in codes if code]
        if wrong := [code for code in codes if not profiles.LANGUAGE.fullmatch(code)]:
            raise forms.ValidationError(f"{wrong[0]} is no language code; write en, nb or pt-BR.")
        return codes


class ContactForm(forms.Form):
    kind = forms.ChoiceField(  # a browser is added by itself
        choices=[(kind.value, kind.label) for kind in ContactKind if kind != ContactKind.PUSH]
    )
    address = forms.CharField(max_length=2048)

    def __init__(self, user: User, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.user = user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "kind" not in cleaned or "address" not in cleaned:
            return cleaned
        try:
            cleaned["address"] = profiles.checked(ContactKind(cleaned["kind"]), cleaned["address"])
        except forms.ValidationError as refusal:
            self.add_error("address", refusal)
        if ContactPoint.objects.filter(user=self.user).count() >= profiles.MOST:
            self.add_error(None, f"{profiles.MOST} ways are enough; remove one first.")
        return cleaned


class QuietForm(forms.Form):
    weekdays = forms.TypedMultipleChoiceField(
        label="On",
        coerce=int,
        choices=[(day.value, day.label[:3]) for day in Weekday],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose a day at least."},
    )
    begins = ClockFormField(label="From")
    ends = ClockFormField(label="To")

    def __init__(self, user: User, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.user = user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("begins") == DAY:
            self.add_error("begins", "A day begins at 00:00.")
        if cleaned.get("ends") == 0:
            self.add_error("ends", "A day ends at 24:00.")
        if QuietHours.objects.filter(user=self.user).count() >= profiles.MOST:
            self.add_error(None, f"{profiles.MOST} spans are enough; remove one first.")
        return cleaned
