"""Standing in where nobody is: what a member of a role may do to its roster without being asked.

Taking somebody's shift from them needs their word (``swaps``) or a manager (``overrides``).
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from escalation import spans
from escalation.models import User
from escalation.wallclock import said
from reviewers import overrides, rosters, shifts
from reviewers.enums import OverrideKind
from reviewers.errors import OverrideRefused
from reviewers.models import Absence, Override, Roster


@transaction.atomic
def fill(
    roster: Roster,
    *,
    position: int,
    since: datetime,
    until: datetime,
    reason: str,
    by: User,
    at: datetime,
) -> Override:
    """Put ``by`` on call in a position for a time in which nobody holds it.

    Raises OverrideRefused where somebody does, or where ``by`` is away.
    """
    rosters.lock(roster)
    since = max(since, at)
    if since < until:
        _check_free(roster, position, since, until)
        _check_here(by, since, until)
    return overrides.make(
        roster,
        OverrideKind.ADD,
        since=since,
        until=until,
        reason=reason,
        stand_in=by,
        position=position,
        by=by,
        at=at,
    )


def _check_free(roster: Roster, position: int, since: datetime, until: datetime) -> None:
    for shift in shifts.between(roster.role, since, until):
        if shift.position == position:
            (held,) = spans.both([(shift.since, shift.until)], [(since, until)])
            raise OverrideRefused(
                _(
                    "%(user)s is on call %(said)s. They can ask you for a swap, or a manager "
                    "can let you stand in."
                ),
                user=shift.user,
                said=said(*held, roster.role.time_zone),
            )


def _check_here(by: User, since: datetime, until: datetime) -> None:
    if away := Absence.objects.within(since, until).filter(user=by).first():
        when = said(away.during.lower, away.during.upper, by.time_zone)
        raise OverrideRefused(_("You are away %(when)s; take that back first."), when=when)
