"""What a layer's form makes of what was typed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict

from escalation.actors import OPERATOR
from escalation.models import Role, User
from reviewers import facts, rosters
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
