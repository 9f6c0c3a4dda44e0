"""The desk of one roster: what is planned, what is wrong with it, and who gets the next case."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils.timezone import now

from escalation.eligibility import beyond_authority
from escalation.models import Case, Role
from escalation.money.currencies import CODE
from escalation.spans import Span
from reviewers import candidates, coverage, facts, preview, rosters, shifts, timeline
from reviewers.admin import history
from reviewers.admin.desk import OfManagers, managed, zone_of
from reviewers.models import Absence, Layer, Override, Roster, Shift
from reviewers.oncall import Facts, resolve
from reviewers.overrides import words
from reviewers.rosterforms import Wall, in_zone


class RosterForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Roster
        fields = ["most_hours_a_week", "least_rest_hours", "swaps_need_approval"]
        labels = {
            "most_hours_a_week": "Most hours a week",
            "least_rest_hours": "Least rest, in hours",
            "swaps_need_approval": "Swaps wait for a manager",
        }


class NextCaseForm(forms.Form):
    """Any instant, and what a case would be like; what is left empty does not matter."""

    at = Wall(label="At", required=False)
    amount = forms.DecimalField(required=False, min_value=0, max_digits=38, decimal_places=18)
    currency = forms.RegexField(
        rf"(?i)^{CODE.pattern}$",
        required=False,
        error_messages={"invalid": "Its code, such as USD or BTC."},
    )
    category = forms.CharField(required=False, max_length=64)
    tenant = forms.CharField(required=False, max_length=255)

    def __init__(self, *args: Any, zone: str, **given: Any) -> None:
        self.zone = zone
        super().__init__(*args, **given)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        given["instant"] = in_zone(self, "at", self.zone)
        if given.get("amount") is not None and not given.get("currency"):
            self.add_error("currency", "Say in which currency.")
        return given


@dataclass(frozen=True)
class Row:
    """A roster in the list: who is on now."""

    role: Role
    roster: Roster
    on_call: list[Shift]


def rows(request: HttpRequest, at: datetime) -> list[Row]:
    """Return the rosters that this person edits; a role's is made when it is first asked for."""
    roles = list(
        managed(request)
        .order_by("name")
        .select_related("roster")
        .annotate(
            layers=Count("roster__layers", filter=Q(roster__layers__retired_at=None), distinct=True)
        )
        .prefetch_related(
            Prefetch("shifts", Shift.objects.at(at).select_related("user"), to_attr="on_now")
        )
    )
    return [
        Row(role, role.roster if hasattr(role, "roster") else rosters.roster_of(role), role.on_now)
        for role in roles
    ]


@admin.register(Roster)
class RosterAdmin(OfManagers):
    role_path = "role"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # each role has one

    def get_urls(self) -> list[URLPattern]:
        next_case = self.route("<uuid:pk>/next-case/", self.next_case, "next_case")
        return [next_case, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        found = rows(request, now())
        return self.page(request, "admin/roster/list.html", title="Rosters", rows=found, at=now())

    def edit_page(self, request: HttpRequest, pk: str) -> HttpResponse:
        role = self.role(request, pk)
        form = RosterForm(request.POST or None, instance=role.roster)
        if request.method == "POST" and form.is_valid():
            form.save()
            messages.success(request, "Saved.")
            return redirect("admin:reviewers_roster_change", role.roster.pk)
        status = 422 if request.method == "POST" else 200
        context = Desk(role, zone_of(request, role), now()).context()
        context["ask"] = NextCaseForm(zone=role.time_zone)
        return self.page(
            request, "admin/roster/desk.html", status, title=f"{role}", settings=form,
            mine=request.user.time_zone, **context,
        )  # fmt: skip

    def next_case(self, request: HttpRequest, pk: str) -> HttpResponse:
        """Say who would get a case at any instant, and why nobody who comes before in line would."""
        role, asked = self.role(request, str(pk)), now()
        form = NextCaseForm(request.GET or None, zone=role.time_zone)
        context: dict[str, Any] = {"role": role, "roster": role.roster, "ask": form}
        valid = not form.is_bound or form.is_valid()
        if valid:
            given = form.cleaned_data if form.is_bound else {}
            at = given.get("instant") or asked
            context |= _answer(role, at, _imagined(given)) | {"is_now": at == asked}
        return self.page(
            request, "admin/roster/next_case.html", 200 if valid else 422,
            title="Who gets the next case", **context,
        )  # fmt: skip

    def history(self, row: Roster) -> list[history.Entry]:
        return history.of(row)

    def history_extra(self, request: HttpRequest, row: Roster) -> dict[str, Any]:
        return {"roster": row}


@dataclass(frozen=True)
class Standing:
    """One person in the line for the next case, in words."""

    candidate: candidates.Candidate
    idle: str  # how long since their last case; empty: never had one

    def __getattr__(self, name: str) -> Any:
        return getattr(self.candidate, name)


def _answer(role: Role, at: datetime, case: Case | None) -> dict[str, Any]:
    """Return who gets a case at an instant, the line they stand in, and why others are passed over."""
    line = [
        Standing(one, timeline.length(at - one.last_at) if one.last_at != candidates.NEVER else "")
        for one in candidates.Team(role, at).weigh(case)
    ]
    beyond = beyond_authority(role, case) if case else ""
    chosen = next((one for one in line if not one.passed_over), None)
    if chosen:
        answer = f"{chosen.user.name} gets it"
    elif line:
        answer = "Everybody on call is passed over; the case waits for the role"
    else:
        answer = "Nobody is on call"
        answer += f"; {role.backup_role} backs it up" if role.backup_role else ""
    return {
        "at": at,
        "line": line,
        "chosen": chosen,
        "answer": answer,
        "beyond": beyond,
        "forecast": shifts.is_forecast(role, at),
    }


def _imagined(given: dict[str, Any]) -> Case | None:
    """Return an unsaved case as it was described, None when nothing was."""
    if not any(given.get(name) for name in ("amount", "currency", "category", "tenant")):
        return None
    return Case(
        amount=given.get("amount"),
        currency=(given.get("currency") or "").upper(),
        categories=[given["category"]] if given.get("category") else [],
        tenant=given.get("tenant") or "",
    )


class Desk:
    """One roster as its manager sees it, over four weeks from this Monday."""

    def __init__(self, role: Role, zone: str, at: datetime) -> None:
        self.role, self.zone, self.at = role, zone, at
        self.roster: Roster = role.roster
        self.window = timeline.window(at, zone)
        self.layers = list(
            self.roster.layers.filter(retired_at=None).prefetch_related("turns__members", "windows")
        )
        self.held = facts.load(role, *self.window)
        self.plan = preview.planned(role, *self.window)
        self.cast = preview.cast_of(role, self.plan)
        self.covered = coverage.coverage(role, max(at, self.window[0]), self.window[1])

    def context(self) -> dict[str, Any]:
        overrides, absences = list(self._overrides()), list(self._absences())
        on_call = shifts.on_call(self.role, self.at)
        loads = self.covered.loads
        most = max((load.on_call for load in loads), default=None)
        return {
            "role": self.role,
            "roster": self.roster,
            "zone": self.zone,
            "at": self.at,
            "layers": self.layers,
            "retired": self.roster.layers.exclude(retired_at=None).order_by("-retired_at"),
            "overrides": overrides,
            "absences": absences,
            "timeline": timeline.draw(self._lanes(overrides, absences), self.window, self.zone,
                                      at=self.at),  # fmt: skip
            "now": [(timeline.position(p), list(held)) for p, held in
                    groupby(on_call, key=lambda shift: shift.position)],  # fmt: skip
            "next": shifts.next_on_call(self.role, self.at),
            "cautions": list(preview.cautions(self.covered, self.held, self.zone)),
            "uncovered": timeline.length(self.covered.uncovered) if self.covered.uncovered else "",
            "loads": [
                (load, self.cast.tone(str(load.user.pk)), f"{load.on_call / most:.2%}",
                 timeline.hours(load.on_call), timeline.hours(load.nights) if load.nights else "")
                for load in loads if most
            ],
        }  # fmt: skip

    def _overrides(self) -> Any:
        found = self.roster.overrides.standing().filter(during__endswith__gt=self.at)
        for one in found.select_related("in_user", "out_user", "roster__role"):
            one.says = words(one)
            yield one

    def _absences(self) -> Any:
        people = self.role.memberships.open(self.at).values("user")
        found = Absence.objects.standing().filter(user__in=people, during__endswith__gt=self.at)
        return found.select_related("user")

    def _lanes(self, overrides: list[Override], absences: list[Absence]) -> Any:
        for layer in self.layers:
            yield self._layer(layer)
        if overrides:
            bars = tuple(_bar(one.during, one.says, f"{one.says}: {one.reason}", "override")
                         for one in overrides)  # fmt: skip
            yield timeline.Lane("Overrides", "override", bars, f"{len(overrides)} to come")
        if absences:
            bars = tuple(_bar(one.during, self.cast.short(str(one.user_id)) + ", away",
                              f"{one.user} away, {one.kind}", "absence")
                         for one in absences)  # fmt: skip
            yield timeline.Lane("Absences", "absence", bars)
        wanted: list[Span] = coverage.open_hours(self.role, *self.window)
        yield from timeline.final_lanes(self.plan, self.cast, wanted, under="what routing uses")

    def _layer(self, layer: Layer) -> timeline.Lane:
        rules = tuple(rule for rule in self.held.rules if rule.layer == str(layer.pk))
        bare = resolve(Facts(rules), *self.window)
        url = reverse("admin:reviewers_layer_change", args=[layer.pk])
        under = f"{timeline.position(layer.position).lower()}, priority {layer.priority}"
        return timeline.layer_lane(bare, str(layer.pk), self.cast, layer.name, under, url)


def _bar(during: Any, word: str, said: str, tone: str) -> timeline.Bar:
    return timeline.Bar(during.lower, during.upper, word, said, tone, word.partition(" ")[0])
