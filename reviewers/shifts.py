"""Shifts written out ahead, and the one answer to "who is on call": read from them.

``materialise`` writes only what differs and never what has passed, so that running it again writes
nothing. Beyond what is planned the same resolver is asked, and the answer is marked a forecast.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, Subquery

from escalation import effects
from escalation.actors import Actor
from escalation.enums import EffectKind
from escalation.models import Role, User
from reviewers import facts, moves
from reviewers.models import Roster, Shift
from reviewers.oncall import Stretch, resolve

AHEAD = timedelta(days=180)
ALARM = timedelta(days=30)  # planned less far ahead than this is an alarm
NIGHT = timedelta(days=1, hours=2)
SOON = 6  # how many of one's own shifts a page names

SHIFT_FIELDS = [field.attname for field in Shift._meta.concrete_fields]
USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
HELD = f"""
    SELECT {", ".join(f"shift.{name}" for name in SHIFT_FIELDS)},
           {", ".join(f"reviewer.{name}" for name in USER_FIELDS)}
    FROM reviewers_shift AS shift JOIN escalation_user AS reviewer ON reviewer.id = shift.user_id
    WHERE shift.role_id = %s AND shift.during @> %s::timestamptz
    ORDER BY shift.position, shift.slot
"""


@dataclass(frozen=True)
class Written:
    """What one run changed; the same run again changes nothing."""

    added: int = 0
    changed: int = 0
    removed: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


# Asking ------------------------------------------------------------------------------------------


def on_call(role: Role, at: datetime) -> list[Shift]:
    """Return who is on call at an instant, first in line first. One index scan.

    Where nothing is planned yet the shifts are computed and unsaved (``is_forecast``).
    """
    found = _held(role, at)
    if found or not is_forecast(role, at):
        return found
    return forecast(role, at, at + timedelta(microseconds=1))


def _held(role: Role, at: datetime) -> list[Shift]:
    """Return the stored shifts of an instant, with role and person.

    Written out, for all routing begins here: to have the ORM build this statement each time took two
    thirds of what asking it took.
    """
    with connection.cursor() as cursor:
        cursor.execute(HELD, [role.pk, at])
        rows = cursor.fetchall()
    found = []
    for row in rows:
        shift = Shift.from_db(connection.alias, SHIFT_FIELDS, row[: len(SHIFT_FIELDS)])
        shift.user = User.from_db(connection.alias, USER_FIELDS, row[len(SHIFT_FIELDS) :])
        shift.role = role
        found.append(shift)
    return found


def between(role: Role, since: datetime, until: datetime) -> list[Shift]:
    """Return the shifts that touch a span, in the order in which they begin."""
    found = list(
        Shift.objects.within(since, until)
        .filter(role=role)
        .select_related("user", "layer", "override")
    )
    planned = planned_until(role)
    if planned is None or planned < until:
        found += forecast(role, max(since, planned or since), until)
    return sorted(found, key=lambda shift: (shift.since, shift.position, shift.slot))


def next_on_call(role: Role, at: datetime) -> list[Shift]:
    """Return who comes on next: the shifts that begin together at the first change after ``at``."""
    ahead = _beginnings()
    coming = ahead.filter(role=role, begins__gt=at).order_by("begins").first()
    if coming is None:
        return []
    together = ahead.filter(role=role, begins=coming.since).select_related("user")
    return list(together.order_by("position", "slot"))


def next_change(role: Role, at: datetime) -> datetime | None:
    """Return when a shift of the role next begins or ends, of those that are planned."""
    ends = [shift.until for shift in Shift.objects.at(at).filter(role=role)]
    begins = Shift.objects.filter(role=role).annotate(begins=Func(F("during"), function="LOWER"))
    coming = begins.filter(begins__gt=at).order_by("begins").values_list("begins", flat=True)[:1]
    return min([*ends, *coming], default=None)


def _beginnings() -> QuerySet[Shift]:
    """Return the shifts with which somebody comes on; whoever only goes on under another is on already."""
    ends = Func(F("during"), function="UPPER")
    before = Shift.objects.annotate(ends=ends).filter(
        role=OuterRef("role"),
        position=OuterRef("position"),
        user=OuterRef("user"),
        ends=OuterRef("begins"),
    )
    ahead = Shift.objects.annotate(begins=Func(F("during"), function="LOWER"))
    return ahead.filter(~Exists(before))


def on_call_in(roles: Iterable[Role], at: datetime) -> dict[UUID, list[Shift]]:
    """Return ``on_call`` of several roles in one query; of what is planned, without forecasts."""
    found: dict[UUID, list[Shift]] = {role.pk: [] for role in roles}
    for shift in Shift.objects.at(at).filter(role__in=found).select_related("user"):
        found[shift.role_id].append(shift)
    return found


def next_in(roles: Iterable[Role], at: datetime) -> dict[UUID, list[Shift]]:
    """Return ``next_on_call`` of several roles in two queries."""
    found: dict[UUID, list[Shift]] = {role.pk: [] for role in roles}
    ahead = _beginnings()
    first = ahead.filter(role=OuterRef("pk"), begins__gt=at).order_by("begins").values("begins")[:1]
    starts = Role.objects.filter(pk__in=found).annotate(begins=Subquery(first))
    wanted = [Q(role=pk, begins=begins) for pk, begins in starts.values_list("pk", "begins")]
    coming = ahead.filter(reduce(or_, wanted, Q(pk=None))).select_related("user")
    for shift in coming.order_by("position", "slot"):
        found[shift.role_id].append(shift)
    return found


def held_by(user: User, at: datetime) -> list[Shift]:
    """Return the shifts in which the person is on call at an instant, those that end first first."""
    found = Shift.objects.filter(user=user, during__contains=at).select_related("role")
    return sorted(found, key=lambda shift: (shift.until, shift.role.slug, shift.position))


def coming_up_for(user: User, at: datetime) -> list[Shift]:
    """Return the next shifts of a person that are to begin, in any role, the first first."""
    found = Shift.objects.filter(user=user, during__startswith__gt=at).select_related("role")
    return list(found.order_by("during", "role__slug")[:SOON])


def planned_until(role: Role) -> datetime | None:
    return Roster.objects.filter(role=role).values_list("planned_until", flat=True).first()


def is_forecast(role: Role, at: datetime) -> bool:
    planned = planned_until(role)
    return planned is not None and at >= planned


def forecast(role: Role, since: datetime, until: datetime) -> list[Shift]:
    """Return shifts that are computed and not written: beyond the horizon anything may yet change."""
    plan = resolve(facts.load(role, since, until), since, until)
    users = facts.people(one.person for one in plan.stretches)
    shifts = [_shift(role, one) for one in plan.stretches]
    for shift in shifts:
        shift.user = users[str(shift.user_id)]
    return shifts


# Writing -----------------------------------------------------------------------------------------


def horizon(at: datetime) -> datetime:
    """Return until when shifts are planned: whole days, so that a second run finds nothing to do."""
    return _midnight(at) + AHEAD + timedelta(days=1)


def _midnight(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def lock(role_id: UUID) -> None:
    """Hold a role's roster until the transaction ends; its edits and its writer wait for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"roster {role_id}"])


@transaction.atomic
def materialise(role: Role, *, at: datetime) -> Written:
    """Write who is on call from ``at`` on, as far as the horizon. What has passed stays as it was."""
    lock(role.pk)
    until = horizon(at)
    plan = resolve(facts.load(role, at, until), at, until)
    stored = list(Shift.objects.filter(role=role, during__endswith__gt=at).select_related("user"))
    wanted = [_shift(role, one) for one in plan.stretches]
    written = _write(_continued(wanted, stored, at), stored, at)
    Roster.objects.filter(role=role).update(planned_until=until, planned_at=at)
    return written


@transaction.atomic
def plan_again(role: Role, *, by: Actor, at: datetime) -> Written:
    """Write the role's shifts after a change or at night, and tell those whose next shift moved."""
    if not Roster.objects.filter(role=role).exists():
        return Written()
    lock(role.pk)
    before = moves.next_shifts(role, at)
    planned = planned_until(role)
    written = materialise(role, at=at)
    if written:
        effects.hasten(EffectKind.SEAT, role.pk, due_at=at)
    if written and planned:
        moves.tell(role, before, moves.next_shifts(role, at), planned=planned, by=by, at=at)
    effects.schedule(EffectKind.ROSTER, role.pk, due_at=_midnight(at) + NIGHT)
    return written


def _shift(role: Role, one: Stretch) -> Shift:
    return Shift(
        role=role,
        position=one.position,
        slot=one.slot,
        user_id=one.person,
        during=DateTimeTZRange(one.since, one.until),
        layer_id=one.layer,
        override_id=one.override,
    )


def _same(shift: Shift) -> tuple[object, ...]:
    return (shift.position, shift.slot, str(shift.user_id))


def _source(shift: Shift) -> tuple[str, str]:
    return str(shift.layer_id), str(shift.override_id)


def _continued(wanted: list[Shift], stored: list[Shift], at: datetime) -> list[Shift]:
    """Let what is in progress begin when it began, where the same person simply goes on."""
    running = {(*_same(one), _source(one)): one for one in stored if one.since < at}
    for shift in wanted:
        if shift.since == at and (before := running.get((*_same(shift), _source(shift)))):
            shift.during = DateTimeTZRange(before.since, shift.until)
    return wanted


def _write(wanted: list[Shift], stored: list[Shift], at: datetime) -> Written:
    held = {(*_same(one), one.since): one for one in stored}
    added, changed = [], []
    for shift in wanted:
        old = held.pop((*_same(shift), shift.since), None)
        if old is None:
            added.append(shift)
        elif (old.until, _source(old)) != (shift.until, _source(shift)):
            old.during, old.layer_id, old.override_id = (
                shift.during,
                shift.layer_id,
                shift.override_id,
            )
            changed.append(old)
    gone = [one for one in held.values() if one.since >= at]
    for one in held.values():
        if one.since < at:  # it took place until now
            one.during = DateTimeTZRange(one.since, at)
            changed.append(one)
    Shift.objects.filter(pk__in=[one.pk for one in gone]).delete()
    Shift.objects.bulk_update(changed, ["during", "layer", "override"], batch_size=500)
    Shift.objects.bulk_create(added, batch_size=1000)
    return Written(len(added), len(changed), len(gone))
