"""Standing in: somebody is added, taken off, replaced, or covers a position for a while."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from escalation import ledger, wallclock
from escalation.actors import Actor
from escalation.models import User
from reviewers import rosters, shifts
from reviewers.enums import OverrideKind
from reviewers.errors import OverrideRefused
from reviewers.models import Membership, Override, Roster

LONGEST = timedelta(days=366)


@transaction.atomic
def make(
    roster: Roster,
    kind: OverrideKind,
    *,
    since: datetime,
    until: datetime,
    reason: str,
    out: User | None = None,
    stand_in: User | None = None,
    position: int | None = None,
    by: Actor,
    at: datetime,
    plans: bool = True,
) -> Override:
    """Let an override decide who is on call from ``since`` until ``until``, and plan with it.

    What began before ``at`` begins at ``at``: the past stays as it was. Raises OverrideRefused with
    the sentence for whoever typed it. Of many in one transaction only the last need plan.
    """
    rosters.lock(roster)
    since = max(since, at)
    override = Override(
        roster=roster,
        kind=kind,
        position=position,
        during=DateTimeTZRange(since, until) if since < until else None,
        out_user=out,
        in_user=stand_in,
        reason=reason.strip(),
        made_by=by if isinstance(by, User) else None,
        made_at=at,
    )
    if problem := next(problems(override), ""):
        raise OverrideRefused(problem)
    override.save(force_insert=True)
    ledger.append(
        "shift.overridden",
        subject=roster.role,
        by=by,
        at=at,
        override=str(override.pk),
        kind=override.kind,
        position=position,
        since=ledger.instant(since),
        until=ledger.instant(until),
        out=str(out.pk) if out else None,
        stand_in=str(stand_in.pk) if stand_in else None,
        reason=override.reason,
    )
    if plans:
        shifts.plan_again(roster.role, by=by, at=at)
    return override


@transaction.atomic
def withdraw(override: Override, *, by: Actor, at: datetime, plans: bool = True) -> bool:
    """Take an override back from now on. What it changed until now took place. Twice is once.

    Returns whether it stood until now. Of many in one transaction only the last need plan.
    """
    rosters.lock(override.roster)
    if not Override.objects.standing().filter(pk=override.pk).update(withdrawn_at=at):
        return False
    ledger.append(
        "shift.override_withdrawn",
        subject=override.roster.role,
        by=by,
        at=at,
        override=str(override.pk),
    )
    if plans:
        shifts.plan_again(override.roster.role, by=by, at=at)
    return True


def problems(override: Override) -> Iterator[str]:
    """Yield what is wrong with an unsaved override, a sentence each, the plainest first."""
    if override.during is None or override.during.isempty:
        yield "It would end before it starts, or has already passed."
        return
    if override.during.upper - override.during.lower > LONGEST:
        yield "An override lasts at most a year; a longer change belongs in a layer."
    if not override.reason:
        yield "Say why: whoever is affected will read it."
    yield from _who(override)
    yield from _outside(override)
    yield from _contradictions(override)


def _who(override: Override) -> Iterator[str]:
    leaves = override.kind in (OverrideKind.REMOVE, OverrideKind.REPLACE)
    comes = override.kind != OverrideKind.REMOVE
    if leaves and override.out_user is None:
        yield "Say who is taken off."
    if comes and override.in_user is None:
        yield "Say who is on instead."
    if not leaves and override.out_user is not None:
        yield "Nobody is taken off by adding or covering; choose “stands in” for that."
    if not comes and override.in_user is not None:
        yield "Nobody comes on by taking a person off; choose “stands in” for that."
    if override.in_user and override.in_user == override.out_user:
        yield f"{override.in_user} cannot stand in for themselves."


def _outside(override: Override) -> Iterator[str]:
    role, span = override.roster.role, override.during
    for user in filter(None, (override.out_user, override.in_user)):
        held = Membership.objects.open(span.lower).filter(
            role=role, user=user, joined_at__lt=span.upper
        )
        if not user.is_active or not held.exists():
            yield f"{user} is not in {role} in that time."


def _contradictions(override: Override) -> Iterator[str]:
    """One override for one person at a time: of two that overlap, neither says what was meant."""
    people = [user for user in (override.out_user, override.in_user) if user]
    span = override.during
    others = (
        Override.objects.within(span.lower, span.upper)
        .filter(Q(out_user__in=people) | Q(in_user__in=people), roster=override.roster)
        .exclude(pk=override.pk)
        .select_related("out_user", "in_user", "roster__role")
    )
    for other in others:
        whose = next(user for user in people if user in (other.out_user, other.in_user))
        yield (
            f"{whose} already has an override then, {when(other)}: {words(other)}. "
            "Withdraw it first, or choose another time."
        )


def words(override: Override) -> str:
    """Return what an override says, as people say it."""
    out, stand_in = override.out_user, override.in_user
    place = f" as position {override.position}" if override.position else ""
    return {
        OverrideKind.ADD: f"{stand_in} is added{place}",
        OverrideKind.REMOVE: f"{out} is taken off{place}",
        OverrideKind.REPLACE: f"{stand_in} stands in for {out}{place}",
        OverrideKind.COVER: f"{stand_in} covers{place}",
    }[OverrideKind(override.kind)]


def when(override: Override) -> str:
    """Return its span on the wall clock of the role."""
    span, role = override.during, override.roster.role
    return wallclock.said(span.lower, span.upper, role.time_zone)
