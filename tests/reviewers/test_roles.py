import pytest

from escalation import access, ledger
from escalation.actors import OPERATOR
from escalation.models import Event, Limit
from reviewers import roles, shifts
from tests.factories import NINE, make_layer, make_reviewer, make_role, make_user

pytestmark = pytest.mark.django_db


def told(action):
    return [ledger.Line.of(event).facts for event in Event.objects.filter(action=action)]


def test_a_change_of_a_role_is_on_the_record_as_the_role_is_now():
    higher = make_role("director")
    role = make_role("refunds", higher_role=higher, competences=["aml"], least_on_shift=2)
    Limit.objects.create(role=role, currency="USD", amount=500)

    roles.record_change(role, by=OPERATOR, at=NINE)

    assert told("role.changed") == [
        {
            "slug": "refunds",
            "name": "Refunds",
            "time_zone": "UTC",
            "calendar": None,
            "backup_role": None,
            "higher_role": "director",
            "limits": {"USD": "500"},
            "categories": [],
            "competences": ["aml"],
            "least_on_shift": 2,
            "requires_mfa": False,
        }
    ]


def test_training_that_a_role_asks_for_from_now_on_is_planned_with_at_once():
    role = make_role()
    kim = make_reviewer(role)
    make_layer(role, kim)
    assert [shift.user for shift in shifts.on_call(role, NINE)] == [kim]

    role.competences = ["aml"]
    role.save()
    roles.record_change(role, by=OPERATOR, at=NINE)

    assert shifts.on_call(role, NINE) == []


def test_rights_are_given_and_taken_each_on_the_record():
    role, kim, lena = make_role(), make_user(), make_user()
    roles.set_holders(access.MANAGE, role, [kim], by=OPERATOR, at=NINE)

    roles.set_holders(access.MANAGE, role, [lena], by=OPERATOR, at=NINE)
    roles.set_holders(access.MANAGE, role, [lena], by=OPERATOR, at=NINE)

    assert access.managers(role) == [lena]
    right = {"right": "escalation.manage_roster"}
    assert told("right.given") == [right | {"user": str(kim.pk)}, right | {"user": str(lena.pk)}]
    assert told("right.taken") == [right | {"user": str(kim.pk)}]
