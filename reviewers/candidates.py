"""Who of a role gets a case: whoever is on call, may decide it, and has room; and why not the others.

Order: position (primary before secondary), then the smallest share of their capacity in hand, then
whoever has waited longest for a case, then slot. Reasons to pass somebody over are filters, never
weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Count, Max

from escalation import access
from escalation.eligibility import Eligibility
from escalation.models import Case, Handoff, Role, User
from escalation.models.handoffs import CURRENT
from reviewers import shifts
from reviewers.models import Profile

NEVER = datetime.min.replace(tzinfo=UTC)


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
    passed_over: str = ""  # why not, in a sentence; empty: they fit

    @property
    def share(self) -> float:
        return self.in_hand / self.capacity if self.capacity else self.in_hand / 1000

    @property
    def order(self) -> tuple[object, ...]:
        return (self.position, self.share, self.last_at, self.slot, str(self.user.pk))


class Team:
    """The people on call in one role at one instant, with what each has in hand.

    Choosing for several cases counts what each choice adds, so that a burst is spread.
    """

    def __init__(self, role: Role, at: datetime) -> None:
        self.role, self.at = role, at
        self.on_call = shifts.on_call(role, at)
        users = {shift.user_id: shift.user for shift in self.on_call}
        self._eligibility = Eligibility.of(users.values(), role, at=at)
        self._deciders = access.deciders(role, users) if users else set()
        self._capacity = dict(
            Profile.objects.filter(user__in=users).values_list("user_id", "capacity")
        )
        self._in_hand, self._last_at = _load(users)

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
                    in_hand=self._in_hand[shift.user_id],
                    capacity=self._capacity.get(shift.user_id),
                    last_at=self._last_at.get(shift.user_id, NEVER),
                    passed_over=self._obstacle(shift.user, case),
                )
        return sorted(found.values(), key=lambda one: one.order)

    def choose(self, case: Case) -> tuple[User | None, tuple[str, ...]]:
        """Return who gets the case, and why each who came before in line did not."""
        passed = []
        for candidate in self.weigh(case):
            if not candidate.passed_over:
                self._in_hand[candidate.user.pk] += 1
                self._last_at[candidate.user.pk] = self.at
                return candidate.user, tuple(passed)
            passed.append(candidate.passed_over)
        return None, tuple(passed) or (f"Nobody is on call for {self.role}.",)

    def _obstacle(self, user: User, case: Case | None) -> str:
        if user.pk not in self._deciders:
            return f"{user} may not decide for {self.role}."
        stands = self._eligibility.obstacle(user, case) if case else ""
        stands = stands or self._eligibility.untrained(user)
        if stands:
            return stands
        capacity, in_hand = self._capacity.get(user.pk), self._in_hand[user.pk]
        if capacity is not None and in_hand >= capacity:
            return f"{user} has {in_hand} of {capacity} cases in hand."
        return ""


def _load(users: Iterable[UUID]) -> tuple[Counter[UUID], dict[UUID, datetime]]:
    """Return how many open cases each person has in hand, and when each last got one."""
    ids = list(users)
    current = Handoff.objects.filter(CURRENT, user__in=ids).values_list("user")
    given = Handoff.objects.filter(user__in=ids).values_list("user")
    return (
        Counter(dict(current.annotate(Count("id")))),
        dict(given.annotate(Max("started_at"))),
    )
