"""What a manager types about a roster: overrides, absences, and what layers are typed with too.

Times are typed on the wall clock of a named zone; one that does not exist, or occurs twice, is asked
again. What a form says yes to can be looked at (``reviewers.preview``) before it is saved.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.datastructures import MultiValueDict

from escalation import wallclock
from escalation.models import Role, User
from reviewers.enums import AbsenceKind, OverrideKind
from reviewers.models import Override, Roster
from reviewers.overrides import problems

YEARS = range(2000, 2101)


def members(role: Role, at: datetime) -> list[User]:
    """Return who holds the role now or is to."""
    found = User.objects.filter(memberships__role=role, is_active=True).distinct()
    held = found.filter(memberships__in=role.memberships.open(at))
    return sorted(held, key=lambda user: user.name)


def within_reason(day: Any) -> Any:
    """Return a day that a roster can be about, or refuse it."""
    if day.year not in YEARS:
        raise ValidationError(f"Choose a year from {YEARS[0]} to {YEARS[-1]}.")
    return day


class Wall(forms.DateTimeField):
    """A wall-clock time without a zone; ``in_zone`` makes it an instant, or says why it is none."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        try:
            read = datetime.fromisoformat(str(value).strip()).replace(tzinfo=None, microsecond=0)
        except ValueError:
            raise ValidationError("Give a day and a time, such as 2026-11-23 09:00.") from None
        return within_reason(read)

    def prepare_value(self, value: Any) -> Any:
        return value


def in_zone(form: forms.Form, name: str, zone: str) -> datetime | None:
    """Return the instant that a field's wall-clock time is; a time that is none is said at the field."""
    typed = form.cleaned_data.get(name)
    if typed is None or zone not in available_timezones():
        return None
    try:
        return wallclock.typed(typed, ZoneInfo(zone))
    except wallclock.NoSuchTime as refusal:
        form.add_error(name, str(refusal))
    return None


def shown(at: datetime | None, zone: str) -> datetime | None:
    """Return how an instant stands in a field."""
    return wallclock.wall(at, ZoneInfo(zone)) if at else None


class People(forms.ModelMultipleChoiceField):
    """People of a role, as boxes to tick."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, role: Role, offered: Iterable[User], **given: Any) -> None:
        super().__init__(User.objects.filter(pk__in=[user.pk for user in offered]), **given)
        self.choices = [(str(user.pk), user.name) for user in offered]
        self.error_messages["invalid_choice"] = (
            f"Only people of {role} can be on call for it; add them to the role first."
        )


# Standing in and being away ----------------------------------------------------------------------


class SpanForm(forms.Form):
    """A span typed as two wall-clock times of a zone that the page names."""

    since = Wall(label="From")
    until = Wall(label="Until")

    zone = "UTC"

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        since, until = (in_zone(self, name, self.zone) for name in ("since", "until"))
        if since and until and until <= since:
            self.add_error("until", "It would end before it starts.")
        given["since"], given["until"] = since, until
        return given


class OverrideForm(SpanForm):
    kind = forms.ChoiceField(choices=OverrideKind.choices, widget=forms.RadioSelect)
    out = forms.ModelChoiceField(
        User.objects.none(), label="Who is off", required=False, empty_label="nobody"
    )
    stand_in = forms.ModelChoiceField(
        User.objects.none(), label="Who is on", required=False, empty_label="nobody"
    )
    position = forms.IntegerField(
        label="Position",
        required=False,
        min_value=1,
        max_value=9,
        help_text="1 is primary, 2 secondary. Empty: whichever they hold.",
    )
    reason = forms.CharField(max_length=255, help_text="Whoever is affected reads it.")
    field_order = ["kind", "out", "stand_in", "since", "until", "position", "reason"]

    def __init__(
        self, roster: Roster, data: MultiValueDict[str, str] | None = None, *, at: datetime
    ) -> None:
        self.roster, self.at, self.zone = roster, at, roster.role.time_zone
        super().__init__(data, initial={"kind": OverrideKind.REPLACE})
        offered = members(roster.role, at)
        for name in ("out", "stand_in"):
            field = self.fields[name]
            field.queryset = User.objects.filter(pk__in=[user.pk for user in offered])
            field.choices = [("", "choose"), *((str(user.pk), user.name) for user in offered)]
            field.error_messages["invalid_choice"] = (
                f"Only people of {roster.role} can be on call for it; add them to the role first."
            )

    def clean(self) -> dict[str, Any]:
        """Leave out who does not matter for the kind, and ask the act itself what is wrong."""
        given = super().clean()
        kind = given.get("kind")
        if kind in (OverrideKind.ADD, OverrideKind.COVER):
            given["out"] = None
        if kind == OverrideKind.REMOVE:
            given["stand_in"] = None
        if not self.errors:
            for problem in problems(self.override()):
                self.add_error(self._field_of(problem), problem)
        return given

    def _field_of(self, problem: str) -> str | None:
        given = self.cleaned_data
        if problem.startswith("It would end"):
            return "until"
        if problem.startswith("Say who"):
            return "out" if "off" in problem else "stand_in"
        for name in ("out", "stand_in"):
            if given.get(name) and problem.startswith(given[name].name):
                return name
        return None

    def override(self) -> Override:
        """Return what was typed, unsaved; what lies before now begins now."""
        given = self.cleaned_data
        since, until = max(given["since"], self.at), given["until"]
        return Override(
            roster=self.roster,
            kind=given["kind"],
            position=given.get("position"),
            during=DateTimeTZRange(since, until) if since < until else None,
            out_user=given.get("out"),
            in_user=given.get("stand_in"),
            reason=given.get("reason", ""),
        )


class AbsenceForm(SpanForm):
    kind = forms.ChoiceField(
        choices=AbsenceKind.choices,
        label="Why",
        help_text="Only they and their managers see why.",
    )
    note = forms.CharField(max_length=255, required=False)
    field_order = ["people", "since", "until", "kind", "note"]

    def __init__(
        self, role: Role, data: MultiValueDict[str, str] | None = None, *, at: datetime
    ) -> None:
        self.zone = role.time_zone
        super().__init__(data)
        self.fields["people"] = People(role, members(role, at), label="Who is away")
        self.fields["people"].error_messages["required"] = "Choose at least one person."
        self.order_fields(self.field_order)
