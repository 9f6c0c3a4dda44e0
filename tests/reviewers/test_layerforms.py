"""What a layer's form makes of what was typed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict

from escalation.actors import OPERATOR
from escalation.models import Role, User
from reviewers import facts, rosters
from reviewers.coverage import coverage
from reviewers.layerforms import LayerDraft, never
from reviewers.models import Layer
from tests.factories import make_reviewer, make_role

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, tzinfo=UTC)


def sent(*turns: list[User], **fields: Any) -> QueryDict:
    """Return what a browser sends of the form."""
    given: dict[str, Any] = {
        "name": "Weeks",
        "position": 1,
        "priority": 1,
        "kind": "handoff",
        "time_zone": "UTC",
        "first_on": "2026-11-23",
        "first_time": "09:00",
        "every": 1,
        "unit": "weeks",
        "advance": "occurrence",
        "seen": 0,
        "turns-TOTAL_FORMS": len(turns),
        "turns-INITIAL_FORMS": 0,
        "windows-TOTAL_FORMS": 1,
        "windows-INITIAL_FORMS": 0,
    } | fields
    data = QueryDict(mutable=True)
    for n, people in enumerate(turns):
        data[f"turns-{n}-order"] = str(fields.get(f"turns-{n}-order", n + 1))
        data.setlist(f"turns-{n}-people", [str(one.pk) for one in people])
    for name, value in given.items():
        data.setlist(name, [str(one) for one in (value if isinstance(value, list) else [value])])
    return data


def draft(role: Role, data: QueryDict, layer: Layer | None = None) -> LayerDraft:
    layer = layer or Layer(roster=rosters.roster_of(role), time_zone="UTC")
    return LayerDraft(layer, data, at=AT)


def test_what_does_not_matter_for_the_kind_is_left_out():
    role = make_role()
    kim = make_reviewer(role)
    everything = {"length": "9", "weekdays": [0, 1], "month_days": "1, 15"}

    handoff = draft(role, sent([kim], **everything))
    weekly = draft(role, sent([kim], kind="shifts", unit="weeks", **everything))
    monthly = draft(role, sent([kim], kind="shifts", unit="months", **everything))

    kept = []
    for one in (handoff, weekly, monthly):
        assert one.is_valid(), (one.form.errors, one.turns.errors, one.windows.errors)
        snapshot = one.snapshot()
        kept.append([snapshot[name] for name in ("length_minutes", "weekdays", "month_days")])
    assert kept == [[None, [], []], [540, [0, 1], []], [540, [], [1, 15]]]


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("9:20", 560), ("9 h 20 min", 560), ("9.5", 570), ("0:15", 15), ("744", 44_640), ("19m", 19)],
)
def test_a_shift_is_as_long_as_it_was_typed_and_typed_again_as_it_is_shown(typed, minutes):
    role = make_role()
    first = draft(role, sent([make_reviewer(role)], kind="shifts", unit="days", length=typed))
    assert first.is_valid(), first.form.errors
    layer = first.save(by=OPERATOR)
    assert layer.length_minutes == minutes

    field = LayerDraft(Layer.objects.get(pk=layer.pk), at=AT).form["length"]

    assert field.field.clean(field.value()) == timedelta(minutes=minutes)
    assert f'value="{field.value()}"' in str(field)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("9.33", "9.33 h falls between two minutes: write 9 h 19 min or 9 h 20 min."),
        ("0:14", "A shift lasts at least a quarter of an hour."),
        ("744:01", "A shift lasts at most 31 days, which is 744 hours."),
        ("nine", "“nine” is no length of time; write hours and minutes, e.g. 9 h 20 min or 9:20."),
        ("", "Say how long each shift lasts."),
    ],
)
def test_a_length_that_is_not_exact_to_the_minute_is_asked_again(typed, said):
    role = make_role()

    typing = draft(role, sent([make_reviewer(role)], kind="shifts", unit="days", length=typed))

    assert not typing.is_valid()
    assert typing.form.errors == {"length": [said]}
    assert typing.form["length"].value() == typed


def test_shifts_of_nine_hours_and_twenty_minutes_leave_no_hole_at_the_change():
    role = make_role()
    early, late, night = (make_reviewer(role) for _ in range(3))
    starts = ((early, "06:00", "9:20"), (late, "15:20", "9 h 20"), (night, "00:40", "5 h 20 min"))
    for who, first_time, length in starts:
        given = {"kind": "shifts", "unit": "days", "first_time": first_time, "length": length}
        typed = draft(role, sent([who], name=who.username, **given))
        assert typed.is_valid(), typed.form.errors
        typed.save(by=OPERATOR)
    since = AT + timedelta(days=7)

    assert coverage(role, since, since + timedelta(days=7)).uncovered == timedelta()


def test_turns_are_in_the_order_that_is_typed_and_those_of_nobody_are_left_out():
    role = make_role()
    kim, lena, ana = (make_reviewer(role) for _ in range(3))
    data = sent([kim], [], [lena, ana], **{"turns-0-order": 5, "turns-2-order": 2})

    typed = draft(role, data)

    assert typed.is_valid()
    assert typed.groups() == [sorted([lena.pk, ana.pk], key=str), [kim.pk]]


def test_a_layer_that_is_saved_as_it_stands_changes_nothing():
    role = make_role()
    kim = make_reviewer(role)
    first = draft(role, sent([kim], **{"windows-0-weekdays": [0], "windows-0-opens": "08:00",
                                       "windows-0-closes": "06:00"}))  # fmt: skip
    assert first.is_valid()
    layer = first.save(by=OPERATOR)

    shown = LayerDraft(Layer.objects.get(pk=layer.pk), at=AT)
    again = QueryDict(mutable=True)
    for form in (shown.form, *shown.turns.forms, *shown.windows.forms):
        for field in form:
            value = field.value()
            values = value if isinstance(value, list) else [value]
            again.setlist(field.html_name, [str(one) for one in values if one is not None])
    for name, formset in (("turns", shown.turns), ("windows", shown.windows)):
        again[f"{name}-TOTAL_FORMS"] = str(formset.total_form_count())
        again[f"{name}-INITIAL_FORMS"] = str(formset.initial_form_count())
    again["windows-0-opens"], again["windows-0-closes"] = "08:00", "06:00"
    again["first_time"] = "09:00"
    typed = LayerDraft(Layer.objects.get(pk=layer.pk), again, at=AT)

    assert typed.is_valid(), (typed.form.errors, typed.turns.errors, typed.windows.errors)
    assert typed.snapshot() == facts.saved_snapshot(layer)
    typed.save(by=OPERATOR)
    assert layer.versions.count() == 1


def test_somebody_who_left_the_role_stays_where_they_are_until_taken_out():
    role = make_role()
    kim = make_reviewer(role)
    first = draft(role, sent([kim]))
    assert first.is_valid()
    layer = first.save(by=OPERATOR)
    role.memberships.update(left_at=AT - timedelta(days=1))

    typed = draft(role, sent([kim]), Layer.objects.get(pk=layer.pk))

    assert typed.is_valid()
    assert typed.groups() == [[kim.pk]]


@pytest.mark.parametrize(
    ("changes", "comes"),
    [
        ({}, True),
        ({"kind": "shifts", "unit": "months", "every": 999, "length_minutes": 60}, True),
        ({"unit": "months", "every": 36}, True),
        ({"unit": "hours", "every": 999}, True),
        ({"windows": [{"weekdays": [6], "opens": 0, "closes": 60}]}, True),
        (
            {
                "kind": "shifts",
                "length_minutes": 60,
                "weekdays": [1],
                "windows": [{"weekdays": [0], "opens": 0, "closes": 1440}],
            },
            False,
        ),
        ({"effective_until": "2026-11-23T08:59:00+00:00"}, False),
        ({"effective_until": "2026-11-23T09:01:00+00:00"}, True),
        (
            {
                "kind": "shifts",
                "length_minutes": 60,
                "effective_from": "2026-11-23T10:00:00+00:00",
                "effective_until": "2026-11-24T10:00:00+00:00",
            },
            False,
        ),
    ],
)
def test_a_rule_whose_first_turn_never_comes_is_told_apart(changes: dict[str, Any], comes: bool):
    role = make_role()
    typed = draft(role, sent([make_reviewer(role)]))
    assert typed.is_valid()

    assert (never(typed.snapshot() | changes, AT) == "") is comes
