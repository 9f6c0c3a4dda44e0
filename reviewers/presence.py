"""Who has a case in view and for how long: only while its page was visible, never by the wall clock.

A page that is open tells every 15 seconds how long it was visible since it told last. What counts is
never more than the time that has passed since anybody's page told it for that person, so two tabs
count once and a page that lies gains nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F

from escalation.access import Reach
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

# The names of the others who have a case ``found`` in view, for statements on several.
LOOKING = """
SELECT coalesce(nullif(trim(one.first_name || ' ' || one.last_name), ''), one.username)
FROM escalation_viewing AS v JOIN escalation_user AS one ON one.id = v.user_id
WHERE v.case_id = found.id AND v.user_id <> %(user)s AND v.beat_at > %(here)s ORDER BY v.began_at
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


def looking(case: Case, *, but: User, at: datetime) -> list[User]:
    """Return who else has a case in view, whoever came first first."""
    there = Viewing.objects.filter(case=case, beat_at__gt=at - HERE).exclude(user=but.pk)
    return [one.user for one in there.select_related("user").order_by("began_at")]


def looking_at(
    reach: Reach, numbers: list[int], *, but: User, at: datetime
) -> dict[int, list[str]]:
    """Return by number the names of the others who have these cases in view, of those within reach."""
    found: dict[int, list[str]] = {number: [] for number in numbers}
    cases = reach.of(Case.objects.filter(number__in=numbers))
    there = Viewing.objects.filter(case__in=cases, beat_at__gt=at - HERE).exclude(user=but.pk)
    for one in there.select_related("user").annotate(number=F("case__number")).order_by("began_at"):
        found[one.number].append(one.user.name)
    return found


def seconds_in_view(case: Case, user: User) -> int:
    """Return how long a person has had a case in view so far."""
    found = Viewing.objects.filter(case=case, user=user.pk).values_list("seconds", flat=True)
    return found.first() or 0
