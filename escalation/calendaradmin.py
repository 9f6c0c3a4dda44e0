"""Calendars in the administration: hours, holidays and special days on one page, with a look ahead."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.forms.formsets import all_valid
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now

from escalation import access, calendars
from escalation.enums import Weekday
from escalation.errors import CalendarRefused
from escalation.fields import DAY
from escalation.hours import Hours
from escalation.models import Calendar, Holiday, OpenSpan, Role, SpecialDay
from escalation.views.people import person
from escalation.working_time import holidays_ahead


def _may(request: HttpRequest, act: str, calendar: Calendar | None = None) -> bool:
    """Whoever manages a role sees calendars and changes those that no role of others works by."""
    user = person(request)
    if user.has_perm(f"escalation.{act}_calendar"):
        return True
    theirs = access.managed_roles(user)
    others = Role.objects.exclude(pk__in=theirs).filter(calendar=calendar) if calendar else None
    return theirs.exists() and not (act == "change" and others is not None and others.exists())


class CalendarForm(forms.ModelForm[Calendar]):
    years = forms.CharField(
        label="Fill in for",
        required=False,
        max_length=60,
        help_text=(
            "Years such as 2026 or 2026-2028. Days that are listed already stay as they are. "
            "This year and the next fill themselves in."
        ),
    )

    class Meta:
        model = Calendar
        fields = ["name", "time_zone", "country", "region"]

    def clean_country(self) -> str:
        return str(self.cleaned_data["country"]).strip().upper()

    def clean_years(self) -> list[int]:
        text = str(self.cleaned_data["years"])
        try:
            return calendars.parse_years(text) if text.strip() else []
        except CalendarRefused as refusal:
            raise ValidationError(str(refusal)) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        country, region = cleaned.get("country", ""), cleaned.get("region", "")
        try:
            calendars.check_place(country)
        except CalendarRefused as refusal:
            self.add_error("country", str(refusal))
            return cleaned
        try:
            calendars.check_place(country, region)
        except CalendarRefused as refusal:
            self.add_error("region", str(refusal))
        if cleaned.get("years") and not country:
            self.add_error("years", "Give a country first: its public holidays are filled in.")
        return cleaned


class Named:
    """Formsets whose every input says of itself which row it belongs to: a table has no labels."""

    @property
    def kept(self) -> list[dict[str, Any]]:
        """Return the rows that will stand once this is saved."""
        formset: Any = self
        rows = [form for form in formset.forms if form not in formset.deleted_forms]
        return [form.cleaned_data for form in rows if form.cleaned_data]

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)  # type: ignore[misc]
        saved = form.instance.pk and not form.instance._state.adding
        row = f"of {form.instance}" if saved else "of a new row"
        for name, field in form.fields.items():
            label = "Delete" if name == "DELETE" else field.label or name.capitalize()
            field.widget.attrs["aria-label"] = f"{label} {row}"


class OpenSpanForm(forms.ModelForm[OpenSpan]):
    class Meta:
        model = OpenSpan
        fields = ["weekday", "opens", "closes"]

    def clean_opens(self) -> int:
        if self.cleaned_data["opens"] == DAY:
            raise ValidationError("Nothing opens at 24:00; choose 00:00 on the next day.")
        return int(self.cleaned_data["opens"])

    def clean_closes(self) -> int:
        return int(self.cleaned_data["closes"]) or DAY  # 00:00 ends the day as 24:00 does


class OpenSpanFormSet(Named, BaseInlineFormSet[OpenSpan, Calendar, OpenSpanForm]):
    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        for day in Weekday:
            spans = [(one["opens"], one["closes"]) for one in self.kept if one["weekday"] == day]
            if said := calendars.overlap(spans, day.label):
                raise ValidationError(said)


class SpecialDayForm(forms.ModelForm[SpecialDay]):
    class Meta:
        model = SpecialDay
        fields = ["date", "name", "hours"]

    def clean_hours(self) -> str:
        text = str(self.cleaned_data["hours"])
        try:
            calendars.parse_hours(text)
        except CalendarRefused as refusal:
            raise ValidationError(str(refusal)) from None
        return text.strip()


class SpecialDayFormSet(Named, BaseInlineFormSet[SpecialDay, Calendar, SpecialDayForm]):
    spans: OpenSpanFormSet | None = None  # the week of the same page

    def clean(self) -> None:
        """Refuse a calendar that never opens, which only the whole page can tell."""
        super().clean()
        if any(self.errors) or self.spans is None or not self.spans.is_valid():
            return
        if not self.spans.kept and not any(row.get("hours") for row in self.kept):
            raise ValidationError(
                "With these hours the calendar never opens, and nothing would ever be due. "
                "Give it a span of the week or a special day with hours."
            )


class HolidayForm(forms.ModelForm[Holiday]):
    class Meta:
        model = Holiday
        fields = ["date", "name", "kept"]

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        if self.instance.source:  # moved, it would be filled in again on its own date
            self.fields["date"].disabled = True
            self.fields["date"].widget = forms.DateInput(attrs={"size": 10})


class HolidayFormSet(Named, BaseInlineFormSet[Holiday, Calendar, HolidayForm]):
    def clean(self) -> None:
        super().clean()
        for form in self.deleted_forms:
            if form.instance.source:
                raise ValidationError(
                    f"{form.instance} came from the public list and would be filled in again. "
                    "Switch “kept” off instead."
                )


class PartOfCalendar(admin.TabularInline[Any, Calendar]):
    """Whoever may change the calendar may change its parts."""

    template = "admin/escalation/calendar/part.html"
    extra = 1

    def has_view_permission(self, request: HttpRequest, obj: Calendar | None = None) -> bool:
        return _may(request, "view")

    def has_add_permission(self, request: HttpRequest, obj: Calendar | None = None) -> bool:
        return _may(request, "change" if obj else "add", obj)

    def has_change_permission(self, request: HttpRequest, obj: Calendar | None = None) -> bool:
        return _may(request, "change" if obj else "add", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Calendar | None = None) -> bool:
        return _may(request, "change" if obj else "add", obj)


class OpenSpanInline(PartOfCalendar):
    model = OpenSpan
    form = OpenSpanForm
    formset: Any = OpenSpanFormSet
    verbose_name_plural = "Hours of the week"

    def get_extra(self, request: HttpRequest, obj: Any | None = None, **given: Any) -> int:
        return 1 if obj else 5


class HolidayInline(PartOfCalendar):
    model = Holiday
    form = HolidayForm
    formset: Any = HolidayFormSet
    verbose_name_plural = "Holidays: closed, unless not kept"


class SpecialDayInline(PartOfCalendar):
    model = SpecialDay
    form = SpecialDayForm
    formset: Any = SpecialDayFormSet
    verbose_name_plural = "Special days: hours that go before the week's and a holiday"


@admin.register(Calendar)
class CalendarAdmin(admin.ModelAdmin[Calendar]):
    form = CalendarForm
    inlines = [OpenSpanInline, HolidayInline, SpecialDayInline]
    list_display = ["name", "time_zone", "country", "region", "used_by"]
    search_fields = ["name"]
    actions = ["fill_in_holidays"]
    fieldsets = [
        (None, {"fields": ["name", "time_zone"]}),
        ("Public holidays", {"fields": [("country", "region"), "years"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Calendar]:
        return super().get_queryset(request).prefetch_related("roles")

    @admin.display(description="used by")
    def used_by(self, calendar: Calendar) -> str:
        return ", ".join(role.name for role in calendar.roles.all()) or "no role"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _may(request, "view")

    def has_view_permission(self, request: HttpRequest, obj: Calendar | None = None) -> bool:
        return _may(request, "view")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Calendar | None = None) -> bool:
        return _may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Calendar | None = None) -> bool:
        return False  # deadlines of the past were reckoned with it

    def _create_formsets(self, request: HttpRequest, obj: Any, change: bool) -> Any:
        formsets, inlines = super()._create_formsets(request, obj, change)  # type: ignore[misc]
        by_model = {formset.model: formset for formset in formsets}
        if SpecialDay in by_model and OpenSpan in by_model:
            by_model[SpecialDay].spans = by_model[OpenSpan]
        return formsets, inlines

    def save_model(self, request: HttpRequest, obj: Calendar, form: Any, change: bool) -> None:
        form.before = calendars.facts(Calendar.objects.get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        by, at = person(request), now()
        calendars.record_change(form.instance, form.before, by=by, at=at)
        if years := form.cleaned_data["years"]:
            self._fill_in(request, form.instance, years, at)
        holidays_ahead.schedule(form.instance, at=at)

    @admin.action(
        description="Fill in public holidays of this year and the next", permissions=["change"]
    )
    def fill_in_holidays(self, request: HttpRequest, chosen: QuerySet[Calendar]) -> None:
        at = now()
        for calendar in chosen:
            if not _may(request, "change", calendar):
                said = f"{calendar}: a role that you do not manage works by it."
                self.message_user(request, said, messages.ERROR)
                continue
            try:
                self._fill_in(request, calendar, [at.year, at.year + 1], at)
            except CalendarRefused as refusal:
                self.message_user(request, f"{calendar}: {refusal}", messages.ERROR)

    def _fill_in(
        self, request: HttpRequest, calendar: Calendar, years: list[int], at: datetime
    ) -> None:
        seeded = calendars.seed_holidays(calendar, years, by=person(request), at=at)
        said = f"{calendar}: {len(seeded.added)} public holidays filled in"
        if seeded.known:
            said += f"; {seeded.known} were listed already and stay as they are"
        self.message_user(request, f"{said}. Look through them: they are yours to change.")

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST" and "_look" in request.POST:
            return self._look(request, object_id)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _look(self, request: HttpRequest, object_id: str | None) -> HttpResponse:
        """Show the weeks ahead as they would be with what is typed. Nothing is saved."""
        calendar = self.get_object(request, object_id) if object_id else None
        if object_id and calendar is None:
            raise Http404
        if not _may(request, "change" if calendar else "add", calendar):
            raise PermissionDenied
        form = self.get_form(request, calendar)(request.POST, instance=calendar or Calendar())
        formsets, _ = self._create_formsets(request, form.instance, change=calendar is not None)
        sound = form.is_valid() and all_valid(formsets)
        context = {"waits": True}
        if sound:
            hours, names = _typed(form, {formset.model: formset for formset in formsets})
            context = _weeks(hours, names) | {"is_typed": True}
        return render(request, "admin/escalation/calendar/_weeks.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **given: Any
    ) -> HttpResponse:
        calendar = context.get("original")
        if calendar is not None:
            context |= _weeks(calendars.hours_of(calendar), calendars.names_of(calendar))
        return super().render_change_form(request, context, *args, **given)


def _weeks(hours: Hours, names: dict[date, str]) -> dict[str, Any]:
    at = now()
    return {
        "weeks": calendars.days_ahead(hours, names, at),
        "today": calendars.today(hours, at),
        "zone": hours.zone,
    }


def _typed(form: Any, formsets: dict[Any, Any]) -> tuple[Hours, dict[date, str]]:
    """Return what a sound page says, the holidays that it would fill in among it."""
    place, years = form.instance, form.cleaned_data["years"]
    listed = {row["date"]: row for row in formsets[Holiday].kept}
    off = calendars.public_holidays(place.country, place.region, years) if years else {}
    off = {day: name for day, name in off.items() if day not in listed}
    off |= {day: row["name"] for day, row in listed.items() if row["kept"]}
    special = formsets[SpecialDay].kept
    hours = Hours(
        zone=place.time_zone,
        spans=tuple(
            (row["weekday"], row["opens"], row["closes"]) for row in formsets[OpenSpan].kept
        ),
        holidays=frozenset(off),
        special={row["date"]: calendars.parse_hours(row["hours"]) for row in special},
    )
    return hours, off | {row["date"]: row["name"] for row in special}
