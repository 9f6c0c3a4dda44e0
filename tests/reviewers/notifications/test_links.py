from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from reviewers.enums import NoticeKind
from reviewers.models import Notice
from reviewers.notices import inbox
from reviewers.notifications import links
from tests.factories import NINE, handed_off_case, make_reviewer, make_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def role():
    return make_role()


@pytest.fixture
def kim(role):
    return make_reviewer(role)


@pytest.fixture
def notice(kim, role):
    inbox.tell(kim, NoticeKind.HANDS, about="a", text="Yours.", at=NINE, case=handed_off_case(role))
    return Notice.objects.get()


def path_of(notice, at=None):
    return "/" + links.once(notice, at=at or now()).split("/", 3)[3]


def test_a_link_leads_to_the_case_and_marks_the_notice_seen(kim, notice, as_user):
    answer = as_user(kim).get(path_of(notice))

    assert (answer.status_code, answer["Location"]) == (302, f"/cases/{notice.case.reference}/")
    notice.refresh_from_db()
    assert notice.seen_at is not None
    assert notice.opened_at == notice.seen_at


def test_whoever_opens_the_case_itself_has_seen_what_was_told_of_it(kim, notice, as_user):
    inbox.tell(kim, NoticeKind.CASE, about="other", text="Another.", at=NINE)

    as_user(kim).get(f"/cases/{notice.case.reference}/")

    assert [one.about for one in inbox.unseen(kim)] == ["other"]


def test_a_link_signs_nobody_in_and_is_not_used_up_by_who_only_looks(notice):
    path = path_of(notice)

    answer = Client().get(path)

    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/?next={path}")
    notice.refresh_from_db()
    assert (notice.seen_at, notice.opened_at) == (None, None)


def test_a_link_is_good_once(kim, notice, as_user):
    page, path = as_user(kim), path_of(notice)
    page.get(path)

    answer = page.get(path)

    assert answer.status_code == 410
    assert "This link has been used before" in answer.content.decode()
    assert f"/cases/{notice.case.reference}/" in answer.content.decode()


def test_a_link_is_good_for_a_week(kim, notice, as_user):
    old = now() - links.GOOD_FOR

    assert as_user(kim).get(path_of(notice, at=old)).status_code == 410
    assert as_user(kim).get(path_of(notice, at=old + timedelta(minutes=1))).status_code == 302


def test_a_link_is_good_for_nobody_else(notice, role, as_user):
    answer = as_user(make_reviewer(role)).get(path_of(notice))

    assert answer.status_code == 403
    assert notice.case.reference not in answer.content.decode()
    notice.refresh_from_db()
    assert notice.opened_at is None


@pytest.mark.parametrize("change", [lambda p: p[:-3] + "xx/", lambda p: "/notices/open/no/"])
def test_a_link_that_was_changed_leads_nowhere(kim, notice, as_user, change):
    answer = as_user(kim).get(change(path_of(notice)))

    assert answer.status_code == 410
    assert "This link is no longer good" in answer.content.decode()


def test_a_link_is_only_followed(kim, notice, as_user):
    assert as_user(kim).post(path_of(notice)).status_code == 405
