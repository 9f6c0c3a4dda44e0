"""A layer as a manager types it: the rule, its turns in order, its duty windows."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.datastructures import MultiValueDict

from escalation import wallclock
from escalation.actors import Actor
from escalation.enums import Weekday
from escalation.fields import DAY, ClockFormField
from escalation.models import Role, User
from escalation.values import durations
from escalation.values.durations import MINUTE
from reviewers import facts, rosters, turns
from reviewers.enums import Kind, Unit
from reviewers.models import DutyWindow, Layer, Roster, Turn
from reviewers.rosterforms import People, Wall, in_zone, members, shown, within_reason

SHORTEST_SHIFT, LONGEST_SHIFT = timedelta(minutes=15), timedelta(days=31)
WEEKDAYS = [(value, label[:3]) for value, label in Weekday.choices]
# How far ahead a layer must come on at least once, in times of its own repeat.
REPEATS_AHEAD = 3
STEPS = {
    Unit.HOURS: timedelta(hours=1),
    Unit.DAYS: timedelta(days=1),
    Unit.WEEKS: timedelta(weeks=1),
    Unit.MONTHS: timedelta(days=31),
}


class Length(forms.CharField):
    """How long a shift lasts, to the minute: typed in hours and minutes, shown as it is read again."""

    widget = forms.TextInput(attrs={"size": 12, "autocomplete": "off", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return durations.said(value, days=False) if isinstance(value, timedelta) else value

    def to_python(self, value: Any) -> timedelta | None:  # type: ignore[override]
        text = super().to_python(value)
        if not text:
            return None
        try:
            return durations.read_hours(text)
        except ValueError as refusal:
            raise ValidationError(str(refusal)) from None

    def validate(self, value: Any) -> None:
        if value is not None and value < SHORTEST_SHIFT:
            raise ValidationError("A shift lasts at least a quarter of an hour.")
        if value is not None and value > LONGEST_SHIFT:
            raise ValidationError("A shift lasts at most 31 days, which is 744 hours.")


class LayerForm(forms.ModelForm):  # type: ignore[type-arg]
    length = Length(
        label="Each shift lasts",
        required=False,
        help_text="Hours and minutes, e.g. 9, 9:20 or 9 h 20 min; at most 744 hours.",
    )
    weekdays = forms.TypedMultipleChoiceField(
        label="On these weekdays",
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: the weekday of the first day.",
    )
    month_days = SimpleArrayField(
        forms.IntegerField(min_value=1, max_value=31),
        label="On these days of the month",
        required=False,
        help_text="Such as 1, 15. 31 is always the last day. None: the day of the first day.",
    )
    begins = Wall(label="In force from", required=False, help_text="Empty: from when it is saved.")
    ends = Wall(label="In force until", required=False, help_text="Empty: until it is retired.")
    seen = forms.IntegerField(widget=forms.HiddenInput, initial=0, required=False)

    class Meta:
        model = Layer
        fields = [
            "name",
            "position",
            "priority",
            "kind",
            "time_zone",
            "first_on",
            "first_time",
            "every",
            "unit",
            "advance",
        ]
        widgets = {
            "kind": forms.RadioSelect,
            "advance": forms.RadioSelect,
            "first_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "time_zone": forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
        }

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        layer = self.instance
        self.fields["kind"].choices = Kind.choices
        self.fields["advance"].required = False
        if layer._state.adding:
            return
        zone = layer.time_zone
        self.initial |= {
            "length": timedelta(minutes=layer.length_minutes) if layer.length_minutes else None,
            "weekdays": layer.weekdays,
            "month_days": layer.month_days,
            "begins": shown(layer.effective_from, zone),
            "ends": shown(layer.effective_until, zone),
        }

    def clean_first_on(self) -> Any:
        return within_reason(self.cleaned_data["first_on"])

    def clean_first_time(self) -> int:
        value: int = self.cleaned_data["first_time"]
        if value >= DAY:
            raise ValidationError("Give a time before 24:00; midnight is 00:00 of the next day.")
        return value

    def clean_month_days(self) -> list[int]:
        days = sorted(set(self.cleaned_data["month_days"] or []))
        if sum(day > 27 for day in days) > 1:
            raise ValidationError(
                "Name at most one day after the 27th: in a short month two of them would be the "
                "same day. 31 is always the last day of the month."
            )
        return days

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        shifts = given.get("kind") == Kind.SHIFTS
        zone = given.get("time_zone", "")
        self._clean_repeat(shifts)
        self._clean_first(zone)
        begins, ends = (in_zone(self, name, zone) for name in ("begins", "ends"))
        if begins and ends and ends <= begins:
            self.add_error("ends", "It would end before it starts.")
        length = given.get("length")
        layer = self.instance
        layer.effective_from, layer.effective_until = begins, ends
        layer.length_minutes = length // MINUTE if shifts and length else None
        layer.weekdays = given.get("weekdays") or [] if self._repeats(Unit.WEEKS) else []
        layer.month_days = given.get("month_days") or [] if self._repeats(Unit.MONTHS) else []
        if not given.get("advance"):
            given["advance"] = layer.advance
        return given

    def _repeats(self, unit: Unit) -> bool:
        given = self.cleaned_data
        return bool(given.get("kind") == Kind.SHIFTS and given.get("unit") == unit)

    def _clean_repeat(self, shifts: bool) -> None:
        length = self.cleaned_data.get("length")
        if shifts and self.cleaned_data.get("unit") == Unit.HOURS:
            self.add_error(
                "unit", "Shifts repeat by days, weeks or months; for turns of hours choose handoff."
            )
        if shifts and length is None and "length" not in self.errors:
            self.add_error("length", "Say how long each shift lasts.")

    def _clean_first(self, zone: str) -> None:
        day, minutes = (self.cleaned_data.get(name) for name in ("first_on", "first_time"))
        if day is None or minutes is None or zone not in available_timezones():
            return
        first = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
        try:
            wallclock.typed(first, ZoneInfo(zone))
        except wallclock.NoSuchTime as refusal:
            self.add_error("first_time", str(refusal))


class LineForm(forms.Form):
    """One line of many; what is as it was before is read like all else."""

    def has_changed(self) -> bool:
        return True


class TurnForm(LineForm):
    order = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=999,
        widget=forms.NumberInput(attrs={"aria-label": "Place"}),
    )

    def __init__(self, *args: Any, role: Role, offered: list[User], **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["people"] = People(role, offered, required=False, label="On together")


class WindowForm(LineForm):
    weekdays = forms.TypedMultipleChoiceField(
        choices=WEEKDAYS, coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    opens = ClockFormField(
        required=False, widget=forms.TextInput(attrs={"size": 5, "placeholder": "09:00"})
    )
    closes = ClockFormField(
        required=False, widget=forms.TextInput(attrs={"size": 5, "placeholder": "17:00"})
    )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        filled = [given.get(name) for name in ("weekdays", "opens", "closes")]
        if self.errors or not any(part not in (None, []) for part in filled):
            return given
        if not given.get("weekdays"):
            self.add_error("weekdays", "Choose the weekdays on which it opens.")
        for name in ("opens", "closes"):
            if given.get(name) is None:
                self.add_error(name, "Give a time of day such as 09:00.")
        if given.get("opens") == DAY:
            self.add_error("opens", "Give a time before 24:00.")
        if given.get("closes") == 0:
            self.add_error("closes", "Say 24:00 for the end of the day.")
        return given

    def window(self) -> DutyWindow | None:
        given = getattr(self, "cleaned_data", {})
        if not given.get("weekdays"):
            return None
        return DutyWindow(
            weekdays=sorted(given["weekdays"]), opens=given["opens"], closes=given["closes"]
        )


TurnForms = formset_factory(TurnForm, extra=0, max_num=200, absolute_max=200, validate_max=True)
WindowForms = formset_factory(WindowForm, extra=0, max_num=50, absolute_max=50, validate_max=True)


class LayerDraft:
    """A layer as somebody is typing it, with its turns and duty windows; ``layer`` may be unsaved."""

    def __init__(
        self, layer: Layer, data: MultiValueDict[str, str] | None = None, *, at: datetime
    ) -> None:
        self.layer, self.at = layer, at
        self.roster: Roster = layer.roster
        groups = [] if layer._state.adding else [list(t.members.all()) for t in layer.turns.all()]
        self.offered = self._offered(groups)
        number = 0 if layer._state.adding else latest(layer)
        self.form = LayerForm(data, instance=layer, initial={"seen": number})
        self.turns: BaseFormSet[TurnForm] = TurnForms(
            data,
            prefix="turns",
            form_kwargs={"role": self.roster.role, "offered": self.offered},
            initial=self._turns(groups),
        )
        self.windows: BaseFormSet[WindowForm] = WindowForms(
            data, prefix="windows", initial=self._windows()
        )

    def _offered(self, groups: list[list[User]]) -> list[User]:
        found = {user.pk: user for user in members(self.roster.role, self.at)}
        found |= {user.pk: user for group in groups for user in group}
        return sorted(found.values(), key=lambda user: user.name)

    def _turns(self, groups: list[list[User]]) -> list[dict[str, Any]]:
        people = [[user.pk for user in group] for group in groups if group]
        people += [[] for _ in range(2 if people else 4)]  # room to type more without scripts
        return [{"order": n, "people": who} for n, who in enumerate(people, 1)]

    def _windows(self) -> list[dict[str, Any]]:
        held = [] if self.layer._state.adding else list(self.layer.windows.all())
        found = [
            {"weekdays": one.weekdays, "opens": one.opens, "closes": one.closes} for one in held
        ]
        return [*found, {}]

    def is_valid(self) -> bool:
        """Judge all of it together: the parts, then whether anybody would ever be on."""
        parts = [self.form.is_valid(), self.turns.is_valid(), self.windows.is_valid()]
        if not all(parts):
            return False
        if not self.groups():
            self.form.add_error(
                None, "Nobody is in this rotation. Put at least one person into a turn."
            )
            return False
        if problem := never(self.snapshot(), self.at):
            self.form.add_error(None, problem)
            return False
        return True

    def errors(self) -> int:
        """Count what is wrong, for the line above the form."""
        sets = [form.errors for held in (self.turns, self.windows) for form in held.forms]
        return sum(len(found) for found in (self.form.errors, *sets))

    def groups(self) -> list[list[UUID]]:
        typed = [form.cleaned_data for form in self.turns.forms if form.cleaned_data.get("people")]
        ordered = sorted(typed, key=lambda one: one["order"] or 999)
        return [sorted((user.pk for user in one["people"]), key=str) for one in ordered]

    def duty(self) -> list[DutyWindow]:
        return [window for form in self.windows.forms if (window := form.window())]

    def snapshot(self) -> dict[str, Any]:
        return facts.snapshot(self.layer, self.groups(), self.duty())

    def changed_meanwhile(self) -> bool:
        """Return whether somebody published the layer since this form was opened."""
        if self.layer._state.adding:
            return False
        return latest(self.layer) != (self.form.cleaned_data.get("seen") or 0)

    @transaction.atomic
    def save(self, *, by: Actor) -> Layer:
        """Write what was typed and let it decide from now on."""
        layer = self.form.save()
        layer.turns.all().delete()
        for order, group in enumerate(self.groups(), 1):
            Turn.objects.create(layer=layer, order=order).members.set(group)
        layer.windows.all().delete()
        for window in self.duty():
            window.layer = layer
            window.save(force_insert=True)
        rosters.publish(layer, by=by, at=self.at)
        return layer


def latest(layer: Layer) -> int:
    """Return the number of the layer's last version, 0 when it was never published."""
    return layer.versions.order_by("-number").values_list("number", flat=True).first() or 0


def never(snapshot: dict[str, Any], at: datetime) -> str:
    """Return why nobody would ever be on by this rule; empty when somebody would."""
    rule = facts.rule(facts.Version("", snapshot, 0, datetime.min.replace(tzinfo=at.tzinfo), None))
    first = wallclock.instant(rule.first, ZoneInfo(rule.zone))
    since = max(filter(None, (first, rule.since)))
    if rule.until and rule.until <= first:
        return "It would be in force only before its first day, so its first turn never comes."
    reach = STEPS[rule.unit] * rule.every * REPEATS_AHEAD
    if rule.unit != Unit.HOURS:
        reach += timedelta(days=400)
    until = min(filter(None, (since + reach + timedelta(days=15), rule.until)))
    if next(iter(turns.occurrences(rule, since, until)), None):
        return ""
    if rule.windows:
        return (
            "The duty windows never meet its turns, so nobody would ever be on. "
            "Open a window in the time of a shift, or take the windows out."
        )
    return "Its first turn would never come in the time in which it is in force."
