"""Who has a case in view, for how long, and what their page says of their lease."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from escalation import lifecycle
from escalation.models import Handoff, Viewing
from reviewers import presence
from reviewers.leases import lease_of
from tests.factories import NINE, handed_off_case, make_reviewer, make_role

pytestmark = pytest.mark.django_db
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def role():
    return make_role("refunds")


@pytest.fixture
def kim(role):
    return make_reviewer(role, first_name="Kim", username="kim")


@pytest.fixture
def lena(role):
    return make_reviewer(role, first_name="Lena", username="lena")


@pytest.fixture
def case(role):
    return handed_off_case(role)


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.decode()))


def test_no_more_counts_than_has_passed(case, kim):
    presence.arrive(case, kim, at=NINE)
    for after, told in ((15, 15), (16, 15), (20, 60), (100, 60)):
        presence.beat(case, kim, seconds=told, at=NINE + after * SECOND)

    # 15, then 1 and 4 that have passed, then at most 20 of the 80
    assert presence.seconds_in_view(case, kim) == 15 + 1 + 4 + 20


def test_two_tabs_count_once(case, kim):
    presence.arrive(case, kim, at=NINE)
    for tick in range(1, 9):  # each tells of 15 s every 15 s, half of that apart
        presence.beat(case, kim, seconds=15, at=NINE + 7.5 * tick * SECOND)

    assert presence.seconds_in_view(case, kim) == 60


def test_parts_of_a_second_are_not_lost(case, kim):
    presence.arrive(case, kim, at=NINE)
    for tick in range(1, 11):
        presence.beat(case, kim, seconds=15, at=NINE + 14.9 * tick * SECOND)

    assert presence.seconds_in_view(case, kim) == 149


def test_time_away_does_not_count_and_a_second_tab_takes_nothing_away(case, kim):
    presence.arrive(case, kim, at=NINE)
    presence.arrive(case, kim, at=NINE + 10 * SECOND)  # another tab
    presence.beat(case, kim, seconds=15, at=NINE + 15 * SECOND)
    presence.arrive(case, kim, at=NINE + 10 * MINUTE)  # back after a while
    presence.beat(case, kim, seconds=20, at=NINE + 10 * MINUTE + 2 * SECOND)

    assert presence.seconds_in_view(case, kim) == 17


def test_who_tells_nothing_for_a_while_has_left(case, kim, lena):
    presence.arrive(case, lena, at=NINE)

    def there(after, reader=kim):
        return presence.looking(case, but=reader, at=NINE + after * SECOND)

    assert [there(0), there(44), there(46), there(0, lena)] == [[lena], [lena], [], []]


def test_a_beat_counts_renews_what_is_mine_and_says_so(case, kim, as_user):
    lifecycle.claim(case.pk, by=kim, at=now() - 10 * MINUTE)
    presence.arrive(case, kim, at=now() - 15 * SECOND)

    answer = as_user(kim).post(f"/cases/{case.reference}/beat/", {"seconds": "15", "active": "yes"})

    assert answer.status_code == 200
    assert 'data-state="mine"' in answer.content.decode()
    assert Viewing.objects.get(user=kim).seconds == 15
    assert Handoff.objects.get(ended_at=None).lease_until > now() + 14 * MINUTE


@pytest.mark.parametrize("told", ["", "-1", "x", "1e9", "9" * 50, "٣"])
def test_a_beat_of_nonsense_counts_nothing_and_an_idle_one_renews_nothing(case, kim, as_user, told):
    taken = lifecycle.claim(case.pk, by=kim, at=now() - 10 * MINUTE)

    answer = as_user(kim).post(f"/cases/{case.reference}/beat/", {"seconds": told})

    assert (answer.status_code, Viewing.objects.get().seconds) == (200, 0)
    assert Handoff.objects.get(pk=taken.pk).lease_until == taken.lease_until


def test_the_page_asks_before_a_lease_ends_and_says_when_it_has(case, kim, lena, as_user):
    browser = as_user(kim)
    taken = lifecycle.claim(case.pk, by=kim, at=now() - 14 * MINUTE)
    page = browser.get(f"/cases/{case.reference}/")
    assert b"Keep it" in page.content
    assert Handoff.objects.get(pk=taken.pk).lease_until > now() + 14 * MINUTE  # to open is to work

    Handoff.objects.filter(pk=taken.pk).update(lease_until=now())
    lifecycle.lapse(taken.pk, at=now())
    assert "the case is its role’s again. What you typed is kept" in words(
        browser.post(f"/cases/{case.reference}/beat/").content
    )
    lifecycle.claim(case.pk, by=lena, at=now())
    assert "and Lena has taken the case since." in words(
        browser.post(f"/cases/{case.reference}/beat/").content
    )


def test_keeping_a_lease_works_without_scripts(case, kim, as_user):
    taken = lifecycle.claim(case.pk, by=kim, at=now() - 14 * MINUTE)

    answer = as_user(kim).post(f"/cases/{case.reference}/lease/")

    assert (answer.status_code, answer["Location"]) == (302, f"/cases/{case.reference}/")
    assert Handoff.objects.get(pk=taken.pk).lease_until > now() + 14 * MINUTE


def test_an_open_page_learns_who_else_reads_and_who_took_it(case, kim, lena, as_user):
    browser = as_user(kim)
    address = f"/cases/{case.reference}/standing/?digest={case.digest}"
    before = browser.get(address)
    tag = {"If-None-Match": before["ETag"]}
    assert browser.get(address, headers=tag).status_code == 304

    presence.arrive(case, lena, at=now())
    reads = browser.get(address, headers=tag)
    assert "Lena is reading this" in words(reads.content)
    lifecycle.claim(case.pk, by=lena, at=now())
    took = browser.get(address, headers={"If-None-Match": reads["ETag"]})
    assert "Lena took it at" in words(took.content)


def test_a_lease_is_nobodys_once_the_case_has_ended(case, kim):
    lifecycle.claim(case.pk, by=kim, at=NINE)
    lifecycle.withdraw(case.pk, "no longer", by=case.agent, at=NINE)

    assert lease_of(case, kim, at=NINE).state == ""
