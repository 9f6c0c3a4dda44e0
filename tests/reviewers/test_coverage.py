from datetime import UTC, date, datetime, timedelta

import pytest

from escalation import access
from escalation.actors import OPERATOR
from escalation.models import Conflict
from reviewers import absences, rosters
from reviewers.coverage import Empty, Gap, Load, Thin, Undecidable, coverage
from reviewers.memberships import leave_role
from tests.factories import NINE, make_layer, make_reviewer, make_role

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)  # a Saturday
NIGHT = [(range(7), 20 * 60, 8 * 60)]
LATE = [(range(7), 18 * 60, 22 * 60)]


def at(hours):
    return MIDNIGHT + hours * HOUR


def found(role, hours=24):
    return coverage(role, MIDNIGHT, at(hours))


def test_a_roster_without_layers_is_one_gap():
    assert found(make_role()).gaps == (Gap(MIDNIGHT, at(24)),)


def test_a_gap_is_not_hidden_by_an_overlap_elsewhere():
    """Lengths added up would be 24 hours; half the day still has nobody."""
    role = make_role()
    kim, lena = make_reviewer(role), make_reviewer(role)
    make_layer(role, kim, windows=[(range(7), 0, 12 * 60)])
    make_layer(role, lena, position=2, windows=[(range(7), 0, 12 * 60)])

    assert found(role).gaps == (Gap(at(12), at(24)),)
    assert found(role).uncovered == 12 * HOUR


def test_who_was_planned_and_is_away_leaves_it_empty_and_named():
    role = make_role()
    kim = make_reviewer(role)
    make_layer(role, kim)
    absences.note(kim, since=at(6), until=at(9), by=OPERATOR, at=NINE)

    assert (found(role).gaps, found(role).empty) == ((), (Empty(at(6), at(9), (kim,)),))


def test_who_has_left_leaves_it_empty():
    role = make_role()
    kim = make_reviewer(role)
    make_layer(role, kim)

    leave_role(role, kim, by=OPERATOR, at=NINE, on=at(20))

    assert found(role).empty == (Empty(at(20), at(24), (kim,)),)


def test_a_second_in_line_who_steps_up_leaves_no_gap():
    role = make_role()
    kim, lena = make_reviewer(role), make_reviewer(role)
    make_layer(role, kim)
    make_layer(role, lena, position=2)
    absences.note(kim, since=at(6), until=at(9), by=OPERATOR, at=NINE)

    assert (found(role).gaps, found(role).empty) == ((), ())


def test_fewer_than_the_role_wants_is_thin():
    role = make_role(least_on_shift=2)
    kim, lena = make_reviewer(role), make_reviewer(role)
    make_layer(role, kim)
    make_layer(role, lena, position=2, windows=LATE)

    thin = found(role).thin

    assert thin == (Thin(MIDNIGHT, at(18), (kim,), 2), Thin(at(22), at(24), (kim,), 2))


def test_one_person_in_two_positions_is_thin():
    role = make_role()
    kim = make_reviewer(role)
    make_layer(role, kim)
    make_layer(role, kim, position=2, windows=LATE)

    assert found(role).thin == (Thin(at(18), at(22), (kim,), 1),)


def test_people_who_may_not_decide_are_said_aloud():
    """Rights are taken by hand here: whatever took them, the roster must say so."""
    role = make_role()
    kim = make_reviewer(role)
    make_layer(role, kim)
    access.revoke(access.DECIDE, kim, role)

    assert found(role).undecidable == (Undecidable(MIDNIGHT, at(24), "", (kim,)),)


def test_a_tenant_that_everybody_on_call_has_a_conflict_with_is_named():
    role = make_role()
    kim, lena = make_reviewer(role), make_reviewer(role)
    make_layer(role, kim)
    make_layer(role, lena, position=2, windows=LATE)
    Conflict.objects.create(user=kim, tenant="acme", reason="Holds shares")

    assert found(role).undecidable == (
        Undecidable(MIDNIGHT, at(18), "acme", (kim,)),
        Undecidable(at(22), at(24), "acme", (kim,)),
    )


def test_load_is_hours_nights_weekends_and_rest():
    role = make_role()
    kim = make_reviewer(role)
    make_layer(role, kim, windows=NIGHT)

    (load,) = found(role, 48).loads  # Saturday and Sunday

    assert load == Load(
        user=kim,
        on_call=24 * HOUR,
        nights=16 * HOUR,
        weekends=24 * HOUR,
        longest_week=24 * HOUR,
        shortest_rest=12 * HOUR,
        over_hours=False,
        too_little_rest=False,
    )


def test_too_many_hours_and_too_little_rest_are_said():
    role = make_role()
    kim = make_reviewer(role)
    roster = rosters.roster_of(role)
    roster.most_hours_a_week, roster.least_rest_hours = 20, 13
    roster.save()
    make_layer(role, kim, windows=NIGHT)

    (load,) = found(role, 48).loads

    assert (load.over_hours, load.too_little_rest) == (True, True)


def test_an_edit_can_be_looked_at_before_it_is_made():
    role = make_role()
    kim = make_reviewer(role)
    make_layer(role, kim, first_on=date(2026, 11, 22))

    assert found(role).gaps == (Gap(MIDNIGHT, at(24)),)
    assert found(role, 48).gaps == (Gap(MIDNIGHT, at(24 + 9)),)
