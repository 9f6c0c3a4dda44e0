"""Being away: one absence acts in every role of the person at once, and beats every override."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext_noop as _

from escalation import ledger, wallclock
from escalation.actors import Actor
from escalation.models import Role, User
from reviewers import shifts
from reviewers.enums import AbsenceKind
from reviewers.errors import AbsenceRefused
from reviewers.models import Absence, Membership

LONGEST = timedelta(days=2 * 366)
EARLIEST = timedelta(days=31)  # before now; an absence is sometimes only said afterwards


def note(
    user: User,
    *,
    since: datetime,
    until: datetime,
    kind: AbsenceKind = AbsenceKind.LEAVE,
    note: str = "",
    by: Actor,
    at: datetime,
    plans: bool = True,
) -> Absence:
    """Plan without ``user`` from ``since`` until ``until``. Raises AbsenceRefused with the sentence.

    Whoever notes a hundred in one transaction lets only the last one plan.
    """
    given = {"since": since, "until": until, "kind": kind, "note": note, "plans": plans}
    return note_many([user], by=by, at=at, **given)[0]


@transaction.atomic
def note_many(
    users: Iterable[User],
    *,
    since: datetime,
    until: datetime,
    kind: AbsenceKind = AbsenceKind.LEAVE,
    note: str = "",
    by: Actor,
    at: datetime,
    plans: bool = True,
) -> list[Absence]:
    """Note the same absence for several people, all or none."""
    users = sorted(users, key=lambda user: str(user.pk))
    _check(since, until, at)
    found = [_note(user, since, until, kind, note.strip(), by=by, at=at) for user in users]
    if plans:
        plan(users, by=by, at=at)
    return found


@transaction.atomic
def withdraw(absence: Absence, *, by: Actor, at: datetime, plans: bool = True) -> bool:
    """Take an absence back: the person is planned with again from now on. Twice is once.

    Returns whether it stood until now. Of many in one transaction only the last need plan.
    """
    if not Absence.objects.standing().filter(pk=absence.pk).update(withdrawn_at=at):
        return False
    ledger.append("absence.withdrawn", subject=absence.user, by=by, at=at, absence=str(absence.pk))
    if plans:
        plan([absence.user], by=by, at=at)
    return True


def _check(since: datetime, until: datetime, at: datetime) -> None:
    if until <= since:
        raise AbsenceRefused(_("It would end before it starts."))
    if until - since > LONGEST:
        raise AbsenceRefused(_("An absence lasts at most two years."))
    if since < at - EARLIEST:
        raise AbsenceRefused(_("That began more than a month ago; the past stays as it was."))


def _note(
    user: User,
    since: datetime,
    until: datetime,
    kind: AbsenceKind,
    note: str,
    *,
    by: Actor,
    at: datetime,
) -> Absence:
    with connection.cursor() as cursor:  # of two at once for one person, the second sees the first
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"absences {user.pk}"])
    held = Absence.objects.within(since, until).filter(user=user).first()
    if held:
        when = wallclock.said(held.during.lower, held.during.upper, user.time_zone)
        raise AbsenceRefused(_("%(person)s is already away %(when)s."), person=user, when=when)
    absence = Absence.objects.create(
        user=user,
        kind=kind,
        during=DateTimeTZRange(since, until),
        note=note,
        made_by=by if isinstance(by, User) else None,
        made_at=at,
    )
    ledger.append(
        "absence.noted",
        subject=user,
        by=by,
        at=at,
        private={"kind": str(kind), "note": note},
        absence=str(absence.pk),
        since=ledger.instant(since),
        until=ledger.instant(until),
    )
    return absence


def plan(users: list[User], *, by: Actor, at: datetime) -> None:
    """Plan every role of these people again, always in the same order of locks."""
    held = Membership.objects.open(at).filter(user__in=users).values("role")
    for role in Role.objects.filter(pk__in=held).order_by("pk"):
        shifts.plan_again(role, by=by, at=at)
