"""Who may decide what: the authority of a role, and what stands between a person and a case.

Filters, never weights: a sentence says why not, an empty one that nothing does. Lists ask for many
people at once; ``lifecycle.decide`` asks again for the one, in the transaction that decides.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from escalation.models import Case, Competence, Conflict, Role, User


def beyond_authority(role: Role, case: Case) -> str:
    """Return why the role may not let the agent do this; empty when it may.

    A role without limits decides any amount, one without categories anything. Refusing and passing
    up need no authority: that an agent is not let through is within anybody's.
    """
    if role.categories and (others := sorted(set(case.categories) - set(role.categories))):
        return f"{role} does not decide {', '.join(others)}."
    limits = {limit.currency: limit for limit in role.limits.all()}
    if case.amount is None or not limits:
        return ""
    limit = limits.get(case.currency)
    if limit is None:
        return f"{role} decides no amounts in {case.currency}."
    if case.amount > limit.amount:
        return f"{role} decides up to {limit}; this is {case.amount.normalize():f} {case.currency}."
    return ""


def acts_for(user: User, case: Case) -> bool:
    """Return whether the agent acts for this very person, under any name we know them by."""
    names = {str(user.pk), user.username.casefold(), user.email.casefold()} - {""}
    return case.user_id.casefold() in names


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

    def untrained(self, user: User) -> str:
        """Return what the person lacks for any case of the role."""
        lacking = sorted(set(self.role.competences) - self.trained.get(user.pk, set()))
        return f"{user} is not trained in {', '.join(lacking)}, or no longer." if lacking else ""

    def obstacle(self, user: User, case: Case) -> str:
        """Return why this person must not decide this case, whatever role they hold."""
        if not user.is_active:
            return f"{user} has left."
        if acts_for(user, case):
            return f"The agent acts for {user}, who therefore cannot decide {case.reference}."
        if user.tenants and case.tenant not in user.tenants:
            return f"{user} does not decide for {case.tenant or 'cases without a tenant'}."
        for conflict in self.conflicts.get(user.pk, []):
            if _concerns(conflict, case):
                return f"{user} has a conflict of interest: {conflict.reason}"
        return self.untrained(user)


def _concerns(conflict: Conflict, case: Case) -> bool:
    """A conflict that names a tenant and a user concerns that user of that tenant only."""
    tenant = conflict.tenant in ("", case.tenant)
    return tenant and conflict.user_id_of_agent in ("", case.user_id)
