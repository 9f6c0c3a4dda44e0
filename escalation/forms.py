"""Forms of the base app: agents, the auditor's filter, the first administrator."""

from typing import Any, cast

from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from escalation.access import Reach
from escalation.enums import NO_ANSWER, Outcome, Stakes
from escalation.models import Agent, Case, Role, User
from escalation.models.principals import minor_decimals as check_minor_decimals


class AgentForm(forms.ModelForm[Agent]):
    class Meta:
        model = Agent
        fields = ["name", "type"]


class MoneyForm(forms.ModelForm[Agent]):
    """What an agent's registration declares of the money that it moves."""

    class Meta:
        model = Agent
        fields = ["moves_money", "minor_units", "minor_decimals"]
        labels = {
            "moves_money": _("Actions that move money"),
            "minor_units": _("Fields in minor units"),
            "minor_decimals": _("Decimals per currency"),
        }
        help_texts = {
            "moves_money": _("Action types, separated by commas; * for all of them."),
            "minor_units": _(
                "Fields that hold cents and the like, separated by commas: amount for every action, "
                "create_charge:amount for one, create_charge:* for all fields of one."
            ),
            "minor_decimals": _("Only where the agent counts otherwise than ISO 4217, e.g. ISK 2."),
        }

    def clean_minor_decimals(self) -> list[str]:
        found: list[str] = self.cleaned_data["minor_decimals"]
        for text in found:
            check_minor_decimals(text)
        return found


class FirstAdminForm(UserCreationForm[User]):
    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email"]

    def save(self, commit: bool = True) -> User:
        self.instance.is_staff = self.instance.is_superuser = True
        return super().save(commit)


class AuditFilter(forms.Form):
    """Which decided cases; every field is optional, and the address bar holds them all."""

    q = forms.CharField(required=False, max_length=200, label="Reference or question")
    since = forms.DateTimeField(required=False, label="Decided since")
    until = forms.DateTimeField(required=False, label="Decided before")
    role = forms.ModelChoiceField(
        Role.objects.all(), required=False, to_field_name="slug", empty_label="Any role"
    )
    agent = forms.ModelChoiceField(
        Agent.objects.all(), required=False, to_field_name="name", empty_label="Any agent"
    )
    stakes = forms.ChoiceField(required=False, choices=[("", "Any stakes"), *Stakes.choices])
    outcome = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Any outcome"),
            *((value, label) for value, label in Outcome.choices if value != Outcome.ESCALATE),
            (NO_ANSWER, "no answer"),
        ],
    )

    def __init__(self, data: QueryDict, *, reach: Reach) -> None:
        super().__init__(data)
        if not reach.desk:  # only the roles that this auditor reads
            role = cast("forms.ModelChoiceField[Role]", self.fields["role"])
            role.queryset = Role.objects.filter(pk__in=reach.role_ids)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until <= since:
            self.add_error("until", "This is not after “since”, so nothing can lie between.")
        return cleaned

    def narrow(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        """Return those of ``cases`` that the filter lets through; it must be valid."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        wanted = Q()
        if text := given.get("q"):
            named = Case.objects.named(text).values("pk")
            wanted &= Q(question__icontains=text) | Q(pk__in=named)
        if since := given.get("since"):
            wanted &= Q(decided_at__gte=since)
        if until := given.get("until"):
            wanted &= Q(decided_at__lt=until)
        for name in ("role", "agent", "stakes"):
            if name in given:
                wanted &= Q(**{name: given[name]})
        if outcome := given.get("outcome"):
            wanted &= Q(decisions__outcome=outcome, decisions__overturned_by=None)
        return cases.filter(wanted)

    def said(self) -> dict[str, str]:
        """Return what was asked for, as the record of the reading holds it."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


class BecauseForm(forms.Form):
    """Why an agent is stopped, or started again."""

    because = forms.CharField(
        label=_("Why?"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        error_messages={"required": _("Say why: it stands on the record.")},
    )
