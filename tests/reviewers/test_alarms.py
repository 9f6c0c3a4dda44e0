from datetime import timedelta

import pytest

from escalation import access
from escalation.actors import OPERATOR
from reviewers import absences, alarms, rosters
from reviewers.models import Notice, Roster
from tests.factories import NINE, make_layer, make_reviewer, make_role, make_user

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def managed(name="refunds"):
    """Return a role with somebody on call day and night, and who manages its roster."""
    role = make_role(name)
    kim = make_reviewer(role, first_name="Kim")
    make_layer(role, kim)
    manager = make_user(first_name="Oskar")
    access.grant(access.MANAGE, manager, role)
    return role, kim, manager


def told():
    return [(notice.user.first_name, notice.text) for notice in Notice.objects.all()]


@pytest.mark.parametrize(("days", "alarmed"), [(150, False), (152, True)])
def test_a_plan_that_runs_out_within_30_days_is_an_alarm(days, alarmed):
    managed()

    found = alarms.short_plans(at=NINE + days * DAY)

    assert found == (
        [
            "The roster of Refunds is planned until 20 May 2027 only: "
            "the nightly planning has not run."
        ]
        if alarmed
        else []
    )


def test_a_roster_that_was_never_planned_is_an_alarm():
    managed()
    Roster.objects.update(planned_until=None)

    assert alarms.short_plans(at=NINE) == ["The roster of Refunds has never been planned."]


def test_a_role_that_nobody_staffs_by_a_roster_is_none():
    rosters.roster_of(make_role())

    assert alarms.short_plans(at=NINE) == []


def test_managers_hear_of_each_gap_once_with_who_is_away():
    role, kim, _ = managed()
    absences.note(kim, since=NINE + DAY, until=NINE + DAY + 3 * HOUR, by=OPERATOR, at=NINE)
    Notice.objects.all().delete()

    for night in range(2):
        alarms.tell_managers(role, at=NINE + night * HOUR)

    assert told() == [
        ("Oskar", "Nobody is on call for Refunds Sat 21 Nov 09:00 to 12:00: Kim cannot be.")
    ]


def test_a_gap_beyond_two_weeks_can_wait():
    role, kim, _ = managed()
    absences.note(kim, since=NINE + 20 * DAY, until=NINE + 21 * DAY, by=OPERATOR, at=NINE)
    Notice.objects.all().delete()

    alarms.tell_managers(role, at=NINE)

    assert told() == []
