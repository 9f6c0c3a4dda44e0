"""Who is on call in a role at an instant, who comes next, and who should be there and is not.

Read from ``shifts``; the page and the command say the same because both ask here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from escalation import spans
from escalation.models import Role, User
from escalation.spans import Span
from reviewers import facts, shifts
from reviewers.coverage import open_hours
from reviewers.models import Shift
from reviewers.oncall import resolve

SOON = timedelta(days=14)


@dataclass(frozen=True)
class OnDuty:
    role: Role
    at: datetime
    on_call: list[Shift]  # first in line first
    next: list[Shift]  # those who come on together at the next change
    away: tuple[User, ...] = ()  # planned for the first position, and not there
    gaps: tuple[Span, ...] = ()  # in the two weeks to come

    @property
    def first(self) -> Shift | None:
        return self.on_call[0] if self.on_call else None

    @property
    def others(self) -> list[Shift]:
        return self.on_call[1:]

    @property
    def is_without_primary(self) -> bool:
        return all(shift.position > 1 for shift in self.on_call)

    @property
    def until(self) -> datetime | None:
        """How long this holds: until the first of them goes or another comes; None: no end known."""
        changes = [shift.until for shift in self.on_call] + [shift.since for shift in self.next[:1]]
        return min(changes, default=None)


def look(role: Role, at: datetime) -> OnDuty:
    on_call = shifts.on_call(role, at)
    return OnDuty(role, at, on_call, shifts.next_on_call(role, at), _away(role, on_call, at))


def look_in(roles: Iterable[Role], at: datetime) -> list[OnDuty]:
    """Look at several roles at once, in the same few queries however many there are.

    Only a role whose first position stands empty is asked why by itself.
    """
    roles = list(roles)
    now, coming = shifts.on_call_in(roles, at), shifts.next_in(roles, at)
    planned: dict[UUID, list[Shift]] = {role.pk: [] for role in roles}
    for shift in Shift.objects.within(at, at + SOON).filter(role__in=roles):
        planned[shift.role_id].append(shift)
    return [
        OnDuty(
            role,
            at,
            now[role.pk],
            coming[role.pk],
            _away(role, now[role.pk], at),
            tuple(uncovered(role, planned[role.pk], at, at + SOON)) if planned[role.pk] else (),
        )
        for role in roles
    ]


def uncovered(role: Role, among: Iterable[Shift], since: datetime, until: datetime) -> list[Span]:
    """Return when the role works and nobody is on call, whatever their position."""
    held = [(shift.since, shift.until) for shift in among]
    return spans.minus(open_hours(role, since, until), held)


def _away(role: Role, on_call: list[Shift], at: datetime) -> tuple[User, ...]:
    """Return who was planned for the first position, where nobody holds it."""
    if any(shift.position == 1 for shift in on_call):
        return ()
    instant = (at, at + timedelta(microseconds=1))
    holes = resolve(facts.load(role, *instant), *instant).holes
    planned = [who for hole in holes if hole.position == 1 for who in hole.away]
    return tuple(facts.people(planned).values())
