from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from escalation.actors import OPERATOR
from escalation.models import Event
from reviewers import rosters, shifts
from reviewers.errors import NothingToUndo
from reviewers.models import LayerVersion, Shift, Turn
from tests.factories import NINE, make_layer, make_reviewer, make_role

pytestmark = pytest.mark.django_db
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)  # the second turn of a factory layer begins


@pytest.fixture
def team():
    """A role whose weeks go to Kim (now), Lena and Rui in turn."""
    role = make_role()
    people = [make_reviewer(role, first_name=name) for name in ("Kim", "Lena", "Rui")]
    return role, make_layer(role, *people), *people


def weeks(role, since=NINE, count=5):
    """Return who is on at the middle of the week that holds ``since`` and of those after it."""
    return [on(role, since + n * WEEK) for n in range(count)]


def on(role, at):
    return "+".join(shift.user.first_name for shift in shifts.on_call(role, at))


def turns(layer, *groups):
    """Let the layer have these turns instead, not published yet."""
    layer.turns.all().delete()
    for order, group in enumerate(groups, 1):
        people = group if isinstance(group, list) else [group]
        Turn.objects.create(layer=layer, order=order).members.set(people)


def publish(layer, at=NINE):
    return rosters.publish(layer, by=OPERATOR, at=at)


def test_turns_go_round(team):
    assert weeks(team[0]) == ["Kim", "Lena", "Rui", "Kim", "Lena"]


def test_publishing_what_is_already_so_changes_nothing(team):
    role, layer, *_ = team
    before = list(Shift.objects.order_by("pk").values())

    assert publish(layer, NINE + DAY) is None
    assert list(Shift.objects.order_by("pk").values()) == before
    assert LayerVersion.objects.count() == 1
    assert Event.objects.filter(action="roster.published").count() == 1


def test_an_edit_keeps_the_turn_in_progress_with_who_has_it(team):
    role, layer, kim, lena, rui = team

    turns(layer, lena, kim, rui)
    publish(layer)

    assert weeks(role) == ["Kim", "Rui", "Lena", "Kim", "Rui"]


@pytest.mark.parametrize(
    ("leaving", "expected"),
    [
        ("Kim", ["Rui", "Lena", "Rui", "Lena"]),  # before the turn in progress
        ("Rui", ["Kim", "Lena", "Kim", "Lena"]),  # after it
    ],
)
def test_taking_a_person_out_does_not_move_the_others(team, leaving, expected):
    role, layer, *people = team
    lena = people[1]
    in_lenas_week = MONDAY + DAY

    turns(layer, *(one for one in people if one.first_name != leaving))
    publish(layer, in_lenas_week)

    assert on(role, in_lenas_week) == lena.first_name
    assert weeks(role, in_lenas_week + WEEK, 4) == expected


def test_whoever_is_taken_out_in_their_own_turn_is_followed_by_the_next(team):
    role, layer, kim, lena, rui = team

    turns(layer, kim, rui)
    publish(layer, MONDAY + DAY)

    assert on(role, MONDAY) == "Lena"
    assert weeks(role, MONDAY + DAY, 4) == ["Rui", "Kim", "Rui", "Kim"]


def test_a_person_added_to_a_turn_joins_it_at_once(team):
    role, layer, kim, lena, rui = team

    turns(layer, [kim, rui], lena)
    publish(layer)

    assert sorted(on(role, NINE).split("+")) == ["Kim", "Rui"]


def test_the_past_stays_as_it_was(team):
    role, layer, kim, lena, rui = team
    later = MONDAY + 10 * WEEK
    past = list(Shift.objects.filter(during__endswith__lte=later).order_by("during").values())

    turns(layer, rui)
    publish(layer, later)

    kept = Shift.objects.filter(during__endswith__lte=later).order_by("during").values()
    assert list(kept)[: len(past)] == past
    assert weeks(role, NINE, 13) == [*(["Kim", "Lena", "Rui"] * 4)[:12], "Rui"]


def test_another_length_of_turn_keeps_whoever_is_on(team):
    role, layer, *_ = team
    layer.every = 2
    layer.save()

    publish(layer, MONDAY + DAY)

    assert on(role, MONDAY + DAY) == "Lena"


def test_a_layer_that_has_not_begun_begins_with_its_first_turn():
    role = make_role()
    kim, lena = (make_reviewer(role, first_name=name) for name in ("Kim", "Lena"))
    layer = make_layer(role, kim, lena, first_on=date(2027, 1, 4))

    turns(layer, lena, kim)
    publish(layer, NINE + DAY)

    assert on(role, datetime(2027, 1, 5, tzinfo=UTC)) == "Lena"


def test_an_edit_is_undone_as_a_new_version(team):
    role, layer, kim, lena, rui = team
    layer.name, layer.priority = "Weekdays", 3
    layer.save()
    turns(layer, rui)
    publish(layer)

    rosters.undo(layer, by=OPERATOR, at=NINE + DAY)

    layer.refresh_from_db()
    assert (layer.name.startswith("Layer"), layer.priority) == (True, 1)
    assert [list(turn.members.all()) for turn in layer.turns.all()] == [[kim], [lena], [rui]]
    assert LayerVersion.objects.count() == 3
    assert on(role, NINE + 2 * DAY) in ("Kim", "Rui")


def test_there_is_nothing_to_undo_in_a_first_version(team):
    with pytest.raises(NothingToUndo, match="only one version"):
        rosters.undo(team[1], by=OPERATOR, at=NINE)


def test_a_retired_layer_plans_no_more(team):
    role, layer, *_ = team

    rosters.retire(layer, by=OPERATOR, at=MONDAY + DAY)

    assert [on(role, MONDAY), on(role, MONDAY + DAY)] == ["Lena", ""]


def test_what_a_layer_was_stands_on_the_record(team):
    _, layer, kim, lena, rui = team

    event = Event.objects.get(action="roster.published")

    assert b'"groups":[["' in bytes(event.body)
    assert str(kim.pk).encode() in bytes(event.body)


def test_the_database_keeps_one_version_of_a_layer_in_force(team):
    version = LayerVersion.objects.get()
    version.pk, version.number = None, 2

    with pytest.raises(IntegrityError, match="layer_version_one_in_force"), transaction.atomic():
        version.save(force_insert=True)


def test_the_database_refuses_two_shifts_of_a_slot_at_once(team):
    shift = Shift.objects.order_by("during").first()
    with pytest.raises(IntegrityError, match="shift_no_overlap"), transaction.atomic():
        Shift.objects.create(role=shift.role, position=1, slot=0, user=team[4], during=shift.during)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS shift_no_overlap IMMEDIATE")
