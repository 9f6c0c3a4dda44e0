"""Why a case is where it is, and what comes next if nobody answers: as its page shows them."""

from datetime import timedelta

import pytest
from django.test import Client

from escalation import ledger, lifecycle
from escalation.models import Case, Clock
from routing.ahead import ahead
from tests.factories import NINE, handed_off_case, make_reviewer, make_role

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def case():
    return handed_off_case(make_role("refunds"))


@pytest.fixture
def browser(case):
    client = Client()
    client.force_login(make_reviewer(case.role), backend=BACKEND)
    return client


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "part"])
def test_a_reader_is_told_which_route_took_the_case_and_what_comes_next(case, browser, headers):
    answer = browser.get(f"/policies/cases/{case.reference}/", headers=headers)
    html = answer.content.decode()

    assert answer.status_code == 200
    assert ("<html" in html) == (not headers)
    assert "took it" in html and "One person decides." in html
    assert "If nobody decides it by" in html
    assert ledger.history(case)[-1].facts["part"] == f"/policies/cases/{case.reference}/"


def test_nobody_else_is_told(case):
    outsider = Client()
    outsider.force_login(make_reviewer(make_role()), backend=BACKEND)

    assert outsider.get(f"/policies/cases/{case.reference}/").status_code == 404
    assert outsider.get("/policies/cases/ESC-999999999/").status_code == 404


def test_what_comes_next_begins_with_the_clock_that_starts_the_chain(case):
    due = Clock.objects.get(case=case, target="decision").due_at

    found = ahead(case)

    assert (found.at, found.unless) == (due, "decides")
    assert found.steps.startswith("a reminder, after 10 min the secondary on call")


def test_a_case_that_stands_still_has_no_instant_ahead_and_one_that_ended_nothing(case):
    kim = make_reviewer(case.role)
    lifecycle.hold(case.pk, "x", by=kim, at=NINE)
    held = ahead(Case.objects.get(pk=case.pk))
    lifecycle.withdraw(case.pk, "x", by=case.agent, at=NINE + timedelta(minutes=1))

    assert (held.at, ahead(Case.objects.get(pk=case.pk))) == (None, None)
