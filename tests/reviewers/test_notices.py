from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalation.models import Effect
from reviewers.enums import NoticeKind
from reviewers.models import ContactPoint, Notice, Profile, QuietHours
from reviewers.notices import inbox
from reviewers.notices.inbox import Telling
from tests.factories import NINE, handed_off_case, make_role, make_user, package

pytestmark = pytest.mark.django_db
EVERY_DAY = list(range(7))


@pytest.fixture
def kim():
    """Somebody in Oslo, an hour ahead of UTC in winter, who reads e-mail."""
    user = make_user(first_name="Kim", time_zone="Europe/Oslo")
    ContactPoint.objects.create(user=user, kind="email", address="kim@bank.example")
    return user


def tell(user, about="a", at=NINE, **given):
    inbox.tell(user, NoticeKind.CASE, about=about, text="A case waits.", at=at, **given)
    return Notice.objects.get(user=user, about=about)


def due(kind="notice"):
    return list(
        Effect.objects.filter(kind=kind)
        .order_by("due_at")
        .values_list("target", "due_at", "done_at")
    )


def test_somebody_is_told_at_once_and_it_is_due_in_the_same_transaction(kim):
    notice = tell(kim)

    assert notice.status == "waiting"
    assert due() == [(notice.pk, NINE, None)]


def test_saying_it_again_changes_nothing(kim):
    notice = tell(kim)

    assert tell(kim, at=NINE + timedelta(hours=1)) == notice
    assert due() == [(notice.pk, NINE, None)]


def test_somebody_without_a_way_to_be_reached_is_told_on_the_desk_only(kim):
    kim.contact_points.all().delete()

    assert (tell(kim).status, due()) == ("desk", [])


def test_a_way_is_used_for_the_stakes_that_were_chosen_for_it(kim):
    kim.contact_points.update(stakes=["high", "critical"])

    assert tell(kim, "low").status == "desk"
    assert tell(kim, "high", stakes="high").status == "waiting"


def test_a_case_brings_its_stakes_and_its_page(kim):
    case = handed_off_case(make_role(), package(stakes="critical"))

    notice = tell(kim, case=case, question="Refund\r\n\tW88\u202e for \x00 $412?", urgent=True)

    assert (notice.case, notice.stakes) == (case, "critical")
    assert notice.path == f"/cases/{case.reference}/"
    assert notice.question == "Refund W88 for $412?"


def test_a_long_question_is_cut_to_one_line(kim):
    assert len(tell(kim, question="why " * 200).question) == inbox.QUESTION


def test_an_alarm_is_of_high_stakes(kim):
    inbox.tell(kim, NoticeKind.ALARM, about="a", text="Nobody answers.", at=NINE)

    assert Notice.objects.get().stakes == "high"


# Quiet hours ---------------------------------------------------------------------------------------


@pytest.fixture
def night(kim):
    return QuietHours.objects.create(user=kim, weekdays=EVERY_DAY, begins=22 * 60, ends=7 * 60)


def test_in_quiet_hours_it_waits_for_their_end(kim, night):
    notice = tell(kim, at=datetime(2026, 11, 20, 23, tzinfo=UTC))

    assert due() == [(notice.pk, datetime(2026, 11, 21, 6, tzinfo=UTC), None)]


def test_what_is_urgent_breaks_through(kim, night):
    late = datetime(2026, 11, 20, 23, tzinfo=UTC)

    notice = tell(kim, at=late, urgent=True)

    assert due() == [(notice.pk, late, None)]


def test_somebody_who_is_always_quiet_is_told_on_the_desk_only(kim):
    QuietHours.objects.create(user=kim, weekdays=EVERY_DAY, begins=0, ends=24 * 60)

    assert (tell(kim).status, due()) == ("desk", [])


# The digest ----------------------------------------------------------------------------------------


@pytest.fixture
def digest(kim):
    return Profile.objects.create(user=kim, digest_at=17 * 60)


FIVE = datetime(2026, 11, 20, 16, tzinfo=UTC)  # on the wall in Oslo


def test_low_stakes_are_collected_until_the_time_of_the_digest(kim, digest):
    assert [tell(kim, "a").status, tell(kim, "b").status] == ["collected", "collected"]

    assert due() == []
    assert due("digest") == [(kim.pk, FIVE, None)]


def test_higher_stakes_and_what_is_urgent_are_not_collected(kim, digest):
    assert tell(kim, "a", stakes="medium").status == "waiting"
    assert tell(kim, "b", urgent=True).status == "waiting"


def test_the_next_digest_comes_after_the_last_one(kim, digest):
    tell(kim, "a")
    Effect.objects.filter(kind="digest").update(done_at=FIVE, attempts=2)

    tell(kim, "b", at=FIVE + timedelta(minutes=1))

    assert due("digest") == [(kim.pk, FIVE + timedelta(days=1), None)]
    assert Effect.objects.get().attempts == 0


def test_a_digest_that_is_being_sent_is_not_put_off_by_more_news(kim, digest):
    tell(kim, "a")
    held = FIVE + timedelta(seconds=60)
    Effect.objects.filter(kind="digest").update(due_at=held, lease_until=held)

    tell(kim, "b", at=FIVE + timedelta(seconds=1))

    assert due("digest") == [(kim.pk, held, None)]
    assert Effect.objects.get().lease_until == held


def test_a_digest_in_quiet_hours_comes_when_they_end(kim, digest):
    QuietHours.objects.create(user=kim, weekdays=EVERY_DAY, begins=16 * 60, ends=18 * 60)

    tell(kim)

    assert due("digest") == [(kim.pk, FIVE + timedelta(hours=1), None)]


# Many at once --------------------------------------------------------------------------------------


def test_many_are_told_in_as_many_statements_as_two(kim, digest):
    others = [make_user() for _ in range(5)]
    for other in others:
        ContactPoint.objects.create(user=other, kind="email", address="o@bank.example")

    def statements(name, users):
        told = [
            Telling(user, NoticeKind.HANDS, f"{name}{n}", "x") for user in users for n in range(3)
        ]
        with CaptureQueriesContext(
            connection,
        ) as counted:
            inbox.tell_all([*told, told[0]], at=NINE)
        return len(counted)

    assert statements("a", [kim, others[0]]) == statements("b", [kim, *others]) == 9
    assert Notice.objects.count() == 2 * 3 + 6 * 3
    assert len(due()) == 1 * 3 + 5 * 3
    assert len(due("digest")) == 1


def test_telling_nobody_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        inbox.tell_all([], at=NINE)
