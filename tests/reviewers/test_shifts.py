from datetime import UTC, datetime, timedelta

import pytest
from django.utils.timezone import now

from escalation import effects
from escalation.actors import OPERATOR
from escalation.enums import EffectKind
from escalation.models import Effect
from reviewers import absences, jobs, shifts
from reviewers.memberships import join_role
from reviewers.models import Roster, Shift
from tests.factories import NINE, make_layer, make_reviewer, make_role

pytestmark = pytest.mark.django_db
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def team():
    """A role whose weeks go to Kim (now) and Lena in turn."""
    role = make_role()
    kim, lena = (make_reviewer(role, first_name=name) for name in ("Kim", "Lena"))
    make_layer(role, kim, lena)
    return role, kim, lena


def rows():
    return list(Shift.objects.order_by("during", "position", "slot").values())


def names(found):
    return [shift.user.first_name for shift in found]


def test_shifts_are_written_half_a_year_ahead(team):
    role, *_ = team

    last = Shift.objects.filter(role=role).order_by("during").last()

    assert last.until == shifts.planned_until(role) == datetime(2027, 5, 20, tzinfo=UTC)


def test_writing_again_writes_nothing(team):
    role, *_ = team
    before = rows()

    assert not shifts.materialise(role, at=NINE)
    assert not shifts.materialise(role, at=NINE + HOUR)
    assert rows() == before


def test_a_day_later_only_the_horizon_moves(team):
    role, *_ = team

    written = shifts.materialise(role, at=NINE + DAY)

    assert (written.added, written.changed, written.removed) == (0, 1, 0)


def test_a_change_cuts_the_shift_in_progress_and_leaves_what_was(team):
    role, kim, lena = team
    absences.note(kim, since=NINE + HOUR, until=NINE + 3 * HOUR, by=OPERATOR, at=NINE + 2 * HOUR)

    first, second = list(Shift.objects.filter(user=kim).order_by("during"))[:2]

    assert (first.since, first.until) == (NINE, NINE + 2 * HOUR)
    assert second.since == NINE + 3 * HOUR


def test_on_call_is_one_query(team, django_assert_num_queries):
    role, *_ = team

    with django_assert_num_queries(1):
        found = shifts.on_call(role, NINE)
        assert names(found) == ["Kim"]


def test_on_call_holds_from_the_first_instant_and_not_at_the_last(team):
    role, *_ = team
    microsecond = timedelta(microseconds=1)

    assert names(shifts.on_call(role, MONDAY - microsecond)) == ["Kim"]
    assert names(shifts.on_call(role, MONDAY)) == ["Lena"]
    assert names(shifts.on_call(role, NINE - microsecond)) == []


def test_beyond_the_horizon_it_is_computed_and_a_forecast(team):
    role, *_ = team
    far = datetime(2028, 1, 4, 12, tzinfo=UTC)

    (found,) = shifts.on_call(role, far)

    assert shifts.is_forecast(role, far)
    assert (found.user.first_name, found.pk in Shift.objects.values_list("pk", flat=True)) == (
        "Kim" if (far - MONDAY) // WEEK % 2 else "Lena",
        False,
    )


def test_who_comes_next_comes_together(team):
    role, kim, lena = team
    make_layer(role, [kim, lena], position=2, first_on=MONDAY.date())

    assert names(shifts.next_on_call(role, NINE)) == ["Lena", "Kim", "Lena"]
    assert shifts.next_on_call(role, NINE)[0].since == MONDAY


def test_whoever_only_goes_on_in_another_slot_does_not_come_next(team):
    role, kim, lena = team
    other = make_role()
    for person in (kim, lena):
        join_role(other, person, by=OPERATOR, at=NINE)
    make_layer(other, [kim, lena])

    absences.note(kim, since=NINE + HOUR, until=NINE + 2 * HOUR, by=OPERATOR, at=NINE)

    (back,) = shifts.next_on_call(other, NINE)
    assert (back.user, back.since) == (kim, NINE + 2 * HOUR)
    assert shifts.next_in([other], NINE) == {other.pk: [back]}


def test_what_touches_a_span_is_listed_in_order_and_beyond_the_horizon_forecast(team):
    role, *_ = team
    horizon = shifts.planned_until(role)

    found = shifts.between(role, horizon - WEEK, horizon + WEEK)

    assert [shift.since for shift in found] == sorted(shift.since for shift in found)
    assert [shift._state.adding for shift in found] == [False, False, True, True]


def test_nobody_is_on_call_in_a_role_without_a_roster():
    assert shifts.on_call(make_role(), NINE) == []


def test_planning_goes_on_every_night(team):
    role, *_ = team
    tonight = Effect.objects.get(kind=EffectKind.ROSTER, target=role.pk)
    assert tonight.due_at == datetime(2026, 11, 21, 2, tzinfo=UTC)

    (claim,) = effects.claim(EffectKind.ROSTER, at=tonight.due_at)
    jobs.plan({str(claim.id): claim.number})

    tonight.refresh_from_db()
    assert tonight.done_at is None
    assert tonight.due_at > now()  # of a night still to come
    assert Roster.objects.get(role=role).planned_at > NINE


def test_a_job_rung_for_an_older_claim_plans_nothing(team):
    role, *_ = team
    effect = Effect.objects.get(kind=EffectKind.ROSTER, target=role.pk)

    jobs.plan({str(effect.pk): 7})

    assert Roster.objects.get(role=role).planned_at == NINE
