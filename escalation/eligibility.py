"""Who may decide what: the authority of a role, and what stands between a person and a case.

Filters, never weights: a sentence says why not, an empty one that nothing does. Lists ask for many
people at once; ``lifecycle.decide`` asks again for the one, in the transaction that decides.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from unicodedata import category, normalize
from uuid import UUID

from django.utils.translation import gettext_noop as _

from escalation import access
from escalation.models import Case, Competence, Conflict, Role, User
from escalation.money.cases import moved_by
from escalation.money.limits import WITHIN, beyond_limits
from escalation.money.moved import Moved
from escalation.sentences import Sentence

__all__ = ["NONE", "WITHIN", "Eligibility", "Obstacle", "acts_for", "beyond_authority", "same"]

# What a role may let an agent do -----------------------------------------------------------------


def beyond_authority(role: Role, case: Case, moved: Moved | None = None) -> Sentence:
    """Return why the role may not let the agent do this; empty when it may.

    ``moved`` is what an answer moves; None: what the proposal does. A role without limits decides any
    amount, one without categories anything. Refusing and passing up need no authority: that an agent
    is not let through is within anybody's.
    """
    if role.categories and (others := sorted(set(case.categories) - set(role.categories))):
        return Sentence(
            _("%(role)s does not decide %(kinds)s."), role=role, kinds=", ".join(others)
        )
    return beyond_limits(role, moved or moved_by(case))


# What stands between a person and a case ---------------------------------------------------------


def same(one: str, other: str) -> bool:
    """Return whether two names are one to a reader: case, width and invisible characters aside."""
    return bool(_folded(one)) and _folded(one) == _folded(other)


def _folded(name: str) -> str:
    visible = "".join(c for c in normalize("NFKC", name) if category(c) not in ("Cf", "Cc"))
    return normalize("NFKC", visible.casefold()).strip()


def outside_tenants(user: User, tenant: str) -> Sentence:
    """Return the sentence that somebody does not decide for a tenant."""
    if not tenant:
        return Sentence(_("%(person)s does not decide for cases without a tenant."), person=user)
    return Sentence(_("%(person)s does not decide for %(tenant)s."), person=user, tenant=tenant)


def acts_for(user: User, case: Case) -> bool:
    """Return whether the agent acts for this very person, under any name we know them by."""
    names = (str(user.pk), user.pk.hex, user.username, user.email)
    return any(same(name, case.user_id) for name in names)


class Obstacle(Sentence):
    """Why not, as a sentence; and in a word, to count by. An empty one stands in nobody's way."""

    kind = ""

    @classmethod
    def of(cls, kind: str, sentence: str, **values: object) -> "Obstacle":
        found = cls(sentence, **values)
        found.kind = kind
        return found


NONE = Obstacle("")


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
            "training",
            _("%(person)s is not trained in %(competences)s, or no longer."),
            person=user,
            competences=", ".join(lacking),
        )

    def obstacle(self, user: User, case: Case) -> Obstacle:
        """Return why this person must not decide this case, whatever role they hold."""
        if not user.is_active:
            return Obstacle.of("left", _("%(person)s has left."), person=user)
        if acts_for(user, case):
            return Obstacle.of(
                "conflict",
                _("The agent acts for %(person)s, who therefore cannot decide %(reference)s."),
                person=user,
                reference=case.reference,
            )
        if not access.within_tenants(user, case.tenant):
            return Obstacle.of("tenant", outside_tenants(user, case.tenant))
        if any(_concerns(conflict, case) for conflict in self.conflicts.get(user.pk, [])):
            # why is theirs and their managers' to know; this sentence stands on the case
            return Obstacle.of("conflict", _("%(person)s has a conflict of interest."), person=user)
        return self.untrained(user)


def _concerns(conflict: Conflict, case: Case) -> bool:
    """A conflict that names a tenant and a user concerns that user of that tenant only."""
    tenant = not conflict.tenant or same(conflict.tenant, case.tenant)
    who = conflict.user_id_of_agent
    return tenant and (not who or same(who, case.user_id))
