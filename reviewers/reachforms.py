"""What a person fills in about how, and when, to reach them."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django import forms
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _

from escalation.enums import Stakes, Weekday
from escalation.fields import DAY, ClockFormField
from escalation.models import User
from reviewers import profiles
from reviewers.enums import ContactKind
from reviewers.models import ContactPoint, QuietHours
from reviewers.notices import channels
from reviewers.notices.channels import email

NOT_SET_UP = _("%(way)s (not set up here)")


class LanguagesForm(forms.Form):
    languages = forms.CharField(
        label=_("Languages"),
        required=False,
        max_length=80,
        help_text=_("Codes, the best first: nb, en, ja."),
    )

    def clean_languages(self) -> list[str]:
        codes = [code.strip() for code in self.cleaned_data["languages"].split(",")]
        codes = [code for code in codes if code]
        if wrong := [code for code in codes if not profiles.LANGUAGE.fullmatch(code)]:
            raise forms.ValidationError(
                _("%(code)s is no language code; write en, nb or pt-BR.") % {"code": wrong[0]}
            )
        return codes


def kinds() -> list[tuple[str, str]]:
    """Return what can be typed in: a browser is added by itself. What is not set up here comes last."""
    offered = channels.offered()
    found = [kind for kind in ContactKind if kind != ContactKind.PUSH]
    return [
        (kind.value, kind.label if kind in offered else NOT_SET_UP % {"way": kind.label})
        for kind in sorted(found, key=lambda kind: kind not in offered)
    ]


class ContactForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=kinds)
    address = forms.CharField(
        label=_("Address"),
        max_length=2048,
        help_text=_("Such as kim@bank.example, +47 912 34 567, U024BE7LH, or an https:// address."),
    )

    def __init__(self, user: User, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.user = user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "kind" not in cleaned or "address" not in cleaned:
            return cleaned
        try:
            cleaned["address"] = profiles.checked(ContactKind(cleaned["kind"]), cleaned["address"])
            if cleaned["kind"] == ContactKind.EMAIL:
                email.check_taken(cleaned["address"])
        except forms.ValidationError as refusal:
            self.add_error("address", refusal)
        if ContactPoint.objects.filter(user=self.user).count() >= profiles.MOST:
            self.add_error(
                None, _("%(most)s ways are enough; remove one first.") % {"most": profiles.MOST}
            )
        return cleaned


class DigestForm(forms.Form):
    digest_at = ClockFormField(
        label=_("Once a day at"),
        required=False,
        help_text=_("Such as 17:00. Empty: each by itself, at once."),
    )

    def clean_digest_at(self) -> int | None:
        minute: int | None = self.cleaned_data["digest_at"]
        if minute == DAY:
            raise forms.ValidationError(
                _("A day ends at 23:59 here; 00:00 is when the next begins.")
            )
        return minute


class UsesForm(forms.Form):
    """For which stakes each way is used: a box for each of both, ``<id of the way>:<stakes>``."""

    use = forms.MultipleChoiceField(required=False)

    def __init__(self, user: User, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        ways = ContactPoint.objects.filter(user=user).values_list("pk", flat=True)
        boxes = [f"{way}:{level}" for way in ways for level in Stakes.values]
        self.fields["use"].choices = [(box, box) for box in boxes]  # type: ignore[attr-defined]

    @property
    def wanted(self) -> dict[UUID, list[str]]:
        found: dict[UUID, list[str]] = defaultdict(list)
        for box in self.cleaned_data["use"]:
            way, _, level = box.partition(":")
            found[UUID(way)].append(level)
        return found


class QuietForm(forms.Form):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On"),
        coerce=int,
        choices=[(day.value, WEEKDAYS_ABBR[day]) for day in Weekday],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose a day at least.")},
    )
    begins = ClockFormField(label=_("From"))
    ends = ClockFormField(label=_("To"))

    def __init__(self, user: User, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.user = user

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("begins") == DAY:
            self.add_error("begins", _("A day begins at 00:00."))
        if cleaned.get("ends") == 0:
            self.add_error("ends", _("A day ends at 24:00."))
        if QuietHours.objects.filter(user=self.user).count() >= profiles.MOST:
            self.add_error(
                None, _("%(most)s spans are enough; remove one first.") % {"most": profiles.MOST}
            )
        return cleaned
