"""Shifts as they are stored: what the resolver says, written once, the past left alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from hypothesis import given
from hypothesis import strategies as st

from escalation.actors import OPERATOR
from escalation.models import Role, User
from reviewers import facts as loaded
from reviewers import rosters, shifts
from reviewers.models import Absence, DutyWindow, Layer, LayerVersion, Membership, Override, Shift
from reviewers.oncall import Facts, Rule, resolve
from tests.factories import make_layer, make_reviewer, make_role, make_user
from tests.laws import law
from tests.reviewers.anyroster import PEOPLE, times
from tests.reviewers.anyroster import rosters as any_roster
from tests.reviewers.minutewalk import MINUTE, MinuteWalk

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)


@st.composite
def typed(draw: st.DrawFn) -> tuple[Facts, datetime]:
    """Draw what the desk would take down, and an instant at which it is planned."""
    about = draw(times())
    facts = draw(any_roster(about, most=3))
    rules = [
        replace(rule, groups=tuple(group for group in rule.groups if group))  # no turn is nobody's
        for rule in facts.rules
        if any(rule.groups) and (not rule.until or rule.until > about[0])
    ]
    return (
        replace(
            facts,
            rules=tuple(rule for rule in rules if _ever_in_force(rule)),
            overrides=_apart(
                [one for one in facts.overrides if one.out != one.stand_in], ("out", "stand_in")
            ),
            absences=_apart(facts.absences, ("person",)),
        ),
        about[0],
    )


def _ever_in_force(rule: Rule) -> bool:
    return rule.since is None or rule.until is None or rule.since < rule.until


def _apart(items: Any, names: tuple[str, ...]) -> tuple[Any, ...]:
    """Keep those that do not overlap an earlier one of the same person."""
    kept: list[Any] = []
    for one in items:
        alike = [
            other
            for other in kept
            for name in names
            if getattr(one, name) and getattr(one, name) == getattr(other, name)
        ]
        if all(one.until <= other.since or other.until <= one.since for other in alike):
            kept.append(one)
    return tuple(kept)


def store(facts: Facts) -> tuple[Role, dict[str, User]]:
    """Write a roster down as the desk keeps it: a role of its own, with people of its own."""
    role = make_role()
    users = {name: make_user(first_name=name) for name in PEOPLE}
    always = dict.fromkeys(PEOPLE, ((LONG_AGO, None),))
    for name, spans in (facts.available or always).items():
        for since, until in spans:
            Membership.objects.create(role=role, user=users[name], joined_at=since, left_at=until)
    layers: dict[str, Layer] = {}
    for rule in facts.rules:
        _store_rule(role, layers, rule, users)
    for one in facts.overrides:
        Override.objects.create(
            roster=rosters.roster_of(role),
            kind=one.kind,
            position=one.position,
            during=DateTimeTZRange(one.since, one.until),
            out_user=users.get(one.out or ""),
            in_user=users.get(one.stand_in or ""),
            reason="as typed",
            made_at=one.since,
        )
    for away in facts.absences:
        Absence.objects.create(
            user=users[away.person],
            during=DateTimeTZRange(away.since, away.until),
            made_at=away.since,
        )
    return role, users


def _store_rule(role: Role, layers: dict[str, Layer], rule: Rule, users: dict[str, User]) -> None:
    layer = Layer(
        roster=rosters.roster_of(role),
        name=rule.layer,
        position=rule.position,
        priority=rule.priority,
        kind=rule.kind,
        time_zone=rule.zone,
        first_on=rule.first.date(),
        first_time=rule.first.hour * 60 + rule.first.minute,
        every=rule.every,
        unit=rule.unit,
        length_minutes=rule.length and rule.length // MINUTE,
        weekdays=sorted(rule.weekdays),
        month_days=sorted(rule.month_days),
        advance=rule.advance,
    )
    groups = [[users[name].pk for name in group] for group in rule.groups]
    windows = [DutyWindow(weekdays=list(w.weekdays), opens=w.opens, closes=w.closes)
               for w in rule.windows]  # fmt: skip
    made = loaded.snapshot(layer, groups, windows)
    if rule.layer not in layers:
        layer.save()
    held = layers.setdefault(rule.layer, layer)
    LayerVersion.objects.create(
        layer=held,
        number=held.versions.count() + 1,
        facts=made,
        offset=rule.offset,
        in_force=DateTimeTZRange(rule.since or LONG_AGO, rule.until),
        made_by="system:test",
        made_at=LONG_AGO,
    )


def rows(role: Role, since: datetime, until: datetime) -> list[tuple[Any, ...]]:
    """Return who was written down, cut to a span and with what meets joined, without its source."""
    found = []
    for one in Shift.objects.filter(role=role).order_by("position", "slot", "user", "during"):
        cut = (max(one.since, since), min(one.until, until))
        key = (one.position, one.slot, one.user_id)
        if cut[0] >= cut[1]:
            continue
        if found and found[-1][:3] == key and found[-1][4] == cut[0]:
            cut = (found.pop()[3], cut[1])
        found.append((*key, *cut))
    return found


def everything(role: Role) -> list[dict[str, Any]]:
    return list(Shift.objects.filter(role=role).order_by("pk").values())


@law(20)
@given(typed(), st.lists(st.integers(0, 30 * 24 * 60), min_size=8, max_size=8))
def test_what_is_stored_is_what_the_walk_finds(typed: tuple[Facts, datetime], minutes: list[int]):
    facts, at = typed
    role, users = store(facts)
    shifts.materialise(role, at=at)
    walk = MinuteWalk(facts, at + 31 * DAY)
    names = {user.pk: name for name, user in users.items()}
    written = Shift.objects.filter(role=role, during__startswith__lt=at + 30 * DAY)
    edges = sorted({one.since for one in written})

    for instant in [at + minute * MINUTE for minute in minutes] + edges[-6:]:
        on: dict[int, set[str]] = {}
        for shift in shifts.on_call(role, instant):
            on.setdefault(shift.position, set()).add(names[shift.user_id])
        found = {position: set(post.people) for position, post in walk.at(instant).items()}
        assert on == {position: people for position, people in found.items() if people}


@law(12)
@given(typed(), st.integers(1, 23 * 60))
def test_writing_again_changes_nothing(typed: tuple[Facts, datetime], minutes: int):
    facts, at = typed
    role, _ = store(facts)
    midnight = at.replace(hour=0, minute=0)
    shifts.materialise(role, at=midnight)
    before = everything(role)

    assert shifts.materialise(role, at=midnight) == shifts.Written()
    assert shifts.materialise(role, at=midnight + minutes * MINUTE) == shifts.Written()
    assert everything(role) == before


@law(12)
@given(typed(), st.integers(1, 40 * 24 * 60))
def test_a_later_night_only_reaches_further(typed: tuple[Facts, datetime], minutes: int):
    facts, at = typed
    role, _ = store(facts)
    shifts.materialise(role, at=at)
    end = shifts.horizon(at)
    before = rows(role, at, end)

    later = shifts.materialise(role, at=at + minutes * MINUTE)

    assert rows(role, at, end) == before
    assert later.removed == 0


@law(15)
@given(typed())
def test_stored_rows_are_the_plan(typed: tuple[Facts, datetime]):
    facts, at = typed
    role, _ = store(facts)
    shifts.materialise(role, at=at)
    end = shifts.horizon(at)

    plan = resolve(loaded.load(role, at, end), at, end)

    assert [
        (one.position, one.slot, one.user_id, one.since, one.until, one.layer_id, one.override_id)
        for one in Shift.objects.filter(role=role).order_by("during", "position", "slot")
    ] == [
        (
            one.position,
            one.slot,
            UUID(one.person),
            one.since,
            one.until,
            one.layer and UUID(one.layer),
            one.override and UUID(one.override),
        )
        for one in sorted(
            plan.stretches, key=lambda one: (one.since, one.until, one.position, one.slot)
        )
    ]


@law(10)
@given(typed(), st.integers(1, 10 * 24 * 60))
def test_the_past_stays_as_it_was_whatever_is_taken_away(
    typed: tuple[Facts, datetime], minutes: int
):
    facts, at = typed
    role, _ = store(facts)
    shifts.materialise(role, at=at)
    edited = at + minutes * MINUTE
    before = rows(role, at, edited)

    LayerVersion.objects.filter(layer__roster__role=role).delete()
    Override.objects.filter(roster__role=role).update(withdrawn_at=edited)
    shifts.materialise(role, at=edited)

    assert rows(role, at, edited) == before
    assert rows(role, edited, shifts.horizon(edited)) == []


def test_an_edit_in_the_middle_of_a_turn_leaves_what_was_and_the_turn():
    role = make_role()
    kim, lou, max_ = (make_reviewer(role, first_name=name) for name in ("kim", "lou", "max"))
    layer = make_layer(role, kim, lou, max_, at=MONDAY)
    edited = MONDAY + 9 * DAY  # lou's week
    before = rows(role, MONDAY, edited)

    layer.turns.first().delete()
    rosters.publish(layer, by=OPERATOR, at=edited)

    assert rows(role, MONDAY, edited) == before
    weeks = [MONDAY + n * 7 * DAY + DAY for n in range(1, 4)]
    assert [[one.user for one in shifts.on_call(role, at)] for at in weeks] == [
        [lou],
        [max_],
        [lou],
    ]


def test_a_forecast_goes_on_where_the_plan_ends():
    role = make_role()
    people = [make_reviewer(role) for _ in range(3)]
    make_layer(role, *people, at=MONDAY)
    end = shifts.horizon(MONDAY)

    found = shifts.between(role, end - 30 * DAY, end + 30 * DAY)

    assert all(before.until == after.since for before, after in pairwise(found))
    assert [shift.user for shift in shifts.on_call(role, end + 200 * DAY)] == [
        people[(end + 200 * DAY - MONDAY) // (7 * DAY) % 3]
    ]


@pytest.mark.django_db(transaction=True)
def test_two_in_one_slot_at_once_are_refused_when_the_transaction_ends_and_not_before():
    role = make_role()
    kim, lou = make_reviewer(role), make_reviewer(role)

    def write(user: User, since: datetime, until: datetime) -> Shift:
        return Shift.objects.create(
            role=role, position=1, slot=0, user=user, during=DateTimeTZRange(since, until)
        )

    with pytest.raises(IntegrityError, match="shift_no_overlap"), transaction.atomic():
        write(kim, MONDAY, MONDAY + DAY)
        write(lou, MONDAY + DAY - MINUTE, MONDAY + 2 * DAY)
        assert Shift.objects.filter(role=role).count() == 2  # it may yet be put right
    with transaction.atomic():
        wrong = write(kim, MONDAY, MONDAY + 2 * DAY)
        write(lou, MONDAY + DAY, MONDAY + 2 * DAY)
        wrong.during = DateTimeTZRange(MONDAY, MONDAY + DAY)
        wrong.save(update_fields=["during"])

    assert [one.user for one in Shift.objects.filter(role=role).order_by("during")] == [kim, lou]
