"""Acts on several cases: each goes through its own door, and each answer is told. Never a decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from escalation import access, lifecycle
from escalation.eligibility import Eligibility
from escalation.errors import EscalationError, NotAuthorised
from escalation.models import Case, Role, User
from reviewers import candidates, hands

MOST = 100


@dataclass(frozen=True)
class Told:
    """What became of one case: done, or why not."""

    name: str  # its reference, as it was asked for
    case: Case | None
    is_done: bool
    said: str


Act = Callable[[Case], str]


def chosen(names: Sequence[str], reader: User) -> list[tuple[str, Case | None]]:
    """Return the cases called so, each once; None for what is not there for the reader."""
    found: dict[str, Case | None] = {}
    for name in list(dict.fromkeys(names))[:MOST]:
        try:
            found[name] = access.case_for_reader(reader, name)
        except Case.DoesNotExist:
            found[name] = None
    return list(found.items())


def each(cases: Sequence[tuple[str, Case | None]], act: Act) -> list[Told]:
    """Act on each case for itself; a refusal of one keeps no other waiting."""
    told = []
    for name, case in cases:
        if case is None:
            told.append(Told(name, None, False, gettext("There is no such case in your roles.")))
            continue
        try:
            told.append(Told(name, case, True, act(case)))
        except EscalationError as refusal:
            told.append(Told(name, case, False, refusal.told))
    return told


def mover(given: dict[str, Any], by: User, at: datetime) -> Act:
    def act(case: Case) -> str:
        lifecycle.move_over(case.pk, given["role"], given["reason"], by=by, at=at)
        return gettext("%(role)s has it now.") % {"role": given["role"]}

    return act


def assigner(given: dict[str, Any], by: User, at: datetime) -> Act:
    person: User = given["person"]

    def act(case: Case) -> str:
        assert case.role
        if person.pk not in access.deciders(case.role, [person.pk]):
            raise NotAuthorised(
                _("%(person)s does not decide for %(role)s."), person=person, role=case.role
            )
        if obstacle := Eligibility.of([person], case.role, at=at).obstacle(person, case):
            raise NotAuthorised(obstacle)
        if person.pk in candidates.earlier([case])[case.pk]:
            raise NotAuthorised(
                _("%(person)s has answered %(reference)s before."),
                person=person,
                reference=case.reference,
            )
        hands.hand_over(case, person, note=given["reason"], by=by, at=at)
        return gettext("%(person)s has it now and was told.") % {"person": person}

    return act


def snoozer(given: dict[str, Any], by: User, at: datetime) -> Act:
    def act(case: Case) -> str:
        lifecycle.snooze(case.pk, given["reason"], until=given["until"], by=by, at=at)
        return gettext("It comes back to your queue then.")

    return act


def takers(cases: Sequence[tuple[str, Case | None]]) -> list[Role]:
    """Return the roles that could take some of these cases: others than theirs, with people in them."""
    owners = {case.role_id for _, case in cases if case}
    roles = list(Role.objects.all())
    deciding = access.deciders_of(role.pk for role in roles)
    return [role for role in roles if deciding[role.pk] and owners != {role.pk}]


def people(cases: Sequence[tuple[str, Case | None]]) -> list[User]:
    """Return who decides for a role of these cases."""
    owners = {case.role for _, case in cases if case and case.role}
    found = {user for role in owners for user in access.holders(access.DECIDE, role)}
    return sorted(found, key=lambda user: (user.name.casefold(), user.username))
