"""What is due on a case: warnings, breaches and the steps that follow one, in order and each once.

All of it happens under the lock of the case, in the transaction that says that it has happened, so
that two sweeps, a job that runs twice and a clock that was dead for an hour come to the same. A
breach is of the instant that was due. The wait after a step runs from when the step was taken: that
we were away takes nothing from the time that people were to have.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from uuid import UUID

from django.db import transaction

from escalation import clocks, effects, ledger, lifecycle
from escalation.actors import CLOCK
from escalation.clocks import RUNNING, Reading, Wanted
from escalation.eligibility import beyond_authority
from escalation.enums import EffectKind, FallbackEnd, HandoffEnd, HandoffReason, Target, TriggerType
from escalation.lifecycle import Hands
from escalation.models import Case, Clock, Handoff, Role
from escalation.models.handoffs import CURRENT
from escalation.sentences import english
from escalation.values import durations
from reviewers import candidates, casenews
from reviewers.candidates import Team
from routing import alarms, sla
from routing.enums import Rung
from routing.models import Ruling

BY_FALLBACK = (HandoffReason.SECONDARY, HandoffReason.BACKUP, HandoffReason.HIGHER)


class PeopleWanted(Exception):
    """A step turns to people, who are locked before a case is: the case is taken up anew."""


def act(case_id: UUID, *, at: datetime) -> None:
    """Do all that is due on a case by ``at``, and say when to look at it again.

    Most of what is due asks nobody new: it is tried without looking at teams.
    """
    try:
        _act(case_id, [], at)
    except PeopleWanted:
        _act(case_id, _roles_to_ask(case_id), at)


@transaction.atomic
def _act(case_id: UUID, asked: list[Role], at: datetime) -> None:
    teams = candidates.teams(asked, at) if asked else {}
    case = Case.objects.locked(case_id)
    if asked and case.role not in teams:
        return  # it moved meanwhile; the lease ends soon, and it is looked at again
    if case.release_at:  # a person has answered; should that not go out, its clocks say so anew
        effects.done(EffectKind.DEADLINE, [case.pk], at=at)
        return
    walk = Walk(case, teams, at)
    while not case.is_ended and (due := walk.next_due()):
        due.act()
    if not case.is_ended:
        clocks.work_out(case, at=at, reading=walk.reading)


def _roles_to_ask(case_id: UUID) -> list[Role]:
    """Return the roles whose people a step may turn to: the case's own, its backups, the higher ones."""
    case = Case.objects.select_related("role").get(pk=case_id)
    first = _first_role(case)
    found = {role.pk: role for role in (case.role, first) if role}
    for line in ("backup_role", "higher_role"):
        found |= {role.pk: role for role in _line(first, line)}
    return list(found.values())


def _first_role(case: Case) -> Role | None:
    """Return the role that owned the case before a fallback moved it: its backup, its higher role."""
    own = case.handoffs.select_related("role").exclude(reason__in=BY_FALLBACK).last()
    return own.role if own else case.role


def _line(role: Role | None, name: str) -> list[Role]:
    """Return a role's backups, or its higher roles, one after the other; the database lets none circle."""
    found: list[Role] = []
    following = getattr(role, name) if role else None
    while following:
        found.append(following)
        following = getattr(following, name)
    return found


# What is due ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """One thing to do, and the instant it was to be done."""

    at: datetime
    act: Callable[[], None]


class Walk:
    """One locked case, the people who may be asked, and what is done with it at an instant."""

    def __init__(self, case: Case, teams: dict[Role, Team], at: datetime) -> None:
        self.case, self.at = case, at
        self.teams = {role.pk: team for role, team in teams.items()}
        self._reading: Reading | None = None

    @property
    def reading(self) -> Reading:
        """What the clocks say; read again after anything that they count by has changed."""
        if self._reading is None:
            self._reading = Reading.of(self.case)
        return self._reading

    def next_due(self) -> Due | None:
        """Return the first thing that is due by now; doing it may change what is due then."""
        found = []
        for clock in self.reading.running:
            if warning := self.reading.counting.warning(clock):
                found.append(Due(warning, partial(self.warn, clock)))
            if clock.due_at:
                found.append(Due(clock.due_at, partial(self.breach, clock)))
        if self.reading.until:
            found.append(Due(self.reading.until, self.take_up))
        found = [due for due in found if due.at <= self.at]
        return min(found, key=lambda due: due.at, default=None)

    @cached_property
    def policy(self) -> sla.Sla:
        """The SLA policy that the case started with."""
        ruling = Ruling.objects.select_related("sla").get(case=self.case)
        return sla.read(ruling.sla.facts)

    @cached_property
    def steps(self) -> tuple[sla.Step, ...]:
        boundary = self.case.firings.filter(type=TriggerType.BOUNDARY).exists()
        return self.policy.steps_for(boundary)

    def warn(self, clock: Clock) -> None:
        percent = clock.percents[clock.warned]
        clock.warned += 1
        clock.save(update_fields=["warned"])
        ledger.append(
            "clock.warned", subject=self.case, by=CLOCK, at=self.at,
            target=clock.target, percent=percent, due_at=_said(clock.due_at),
        )  # fmt: skip
        following = self.reading.counting.next_instant(clock)
        if clock.due_at and following and following > self.at:  # else that is told, at once
            left = durations.said(clock.due_at - self.at)
            text = f"{self.case.reference}: {left} left for its {clock.get_target_display()}."
            self.tell(f"warned:{clock.pk}:{percent}", text)

    def breach(self, clock: Clock) -> None:
        clocks.breach(self.case, clock, at=self.at)
        if clock.target == Target.FALLBACK:
            self.climb(clock.step + 1)
            return
        late = (
            f"{self.case.reference} has missed its deadline for the {clock.get_target_display()}."
        )
        self.tell(f"breached:{clock.pk}", late)
        if clock.target in (self.policy.chain.starts_at, Target.DECISION):
            self.start_chain()

    def start_chain(self) -> None:
        """Take the next step, unless one that was taken is still waited after."""
        waits = Clock.objects.filter(case=self.case, target=Target.FALLBACK)
        if not waits.filter(RUNNING).exists():
            last = waits.order_by("-step").values_list("step", flat=True).first()
            self.climb(0 if last is None else last + 1)

    def climb(self, number: int) -> None:
        """Take a step of the chain; one with nobody on it is passed at once, with the reasons."""
        for position, step in list(enumerate(self.steps))[number:]:
            skipped = self.take(step)
            self._reading = None
            ledger.append(
                "case.fallback_step", subject=self.case, by=CLOCK, at=self.at,
                step=position, do=step.do.value, skipped=skipped,
                policy=self.case.terms.policy if self.case.terms else "",
            )  # fmt: skip
            if not skipped and not step.is_terminal:
                seconds = int(step.wait.total_seconds())
                wait = Wanted(Target.FALLBACK, seconds, self.policy.chain.working, step=position)
                clocks.start(self.case, wait, at=self.at)
            if not skipped:
                return

    def take(self, step: sla.Step) -> str:
        """Do what a step says; return why it was skipped, empty when it was done."""
        match step.do:
            case Rung.REMIND:
                return self.remind()
            case Rung.SECONDARY:
                return self.ask_next()
            case Rung.BACKUP_ROLE:
                return self.ask_role("backup_role", HandoffReason.BACKUP)
            case Rung.HIGHER_ROLE:
                return self.ask_role("higher_role", HandoffReason.HIGHER)
            case Rung.HOLD:
                return self.hold()
            case Rung.DENY:
                return self.end(FallbackEnd.DENY)
            case Rung.DO_NOTHING:
                return self.end(FallbackEnd.DO_NOTHING)

    # Steps -----------------------------------------------------------------------------------------

    def remind(self) -> str:
        people = casenews.concerned(self.case, self.at)
        if not people:
            return f"nobody is on call for {self.case.role}"
        text = f"{self.case.reference} is overdue and still waits for your answer."
        casenews.tell(self.case, people, f"remind:{self.current.pk}:{self.at:%s}", text, at=self.at)
        return ""

    def ask_next(self) -> str:
        """Ask the next in line of the role that has the case now."""
        assert self.case.role
        team, current = self.team(self.case.role), self.current
        hands = self.chosen(team, HandoffReason.SECONDARY)
        if hands.user is None:
            return self.why_nobody(team)
        handoffs = lifecycle.give_back([hands], end=HandoffEnd.FALLBACK, by=CLOCK, at=self.at)
        casenews.turns(handoffs, at=self.at)
        if current.user:
            text = f"{self.case.reference} is overdue; {hands.user} was asked as well."
            casenews.tell(self.case, [current.user], f"beside:{current.pk}", text, at=self.at)
        return ""

    def ask_role(self, line: str, reason: HandoffReason) -> str:
        """Ask the first role along a line that has not had the case yet."""
        first = _first_role(self.case)
        had = set(self.case.handoffs.values_list("role", flat=True))
        role = next((role for role in _line(first, line) if role.pk not in had), None)
        word = "backup role" if line == "backup_role" else "higher role"
        if role is None:
            return f"{first} has no {word} that was not asked yet"
        if beyond := beyond_authority(role, self.case):
            return beyond.rstrip(".")
        team = self.team(role)
        hands = self.chosen(team, reason)
        if hands.user is None:
            return self.why_nobody(team)
        handoff = lifecycle.move_role(hands, by=CLOCK, at=self.at)
        self.case.refresh_from_db(fields=["role", "due_at"])
        casenews.turns([handoff], at=self.at)
        return ""

    def hold(self) -> str:
        note = f"Nobody answered in time; held by the fallback of {self.case.terms}."
        lifecycle.hold(self.case.pk, note, by=CLOCK, at=self.at)
        self.case.refresh_from_db(fields=["status", "due_at"])
        return ""

    def end(self, end: FallbackEnd) -> str:
        lifecycle.fall_back(self.case.pk, end, at=self.at)
        assert self.case.role
        alarms.look_at(self.case.role, at=self.at)
        self.case.refresh_from_db(fields=["status", "ended_at", "due_at"])
        return ""

    def take_up(self) -> None:
        lifecycle.take_up(self.case.pk, by=CLOCK, at=self.at)
        self._reading = None
        self.case.refresh_from_db(fields=["status", "due_at"])
        text = f"{self.case.reference} waits for you again: its pause is over."
        self.tell(f"taken-up:{self.case.pk}:{self.at:%s}", text)

    # Whom ------------------------------------------------------------------------------------------

    def team(self, role: Role) -> Team:
        if role.pk not in self.teams:
            raise PeopleWanted
        return self.teams[role.pk]

    @property
    def current(self) -> Handoff:
        return self.case.handoffs.select_related("user", "role").get(CURRENT)

    def chosen(self, team: Team, reason: HandoffReason) -> Hands:
        user, passed_over = team.choose(self.case, self.but())
        note = english(reason.label).capitalize() + "."
        return Hands(self.case.pk, team.role, reason, note, user, passed_over)

    def but(self) -> set[UUID]:
        """Return who is not asked again: whose turn it is, and who answered before."""
        current = self.current.user_id
        return candidates.earlier([self.case])[self.case.pk] | ({current} if current else set())

    def why_nobody(self, team: Team) -> str:
        """Say why nobody of a role can be asked: nobody on call (absent 2, conflict 1)."""
        counted = team.reasons(self.case, self.but())
        reasons = ", ".join(f"{kind} {count}" for kind, count in sorted(counted.items()))
        said = f"nobody of {team.role} can be asked"
        return f"{said} ({reasons})" if reasons else f"{said}: nobody else is on call"

    def tell(self, about: str, text: str) -> None:
        casenews.tell(self.case, casenews.concerned(self.case, self.at), about, text, at=self.at)


def _said(at: datetime | None) -> str | None:
    return ledger.instant(at) if at else None
