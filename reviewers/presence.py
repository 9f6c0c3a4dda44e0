"""Who has a case in view and for how long: only while its page was visible, never by the wall clock.

A page that is open tells every 15 seconds how long it was visible since it told last. What counts is
never more than the time that has passed since anybody's page told it for that person, so two tabs
count once and a page that lies gains nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q

from escalation.models import Case, User, Viewing

HERE = timedelta(seconds=45)  # whoever told nothing for so long has left
MOST = 20  # seconds that one telling can be of

# Someone who comes back is not counted for the time they were away; a second tab changes nothing.
ARRIVE = """
INSERT INTO escalation_viewing AS v (case_id, user_id, seconds, began_at, beat_at)
VALUES (%(case)s, %(user)s, 0, %(at)s, %(at)s)
ON CONFLICT (case_id, user_id) DO UPDATE SET beat_at = excluded.beat_at
WHERE v.beat_at < %(left)s
"""
# The part of a second that is not counted yet is kept for the next time.
BEAT = """
INSERT INTO escalation_viewing AS v (case_id, user_id, seconds, began_at, beat_at)
VALUES (%(case)s, %(user)s, 0, %(at)s, %(at)s)
ON CONFLICT (case_id, user_id) DO UPDATE SET
    seconds = v.seconds + least(%(seconds)s, floor(extract(epoch FROM %(at)s - v.beat_at))::int),
    beat_at = v.beat_at + floor(extract(epoch FROM %(at)s - v.beat_at)) * interval '1 second'
WHERE v.beat_at <= %(at)s
"""


def arrive(case: Case, user: User, *, at: datetime) -> None:
    """Note that somebody opened a case; without scripts it is all that is known of them."""
    _write(ARRIVE, case, user, at=at, left=at - HERE)


def beat(case: Case, user: User, *, seconds: int, at: datetime) -> None:
    """Count up to MOST seconds in which a person had the case in view; they are here ``at``."""
    _write(BEAT, case, user, at=at, seconds=max(0, min(seconds, MOST)))


def _write(statement: str, case: Case, user: User, **given: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"case": case.pk, "user": user.pk, **given})


def looking(cases: Iterable[UUID], *, but: User, at: datetime) -> dict[UUID, list[User]]:
    """Return who else has each of these cases in view."""
    return viewed(cases, by=but, at=at)[0]


def viewed(
    cases: Iterable[UUID], *, by: User, at: datetime
) -> tuple[dict[UUID, list[User]], set[UUID]]:
    """Return who else has each of these cases in view, and which ``by`` has ever had, in one query."""
    known = Viewing.objects.filter(Q(user=by.pk) | Q(beat_at__gt=at - HERE), case__in=list(cases))
    found: dict[UUID, list[User]] = defaultdict(list)
    seen = set()
    for viewing in known.select_related("user").order_by("began_at"):
        if viewing.user_id == by.pk:
            seen.add(viewing.case_id)
        else:
            found[viewing.case_id].append(viewing.user)
    return found, seen


def seconds_in_view(case: Case, user: User) -> int:
    """Return how long a person has had a case in view so far."""
    found = Viewing.objects.filter(case=case, user=user.pk).values_list("seconds", flat=True)
    return found.first() or 0
