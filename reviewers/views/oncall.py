"""Who is on call, now and in the weeks ahead, as a reader's own calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from escalation import access
from escalation.models import Role, User
from escalation.views.people import person
from escalation.wallclock import wall
from reviewers import hands, lanes, onduty, shifts, swaps, weekgrid
from reviewers.coverage import Load
from reviewers.models import Membership

SPANS = {"day": 1, "week": 7, "weeks": 28}
EVERY = {"day": 3, "week": 12, "weeks": 12}  # hours between two ticks
EARLIEST, LATEST = date(2000, 1, 3), date(2100, 1, 1)


@require_GET
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "reviewers/on_call.html", overview(person(request), now()))


def overview(user: User, at: datetime) -> dict[str, Any]:
    """Return what `/on-call/` shows: each role that ``user`` sees, their own shifts, and swaps."""
    roles = access.rosters_of(user).select_related("calendar")
    return {
        "section": "on_call",
        "at": at,
        "duties": onduty.look_in(roles, at),
        "coming": shifts.coming_up_for(user, at),
        **swaps.exchange(user, at),
    }


@require_GET
@never_cache
def role(request: HttpRequest, slug: str) -> HttpResponse:
    """One role's calendar: a day, a week or four, on the reader's wall clock or the role's."""
    found, user, at = role_for(request, slug), person(request), now()
    period = Period(request, found, at)
    viewer = viewer_of(user, found, at, zone=period.which)
    schedule = lanes.Schedule(
        found, period.days[0].since, period.days[-1].until, viewer=viewer, at=at
    )
    context = {
        "section": "on_call",
        "role": found,
        "at": at,
        "duty": onduty.look(found, at),
        "viewer": viewer,
        "period": period,
        "schedule": schedule,
        "grids": _grids(period, schedule.lanes(), at),
        "loads": _loads(schedule),
        "team": hands.team(found, at) if viewer.supervises else [],
    }
    with timezone.override(period.zone):
        status = 422 if period.problem else 200
        return render(request, "reviewers/on_call_role.html", context, status=status)


def role_for(request: HttpRequest, slug: str) -> Role:
    """Return the role; one whose roster is not for this reader is Http404 like one that never was."""
    found = access.rosters_of(request.user).filter(slug=slug)
    found = found.select_related("calendar", "backup_role", "roster")
    if (role := found.first()) is None:
        raise Http404
    return role


def viewer_of(user: User, role: Role, at: datetime, *, zone: str = "") -> lanes.Viewer:
    held = Membership.objects.current(at).filter(role=role, user=user)
    looks_only = user.acting_as == access.AUDITOR
    member = not looks_only and held.exists()
    rights = access.rights(user)
    manages = rights.runs_desk or role.pk in rights.roles(access.MANAGE)
    supervises = role.pk in rights.roles(access.SUPERVISE)
    return lanes.Viewer(user, member, manages, zone, supervises)


def zone_of(request: HttpRequest, role: Role) -> tuple[ZoneInfo, str]:
    """Return the zone that is asked for, and what the address calls it: ``role``, or nothing."""
    which = "role" if request.GET.get("zone") == "role" else ""
    name = role.time_zone if which else person(request).time_zone
    return ZoneInfo(name), which


class Period:
    """Which days are asked for, in which zone. What makes no sense is said, and today is shown."""

    def __init__(self, request: HttpRequest, role: Role, at: datetime) -> None:
        self.role, self.at, self.user = role, at, person(request)
        self.zone, self.which = zone_of(request, role)
        self.today = wall(at, self.zone).date()
        self.problem = ""
        self.span = self._span(request.GET.get("span", "week"))
        self.first = self._first(request.GET.get("from", ""))
        self.days = weekgrid.days(
            self.first, SPANS[self.span], self.zone, at=at, every=EVERY[self.span]
        )

    def _span(self, text: str) -> str:
        if text in SPANS:
            return text
        self.problem = f"“{text[:40]}” is no span; choose day, week or weeks. This is the week."
        return "week"

    def _first(self, text: str) -> date:
        chosen = self.today
        if text:
            try:
                chosen = date.fromisoformat(text)
            except ValueError:
                self.problem = (
                    f"“{text[:40]}” is not a date such as {self.today}. This is the present."
                )
            if not EARLIEST <= chosen <= LATEST:
                self.problem = f"{chosen} is too far away to plan. This is the present."
                chosen = self.today
        return chosen if self.span == "day" else chosen - timedelta(days=chosen.weekday())

    @property
    def is_present(self) -> bool:
        return self.days[0].since <= self.at < self.days[-1].until

    @property
    def is_one_wall(self) -> bool:
        return self.role.time_zone == self.user.time_zone

    @property
    def place(self) -> str:
        return place(self.zone.key)

    @property
    def own_place(self) -> str:
        return place(self.user.time_zone)

    @property
    def role_place(self) -> str:
        return place(self.role.time_zone)

    @property
    def title(self) -> str:
        first, last = self.days[0].date, self.days[-1].date
        if self.span == "day":
            return f"{first:%A %-d %B %Y}"
        begins = f"{first:%-d}" if first.month == last.month else f"{first:%-d %B}"
        return f"{begins} to {last:%-d %B %Y}"

    @property
    def spans(self) -> list[tuple[str, str, bool]]:
        """The switch: words, address, whether it is this one."""
        words = {"day": "Day", "week": "Week", "weeks": "4 weeks"}
        kept = self.today if self.is_present else self.first
        return [(words[name], self.url(kept, span=name), name == self.span) for name in SPANS]

    @property
    def before(self) -> str:
        return self.url(max(self.first - timedelta(days=SPANS[self.span]), EARLIEST))

    @property
    def after(self) -> str:
        return self.url(min(self.first + timedelta(days=SPANS[self.span]), LATEST))

    @property
    def present(self) -> str:
        return self.url(None)

    @property
    def on_own_wall(self) -> str:
        return self.url(self.first, zone="")

    @property
    def on_roles_wall(self) -> str:
        return self.url(self.first, zone="role")

    def url(self, first: date | None, **changes: str) -> str:
        given = {"span": self.span, "from": first and str(first), "zone": self.which} | changes
        kept = {name: value for name, value in given.items() if value}
        if kept.get("span") == "week":
            del kept["span"]
        return f"?{urlencode(kept)}"


def place(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def _grids(period: Period, found: list[weekgrid.Lane], at: datetime) -> list[weekgrid.Grid]:
    """Return the days as one table, or of four weeks what stands, a table row each."""
    if period.span != "weeks":
        return [weekgrid.draw(found, period.days, period.zone, at=at)]
    final = [lane for lane in found if lane.kind == "held"]
    return [
        weekgrid.draw(final, period.days[start : start + 7], period.zone, at=at, compact=True)
        for start in range(0, len(period.days), 7)
    ]


def _loads(schedule: lanes.Schedule) -> list[tuple[Load, float]]:
    """Return who carries how much, each with the length of their bar in percent."""
    loads = schedule.coverage.loads
    most = max((load.on_call for load in loads), default=timedelta())
    return [(load, round(load.on_call / most * 100, 1)) for load in loads if most]
