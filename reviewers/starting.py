"""Start reviewing: the case that a person should take next, taken for them.

Among what is theirs by name and what is nobody's in the roles in which they are on call, the one that
breaches first; of two at once the higher stakes, then the older. Whose turn somebody else's is, is left
to them, and so is what others hold. A queue that many start on at one instant gives each another case.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_noop as _

from escalation import access, lifecycle
from escalation.access import Reach
from escalation.eligibility import NONE, Obstacle, beyond_authority
from escalation.enums import Stakes
from escalation.errors import EscalationError
from escalation.models import Case, Handoff, Role, User
from reviewers import shifts, wording
from reviewers.candidates import Team
from reviewers.models import Shift

BATCH = 20
MOST = 400  # cases that are looked at for one start
# What is out of the question for everybody like this person is left out here, the rest by ``_obstacle``.
NEXT = """
    SELECT found.id, turn.user_id IS NOT NULL
    FROM escalation_case AS found
    JOIN escalation_handoff AS turn ON turn.case_id = found.id AND turn.ended_at IS NULL
    WHERE found.role_id = ANY(%(roles)s) AND found.status = 'awaiting' AND found.release_at IS NULL
    AND (turn.user_id = %(user)s OR turn.user_id IS NULL) AND turn.claimed_at IS NULL
    AND (%(tenants)s::text[] IS NULL OR found.tenant = ANY(%(tenants)s))
    AND found.id <> ALL(%(passed)s::uuid[])
    AND NOT EXISTS (SELECT FROM escalation_snooze AS rest WHERE rest.case_id = found.id
                    AND rest.user_id = %(user)s AND rest.until > %(at)s
                    AND rest.ended_at IS NULL)
    AND NOT EXISTS (SELECT FROM escalation_answer AS said WHERE said.case_id = found.id
                    AND said.user_id = %(user)s)
    ORDER BY found.due_at, array_position(%(stakes)s, found.stakes), found.created_at, found.id
    LIMIT %(limit)s
"""
STAKES = [stakes.value for stakes in sorted(Stakes, key=lambda one: -one.rank)]


@dataclass(frozen=True)
class Nothing:
    """Why there is no case to start on, in a sentence that says what is so and what comes."""

    said: str


def start(user: User, *, at: datetime) -> Handoff | Nothing:
    """Take the next case for a person, or say why there is none for them now."""
    reach = access.deciding(user)
    if not reach.role_ids:
        return Nothing(gettext("You hold no role that decides cases yet."))
    held = [one for one in shifts.held_by(user, at) if one.role_id in reach.role_ids]
    if not held:
        return Nothing(_off_call(user, reach, at))
    own: dict[Role, list[Shift]] = {}
    for shift in held:
        shift.user = user
        own.setdefault(shift.role, []).append(shift)
    teams = {role.pk: Team(role, at, mine) for role, mine in own.items()}
    return _first(user, reach, teams, at)


def _first(user: User, reach: Reach, teams: dict[UUID, Team], at: datetime) -> Handoff | Nothing:
    passed: list[UUID] = []
    busy: list[UUID] = []  # somebody is at them at this very instant
    why: Counter[str] = Counter()
    while len(passed) < MOST:
        batch = _batch(user, reach, teams, passed, at)
        cases = Case.objects.select_related("role").defer("state").in_bulk([pk for pk, _ in batch])
        for pk, is_theirs in batch:
            passed.append(pk)
            if obstacle := _obstacle(user, cases[pk], teams, is_theirs):
                why[obstacle.kind] += 1
            elif taken := _take(pk, user, at, waits=False):
                return taken
            else:
                busy.append(pk)
        if len(batch) < BATCH:
            break
    for pk in busy:  # whoever held them may not have taken them
        if taken := _take(pk, user, at, waits=True):
            return taken
    return Nothing(_nothing([team.role for team in teams.values()], why))


def _batch(
    user: User, reach: Reach, teams: dict[UUID, Team], passed: list[UUID], at: datetime
) -> list[tuple[UUID, bool]]:
    given: dict[str, Any] = {
        "roles": list(teams),
        "user": user.pk,
        "tenants": None if reach.tenants is None else list(reach.tenants),
        "passed": passed,
        "stakes": STAKES,
        "at": at,
        "limit": BATCH,
    }
    with connection.cursor() as cursor:
        cursor.execute(NEXT, given)
        return cursor.fetchall()


def _obstacle(user: User, case: Case, teams: dict[UUID, Team], is_theirs: bool) -> Obstacle:
    """Return why they are not to start on this; what is theirs counts as in hand already."""
    assert case.role_id
    team = teams[case.role_id]
    found = next((one.passed_over for one in team.weigh(case)), NONE)
    if found.kind == "full" and is_theirs:
        found = NONE
    if not found and not is_theirs and beyond_authority(team.role, case):
        return Obstacle.of(
            "authority",
            _("%(reference)s is beyond %(role)s."),
            reference=case.reference,
            role=team.role,
        )
    return found


@transaction.atomic
def _take(case_id: UUID, user: User, at: datetime, *, waits: bool) -> Handoff | None:
    """Take a case that is still free; None where somebody was faster, or is at it and we do not wait."""
    free = Case.objects.filter(pk=case_id, release_at=None)
    if not free.select_for_update(of=["self"], no_key=True, skip_locked=not waits).exists():
        return None
    turn = Handoff.objects.filter(case=case_id, ended_at=None).first()
    if turn is None or turn.claimed_at or turn.user_id not in (None, user.pk):
        return None
    try:
        with transaction.atomic():
            return lifecycle.claim(case_id, by=user, at=at)
    except EscalationError:
        return None


# Why not -------------------------------------------------------------------------------------------


def _off_call(user: User, reach: Reach, at: datetime) -> str:
    coming = [one for one in shifts.coming_up_for(user, at) if one.role_id in reach.role_ids]
    if coming:
        said = gettext(
            "You are not on call until %(time)s, for %(role)s. "
            "What waits in your roles is yours to take from the queue before, if you like."
        )
        return said % {"time": wording.near(coming[0].since, at), "role": coming[0].role}
    return gettext(
        "You are not on call, and no shift of yours is planned. "
        "What waits in your roles is yours to take from the queue, if you like."
    )


REASONS = {  # with how many
    "conflict": gettext_lazy("you have a conflict of interest in %(count)d"),
    "training": gettext_lazy("you lack the training for %(count)d"),
    "language": gettext_lazy("you do not read the language of %(count)d"),
    "authority": gettext_lazy("your role may not let through %(count)d"),
    "full": gettext_lazy("you have no room for %(count)d"),
    "not entitled": gettext_lazy("you may not decide %(count)d"),
    "tenant": gettext_lazy("you do not decide for the tenant of %(count)d"),
}
OTHERWISE = gettext_lazy("you may not take %(count)d")


def _nothing(roles: list[Role], why: Counter[str]) -> str:
    named = {"roles": _listed([role.name for role in roles])}
    if why:
        parts = [REASONS.get(kind, OTHERWISE) % {"count": n} for kind, n in why.most_common()]
        said = gettext("What is free in %(roles)s is not for you: %(reasons)s.")
        return said % (named | {"reasons": _listed(parts)})
    turns = Handoff.objects.filter(ended_at=None, role__in=roles, case__status="awaiting")
    taken = turns.filter(user__isnull=False, case__release_at=None).exists()
    if taken:
        said = gettext("Nothing is free in %(roles)s: all that waits is in somebody’s hands.")
        return said % named
    return gettext("Nothing waits in %(roles)s. Every agent that asked has its answer.") % named


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if parts[1:] else "".join(parts)
