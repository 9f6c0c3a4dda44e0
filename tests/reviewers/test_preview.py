"""What an edit would do, told before it is saved."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from escalation.actors import OPERATOR
from escalation.models import Role, User
from reviewers import absences, facts, preview, rosters, shifts, timeline
from reviewers.enums import AbsenceKind, OverrideKind
from reviewers.models import Layer, LayerVersion, Override, Turn
from tests.factories import make_reviewer, make_role

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = 7 * DAY


@pytest.fixture
def role() -> Role:
    return make_role("refunds")


def person(role: Role, name: str) -> User:
    first, last = name.split()
    return make_reviewer(role, first_name=first, last_name=last)


def weekly(role: Role, *people: User, at: datetime = MONDAY) -> Layer:
    layer = Layer.objects.create(
        roster=rosters.roster_of(role),
        name="Weeks",
        time_zone="UTC",
        first_on=MONDAY.date(),
        first_time=0,
    )
    for order, one in enumerate(people, 1):
        Turn.objects.create(layer=layer, order=order).members.add(one)
    rosters.publish(layer, by=OPERATOR, at=at)
    return layer


def with_turns(layer: Layer, *people: User) -> dict[str, object]:
    return facts.snapshot(layer, [[one.pk] for one in people], [])


def test_an_edit_is_told_by_name_and_writes_nothing(role: Role):
    kim, lena = person(role, "Kim Osei"), person(role, "Lena Moe")
    layer = weekly(role, kim)

    seen = preview.of_layer(
        role, str(layer.pk), with_turns(layer, kim, lena), zone="UTC", at=MONDAY
    )

    assert seen.changes == (
        "Kim Osei loses Mon 30 Nov 00:00 to Mon 7 Dec 00:00, Lena Moe gets it.",
        "Kim Osei loses Mon 14 Dec 00:00 to Mon 21 Dec 00:00, Lena Moe gets it.",
    )
    assert seen.affected == (kim, lena)
    assert LayerVersion.objects.count() == 1
    assert [one.user for one in shifts.on_call(role, MONDAY + WEEK)] == [kim]


def test_what_is_previewed_is_what_is_then_planned(role: Role):
    kim, lena = person(role, "Kim Osei"), person(role, "Lena Moe")
    layer = weekly(role, kim)
    at = MONDAY + 3 * DAY
    Turn.objects.create(layer=layer, order=2).members.add(lena)

    seen = preview.of_layer(role, str(layer.pk), with_turns(layer, kim, lena), zone="UTC", at=at)
    rosters.publish(layer, by=OPERATOR, at=at)
    window = timeline.window(at, "UTC")
    after = seen.timeline.lanes[-1]
    planned = preview.planned(role, *window)

    assert [(bar.since, bar.until) for bar in after.bars] == [
        (one.since, min(one.until, window[1])) for one in planned.stretches
    ]


def test_a_new_layer_says_who_gets_what_and_retiring_it_who_loses_it(role: Role):
    kim, lena = person(role, "Kim Osei"), person(role, "Lena Moe")
    layer = weekly(role, kim)
    unsaved = Layer(
        roster=role.roster, name="Second", position=2, time_zone="UTC",
        first_on=(MONDAY + WEEK).date(), first_time=0,
    )  # fmt: skip

    new = preview.of_layer(role, None, with_turns(unsaved, lena), zone="UTC", at=MONDAY)
    gone = preview.of_layer(role, str(layer.pk), None, zone="UTC", at=MONDAY)

    assert new.changes == ("Lena Moe gets Mon 30 Nov 00:00 to Mon 21 Dec 00:00 as secondary.",)
    assert gone.changes == ("Kim Osei loses Mon 23 Nov 00:00 to Mon 21 Dec 00:00, nobody gets it.",)
    assert [one.word for one in gone.cautions] == ["Gap"]
    assert gone.cautions[0].text == (
        "28 days without anyone: Mon 23 Nov 00:00 to Mon 21 Dec 00:00."
    )


def test_an_override_is_shown_where_it_ends_even_beyond_four_weeks(role: Role):
    kim, lena = person(role, "Kim Osei"), person(role, "Lena Moe")
    weekly(role, kim)
    since = MONDAY + 10 * WEEK
    override = Override(
        roster=role.roster, kind=OverrideKind.REPLACE, out_user=kim, in_user=lena, reason="Leave",
        during=DateTimeTZRange(since, since + DAY),
    )  # fmt: skip

    seen = preview.of_override(override, zone="UTC", at=MONDAY)

    assert seen.changes == ("Kim Osei loses Mon 1 Feb 00:00 to Tue 2 Feb 00:00, Lena Moe gets it.",)


def test_an_absence_is_a_conflict_with_turns_and_with_standing_in(role: Role):
    kim, lena = person(role, "Kim Osei"), person(role, "Lena Moe")
    weekly(role, kim)
    seen = preview.of_absences(role, [kim], MONDAY + DAY, MONDAY + 2 * DAY, zone="UTC", at=MONDAY)
    assert seen.changes == ("Kim Osei loses Tue 24 Nov 00:00 to Wed 25 Nov 00:00, nobody gets it.",)
    assert [(one.word, one.text) for one in seen.cautions[:2]] == [
        (
            "Empty",
            "Kim Osei is away or may not be on call, and nobody is left: "
            "Tue 24 Nov 00:00 to Wed 25 Nov 00:00.",
        ),
        (
            "Away",
            "Kim Osei is away in turns of their own: Tue 24 Nov 00:00 to Wed 25 Nov 00:00.",
        ),
    ]

    absences.note(
        lena, since=MONDAY + DAY, until=MONDAY + 2 * DAY, kind=AbsenceKind.SICK, by=OPERATOR,
        at=MONDAY,
    )  # fmt: skip
    override = Override(
        roster=role.roster, kind=OverrideKind.REPLACE, out_user=kim, in_user=lena, reason="Leave",
        during=DateTimeTZRange(MONDAY, MONDAY + 2 * DAY),
    )  # fmt: skip
    stands_in = preview.of_override(override, zone="UTC", at=MONDAY)
    assert "Lena Moe is to stand in and is away: Tue 24 Nov 00:00 to Wed 25 Nov 00:00." in [
        one.text for one in stands_in.cautions
    ]


def test_people_over_their_hours_are_named_once(role: Role):
    kim = person(role, "Kim Osei")
    weekly(role, kim)

    seen = preview.as_planned(role, zone="UTC", at=MONDAY)

    assert [(one.word, one.text) for one in seen.cautions] == [
        ("Hours", "More than 48 h in one week: Kim Osei 168 h.")
    ]


def test_short_turns_get_an_axis_for_each_week_and_long_ones_share_one(role: Role):
    kim, lena = person(role, "Kim Osei"), person(role, "Lena Moe")
    layer = weekly(role, kim, lena)
    assert len(preview.as_planned(role, zone="UTC", at=MONDAY).timeline.panels) == 1

    layer.unit = "days"
    daily = facts.snapshot(layer, [[kim.pk], [lena.pk]], [])
    seen = preview.of_layer(role, str(layer.pk), daily, zone="UTC", at=MONDAY)

    assert len(seen.timeline.panels) == 4


def test_a_day_of_a_clock_change_is_as_wide_as_it_is_long():
    window = timeline.window(datetime(2026, 10, 22, tzinfo=UTC), "Europe/London", weeks=1)
    drawn = timeline.draw([], window, "Europe/London", at=window[0])
    starts = [float(tick.x.rstrip("%")) for tick in drawn.panels[0].ticks]

    assert window[1] - window[0] == timedelta(days=7, hours=1)
    assert starts[6] - starts[5] == pytest.approx(100 * 24 / 169, abs=0.001)
    assert 100 - starts[6] == pytest.approx(100 * 25 / 169, abs=0.001)


def test_two_people_of_one_first_name_are_shown_in_full(role: Role):
    cast = timeline.Cast([person(role, "Kim Osei"), person(role, "Kim Moe")])

    assert sorted(cast.short(who) for who in cast.users) == ["Kim Moe", "Kim Osei"]
