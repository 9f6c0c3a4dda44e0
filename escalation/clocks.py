"""The clocks of a case as rows, worked out by the pure pair of ``deadlines`` whenever a fact changes.

The facts are when the case came, the hours of each of its handoffs, and its pauses. The next instant at
which something is to be done on a case is one effect, whatever it is: ``routing.fallback`` finds out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from escalation import effects, ledger
from escalation.actors import CLOCK
from escalation.calendars import hours_of
from escalation.deadlines import Pause as Paused
from escalation.deadlines import Segment, due_at, elapsed
from escalation.enums import EffectKind, Target
from escalation.hours import Hours
from escalation.models import Case, Clock, Handoff, HoursVersion, Pause, Role

RUNNING = Q(stopped_at=None, breached_at=None)


@dataclass(frozen=True)
class Wanted:
    """A target as policy sets it: how many seconds, of which time, and at which percents to warn."""

    target: Target
    seconds: int
    in_working_time: bool = True
    percents: tuple[int, ...] = ()
    step: int = -1  # of the chain whose wait it is


@dataclass(frozen=True)
class Counting:
    """What all clocks of one case count by."""

    segments: list[Segment]
    pauses: list[Paused]

    @classmethod
    def of(cls, case: Case) -> "Counting":
        """Read it from the case's handoffs and pauses."""
        return cls.over(case, list(Pause.objects.filter(case=case)))

    @classmethod
    def over(cls, case: Case, pauses: list[Pause]) -> "Counting":
        handoffs = Handoff.objects.filter(case=case).order_by("started_at", "id")
        read = handoffs.values_list("started_at", "hours_id", "hours__facts")
        return cls(
            [Segment(since, Hours.of(facts) if digest else None) for since, digest, facts in read],
            [(pause.began_at, pause.ended_at) for pause in pauses if pause.stops_clocks],
        )

    def due(self, clock: Clock, seconds: int | None = None) -> datetime | None:
        """Return when ``seconds`` (None: all of them) have passed on the clock; None while it waits.

        Where no open hour is left to come, every hour counts: a deadline that never comes would be
        one that nobody keeps.
        """
        within = timedelta(seconds=clock.seconds if seconds is None else seconds)
        found = due_at(clock.started_at, within, self._segments(clock), self.pauses)
        if found or self.is_paused:
            return found
        return due_at(clock.started_at, within, self._wall(clock), self.pauses)

    def used(self, clock: Clock, at: datetime) -> timedelta:
        """Return how much of its time the clock has counted by ``at``, or by when it was stopped."""
        end = min(at, clock.stopped_at or at)
        return elapsed(clock.started_at, end, self._segments(clock), self.pauses)

    def warning(self, clock: Clock) -> datetime | None:
        """Return when the next warning is due: when a smaller target would be."""
        if clock.warned >= len(clock.percents):
            return None
        return self.due(clock, clock.seconds * clock.percents[clock.warned] // 100)

    def next_instant(self, clock: Clock) -> datetime | None:
        """Return when the clock next wants something: a warning, or its breach."""
        return self.warning(clock) or clock.due_at

    @cached_property
    def is_paused(self) -> bool:
        return any(ended is None for _, ended in self.pauses)

    def _segments(self, clock: Clock) -> list[Segment]:
        return self.segments if clock.in_working_time else self._wall(clock)

    def _wall(self, clock: Clock) -> list[Segment]:
        return [Segment(clock.started_at, None)]


def freeze(roles: Iterable[Role]) -> dict[UUID, HoursVersion | None]:
    """Return the working hours of each role as they are now, kept; None: around the clock."""
    found = {role.pk: hours_of(role.calendar) if role.calendar else None for role in roles}
    kept = {
        hours.version: HoursVersion(digest=hours.version, facts=hours.facts)
        for hours in found.values()
        if hours
    }
    if kept:
        HoursVersion.objects.bulk_create(kept.values(), ignore_conflicts=True)
    return {pk: kept[hours.version] if hours else None for pk, hours in found.items()}


def begin(given: list[tuple[Case, HoursVersion | None, Iterable[Wanted]]]) -> None:
    """Start the clocks of cases that have just come into hands, as of when they came.

    ``case.due_at`` is set on each and left to be saved with the rest of the case.
    """
    clocks, dues = [], {}
    for case, hours, wanted in given:
        counting = Counting([Segment(case.created_at, _hours(hours))], [])
        own = [_clock(case, one, case.created_at, counting) for one in wanted]
        clocks += own
        case.due_at = next((one.due_at for one in own if one.target == Target.DECISION), None)
        instants = [at for one in own if (at := counting.next_instant(one))]
        if instants:
            dues[case.pk] = min(instants)
    Clock.objects.bulk_create(clocks)
    effects.schedule_all(EffectKind.DEADLINE, dues)


def start(case: Case, wanted: Wanted, *, at: datetime) -> Clock:
    """Start one more clock of a locked case, such as the wait after a step."""
    clock = _clock(case, wanted, at, Counting.of(case))
    clock.save(force_insert=True)
    return clock


def _hours(version: HoursVersion | None) -> Hours | None:
    return Hours.of(version.facts) if version else None


def _clock(case: Case, wanted: Wanted, at: datetime, counting: Counting) -> Clock:
    clock = Clock(
        case=case,
        target=wanted.target,
        step=wanted.step,
        seconds=wanted.seconds,
        in_working_time=wanted.in_working_time,
        percents=list(wanted.percents),
        started_at=at,
    )
    clock.due_at = counting.due(clock)
    return clock


def breach(case: Case, clock: Clock, *, at: datetime) -> None:
    """Write down that a clock of a locked case has passed: when it was due, whenever that is seen."""
    assert clock.due_at
    clock.breached_at = clock.due_at
    clock.save(update_fields=["breached_at", "due_at"])
    ledger.append(
        "clock.breached",
        subject=case,
        by=CLOCK,
        at=at,
        target=clock.target,
        step=clock.step,
        due_at=ledger.instant(clock.due_at),
    )


def stop(case: Case, *targets: Target, at: datetime) -> None:
    """Stop these clocks of a locked case, or all.

    A target that was missed by then is breached, also where whoever made it up came before the
    sweep; one that is breached already keeps that, and is stopped too.
    """
    clocks = Clock.objects.filter(case=case, stopped_at=None)
    if targets:
        clocks = clocks.filter(target__in=targets)
    for clock in clocks.filter(RUNNING).exclude(target=Target.FALLBACK).order_by("due_at"):
        clock.due_at = clock.due_at or Counting.of(case).due(clock)  # its pause ends with it
        if clock.due_at and clock.due_at <= at:
            breach(case, clock, at=at)
    clocks.update(
        stopped_at=Greatest(F("started_at"), Value(at))
    )  # ``at`` may be of before the lock


@dataclass(frozen=True)
class Reading:
    """What the clocks of a locked case say now, worked out anew: three statements."""

    counting: Counting
    clocks: list[Clock]  # those that ran when it was read; ``due_at`` is worked out, not yet saved
    stored: dict[UUID, datetime | None]  # what their ``due_at`` was
    until: datetime | None  # when a pause ends by itself

    @classmethod
    def of(cls, case: Case) -> "Reading":
        pauses = list(Pause.objects.filter(case=case))
        counting = Counting.over(case, pauses)
        clocks = list(Clock.objects.filter(RUNNING, case=case))
        stored = {clock.pk: clock.due_at for clock in clocks}
        for clock in clocks:
            clock.due_at = counting.due(clock)
        until = next((pause.until for pause in pauses if pause.ended_at is None), None)
        return cls(counting, clocks, stored, until)

    @property
    def running(self) -> list[Clock]:
        return [clock for clock in self.clocks if clock.breached_at is None]


def work_out(case: Case, *, at: datetime, reading: Reading | None = None) -> None:
    """Work out anew when the clocks of a locked case are due, and when to look at it again.

    Called after every change of what they count by. ``case.due_at`` is saved. ``reading`` is one of
    which nothing has changed since.
    """
    reading = reading or Reading.of(case)
    for clock in reading.running:
        if clock.due_at != reading.stored[clock.pk]:
            clock.save(update_fields=["due_at"])
        if clock.target == Target.DECISION and case.due_at != clock.due_at:
            case.due_at = clock.due_at
            case.save(update_fields=["due_at"])
    instants = [reading.counting.next_instant(clock) for clock in reading.running]
    coming = [instant for instant in (*instants, reading.until) if instant]
    if coming:
        effects.schedule(EffectKind.DEADLINE, case.pk, due_at=min(coming))
    else:
        effects.done(EffectKind.DEADLINE, [case.pk], at=at)
