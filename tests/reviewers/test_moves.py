from datetime import timedelta

import pytest

from escalation.actors import OPERATOR
from reviewers import absences, overrides, rosters, shifts
from reviewers.enums import OverrideKind
from reviewers.models import Notice, Turn
from tests.factories import NINE, make_layer, make_reviewer, make_role

pytestmark = pytest.mark.django_db
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def team():
    """A role whose weeks go to Kim (now), Lena and Rui; Lena reads times in Oslo."""
    role = make_role("refunds")
    kim, lena, rui = (
        make_reviewer(role, first_name=name, time_zone=zone)
        for name, zone in (("Kim", "UTC"), ("Lena", "Europe/Oslo"), ("Rui", "UTC"))
    )
    return role, make_layer(role, kim, lena, rui), kim, lena, rui


def told():
    return {(notice.user.first_name, notice.text) for notice in Notice.objects.all()}


def test_the_first_plan_is_no_news(team):
    assert told() == set()


def test_those_whose_next_shift_moves_hear_it_in_their_own_zone_and_nobody_else(team):
    role, layer, kim, lena, rui = team

    layer.turns.get(order=2).members.set([rui])
    layer.turns.get(order=3).members.set([lena])
    rosters.publish(layer, by=OPERATOR, at=NINE)

    assert told() == {
        (
            "Lena",
            "Your next shift for Refunds is now Mon 30 Nov 10:00 to Mon 7 Dec 10:00; "
            "it was Mon 23 Nov 10:00 to Mon 30 Nov 10:00.",
        ),
        (
            "Rui",
            "Your next shift for Refunds is now Mon 23 Nov 09:00 to Mon 30 Nov 09:00; "
            "it was Mon 30 Nov 09:00 to Mon 7 Dec 09:00.",
        ),
    }


def test_an_edit_that_moves_nobody_is_no_news(team):
    _, layer, *_ = team
    layer.name = "The weeks"
    layer.save()

    rosters.publish(layer, by=OPERATOR, at=NINE)

    assert told() == set()


def test_whoever_moved_it_themselves_is_not_told(team):
    role, _, kim, lena, _ = team

    absences.note(lena, since=NINE + 3 * DAY, until=NINE + 12 * DAY, by=lena, at=NINE)

    assert told() == set()


def test_somebody_who_comes_on_for_the_first_time_hears_it(team):
    role, layer, *_ = team
    ana = make_reviewer(role, first_name="Ana")

    overrides.make(
        layer.roster,
        OverrideKind.ADD,
        since=NINE + DAY,
        until=NINE + 2 * DAY,
        reason="Black Friday",
        stand_in=ana,
        by=OPERATOR,
        at=NINE,
    )

    assert told() == {("Ana", "You are on call for Refunds Sat 21 Nov 09:00 to Sun 22 Nov 09:00.")}


def test_planning_further_ahead_is_no_news(team):
    role, *_ = team

    written = shifts.plan_again(role, by=OPERATOR, at=NINE + DAY)

    assert written
    assert told() == set()


def test_somebody_who_is_taken_out_hears_it(team):
    role, layer, kim, lena, rui = team

    Turn.objects.filter(layer=layer, order=2).delete()
    rosters.publish(layer, by=OPERATOR, at=NINE)

    assert {who for who, _ in told()} == {"Kim", "Lena", "Rui"}  # theirs come sooner
    assert (
        "Lena",
        "You are no longer on call for Refunds Mon 23 Nov 10:00 to Mon 30 Nov 10:00.",
    ) in told()
