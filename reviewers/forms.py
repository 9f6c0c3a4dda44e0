"""What a reviewer fills in: the decision, and their own account."""

import re
from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.http import QueryDict

from escalation import parameters
from escalation.enums import Outcome
from escalation.errors import ParametersRejected
from escalation.models import Case, Option, User
from reviewers import schemaform
from reviewers.schemaform import Input

REASON_LENGTH = 10_000
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class OptionCard:
    """One option on the panel: its words, its consequences, and the inputs it asks for."""

    def __init__(self, option: Option, chosen: str, arguments: Any) -> None:
        self.option = option
        self.is_chosen = option.key == chosen
        self.inputs: list[Input] = []
        if option.parameters is not None:
            self.inputs = schemaform.build(option.parameters, f"p{option.position}", arguments)
        self.errors: list[str] = []

    def read(self, data: QueryDict) -> dict[str, Any] | None:
        """Return what was filled in, checked against the schema; errors stay at their inputs."""
        if self.option.parameters is None:
            return None
        filled = schemaform.read(self.inputs, data)
        try:
            parameters.check(self.option.parameters, filled)
        except ParametersRejected as refusal:
            homeless = schemaform.point_out(self.inputs, refusal.faults)
            self.errors += [fault.message for fault in homeless]
        return filled

    @property
    def is_sound(self) -> bool:
        return not self.errors and not any(
            made.errors for top in self.inputs for made in top.walk()
        )


class DecisionForm(forms.Form):
    """One answer to one case. ``arguments`` of the proposal fill in what an option asks for."""

    option = forms.CharField(error_messages={"required": "Choose one of the answers."})
    rationale = forms.CharField(required=False, max_length=REASON_LENGTH, strip=True)
    digest = forms.RegexField(DIGEST)

    def __init__(
        self, case: Case, options: list[Option], arguments: Any, data: QueryDict | None = None
    ) -> None:
        super().__init__(data)
        self.case = case
        self.posted = data
        chosen = data.get("option", "") if data is not None else ""
        self.cards = [OptionCard(option, chosen, arguments) for option in options]
        self.filled: dict[str, Any] | None = None

    @property
    def chosen(self) -> OptionCard | None:
        return next((card for card in self.cards if card.is_chosen), None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.chosen:
            if "option" in cleaned:
                self.add_error("option", "The case does not offer this answer.")
        elif self.posted is not None:
            self.filled = self.chosen.read(self.posted)
            if not self.chosen.is_sound:
                self.add_error(None, f"“{self.chosen.option.label}” is not filled in right.")
        return cleaned


class OverturnForm(DecisionForm):
    """An answer after all, in place of a fallback's: with a reason, and never passed up."""

    rationale = forms.CharField(
        max_length=REASON_LENGTH,
        error_messages={"required": "Say why: who overturns a decision gives the reason."},
    )

    def __init__(
        self, case: Case, options: list[Option], arguments: Any, data: QueryDict | None = None
    ) -> None:
        ending = [option for option in options if option.outcome != Outcome.ESCALATE]
        super().__init__(case, ending, arguments, data)


class AccountForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ["first_name", "last_name", "email", "time_zone"]


class DisplayForm(forms.Form):
    """How the desk looks to this person, on this browser."""

    theme = forms.ChoiceField(
        choices=[("auto", "As the system"), ("light", "Light"), ("dark", "Dark")]
    )
    density = forms.ChoiceField(choices=[("comfortable", "Comfortable"), ("compact", "Compact")])


class PasswordForm(PasswordChangeForm):  # type: ignore[type-arg]
    """Django's own, without stealing the focus of a page that holds other forms too."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
