"""Past cases like the one that is open: which, in what order, for whom, and not too early."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from escalation import access, lifecycle
from escalation.models import Incident
from reviewers import precedents
from tests.factories import (
    NINE,
    case_under,
    decided_case,
    handed_off_case,
    make_agent,
    make_reviewer,
    make_role,
    package,
)

pytestmark = pytest.mark.django_db
WITHHOLDS = {"low": {"protocol": "commit_first"}, "high": {"protocol": "commit_first"}}


@pytest.fixture
def role():
    return make_role()


@pytest.fixture
def reader(role):
    return make_reviewer(role)


def asking(text, *, action="issue_refund", tenant="nordic-retail", user="cus_1", **changes):
    sent = package(stakes="low", **changes)
    sent["question"]["text"] = text
    sent["proposal"]["action"] = action
    sent["identity"] = {"tenant": tenant, "user": {"id": user}}
    return sent


def past(role, text, key="reject", *, minutes=0, **given):
    at = NINE + timedelta(minutes=minutes)
    return decided_case(role, key, sent=asking(text, **given), at=at)


def like(case, reader):
    found = precedents.of_case(case, access.reading(reader))
    return [one.case.pk for one in found.found]


def test_what_is_most_like_it_comes_first(role, reader):
    same = past(role, "Refund order W88 for $20?", user="cus_7")
    other = past(role, "Cancel the subscription?", action="cancel", user="cus_7", minutes=1)
    past(role, "Something else?", action="other", minutes=2)
    near = past(role, "Give the money for the parcel back?", minutes=3)
    case = handed_off_case(role, asking("Refund order W91 for $35?", user="cus_7"))

    assert like(case, reader) == [same.pk, near.pk, other.pk]


def test_the_same_identifier_makes_a_case_alike(role, reader):
    same = past(role, "Block the account of order QX-20417?", action="block", user="a")
    case = handed_off_case(role, asking("Refund QX-20417?", user="b"))

    assert like(case, reader) == [same.pk]


def test_five_are_shown(role, reader):
    for n in range(7):
        past(role, "Refund it?", minutes=n)

    assert len(like(handed_off_case(role, asking("Refund it?")), reader)) == 5


def test_only_what_the_reader_may_read_of_the_same_tenant_counts(role, reader):
    past(make_role(), "Refund it?")
    past(role, "Refund it?", tenant="acme")
    handed_off_case(role, asking("Refund it?"))
    case = handed_off_case(role, asking("Refund it?"))

    assert like(case, reader) == []
    assert like(case, make_reviewer(role, tenants=["acme"])) == []


def test_it_costs_the_same_with_one_and_with_three(role, reader, django_assert_num_queries):
    case = handed_off_case(role, asking("Refund it?"))
    reach = access.reading(reader)
    assert reach.roles
    for count in (1, 3):
        past(role, "Refund it?")
        if count == 3:
            past(role, "Refund it?")
        with django_assert_num_queries(5):
            found = precedents.of_case(case, reach)
        assert len(found.found) == count


def test_they_are_summed_up_in_a_sentence(role, reader):
    agent = make_agent()
    first = past(role, "Refund it?", "approve")
    for n in range(3):
        past(role, "Refund it?", "reject", minutes=n)
    Incident.objects.create(
        case=first, kind="harm", text="x", reported_by=reader, reported_at=NINE, notify_by=NINE
    )
    case = handed_off_case(role, asking("Refund it?"), by=agent)

    said = precedents.of_case(case, access.reading(reader)).sentence

    assert said == "3 of 4 were refused, 1 approved; 1 led to an incident."


def test_what_became_of_a_decision_is_told(role, reader):
    case = past(role, "Refund it?", "approve")
    supervisor = make_reviewer(role)
    access.grant(access.OVERTURN, supervisor, role)
    given = {"reasons": ["evidence_against"], "rationale": "No.", "digest": case.digest}
    later = NINE + timedelta(hours=1)
    lifecycle.overturn(case.pk, "reject", **given, by=supervisor, at=later)
    asked = handed_off_case(role, asking("Refund it?"))

    [one] = precedents.of_case(asked, access.reading(reader)).found

    assert (one.said, one.became, one.was_overturned) == ("approved", "refused", True)
    assert precedents.Precedents([one]).sentence == "1 of 1 was approved; 1 was overturned later."


# The page ----------------------------------------------------------------------------------------


def page(reader, case, **headers):
    client = Client()
    client.force_login(reader)
    return client.get(f"/cases/{case.reference}/similar/", headers=headers)


def test_the_page_says_who_answered_what(role, reader):
    was = past(role, "Refund it?")
    case = handed_off_case(role, asking("Refund it?"))

    whole, part = page(reader, case).text, page(reader, case, **{"HX-Request": "true"}).text

    for text in (whole, part):
        assert "1 of 1 was refused." in text
        assert f"/cases/{was.reference}/" in text
    assert part.startswith('<div id="precedents"')


def test_nothing_is_told_before_the_readers_own_answer_at_high_stakes(role, reader):
    past(role, "Refund it?")
    case = case_under(role, asking("Refund it?"), review=WITHHOLDS)
    client = Client()
    client.force_login(reader)

    assert page(reader, case).status_code == 404
    assert "left out for now" in client.get(f"/cases/{case.reference}/").text

    lifecycle.commit(case.pk, "reject", digest=case.digest, by=reader, at=now())

    assert page(reader, case).status_code == 200
    assert f'hx-get="/cases/{case.reference}/similar/"' in client.get(
        f"/cases/{case.reference}/"
    ).text  # fmt: skip


def test_whom_the_case_is_not_for_is_told_nothing(role):
    case = handed_off_case(role, asking("Refund it?"))

    assert page(make_reviewer(make_role()), case).status_code == 404
