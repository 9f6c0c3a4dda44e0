"""The forms of the queue: what to show of it, under which name to keep that, and acts on several cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from escalation.enums import Stakes, TriggerType
from escalation.models import Role, User
from reviewers.models import SavedView
from reviewers.queue import Filters, View

PICKER = "%Y-%m-%dT%H:%M"
ANY = [("", _("any"))]
KEPT = ("view", "role", "stakes", "trigger", "tenant", "agent", "amount", "language", "q")


@dataclass(frozen=True)
class Chip:
    """A filter that is on: what it is, and the address without it."""

    name: str
    value: str
    without: str


class FilterForm(forms.Form):
    """What stands in the address of a queue. What makes no sense filters nothing and is said."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200)
    role = forms.ChoiceField(label=_("Role"), required=False)
    stakes = forms.MultipleChoiceField(
        label=_("Stakes"),
        required=False,
        choices=Stakes.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    trigger = forms.ChoiceField(
        label=_("Trigger"), required=False, choices=[*ANY, *TriggerType.choices]
    )
    tenant = forms.CharField(label=_("Tenant"), required=False, max_length=255)
    agent = forms.CharField(label=_("Agent"), required=False, max_length=120)
    amount = forms.DecimalField(
        label=_("Amount at least"),
        required=False,
        min_value=0,
        max_digits=20,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"invalid": _("Write a number, such as 10000.")},
        help_text=_("In whatever currency."),
    )
    language = forms.CharField(
        label=_("Language"), required=False, max_length=35, help_text=_("Such as en or nb.")
    )

    def __init__(self, data: QueryDict, *, roles: list[Role]) -> None:
        super().__init__(data)
        self.given, self.roles = data, {role.slug: role for role in roles}
        role_field = self.fields["role"]
        assert isinstance(role_field, forms.ChoiceField)
        role_field.choices = [("", _("all my roles")), *((r.slug, r.name) for r in roles)]
        self.is_valid()

    @property
    def role_chosen(self) -> Role | None:
        return self.roles.get(self.cleaned_data.get("role", ""))

    @property
    def filters(self) -> Filters:
        said = self.cleaned_data
        return Filters(
            stakes=tuple(said.get("stakes") or ()),
            amount=said.get("amount"),
            **{name: said.get(name) or "" for name in ("trigger", "tenant", "agent", "language")},
            q=(said.get("q") or "").replace("\x00", ""),
        )

    @property
    def chips(self) -> list[Chip]:
        """Return the filters that are on, each with the way to be rid of it."""
        found = []
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if value in (None, "", []):
                continue
            shown = ", ".join(value) if isinstance(value, list) else str(value)
            if name == "role":
                shown = self.roles[shown].name
            found.append(Chip(str(field.label), shown, self.query_without(name)))
        return found

    def address(self, view: View) -> str:
        """Return the address of a view under the same filters."""
        kept = self.query_without("view", "after")
        named = "" if view == View.TODO and not self.filters.q else f"view={view}"
        return "&".join(part for part in (named, kept) if part)

    @property
    def query(self) -> str:
        """Return what is asked for as it stands in an address, a page's cursor left out."""
        return self.query_without("after")

    def query_without(self, *names: str) -> str:
        kept = QueryDict(mutable=True)
        for name in KEPT:
            values = [value for value in self.given.getlist(name) if value]
            if name not in names and values:
                kept.setlist(name, values)
        return kept.urlencode()


class SaveViewForm(forms.ModelForm):  # type: ignore[type-arg]
    """A name for a view of one's own."""

    class Meta:
        model = SavedView
        fields = ("name", "query")
        labels = {"name": _("Name")}  # noqa: RUF012 - as Django has it
        widgets = {"query": forms.HiddenInput}  # noqa: RUF012

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        same = SavedView.objects.filter(user=self.instance.user_id, name=name)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(gettext("You have a view of that name. Choose another."))
        return name

    def clean_query(self) -> str:
        kept = QueryDict(mutable=True)
        sent = QueryDict(self.cleaned_data["query"])
        for name in KEPT:
            if values := [value for value in sent.getlist(name) if value]:
                kept.setlist(name, values)
        return kept.urlencode()


# Acts on several cases ---------------------------------------------------------------------------


class ReasonForm(forms.Form):
    """Every act on several cases says why, once for all of them."""

    reason = forms.CharField(
        label=_("Why?"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        error_messages={"required": _("Say why, in a few words.")},
    )


class MoveForm(ReasonForm):
    role = forms.ChoiceField(
        label=_("To the role"),
        error_messages={"invalid_choice": _("Choose a role that can have them.")},
    )
    field_order = ("role", "reason")

    def __init__(self, data: Any = None, *, roles: list[Role], **_kwargs: Any) -> None:
        super().__init__(data)
        self.roles = {role.slug: role for role in roles}
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Choose a role")), *((r.slug, r.name) for r in roles)]

    def clean_role(self) -> Role:
        return self.roles[self.cleaned_data["role"]]


class AssignForm(ReasonForm):
    person = forms.ChoiceField(
        label=_("To"), error_messages={"invalid_choice": _("Choose somebody of the roles.")}
    )
    field_order = ("person", "reason")

    def __init__(self, data: Any = None, *, people: list[User], **_kwargs: Any) -> None:
        super().__init__(data)
        self.people = {str(user.pk): user for user in people}
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        named = [(pk, user.name) for pk, user in self.people.items()]
        field.choices = [("", _("Choose a person")), *named]

    def clean_person(self) -> User:
        return self.people[self.cleaned_data["person"]]


class SnoozeForm(ReasonForm):
    """``until`` is on the reader's own wall clock."""

    until = forms.DateTimeField(
        label=_("Until"),
        input_formats=[PICKER, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(format=PICKER, attrs={"type": "datetime-local"}),
        error_messages={
            "required": _("Say until when."),
            "invalid": _("Write a date and a time, such as 2026-11-23 09:00."),
        },
        help_text=_("Deadlines run on, and the cases stay in the queues of everybody else."),
    )
    field_order = ("until", "reason")

    def __init__(self, data: Any = None, *, at: datetime, **_kwargs: Any) -> None:
        super().__init__(data)
        self.at = at

    def clean_until(self) -> datetime:
        until: datetime = self.cleaned_data["until"]
        if until <= self.at:
            raise forms.ValidationError(gettext("That has already passed. Choose a later time."))
        return until
