"""The case beside the queue: what it shows and to whom, and what it does not count as."""

import pytest

from escalation.models import Event, Handoff, Opening, Viewing
from tests.factories import handed_off_case, make_reviewer, make_role, package_with

pytestmark = pytest.mark.django_db


def test_a_glance_shows_what_is_asked_and_is_on_the_record_but_reads_nothing(
    as_user, django_assert_num_queries
):
    role = make_role()
    case = handed_off_case(role, package_with("/request/content", "<b>Où est</b> mon colis"))
    browser = as_user(make_reviewer(role))
    browser.get(f"/cases/{case.reference}/glance/")

    with django_assert_num_queries(9):
        page = browser.get(f"/cases/{case.reference}/glance/").content.decode()

    shown = (
        case.reference,
        "Refund order W88",
        "0.62",
        "&lt;b&gt;Où est",
        "nordic-retail",
        "nobody",
    )
    for one in shown:
        assert one in page
    assert Event.objects.filter(action="case.previewed").count() == 2
    assert (Viewing.objects.count(), Opening.objects.count()) == (0, 0)
    assert Handoff.objects.get(case=case).seen_at is None
    assert 'class="unseen"' in browser.get("/queue/").content.decode()


def test_a_glance_at_a_case_of_another_role_is_not_found(as_user):
    case = handed_off_case(make_role())

    assert as_user(make_reviewer(make_role())).get(f"/cases/{case.pk}/glance/").status_code == 404
    assert not Event.objects.filter(action="case.previewed").exists()
