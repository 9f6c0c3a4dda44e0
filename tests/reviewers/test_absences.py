from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from escalation import ledger
from escalation.actors import OPERATOR
from escalation.models import Event
from reviewers import absences, overrides, rosters, shifts
from reviewers.enums import AbsenceKind, OverrideKind
from reviewers.errors import AbsenceRefused
from reviewers.models import Absence
from tests.factories import NINE, make_layer, make_reviewer, make_role

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def away(user, *, since=NINE + HOUR, until=NINE + 2 * HOUR, **given):
    return absences.note(user, since=since, until=until, by=OPERATOR, at=NINE, **given)


def on(role, hours):
    return [shift.user.first_name for shift in shifts.on_call(role, NINE + hours * HOUR)]


def test_an_absence_acts_in_every_role_at_once():
    one, two = make_role(), make_role()
    kim, lena = (make_reviewer(one, two, first_name=name) for name in ("Kim", "Lena"))
    for role in (one, two):
        make_layer(role, kim)
        make_layer(role, lena, position=2)

    away(kim)

    assert [on(role, 1) for role in (one, two)] == [["Lena"], ["Lena"]]
    assert [on(role, 2) for role in (one, two)] == [["Kim", "Lena"], ["Kim", "Lena"]]


def test_an_absence_beats_an_override_and_never_brings_back_who_was_replaced():
    role = make_role()
    kim, lena = (make_reviewer(role, first_name=name) for name in ("Kim", "Lena"))
    make_layer(role, kim)
    overrides.make(
        rosters.roster_of(role),
        OverrideKind.REPLACE,
        since=NINE,
        until=NINE + 3 * HOUR,
        reason="Leave",
        out=kim,
        stand_in=lena,
        by=OPERATOR,
        at=NINE,
    )

    away(lena)

    assert [on(role, hours) for hours in range(4)] == [["Lena"], [], ["Lena"], ["Kim"]]


def test_withdrawing_brings_the_person_back_from_then_on():
    role = make_role()
    kim = make_reviewer(role, first_name="Kim")
    make_layer(role, kim)
    absence = away(kim, until=NINE + 4 * HOUR)

    absences.withdraw(absence, by=OPERATOR, at=NINE + 2 * HOUR)
    absences.withdraw(absence, by=OPERATOR, at=NINE + 3 * HOUR)

    assert [on(role, hours) for hours in range(4)] == [["Kim"], [], ["Kim"], ["Kim"]]
    assert Event.objects.filter(action="absence.withdrawn").count() == 1


def test_why_somebody_is_away_stands_on_the_record_as_a_private_value():
    kim = make_reviewer(make_role())

    away(kim, kind=AbsenceKind.SICK, note="Broken leg")

    event = Event.objects.get(action="absence.noted")
    assert ledger.Line.of(event).private == {"kind": "sick", "note": "Broken leg"}
    assert b"Broken leg" not in bytes(event.body)


@pytest.mark.parametrize(
    ("since", "until", "sentence"),
    [
        (2, 1, "It would end before it starts."),
        (1, 1, "It would end before it starts."),
        (0, 24 * 800, "at most two years"),
        (-24 * 40, 2, "began more than a month ago"),
        (1.5, 3, r"is already away Fri 20 Nov 10:00 to 11:00\."),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(since, until, sentence):
    kim = make_reviewer(make_role())
    away(kim)

    with pytest.raises(AbsenceRefused, match=sentence):
        away(kim, since=NINE + since * HOUR, until=NINE + until * HOUR)

    assert Absence.objects.count() == 1


def test_several_are_away_together_or_nobody_is():
    people = [make_reviewer(make_role()) for _ in range(3)]
    away(people[1])

    with pytest.raises(AbsenceRefused, match="already away"):
        absences.note_many(
            people, since=NINE, until=NINE + 8 * HOUR, by=OPERATOR, at=NINE, note="Company day"
        )

    assert Absence.objects.count() == 1


def test_the_database_keeps_a_person_away_once_at_a_time():
    absence = away(make_reviewer(make_role()))
    absence.pk, absence._state.adding = None, True
    absence.during = DateTimeTZRange(NINE, NINE + 5 * HOUR)

    with pytest.raises(IntegrityError, match="absence_once"), transaction.atomic():
        Absence(user=absence.user, during=absence.during, made_at=NINE).save()
