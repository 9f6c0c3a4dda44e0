"""Who may decide what: the authority of a role, and what stands between a person and a case.

Filters, never weights: a sentence says why not, an empty one that nothing does. Lists ask for many
people at once; ``lifecycle.decide`` asks again for the one, in the transaction that decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from unicodedata import category, normalize
from uuid import UUID

from escalation import access
from escalation.models import Case, Competence, Conflict, Role, User

# What a role may let an agent do -----------------------------------------------------------------


def beyond_authority(role: Role, case: Case, filled: dict[str, Any] | None = None) -> str:
    """Return why the role may not let the agent do this; empty when it may.

    ``filled`` are a reviewer's own parameters: another amount takes authority as the proposed one
    does. A role without limits decides any amount, one without categories anything. Refusing and
    passing up need no authority: that an agent is not let through is within anybody's.
    """
    if role.categories and (others := sorted(set(case.categories) - set(role.categories))):
        return f"{role} does not decide {', '.join(others)}."
    limits = {limit.currency: limit for limit in role.limits.all()}
    if not limits:
        return ""
    asked = [] if case.amount is None else [(case.amount, case.currency)]
    for amount, currency in [*asked, *_amounts(filled, case.currency)]:
        if amount is None:
            return (
                f"{role} decides amounts up to a limit; what was filled in cannot be read as one."
            )
        limit = limits.get(currency)
        if limit is None:
            return f"{role} decides no amounts in {currency or 'an unnamed currency'}."
        if abs(amount) > limit.amount:  # minus a million moves as much as a million
            return f"{role} decides up to {limit}; this is {_plain(amount)} {currency}."
    return ""


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _amounts(filled: Any, currency: str) -> Iterator[tuple[Decimal | None, str]]:
    """Yield every value called an amount, at any depth, in the currency that stands beside it.

    None stands for one that is no number. What a schema calls by another name is not found; the
    proposal's own amount is checked in any case.
    """
    if isinstance(filled, list):
        for item in filled:
            yield from _amounts(item, currency)
    if not isinstance(filled, dict):
        return
    beside = filled.get("currency")
    currency = beside.strip().upper() if isinstance(beside, str) else currency
    for name, value in filled.items():
        if isinstance(value, dict | list):
            yield from _amounts(value, currency)
        elif _is_amount(name) and value is not None:
            yield _number(value), currency


def _is_amount(name: str) -> bool:
    folded = name.casefold().replace("-", "_")
    return folded == "amount" or folded.endswith("_amount") or name.endswith("Amount")


def _number(value: Any) -> Decimal | None:
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


# What stands between a person and a case ---------------------------------------------------------


def same(one: str, other: str) -> bool:
    """Return whether two names are one to a reader: case, width and invisible characters aside."""
    return bool(_folded(one)) and _folded(one) == _folded(other)


def _folded(name: str) -> str:
    visible = "".join(c for c in normalize("NFKC", name) if category(c) not in ("Cf", "Cc"))
    return normalize("NFKC", visible.casefold()).strip()


def acts_for(user: User, case: Case) -> bool:
    """Return whether the agent acts for this very person, under any name we know them by."""
    names = (str(user.pk), user.pk.hex, user.username, user.email)
    return any(same(name, case.user_id) for name in names)


class Obstacle(str):
    """Why not, as a sentence; and in a word, to count by. An empty one stands in nobody's way."""

    kind = ""

    @classmethod
    def of(cls, kind: str, sentence: str) -> "Obstacle":
        found = cls(sentence)
        found.kind = kind
        return found


NONE = Obstacle()


@dataclass(frozen=True)
class Eligibility:
    """What some people bring to the cases of one role at one instant."""

    role: Role
    trained: dict[UUID, set[str]]
    conflicts: dict[UUID, list[Conflict]]

    @classmethod
    def of(cls, users: Iterable[User], role: Role, *, at: datetime) -> "Eligibility":
        """Look the people up, in one query for training and one for conflicts."""
        ids = [user.pk for user in users]
        trained: dict[UUID, set[str]] = defaultdict(set)
        if role.competences:
            wanted = Competence.objects.valid(at).filter(user__in=ids, name__in=role.competences)
            for competence in wanted:
                trained[competence.user_id].add(competence.name)
        conflicts: dict[UUID, list[Conflict]] = defaultdict(list)
        for conflict in Conflict.objects.filter(user__in=ids):
            conflicts[conflict.user_id].append(conflict)
        return cls(role, trained, conflicts)

    def untrained(self, user: User) -> Obstacle:
        """Return what the person lacks for any case of the role."""
        lacking = sorted(set(self.role.competences) - self.trained.get(user.pk, set()))
        if not lacking:
            return NONE
        return Obstacle.of(
            "training", f"{user} is not trained in {', '.join(lacking)}, or no longer."
        )

    def obstacle(self, user: User, case: Case) -> Obstacle:
        """Return why this person must not decide this case, whatever role they hold."""
        if not user.is_active:
            return Obstacle.of("left", f"{user} has left.")
        if acts_for(user, case):
            return Obstacle.of(
                "conflict",
                f"The agent acts for {user}, who therefore cannot decide {case.reference}.",
            )
        if not access.within_tenants(user, case.tenant):
            whose = case.tenant or "cases without a tenant"
            return Obstacle.of("tenant", f"{user} does not decide for {whose}.")
        if any(_concerns(conflict, case) for conflict in self.conflicts.get(user.pk, [])):
            # why is theirs and their managers' to know; this sentence stands on the case
            return Obstacle.of("conflict", f"{user} has a conflict of interest.")
        return self.untrained(user)


def _concerns(conflict: Conflict, case: Case) -> bool:
    """A conflict that names a tenant and a user concerns that user of that tenant only."""
    tenant = not conflict.tenant or same(conflict.tenant, case.tenant)
    who = conflict.user_id_of_agent
    return tenant and (not who or same(who, case.user_id))
