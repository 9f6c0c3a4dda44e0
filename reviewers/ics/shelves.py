"""Where the spans of a file go: a person's absences, or the overrides of a role that name them.

Both say what stands there, what came from a file before, and which turns are wanted to begin with.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from escalation.actors import Actor
from escalation.models import Role, User
from reviewers import absences, overrides, rosters, shifts
from reviewers.enums import AbsenceKind, OverrideKind
from reviewers.ics.reading import AHEAD, Found
from reviewers.models import Absence, ImportedEvent, Membership, Override

BEGAN = timedelta(
    days=30
)  # how long ago an absence may begin; a day less than the act itself takes


@dataclass(frozen=True)
class Held:
    """What is saved, and the event that it came from, if it came from one."""

    pk: UUID
    since: datetime
    until: datetime
    withdrawn_at: datetime | None = None
    calendar: str = ""
    uid: str = ""
    turn: str = ""
    sequence: int = 0
    file_since: datetime | None = None
    file_until: datetime | None = None

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None


class Shelf(Protocol):
    taken: str
    takes_parts: bool  # whether part of an event says as much as the whole: of being away it does

    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def standing(self) -> list[Held]: ...
    @property
    def imported(self) -> list[Held]: ...
    def wants(self, found: Found) -> bool: ...
    def span(self, found: Found, at: datetime) -> tuple[datetime, datetime]: ...
    def problem(self, since: datetime, until: datetime) -> str: ...
    def add(self, since: datetime, until: datetime, *, by: Actor, at: datetime) -> Any: ...
    def withdraw(self, pk: UUID, *, by: Actor, at: datetime) -> bool: ...
    def plan(self, *, by: Actor, at: datetime) -> None: ...


class Absences:
    """The absences of one person."""

    column = "absence"
    takes_parts = True

    def __init__(
        self, user: User, at: datetime, kind: AbsenceKind = AbsenceKind.LEAVE, note: str = ""
    ) -> None:
        self.user, self.at, self.kind, self.note = user, at, kind, note
        self.zone = ZoneInfo(user.time_zone)
        self.taken = f"{user} is already away"

    @cached_property
    def standing(self) -> list[Held]:
        rows = Absence.objects.within(self.at - BEGAN, self.at + 3 * AHEAD).filter(user=self.user)
        return _standing(rows)

    @cached_property
    def imported(self) -> list[Held]:
        events = ImportedEvent.objects.filter(absence__user=self.user, until__gt=self.at)
        return _imported(events, "absence")

    def wants(self, found: Found) -> bool:
        """Return whether the person is away by it: not where they are free, or nothing is sure yet."""
        doubtful = found.is_cancelled or found.is_tentative
        return not doubtful and found.busy not in ("free", "tentative", "workingelsewhere")

    def span(self, found: Found, at: datetime) -> tuple[datetime, datetime]:
        return max(
            found.since, (at - BEGAN).replace(minute=0, second=0, microsecond=0)
        ), found.until

    def problem(self, since: datetime, until: datetime) -> str:
        return ""

    def add(self, since: datetime, until: datetime, *, by: Actor, at: datetime) -> Absence:
        given = {"since": since, "until": until, "kind": self.kind, "note": self.note}
        return absences.note(self.user, by=by, at=at, plans=False, **given)

    def withdraw(self, pk: UUID, *, by: Actor, at: datetime) -> bool:
        absence = Absence.objects.standing().filter(pk=pk, user=self.user).first()
        return absence is not None and absences.withdraw(absence, by=by, at=at, plans=False)

    def plan(self, *, by: Actor, at: datetime) -> None:
        absences.plan([self.user], by=by, at=at)


class Overrides:
    """The overrides of one role in which one person comes or goes."""

    column = "override"
    takes_parts = False

    def __init__(
        self,
        role: Role,
        person: User,
        at: datetime,
        kind: OverrideKind = OverrideKind.ADD,
        position: int | None = None,
        reason: str = "",
    ) -> None:
        self.role, self.person, self.at = role, person, at
        self.kind, self.position, self.reason = kind, position, reason
        self.zone = ZoneInfo(person.time_zone)
        self.taken = f"{person} already has an override in {role}"

    @cached_property
    def standing(self) -> list[Held]:
        theirs = Q(in_user=self.person) | Q(out_user=self.person)
        rows = Override.objects.within(self.at, self.at + 3 * AHEAD)
        return _standing(rows.filter(theirs, roster__role=self.role))

    @cached_property
    def imported(self) -> list[Held]:
        events = ImportedEvent.objects.filter(
            override__roster__role=self.role, override__in_user=self.person, until__gt=self.at
        )
        return _imported(events, "override")

    @cached_property
    def _held(self) -> list[tuple[datetime, datetime | None]]:
        found = Membership.objects.filter(role=self.role, user=self.person)
        return list(found.values_list("joined_at", "left_at"))

    def wants(self, found: Found) -> bool:
        """Return whether it is a stint: those who stand in are often written as free then."""
        return not found.is_cancelled and not found.is_tentative

    def span(self, found: Found, at: datetime) -> tuple[datetime, datetime]:
        return max(found.since, at.replace(second=0, microsecond=0)), found.until

    def problem(self, since: datetime, until: datetime) -> str:
        if until - since > overrides.LONGEST:
            return "An override lasts at most a year; a longer change belongs in a layer."
        if not any(
            joined < until and (left is None or left > max(since, self.at))
            for joined, left in self._held
        ):
            return f"{self.person} is not in {self.role} in that time."
        return ""

    def add(self, since: datetime, until: datetime, *, by: Actor, at: datetime) -> Override:
        return overrides.make(
            rosters.roster_of(self.role),
            self.kind,
            since=since,
            until=until,
            reason=self.reason,
            stand_in=self.person,
            position=self.position,
            by=by,
            at=at,
            plans=False,
        )

    def withdraw(self, pk: UUID, *, by: Actor, at: datetime) -> bool:
        override = Override.objects.standing().filter(
            pk=pk, roster__role=self.role, in_user=self.person
        )
        found = override.select_related("roster__role").first()
        return found is not None and overrides.withdraw(found, by=by, at=at, plans=False)

    def plan(self, *, by: Actor, at: datetime) -> None:
        shifts.plan_again(self.role, by=by, at=at)


def _standing(rows: Any) -> list[Held]:
    return [Held(pk, during.lower, during.upper) for pk, during in rows.values_list("pk", "during")]


def _imported(events: Any, column: str) -> list[Held]:
    return [
        Held(
            pk=getattr(event, f"{column}_id"),
            since=getattr(event, column).during.lower,
            until=getattr(event, column).during.upper,
            withdrawn_at=getattr(event, column).withdrawn_at,
            calendar=event.calendar,
            uid=event.uid,
            turn=event.turn,
            sequence=event.sequence,
            file_since=event.since,
            file_until=event.until,
        )
        for event in events.select_related(column).order_by("id")
    ]
