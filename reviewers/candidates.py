"""Who of a role gets a case: whoever is on call, may decide it, and has room; and why not the others.

Order: position (primary before secondary), then the smallest share of their capacity in hand, then
whoever has waited longest for a case, then slot. Reasons to pass somebody over are filters, never
weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, OuterRef, Subquery
from django.utils.translation import gettext_noop as _

from escalation import access
from escalation.eligibility import NONE, Eligibility, Obstacle
from escalation.enums import AnswerStage
from escalation.models import Answer, Case, Decision, Handoff, Role, User
from escalation.models.handoffs import CURRENT
from reviewers import shifts
from reviewers.models import Absence, Membership, Profile, Shift

NEVER = datetime.min.replace(tzinfo=UTC)
ROOMY = 20  # cases at once that somebody without a limit counts as taking, beside those with one
LOCK = """
    SELECT pg_advisory_xact_lock(hashtextextended('hands ' || id, 0))
    FROM unnest(%s::text[]) AS people (id)
"""


@dataclass(frozen=True)
class Candidate:
    """One person on call, as the choice sees them."""

    user: User
    position: int
    slot: int
    until: datetime  # when their shift ends
    in_hand: int
    capacity: int | None  # None: no limit
    last_at: datetime  # when they last got a case
    passed_over: Obstacle = NONE  # why not; empty: they fit

    @property
    def share(self) -> float:
        return self.in_hand / (self.capacity or ROOMY)

    @property
    def order(self) -> tuple[object, ...]:
        return (self.position, self.share, self.last_at, self.slot, str(self.user.pk))


@dataclass(frozen=True)
class Load:
    """How many open cases each person has in hand, and when each last got one, in whatever role."""

    in_hand: Counter[UUID]
    last_at: dict[UUID, datetime]

    @classmethod
    def of(cls, people: Collection[UUID]) -> Load:
        """Ask the index of what is in hand, and the newest handoff of each: never the whole past."""
        current = Handoff.objects.filter(CURRENT, user__in=people).values_list("user")
        given = Handoff.objects.filter(user=OuterRef("pk")).order_by("-started_at")
        last = Subquery(given.values("started_at")[:1])
        known = User.objects.filter(pk__in=people).values_list("pk", last)
        return cls(
            Counter(dict(current.annotate(Count("id")))),
            {pk: at for pk, at in known if at is not None},
        )

    def add(self, user: User, at: datetime) -> None:
        self.in_hand[user.pk] += 1
        self.last_at[user.pk] = at


class Team:
    """The people on call in one role at one instant, with what each has in hand.

    Choosing for several cases counts what each choice adds, so that a burst is spread.
    """

    def __init__(
        self,
        role: Role,
        at: datetime,
        on_call: list[Shift] | None = None,
        load: Load | None = None,
    ) -> None:
        self.role, self.at = role, at
        self.on_call = shifts.on_call(role, at) if on_call is None else on_call
        users = {shift.user_id: shift.user for shift in self.on_call}
        self._eligibility = Eligibility.of(users.values(), role, at=at)
        self._deciders = access.deciders(role, users) if users else set()
        profiles = Profile.objects.filter(user__in=users)
        known = list(profiles.values_list("user_id", "capacity", "languages"))
        self._capacity = {pk: capacity for pk, capacity, _ in known}
        self._languages = {pk: languages for pk, _, languages in known}
        self._load = load or Load.of(users)

    def weigh(self, case: Case | None) -> list[Candidate]:
        """Return everybody on call in the order in which they are asked; None: of any case."""
        found = {}
        for shift in self.on_call:
            if shift.user_id not in found:  # their first position counts
                found[shift.user_id] = Candidate(
                    user=shift.user,
                    position=shift.position,
                    slot=shift.slot,
                    until=shift.until,
                    in_hand=self._load.in_hand[shift.user_id],
                    capacity=self._capacity.get(shift.user_id),
                    last_at=self._load.last_at.get(shift.user_id, NEVER),
                    passed_over=self._obstacle(shift.user, case),
                )
        return sorted(found.values(), key=lambda one: one.order)

    def choose(self, case: Case, but: Collection[UUID] = ()) -> tuple[User | None, tuple[str, ...]]:
        """Return who gets the case, and why each who came before in line did not.

        ``but`` are not asked: who has just given it back, or has answered it before.
        """
        passed = []
        for candidate in self.weigh(case):
            if candidate.user.pk in but:
                continue
            if not candidate.passed_over:
                self._load.add(candidate.user, self.at)
                return candidate.user, tuple(passed)
            passed.append(str(candidate.passed_over))
        return None, tuple(passed) or (f"Nobody is on call for {self.role}.",)

    def reasons(self, case: Case, but: Collection[UUID] = ()) -> Counter[str]:
        """Return why nobody of the role can be asked, counted: ``absent`` 2, ``conflict`` 1."""
        found = Counter(
            one.passed_over.kind
            for one in self.weigh(case)
            if one.passed_over and one.user.pk not in but
        )
        members = Membership.objects.current(self.at).filter(role=self.role).values("user")
        away = Absence.objects.filter(user__in=members, during__contains=self.at)
        if absent := away.values("user").distinct().count():
            found["absent"] = absent
        return found

    def _obstacle(self, user: User, case: Case | None) -> Obstacle:
        if user.pk not in self._deciders:
            return Obstacle.of(
                "not entitled",
                _("%(person)s may not decide for %(role)s."),
                person=user,
                role=self.role,
            )
        stands = self._eligibility.obstacle(user, case) if case else NONE
        stands = stands or (self._tongue(user, case) if case else NONE)
        stands = stands or self._eligibility.untrained(user)
        if stands:
            return stands
        capacity, in_hand = self._capacity.get(user.pk), self._load.in_hand[user.pk]
        if capacity is not None and in_hand >= capacity:
            return Obstacle.of(
                "full",
                _("%(person)s has %(in_hand)s of %(capacity)s cases in hand."),
                person=user,
                in_hand=in_hand,
                capacity=capacity,
            )
        return NONE

    def _tongue(self, user: User, case: Case) -> Obstacle:
        """Whoever has named the languages they read is asked in no other; who named none, in any."""
        spoken = {_tongue(one) for one in self._languages.get(user.pk) or []}
        if not case.language or not spoken or _tongue(case.language) in spoken:
            return NONE
        return Obstacle.of(
            "language",
            _("%(person)s does not read %(language)s."),
            person=user,
            language=case.language,
        )


def _tongue(language: str) -> str:
    """Return the language of a BCP 47 code, without its region: whoever reads pt reads pt-BR."""
    return language.split("-")[0].casefold()


def earlier(cases: Iterable[Case]) -> dict[UUID, set[UUID]]:
    """Return who has answered or decided each case before; another answer is never theirs to give.

    An answer that was only committed is not given yet.
    """
    ids = [case.pk for case in cases]
    found: dict[UUID, set[UUID]] = {pk: set() for pk in ids}
    for made in (
        Answer.objects.filter(case__in=ids, stage=AnswerStage.FINAL).values_list(
            "case_id", "user_id"
        ),
        Decision.objects.filter(case__in=ids, decided_by__isnull=False).values_list(
            "case_id", "decided_by_id"
        ),
    ):
        for case_id, user_id in made:
            found[case_id].add(user_id)
    return found


def teams(roles: Iterable[Role], at: datetime) -> dict[Role, Team]:
    """Return whom to choose from in each role. Nobody else chooses among them meanwhile.

    Each person on call is locked until the transaction ends, all at once and always before a case
    is, so that two jobs at one instant see what the other gave and neither waits for the other.
    """
    on_call = {role: shifts.on_call(role, at) for role in roles}
    people = {shift.user_id for found in on_call.values() for shift in found}
    if people:
        with connection.cursor() as cursor:
            cursor.execute(LOCK, [sorted(map(str, people))])
    load = Load.of(people)
    return {role: Team(role, at, found, load) for role, found in on_call.items()}
