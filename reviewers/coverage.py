"""What a roster leaves open: computed by unions of spans, so that no overlap hides a gap.

Time counts while the role's calendar is open; a role without one works around the clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from escalation import access, calendars, hours, spans
from escalation.models import Conflict, Role, User
from escalation.spans import Span
from escalation.wallclock import instant, wall
from reviewers import facts as from_tables
from reviewers.models import Roster
from reviewers.oncall import Facts, Plan, Stretch, resolve

NIGHT = (22, 6)  # o'clock, on the wall of the role
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Gap:
    """Nobody is on call, and nobody was planned."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Empty:
    """Somebody was planned, and nobody of them is there: away, gone or no longer trained."""

    since: datetime
    until: datetime
    away: tuple[User, ...]


@dataclass(frozen=True)
class Thin:
    """Fewer people are on call than the role wants, or one holds two positions."""

    since: datetime
    until: datetime
    people: tuple[User, ...]
    wanted: int


@dataclass(frozen=True)
class Undecidable:
    """People are on call, and none of them may decide; ``tenant`` empty: for nobody's cases."""

    since: datetime
    until: datetime
    tenant: str
    people: tuple[User, ...]


@dataclass(frozen=True)
class Load:
    """What one person carries; lengths are of a union, nights and weekends on the role's wall."""

    user: User
    on_call: timedelta
    nights: timedelta
    weekends: timedelta
    longest_week: timedelta  # of the weeks, from Monday, the one with most
    shortest_rest: timedelta | None  # None: not on twice
    over_hours: bool
    too_little_rest: bool


@dataclass(frozen=True)
class Coverage:
    role: Role
    since: datetime
    until: datetime
    gaps: tuple[Gap, ...]
    empty: tuple[Empty, ...]
    thin: tuple[Thin, ...]
    undecidable: tuple[Undecidable, ...]
    loads: tuple[Load, ...]  # who carries most first

    @property
    def uncovered(self) -> timedelta:
        """How long nobody is there, whether planned or not."""
        return spans.total((one.since, one.until) for one in (*self.gaps, *self.empty))


def coverage(role: Role, since: datetime, until: datetime, facts: Facts | None = None) -> Coverage:
    """Return what is open, thin or heavy between two instants; ``facts`` are those of an edit to come."""
    facts = facts or from_tables.load(role, since, until)
    plan = resolve(facts, since, until)
    wanted = open_hours(role, since, until)
    users = from_tables.people(
        [*(one.person for one in plan.stretches), *(who for one in plan.holes for who in one.away)]
    )
    return Coverage(
        role,
        since,
        until,
        gaps=tuple(_gaps(plan, wanted)),
        empty=tuple(_empty(plan, wanted, users)),
        thin=tuple(_thin(role, plan, wanted, users)),
        undecidable=tuple(_undecidable(role, plan, wanted, users)),
        loads=tuple(_loads(role, plan, wanted, users)),
    )


def open_hours(role: Role, since: datetime, until: datetime) -> list[Span]:
    """Return when the role works, between two instants."""
    if role.calendar is None:
        return [(since, until)]
    return list(hours.open_spans(calendars.hours_of(role.calendar), since, until))


# Nobody there -------------------------------------------------------------------------------------


def _covered(plan: Plan) -> list[Span]:
    return spans.union((one.since, one.until) for one in plan.stretches)


def _gaps(plan: Plan, wanted: list[Span]) -> Iterator[Gap]:
    away = [(one.since, one.until) for one in plan.holes]
    for span in spans.minus(wanted, [*_covered(plan), *away]):
        yield Gap(*span)


def _empty(plan: Plan, wanted: list[Span], users: dict[str, User]) -> Iterator[Empty]:
    holes = [(one.since, one.until) for one in plan.holes]
    for since, until in spans.both(spans.minus(holes, _covered(plan)), wanted):
        away = {who: None for one in plan.holes for who in one.away
                if one.since < until and one.until > since}  # fmt: skip
        yield Empty(since, until, tuple(users[who] for who in away if who in users))


# Somebody there, but ------------------------------------------------------------------------------


def _together(plan: Plan, wanted: list[Span]) -> Iterator[tuple[Span, list[Stretch]]]:
    """Yield the spans in which the same people are on call, as far as the role works then."""
    edges = sorted({edge for one in plan.stretches for edge in (one.since, one.until)})
    ordered, place = plan.stretches, 0  # the plan is in the order in which they begin
    on: list[Stretch] = []
    for since, until in pairwise(edges):
        on = [one for one in on if one.until > since]
        while place < len(ordered) and ordered[place].since <= since:
            on.append(ordered[place])
            place += 1
        if on:
            yield from ((span, on) for span in spans.both([(since, until)], wanted))


def _joined(
    found: Iterable[tuple[Span, tuple[str, ...]]],
) -> Iterator[tuple[Span, tuple[str, ...]]]:
    """Join what is the same on both sides of an edge."""
    last: tuple[Span, tuple[str, ...]] | None = None
    for span, people in found:
        if last and last[0][1] == span[0] and last[1] == people:
            last = ((last[0][0], span[1]), people)
            continue
        if last:
            yield last
        last = (span, people)
    if last:
        yield last


def _thin(role: Role, plan: Plan, wanted: list[Span], users: dict[str, User]) -> Iterator[Thin]:
    found = (
        (span, tuple(sorted({one.person for one in on})))
        for span, on in _together(plan, wanted)
        if len({one.person for one in on}) < role.least_on_shift
        or len({one.person for one in on}) < len({(one.position, one.slot) for one in on})
    )
    for (since, until), people in _joined(found):
        yield Thin(since, until, tuple(users[who] for who in people), role.least_on_shift)


def _undecidable(
    role: Role, plan: Plan, wanted: list[Span], users: dict[str, User]
) -> Iterator[Undecidable]:
    """Yield when everybody on call lacks the right to decide, for any tenant or for a named one."""
    unable = _unable(role, users)
    together = list(_together(plan, wanted))
    for tenant, excluded in unable.items():
        found = (
            (span, tuple(sorted({one.person for one in on})))
            for span, on in together
            if {one.person for one in on} <= excluded
            and not (tenant and {one.person for one in on} <= unable[""])
        )
        for (since, until), people in _joined(found):
            yield Undecidable(since, until, tenant, tuple(users[who] for who in people))


def _unable(role: Role, users: dict[str, User]) -> dict[str, set[str]]:
    """Return who may not decide for each tenant that anybody has a conflict with; "": for none."""
    deciders = {str(pk) for pk in access.deciders(role, [user.pk for user in users.values()])}
    never = set(users) - deciders
    unable: dict[str, set[str]] = {"": never}
    conflicts = Conflict.objects.filter(user__in=list(users), user_id_of_agent="")
    for conflict in conflicts:
        unable.setdefault(conflict.tenant, set(never)).add(str(conflict.user_id))
    for tenant in unable.keys() - {""}:
        unable[tenant] |= {
            who for who, user in users.items() if user.tenants and tenant not in user.tenants
        }
    return unable


# Who carries it -----------------------------------------------------------------------------------


def _loads(role: Role, plan: Plan, wanted: list[Span], users: dict[str, User]) -> list[Load]:
    by_person: dict[str, list[Span]] = defaultdict(list)
    for one in plan.stretches:
        by_person[one.person].append((one.since, one.until))
    roster = Roster.objects.filter(role=role).first() or Roster(role=role)
    found = [_load(users[who], spans.union(on), wanted, roster) for who, on in by_person.items()]
    return sorted(found, key=lambda load: (-load.on_call, str(load.user)))


def _load(user: User, on: list[Span], wanted: list[Span], roster: Roster) -> Load:
    zone = ZoneInfo(roster.role.time_zone)
    working = spans.both(on, wanted)
    first, last = on[0][0], on[-1][1]
    longest = max(
        (spans.total(spans.both(working, [week])) for week in _weeks(first, last, zone)),
        default=timedelta(),
    )
    rests = [after[0] - before[1] for before, after in pairwise(on)]
    rest = min(rests, default=None)
    return Load(
        user=user,
        on_call=spans.total(working),
        nights=spans.total(spans.both(working, _nights(first, last, zone))),
        weekends=spans.total(spans.both(working, _weekends(first, last, zone))),
        longest_week=longest,
        shortest_rest=rest,
        over_hours=longest > timedelta(hours=roster.most_hours_a_week),
        too_little_rest=rest is not None and rest < timedelta(hours=roster.least_rest_hours),
    )


def _days(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the midnights, on the wall, of the days that a span touches and one before."""
    day = datetime.combine(wall(since, zone).date(), time()) - DAY
    while instant(day, zone) < until:
        yield day
        day += DAY


def _weeks(since: datetime, until: datetime, zone: ZoneInfo) -> list[Span]:
    mondays = {day - day.weekday() * DAY for day in _days(since, until, zone)}
    return [(instant(day, zone), instant(day + 7 * DAY, zone)) for day in mondays]


def _nights(since: datetime, until: datetime, zone: ZoneInfo) -> list[Span]:
    begins, ends = timedelta(hours=NIGHT[0]), timedelta(hours=24 + NIGHT[1])
    return [
        (instant(day + begins, zone), instant(day + ends, zone))
        for day in _days(since, until, zone)
    ]


def _weekends(since: datetime, until: datetime, zone: ZoneInfo) -> list[Span]:
    return [
        (instant(day, zone), instant(day + 2 * DAY, zone))
        for day in _days(since - DAY, until, zone)
        if day.weekday() == 5
    ]
