"""A role in which nobody decides any more is heard of."""

from datetime import timedelta

import pytest

from escalation import access, health
from reviewers.models import Notice
from routing import alarms, fallback
from tests.factories import (
    NINE,
    decided_case,
    handed_off_case,
    make_role,
    make_user,
    publish_policy,
    sla_facts,
    targets,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
SAID = "Nobody has decided anything for Refunds for a day: {} ended by fallback."


@pytest.fixture
def refunds():
    role = make_role("refunds")
    access.grant(access.MANAGE, make_user("mo"), role)
    publish_policy(sla_facts({"do": "deny"}, targets=targets(60)))
    return role


def fall(role, at=NINE):
    case = handed_off_case(role, at=at)
    fallback.act(case.pk, at=at + MINUTE)


def test_a_day_of_nothing_but_fallbacks_is_an_alarm_and_managers_hear_it_once(refunds):
    fall(refunds)
    fall(refunds)

    assert alarms.only_fallbacks(at=NINE + MINUTE) == [SAID.format("2 cases were")]
    assert SAID.format("2 cases were") in health.warnings(at=NINE + MINUTE)
    told = Notice.objects.filter(kind="alarm").values_list("user__username", "text")
    assert list(told) == [("mo", SAID.format("1 case was"))]


def test_a_person_who_decides_within_the_day_ends_it(refunds):
    fall(refunds)
    decided_case(refunds, at=NINE + 2 * MINUTE)
    fall(refunds, at=NINE + 9 * MINUTE)

    assert alarms.only_fallbacks(at=NINE + 10 * MINUTE) == []


def test_it_is_of_the_last_day(refunds):
    fall(refunds)

    assert alarms.only_fallbacks(at=NINE + MINUTE + timedelta(days=1)) == []


def test_a_role_without_cases_is_no_alarm(refunds):
    assert alarms.only_fallbacks(at=NINE) == []
