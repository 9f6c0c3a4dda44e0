"""Serious incidents: who reports and closes them, by when an authority is to hear, who is told."""

from datetime import timedelta

import pytest

from escalation import access, incidents, ledger
from escalation.enums import IncidentKind
from escalation.errors import AlreadyClosed, NotAuthorised, TextMissing
from tests.factories import NINE, decided_case, make_auditor, make_reviewer, make_role, make_user

pytestmark = pytest.mark.django_db
LATER = NINE + timedelta(minutes=5)


@pytest.fixture
def role():
    return make_role("refunds")


@pytest.fixture
def kim(role):
    return make_reviewer(role, first_name="Kim")


@pytest.fixture
def case(role):
    return decided_case(role)


@pytest.mark.parametrize(
    ("kind", "days"), [("harm", 10), ("widespread", 2), ("rights", 15), ("other", 15)]
)
def test_by_when_an_authority_hears_of_it_depends_on_what_it_is(case, kim, kind, days):
    made = incidents.report(case.pk, IncidentKind(kind), "Paid twice.", by=kim, at=LATER)

    assert made.notify_by == LATER + timedelta(days=days)
    line = ledger.history(case)[-1]
    assert (line.action, line.facts, line.private) == (
        "incident.reported",
        {"incident": str(made.pk), "kind": kind, "notify_by": ledger.instant(made.notify_by)},
        {"text": "Paid twice."},
    )


def test_who_works_with_a_case_reports_and_who_supervises_it_closes_with_a_conclusion(
    role, case, kim
):
    supervisor = make_user(first_name="Sam")
    access.grant(access.SUPERVISE, supervisor, role)
    for one in (make_auditor(), make_user()):
        with pytest.raises(NotAuthorised):
            incidents.report(case.pk, IncidentKind.OTHER, "It.", by=one, at=LATER)
    with pytest.raises(TextMissing):
        incidents.report(case.pk, IncidentKind.OTHER, " ", by=kim, at=LATER)
    made = incidents.report(case.pk, IncidentKind.OTHER, "It.", by=kim, at=LATER)

    with pytest.raises(NotAuthorised):
        incidents.close(made.pk, "Nothing.", by=kim, at=LATER)
    with pytest.raises(TextMissing):
        incidents.close(made.pk, "", by=supervisor, at=LATER)
    closed = incidents.close(made.pk, "Paid back.", by=supervisor, at=LATER)
    with pytest.raises(AlreadyClosed, match="Sam"):
        incidents.close(made.pk, "Again.", by=supervisor, at=LATER)

    assert (closed.closed_by, closed.closed_at, closed.conclusion) == (
        supervisor,
        LATER,
        "Paid back.",
    )
    assert ledger.history(case)[-1].private == {"conclusion": "Paid back."}


def test_who_answers_for_the_role_hears_of_it_else_who_answers_for_the_desk(role, case, kim):
    desk = make_auditor("desk")
    assert incidents.told(case) == [desk]

    people = {right: make_user() for right in (access.SUPERVISE, access.MANAGE, access.AUDIT_ROLE)}
    for right, user in people.items():
        access.grant(right, user, role)

    assert incidents.told(case) == list(people.values())


def test_a_reader_has_the_incidents_of_the_cases_that_they_may_read(role, case, kim):
    made = incidents.report(case.pk, IncidentKind.HARM, "It.", by=kim, at=LATER)
    other = make_reviewer(make_role())

    assert (list(incidents.of_reader(kim)), list(incidents.of_reader(other))) == ([made], [])
    assert [incidents.are_open(access.reading(one)) for one in (kim, other)] == [True, False]
