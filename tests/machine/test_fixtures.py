"""What tests stand on: tables are cleared although the record refuses, by the owner alone."""

import pytest
from django.db import connection
from django.utils.timezone import now

from escalation.machine import postgres
from escalation.models import Event


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_the_record_is_empty_again_for_each_transactional_test(turn: int):
    assert Event.objects.count() == 0
    Event.objects.create(
        at=now(), actor="system:test", action="test.run", subject="test", body=b"{}", leaf=bytes(32)
    )


@pytest.mark.django_db
def test_tests_act_as_the_owner_of_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (postgres.OWNER,)


def test_a_page_that_breaks_the_policy_is_told_on(page, desk, complaints):
    page.goto(f"{desk.base_url}/sign-in/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")

    assert any("Content Security Policy" in one for one in complaints)
    complaints.clear()


SLOWLY = """
import time
from django.utils.timezone import now
from tests import factories

opened = factories.intake.open_case

def slowly(*args, **given):
    made = opened(*args, **given)
    time.sleep(3)  # longer than the desk needs to find hands for a case that it sees
    return made

factories.intake.open_case = slowly
try:
    case = factories.case_under(factories.make_role("made-slowly"), at=now())
finally:
    factories.intake.open_case = opened
print(case.role.slug, case.terms.policy, case.handoffs.count())
"""


def test_a_case_that_a_test_makes_on_a_living_desk_is_nobody_elses_meanwhile(desk):
    """The desk dispatches what it sees open; on a slow machine it was there before the test was."""
    assert desk.shell(SLOWLY) == "made-slowly Strict, version 7 1"
