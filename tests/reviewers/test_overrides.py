from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from escalation import ledger
from escalation.actors import OPERATOR
from escalation.models import Event
from reviewers import overrides, rosters, shifts
from reviewers.enums import OverrideKind
from reviewers.errors import OverrideRefused
from reviewers.memberships import leave_role
from reviewers.models import Override
from tests.factories import NINE, make_layer, make_reviewer, make_role, make_user

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def team():
    """A role in which Kim is on until further notice, with Lena and Rui beside."""
    role = make_role()
    people = [make_reviewer(role, first_name=name) for name in ("Kim", "Lena", "Rui")]
    make_layer(role, people[0])
    return role, *people


def make(role, kind, *, since=NINE, until=NINE + 2 * HOUR, reason="Dentist", **given):
    roster = rosters.roster_of(role)
    return overrides.make(
        roster, kind, since=since, until=until, reason=reason, by=OPERATOR, at=NINE, **given
    )


def on(role, at):
    return [shift.user.first_name for shift in shifts.on_call(role, at)]


@pytest.mark.parametrize(
    ("kind", "out", "stand_in", "expected"),
    [
        ("add", None, "Lena", ["Kim", "Lena"]),
        ("remove", "Kim", None, []),
        ("replace", "Kim", "Lena", ["Lena"]),
        ("cover", None, "Rui", ["Rui"]),
    ],
)
def test_an_override_decides_from_its_start_to_its_end(team, kind, out, stand_in, expected):
    role, *people = team
    named = {person.first_name: person for person in people}

    make(role, kind, out=named.get(out), stand_in=named.get(stand_in), since=NINE + HOUR)

    assert [on(role, NINE + n * HOUR) for n in range(3)] == [["Kim"], expected, ["Kim"]]


def test_it_is_on_the_record_with_its_reason(team):
    role, kim, lena, _ = team

    override = make(role, "replace", out=kim, stand_in=lena)

    event = ledger.Line.of(Event.objects.get(action="shift.overridden"))
    assert event.facts == {
        "override": str(override.pk),
        "kind": "replace",
        "position": None,
        "since": "2026-11-20T09:00:00.000000Z",
        "until": "2026-11-20T11:00:00.000000Z",
        "out": str(kim.pk),
        "stand_in": str(lena.pk),
        "reason": "Dentist",
    }


def test_withdrawing_gives_the_layer_back_from_then_on_and_keeps_what_was(team):
    role, kim, lena, _ = team
    override = make(role, "replace", out=kim, stand_in=lena)

    overrides.withdraw(override, by=OPERATOR, at=NINE + HOUR)
    overrides.withdraw(override, by=OPERATOR, at=NINE + HOUR)

    assert on(role, NINE + HOUR / 2) == ["Lena"]
    assert on(role, NINE + HOUR) == ["Kim"]
    assert Event.objects.filter(action="shift.override_withdrawn").count() == 1


def test_what_began_before_now_begins_now(team):
    role, kim, lena, _ = team

    override = make(role, "replace", out=kim, stand_in=lena, since=NINE - HOUR)

    assert override.during.lower == NINE


REFUSED = {
    "an end before its start": (
        lambda role, kim, lena, rui: {"out": kim, "stand_in": lena, "until": NINE - HOUR},
        "It would end before it starts",
    ),
    "no reason": (
        lambda role, kim, lena, rui: {"out": kim, "stand_in": lena, "reason": "  "},
        "Say why",
    ),
    "nobody taken off": (
        lambda role, kim, lena, rui: {"stand_in": lena},
        "Say who is taken off.",
    ),
    "nobody instead": (lambda role, kim, lena, rui: {"out": kim}, "Say who is on instead."),
    "oneself": (
        lambda role, kim, lena, rui: {"out": kim, "stand_in": kim},
        "Kim cannot stand in for themselves.",
    ),
    "a person outside the role": (
        lambda role, kim, lena, rui: {"out": kim, "stand_in": make_user(first_name="Ana")},
        "Ana is not in",
    ),
    "more than a year": (
        lambda role, kim, lena, rui: {
            "out": kim,
            "stand_in": lena,
            "until": NINE + timedelta(days=400),
        },
        "at most a year",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_makes_no_sense_is_refused_with_a_sentence_and_nothing_is_kept(team, name):
    given, sentence = REFUSED[name]

    with pytest.raises(OverrideRefused, match=sentence):
        make(team[0], "replace", **given(*team))

    assert not Override.objects.exists()
    assert on(team[0], NINE) == ["Kim"]


@pytest.mark.parametrize(
    "second",
    [
        lambda kim, lena, rui: ("remove", {"out": kim}),
        lambda kim, lena, rui: ("replace", {"out": kim, "stand_in": rui}),
        lambda kim, lena, rui: ("replace", {"out": rui, "stand_in": lena}),
        lambda kim, lena, rui: ("add", {"stand_in": kim}),
        lambda kim, lena, rui: ("remove", {"out": lena}),
    ],
)
def test_contradictory_overrides_for_one_person_are_refused(team, second):
    role, kim, lena, rui = team
    make(role, "replace", out=kim, stand_in=lena)
    kind, given = second(kim, lena, rui)

    with pytest.raises(
        OverrideRefused, match="already has an override then, Fri 20 Nov 09:00 to 11"
    ):
        make(role, kind, since=NINE + HOUR, until=NINE + 3 * HOUR, **given)

    make(role, kind, since=NINE + 2 * HOUR, until=NINE + 3 * HOUR, **given)  # they only meet


def test_the_database_refuses_a_second_override_of_one_person_whoever_writes_it(team):
    role, kim, lena, rui = team
    held = make(role, "replace", out=kim, stand_in=lena)
    copy = Override(
        roster=held.roster,
        kind=OverrideKind.REPLACE,
        during=DateTimeTZRange(NINE + HOUR, NINE + 5 * HOUR),
        out_user=kim,
        in_user=rui,
        reason="Behind the door",
        made_at=NINE,
    )

    with pytest.raises(IntegrityError, match="override_one_for_who_is_out"), transaction.atomic():
        copy.save()


def test_a_stand_in_who_leaves_the_role_leaves_a_hole_and_not_who_was_replaced(team):
    role, kim, lena, _ = team
    make(role, "replace", out=kim, stand_in=lena)

    leave_role(role, lena, by=OPERATOR, at=NINE + HOUR)

    assert [on(role, NINE + n * HOUR) for n in range(3)] == [["Lena"], [], ["Kim"]]
