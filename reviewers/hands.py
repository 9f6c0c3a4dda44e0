"""What a person has in hand, taking it out of their hands, and whose turn it is when a shift changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Min, QuerySet

from escalation import access, effects, lifecycle
from escalation.actors import CLOCK, Actor
from escalation.eligibility import Eligibility
from escalation.enums import EffectKind, HandoffEnd, HandoffReason
from escalation.lifecycle import Hands
from escalation.models import Case, Handoff, Role, User
from escalation.models.handoffs import CURRENT
from reviewers import candidates, casenews, shifts
from reviewers.models import Membership


def in_hand(user: User) -> QuerySet[Case]:
    """Return the open cases whose turn is this person's, the oldest first."""
    current = Handoff.objects.filter(CURRENT, user=user)
    return Case.objects.filter(pk__in=current.values("case"), ended_at=None).order_by("created_at")


@dataclass(frozen=True)
class Member:
    """One person of a role, as whoever supervises it sees them."""

    user: User
    in_hand: int  # open cases of this role whose turn is theirs
    oldest_at: datetime | None  # since when they have had the oldest of them


def team(role: Role, at: datetime) -> list[Member]:
    """Return what each person of the role has in hand of it, who has most first."""
    users = {one.user_id: one.user for one in
             Membership.objects.current(at).filter(role=role).select_related("user")}  # fmt: skip
    held = Handoff.objects.filter(CURRENT, role=role, user__in=users).values_list("user")
    counts = {pk: (n, since) for pk, n, since in held.annotate(Count("id"), Min("started_at"))}
    found = [Member(user, *counts.get(pk, (0, None))) for pk, user in users.items()]
    return sorted(found, key=lambda one: (-one.in_hand, str(one.user)))


def give_back(user: User, role: Role, *, why: str, by: Actor, at: datetime) -> list[Handoff]:
    """Hand what ``user`` has of a role back to it, at once, to whoever is on call now."""
    return give_back_all(user, [role], why=why, by=by, at=at)


@transaction.atomic
def give_back_all(
    user: User, roles: Iterable[Role] | None = None, *, why: str, by: Actor, at: datetime
) -> list[Handoff]:
    """Hand what ``user`` has of some roles (None: of any) back to them, never to ``user`` again."""
    held = in_hand(user).select_related("role").defer("state")
    if roles is not None:
        held = held.filter(role__in=list(roles))
    owners = {case.role for case in held if case.role}
    if not owners:
        return []
    teams = candidates.teams(sorted(owners, key=lambda role: role.slug), at)
    given = []
    cases = list(held.all())  # again: what was given meanwhile, before the people were locked
    earlier = candidates.earlier(cases)
    for case in cases:
        if case.role in teams:
            but = earlier[case.pk] | {user.pk}
            next_one, passed_over = teams[case.role].choose(case, but)
            given.append(
                Hands(case.pk, case.role, HandoffReason.RETURNED, why, next_one, passed_over)
            )
    return lifecycle.give_back(given, by=by, at=at)


# From person to person -----------------------------------------------------------------------------


def colleagues(case: Case, at: datetime) -> list[User]:
    """Return who of the case's role could take it over: neither whose turn it is nor who answered."""
    if case.role is None:
        return []
    people = access.holders(access.DECIDE, case.role)
    able = Eligibility.of(people, case.role, at=at)
    out = not_again(case)
    return [one for one in people if one.pk not in out and not able.obstacle(one, case)]


def not_again(case: Case) -> set[UUID]:
    """Return who is not asked for a case again: who answered it, and whose turn it is."""
    current = Handoff.objects.filter(CURRENT, case=case, user__isnull=False)
    return candidates.earlier([case])[case.pk] | set(current.values_list("user", flat=True))


@transaction.atomic
def hand_over(case: Case, to: User | None, *, note: str, by: User, at: datetime) -> Handoff:
    """Give a case to a colleague, or (None) to whoever of its role is asked next; they are told.

    Raises what ``lifecycle.hand_over`` does.
    """
    assert case.role
    passed_over: tuple[str, ...] = ()
    if to is None:
        team = candidates.teams([case.role], at)[case.role]  # before the case is locked
        to, passed_over = team.choose(case, not_again(case) | {by.pk})
    hands = Hands(case.pk, case.role, HandoffReason.HANDED_OVER, note, to, passed_over)
    handoff = lifecycle.hand_over(hands, by=by, at=at)
    casenews.turns([handoff], at=at)
    return handoff


# When a shift changes ------------------------------------------------------------------------------

MOST = 500  # cases of a role looked at in one go; the others a moment later
AGAIN = timedelta(minutes=1)  # how soon to look again for somebody who can take what nobody has
GIVEN = (HandoffReason.CLAIMED, HandoffReason.HANDED_OVER)  # by a person, to a person: not undone


@transaction.atomic
def seat(role: Role, *, at: datetime) -> list[Handoff]:
    """See whose turn the role's cases are, as of ``at``, and when to look again.

    What whoever went off shift has not taken moves to whoever came on, with the deadline it has. What
    they have taken stays, with a nudge to hand it over. What nobody had is given to who can take it.
    """
    team = candidates.teams([role], at)[role]  # before a case is locked
    on = {shift.user_id for shift in team.on_call}
    held = list(_held(role))
    stranded = [one for one in held if one.user_id not in on and one.reason not in GIVEN]
    handoffs = _move(team, [one for one in stranded if not one.claimed_at], at=at)
    casenews.turns(handoffs, at=at)
    nudge([one for one in held if one.claimed_at and one.user_id not in on], at=at)
    look_again(role, at=at, waiting=_nobodys(role))
    return handoffs


def _held(role: Role) -> QuerySet[Handoff]:
    held = Handoff.objects.filter(CURRENT, role=role, case__ended_at=None)
    return held.select_related("case", "case__terms", "user").order_by("started_at")[:MOST]


def _nobodys(role: Role) -> bool:
    return Handoff.objects.filter(CURRENT, role=role, user=None, case__ended_at=None).exists()


def _move(team: candidates.Team, stranded: list[Handoff], *, at: datetime) -> list[Handoff]:
    """Give what can be given to who is on call; the role keeps, in nobody's name, what cannot."""
    earlier = candidates.earlier(one.case for one in stranded)
    left = _who_left(stranded)
    given = []
    for one in stranded:
        out = earlier[one.case_id] | {one.user_id}
        user, passed_over = team.choose(one.case, out | left[one.case_id])
        if user is None and left[one.case_id]:  # nobody else: whoever let it lapse, after all
            user, passed_over = team.choose(one.case, out)
        if user is None and one.user_id is None:
            continue  # as it was
        reason = HandoffReason.SHIFT if one.user_id else HandoffReason.WAITED
        note = f"{one.user} is off shift." if one.user else "Somebody can take it now."
        given.append(
            Hands(one.case_id, team.role, reason, note, user, passed_over, instead_of=one.pk)
        )
    return lifecycle.give_back(given, end=HandoffEnd.SHIFT, claimed_stay=True, by=CLOCK, at=at)


def _who_left(stranded: list[Handoff]) -> dict[UUID, set[UUID | None]]:
    """Return who let the lease of each case lapse just before; others of the role are asked first."""
    found: dict[UUID, set[UUID | None]] = {one.case_id: set() for one in stranded}
    lapsed = [one.case_id for one in stranded if one.reason == HandoffReason.LAPSED]
    if lapsed:
        ended = Handoff.objects.filter(case__in=lapsed, end=HandoffEnd.LAPSED)
        for case_id, user_id in ended.values_list("case_id", "user_id"):
            found[case_id].add(user_id)
    return found


def nudge(kept: Iterable[Handoff], *, at: datetime) -> None:
    """Ask whoever is off shift with a case in review to hand it over; once for each that they hold."""
    for one in kept:
        assert one.user
        text = f"Your shift is over and you have {one.case.reference} in review. Hand it over with a note."
        casenews.tell(one.case, [one.user], f"over:{one.pk}", text, at=at)


def look_again(role: Role, *, at: datetime, waiting: bool = False) -> None:
    """Let the role's cases be looked at when its next shift begins or ends, sooner if some wait."""
    dues = [due for due in (shifts.next_change(role, at), at + AGAIN if waiting else None) if due]
    if dues:
        effects.schedule(EffectKind.SEAT, role.pk, due_at=min(dues))
    else:
        effects.done(EffectKind.SEAT, [role.pk], at=at)
