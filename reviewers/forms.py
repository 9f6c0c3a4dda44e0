"""What a reviewer fills in: the decision, and their own account."""

import re
from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from escalation.enums import Outcome
from escalation.models import Draft, User
from reviewers import schemaform
from reviewers.answering import Stage
from reviewers.casefile import Casefile
from reviewers.optioncard import OptionCard
from reviewers.overlimit import measure
from reviewers.schemaform.numerals import COMMA, INDIAN, POINT, SPACE, SWISS
from reviewers.schemaform.schemas import same

REASON_LENGTH = 10_000
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
PARAMETER = re.compile(r"p[0-9]+(-[0-9a-z-]+)?$")
NEITHER = _("Neither of the two gave this answer.")


def _cards(file: Casefile) -> list[OptionCard]:
    """Return what is on offer: to an arbiter, of what lets the agent go on, only what was answered."""
    made = []
    for option in file.options:
        if not file.answering.is_arbitrated(option):
            made.append(OptionCard(file, option))
        elif given := file.answering.may_permit(option):
            fixed = given if option.parameters is not None else [None]
            made += [OptionCard(file, option, settled=answer) for answer in fixed]
        else:
            made.append(OptionCard(file, option, barred=str(NEITHER)))
    return made


class DecisionForm(forms.Form):
    """One answer to one case. ``arguments`` of the proposal fill in what an option asks for.

    A ``draft`` puts back what was typed before, without finding fault with it.
    """

    option = forms.CharField(error_messages={"required": _("Choose one of the answers.")})
    reasons = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": _("Choose from the reasons listed.")}
    )
    rationale = forms.CharField(required=False, max_length=REASON_LENGTH, strip=True)
    digest = forms.RegexField(DIGEST)

    def __init__(
        self, file: Casefile, data: QueryDict | None = None, *, draft: Draft | None = None
    ) -> None:
        self.row = ""  # which was added, or stands where one was taken out
        self.is_reshaped = data is not None and "row" in data
        if data is not None and self.is_reshaped:
            data, self.row = _reshaped(data)
        typed = data if data is not None else as_typed(draft)
        super().__init__(data, initial={"rationale": typed.get("rationale", "")})
        self.file, self.draft, self.typed = file, draft, typed
        self.fields["reasons"].choices = file.answering.reasons.items()  # type: ignore[attr-defined]
        self.cards = self.offered()
        filled_in = sum(bool(card.inputs) for card in self.cards)
        for card in self.cards:
            card.room //= max(1, filled_in)
            card.is_chosen = card.value == typed.get("option", "") and not card.barred
            if draft is not None:
                card.restore(typed)
                if data is None and card.is_chosen and card.filled is not None:
                    measure(file, card, card.filled)
                card.forgive()
        self.filled: dict[str, Any] | None = None

    def offered(self) -> list[OptionCard]:
        return _cards(self.file)

    def is_valid(self) -> bool:
        """Return whether it is an answer: a post that only adds or removes a row never is one."""
        return not self.is_reshaped and super().is_valid()

    def full_clean(self) -> None:
        if not self.is_reshaped:
            super().full_clean()
            return
        self._errors, self.cleaned_data = ErrorDict(), {}
        if self.chosen:
            self.chosen.fill(self.typed, self.row)
            measure(self.file, self.chosen, self.chosen.filled)

    @property
    def chosen(self) -> OptionCard | None:
        return next((card for card in self.cards if card.is_chosen), None)

    @property
    def listed(self) -> list[tuple[str, str, bool]]:
        """Each reason that may be chosen: its key, its words, and whether it is."""
        chosen = self.typed.getlist("reasons")
        return [(key, label, key in chosen) for key, label in self.file.answering.reasons.items()]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What was typed, field by field, for a page that only passes it on."""
        return [
            (name, self.file.sight.version_name(value) if name == "digest" else value)
            for name in self.typed if is_answer(name)
            for value in self.typed.getlist(name)
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.chosen:
            if "option" in cleaned:
                self.add_error("option", _("The case does not offer this answer."))
            return cleaned
        self.filled = self.chosen.read(self.typed)
        over = measure(self.file, self.chosen, self.filled)
        if not self.chosen.is_sound:
            said = _("“%(answer)s” is not filled in right.")
            self.add_error(None, said % {"answer": self.chosen.option.label})
        elif over:
            self.add_error(None, over.told)
        if self.chosen.option.outcome != Outcome.ESCALATE:
            self._ask_why(cleaned)
        return cleaned

    def _ask_why(self, cleaned: dict[str, Any]) -> None:
        ask = self.file.answering
        if ask.asks_reason and "reasons" in cleaned and not cleaned["reasons"]:
            self.add_error("reasons", _("Choose at least one reason."))
        if cleaned.get("rationale") or "rationale" in self.errors:
            return
        if ask.asks_words:
            self.add_error("rationale", _("Say why in words: the policy asks for it."))
        elif self.changes:
            self.add_error("rationale", _("Say why: your answer is another than before."))

    @property
    def changes(self) -> bool:
        """Whether the answer is another than the one this reader committed."""
        own = self.file.answering.own
        if own is None or self.chosen is None or self.file.answering.stage != Stage.REVEALED:
            return False
        return self.chosen.option.pk != own.option_id or not same(self.filled, own.parameters)


def _reshaped(data: QueryDict) -> tuple[QueryDict, str]:
    """Return a post with a row more or less, all else as it was typed."""
    values, row = schemaform.reshaped(data.dict())
    changed = data.copy()
    for name in set(data) - set(values):
        del changed[name]
    for name, value in values.items():
        if data.get(name) != value:
            changed[name] = value
    return changed, row


class OverturnForm(DecisionForm):
    """An answer in place of the decision that stands: with a reason, and never passed up."""

    rationale = forms.CharField(
        max_length=REASON_LENGTH,
        error_messages={"required": _("Say why: who overturns a decision gives the reason.")},
    )

    stands = forms.UUIDField(required=False)  # the decision that was on screen

    def offered(self) -> list[OptionCard]:
        ending = [one for one in self.file.options if one.outcome != Outcome.ESCALATE]
        return [OptionCard(self.file, option) for option in ending]


def is_answer(name: str) -> bool:
    """Return whether a field of that name is part of an answer, and of its draft: no search is."""
    known = ("option", "reasons", "rationale", "digest", "stands")
    return name in known or (bool(PARAMETER.match(name)) and not name.endswith("-find"))


def as_typed(draft: Draft | None) -> QueryDict:
    """Return a draft as the form that it was typed into was posted."""
    typed = QueryDict(mutable=True)
    for name, values in (draft.fields if draft else {}).items():
        typed.setlist(name, values)
    if draft:
        typed["digest"] = draft.digest
    return typed


class AccountForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ["first_name", "last_name", "email", "time_zone"]


class DisplayForm(forms.Form):
    """How the desk looks to this person, on this browser."""

    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[("auto", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    density = forms.ChoiceField(
        label=_("Density"), choices=[("comfortable", _("Comfortable")), ("compact", _("Compact"))]
    )
    numbers = forms.ChoiceField(
        label=_("Numbers"),
        required=False,
        choices=[
            ("auto", _("As the browser’s language")),
            *(
                (one.key, one.written("1250.50", grouped=True))
                for one in (POINT, COMMA, SPACE, SWISS)
            ),
            (INDIAN.key, INDIAN.written("125000.50", grouped=True)),
        ],
    )


class PasswordForm(PasswordChangeForm):  # type: ignore[type-arg]
    """Django's own, without stealing the focus of a page that holds other forms too."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
