from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError
from uuid_utils.compat import uuid7

from escalation.delivery.carrier import record_each
from escalation.delivery.claims import LEASE
from escalation.enums import EffectKind
from escalation.models import Effect
from reviewers import profiles
from reviewers.enums import NoticeKind, NoticeStatus
from reviewers.models import ContactPoint, Notice, Profile, Sending
from reviewers.notices import channels, inbox
from reviewers.notices.channels.posting import at_once
from reviewers.notifications import messages, outcomes
from reviewers.notifications.outcomes import DEAD_AFTER
from tests.carry import carry, plan, send_digests, send_notices, take
from tests.factories import (
    NINE,
    decide,
    handed_off_case,
    make_reviewer,
    make_role,
    make_user,
    package,
)

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def kim(end):
    """Somebody who is called at a webhook first, and at another second."""
    user = make_user(first_name="Kim", time_zone="Europe/Oslo")
    profiles.add_contact(user, "webhook", f"{end.url}/first")
    profiles.add_contact(user, "webhook", f"{end.url}/second")
    return user


@pytest.fixture
def first(kim):
    return kim.contact_points.get(order=1)


def tell(user, about="a", at=NINE, **given):
    kind = given.pop("kind", NoticeKind.CASE)
    inbox.tell(user, kind, about=about, text="A case waits for you.", at=at, **given)
    return Notice.objects.get(user=user, about=about)


def send(*told, at=NINE):
    send_notices([one.pk for one in told], at=at)
    for one in told:
        one.refresh_from_db()


def due(notice):
    """Return when a notice is tried again; None when nothing is left to do."""
    effect = Effect.objects.get(kind="notice", target=notice.pk)
    return None if effect.done_at else effect.due_at


def tries(notice):
    return [
        (one.contact.address.rpartition("/")[2], one.status, one.attempts)
        for one in notice.sendings.all()
    ]


# What goes out ---------------------------------------------------------------------------------------


def test_a_notice_is_sent_the_first_way_and_no_other(kim, end, first):
    notice = tell(kim)

    send(notice, at=NINE + SECOND)

    assert [call.path for call in end.calls] == ["/first"]
    assert (notice.status, notice.sent_at) == ("sent", NINE + SECOND)
    assert tries(notice) == [("first", "sent", 1)]
    assert due(notice) is None
    first.refresh_from_db()
    assert first.confirmed_at is None  # that something was taken there does not say whose it is


def test_a_message_says_which_case_and_when_it_is_due_and_carries_no_evidence(kim, end, settings):
    settings.BASE_URL = "https://desk.example"
    case = handed_off_case(make_role(), package(stakes="critical"))
    type(case).objects.filter(pk=case.pk).update(due_at=datetime(2026, 11, 20, 16, tzinfo=UTC))

    send(tell(kim, case=case))

    (call,) = end.calls
    assert call.json["title"] == f"{case.reference}, critical stakes"
    assert call.json["message"] == "A case waits for you.\nDue Fri 20 Nov 17:00 (Europe/Oslo)"
    assert call.json["reference"] == case.reference
    assert call.json["link"].startswith("https://desk.example/notices/open/")
    assert b"412.50" not in call.body
    assert b"parcel" not in call.body


def test_a_question_goes_out_on_one_line_and_makes_no_link(kim, end):
    case = handed_off_case(make_role())
    question = "Refund <!channel> [now](https://evil.example/x)\r\nBcc: all@bank.example?"

    send(tell(kim, case=case, question=question))

    assert end.calls[0].json["message"].splitlines()[1] == (
        "Question: Refund ‹!channel› (now)(evil.example/x) Bcc: all@bank.example?"
    )


def test_much_news_at_a_time_goes_out_as_one_message(kim, end):
    told = [tell(kim, f"{n}", at=NINE + n * SECOND) for n in range(12)]

    send(*told)

    (call,) = end.calls
    assert call.json["title"] == "12 pieces of news"
    assert call.json["message"].splitlines() == ["A case: A case waits for you."] * 10 + [
        "and 2 more"
    ]
    assert {one.status for one in told} == {"sent"}
    assert Sending.objects.count() == 12


def test_each_person_is_sent_their_own(kim, end):
    lee = make_user()
    profiles.add_contact(lee, "webhook", f"{end.url}/lee")

    send(tell(kim), tell(lee))

    assert sorted(call.path for call in end.calls) == ["/first", "/lee"]


def test_one_notice_and_three_are_looked_up_in_as_many_statements(
    kim, end, django_assert_num_queries
):
    """Four looks for all of them; what came of it is written for each by itself."""
    for count in (1, 3):
        told = [tell(kim, f"{count}.{n}").pk for n in range(count)]
        with django_assert_num_queries(4 + 9 * count):
            send_notices(told, at=NINE)


# What needs no sending any more ----------------------------------------------------------------------


def test_what_was_seen_on_the_desk_first_is_not_sent(kim, end):
    notice = tell(kim)
    inbox.see(kim, notice.pk, at=NINE)

    send(notice)

    assert (notice.status, due(notice), end.calls) == ("seen", None, [])


def test_a_case_that_was_decided_meanwhile_is_nobodys_to_take_in_hand(end):
    role = make_role()
    kim = make_reviewer(role)
    profiles.add_contact(kim, "webhook", end.url)
    case = handed_off_case(role)
    notice = tell(kim, kind=NoticeKind.HANDS, case=case)
    decide(case, by=make_reviewer(role))

    send(notice)

    assert (notice.status, due(notice), end.calls) == ("over", None, [])


def test_somebody_who_left_is_told_nothing(kim, end):
    notice = tell(kim)
    type(kim).objects.filter(pk=kim.pk).update(is_active=False)

    send(notice)

    assert (notice.status, end.calls) == ("over", [])


def test_what_was_sent_is_not_sent_again_by_a_job_that_runs_twice(kim, end):
    notice = tell(kim)
    send(notice)
    send(notice)

    assert len(end.calls) == 1


# Quiet hours -----------------------------------------------------------------------------------------


def keep_quiet(user, begins=10, ends=12):
    """From nine to eleven by UTC, in Oslo in winter."""
    profiles.keep_quiet(user, list(range(7)), begins * 60, ends * 60)


def test_a_later_try_does_not_disturb_in_quiet_hours(kim, end):
    notice = tell(kim, at=NINE - SECOND)
    keep_quiet(kim)
    end.status = 500
    send(notice, at=NINE - SECOND)
    assert due(notice) == NINE + 4 * SECOND

    send(notice, at=NINE + 4 * SECOND)

    assert due(notice) == NINE + timedelta(hours=2)
    assert (notice.status, len(end.calls)) == ("waiting", 1)


def test_what_is_urgent_is_tried_in_quiet_hours_too(kim, end):
    notice = tell(kim, urgent=True)
    keep_quiet(kim)

    send(notice)

    assert notice.status == "sent"


def test_whoever_is_always_quiet_by_now_is_told_on_the_desk_only(kim, end):
    notice = tell(kim)
    keep_quiet(kim, 0, 24)

    send(notice)

    assert (notice.status, due(notice), end.calls) == ("desk", None, [])


# Failures and refusals -------------------------------------------------------------------------------


def test_a_failure_is_tried_again_after_a_wait_that_grows_and_then_the_next_way(kim, end):
    notice, at = tell(kim), NINE
    end.status = 500
    waits = []
    for _ in range(7):
        send(notice, at=at)
        waits.append((due(notice) - at).total_seconds())
        at = due(notice)

    assert waits == [5, 30, 0, 5, 30, 120, 0]
    assert [call.path for call in end.calls] == ["/first"] * 3 + ["/second"] * 3 + ["/first"]
    assert notice.status == "waiting"
    assert notice.sendings.first().last_error == "answered 500"


def test_a_refusal_moves_to_the_next_way_at_once(kim, end):
    notice = tell(kim)
    end.status = 404
    send(notice)
    assert due(notice) == NINE

    end.status = 200
    send(notice)

    assert [call.path for call in end.calls] == ["/first", "/second"]
    assert tries(notice) == [("first", "refused", 1), ("second", "sent", 1)]
    assert notice.status == "sent"


def test_with_no_way_left_it_stays_on_the_desk_and_is_marked(kim, end):
    notice = tell(kim)
    end.status = 403
    send(notice)
    send(notice)

    assert (notice.status, due(notice)) == ("failed", None)
    assert list(inbox.unseen(kim)) == [notice]


def test_a_way_that_never_answers_is_given_up_in_the_end(kim, first, end):
    kim.contact_points.exclude(pk=first.pk).delete()
    notice, at = tell(kim), NINE
    end.status = 500
    while at is not None and len(end.calls) < 20:
        send(notice, at=at)
        at = due(notice)

    assert (len(end.calls), notice.status) == (7, "failed")
    assert tries(notice) == [("first", "given_up", 7)]


def test_a_way_that_was_removed_under_way_leaves_its_trace(kim, first, end):
    notice = tell(kim)
    parcel = outcomes.Parcel(EffectKind.NOTICE, [notice], first)
    profiles.remove_contact(kim, first.pk)

    outcomes.record(parcel, channels.Tried("answered 500"), at=NINE)

    assert [(one.contact, one.kind) for one in notice.sendings.all()] == [(None, "webhook")]
    assert due(notice) == NINE  # by the way that is left


def test_a_kind_that_is_not_set_up_here_is_passed_over(kim, first, end):
    ContactPoint.objects.filter(pk=first.pk).update(kind="slack", address="U024BE7LH")

    send(tell(kim))

    assert [call.path for call in end.calls] == ["/second"]


def test_one_that_breaks_the_desks_own_code_keeps_no_other_waiting(kim, end, caplog):
    lee = make_user()
    profiles.add_contact(lee, "push", f"{end.url}/push")
    lee.contact_points.update(keys={"p256dh": ""})  # half the keys of a browser
    broken, other = tell(lee), tell(kim)

    send(broken, other)

    assert (broken.status, other.status) == ("waiting", "sent")
    assert broken.sendings.get().last_error == "could not be sent: KeyError"


def test_what_cannot_be_written_down_keeps_no_other_from_it(kim, end, monkeypatch):
    lee = make_user()
    profiles.add_contact(lee, "webhook", f"{end.url}/lee")
    unlucky, other = tell(lee), tell(kim)
    record = outcomes.record

    def recorded(parcel, tried, *, at):
        if parcel.user_id == lee.pk:
            raise OperationalError("deadlock detected")
        record(parcel, tried, at=at)

    monkeypatch.setattr(outcomes, "record", recorded)
    errands = plan(EffectKind.NOTICE, take(EffectKind.NOTICE, NINE), NINE)
    results = [(errand, channels.Tried(), NINE) for errand in errands]

    left = record_each(results)

    assert len(left) == 1
    for one in (unlucky, other):
        one.refresh_from_db()
    assert (unlucky.status, other.status) == ("waiting", "sent")


# Dead ways -------------------------------------------------------------------------------------------


def test_a_way_that_fails_time_after_time_is_dead_and_the_next_is_used(kim, first, end):
    end.status = 500
    for n in range(DEAD_AFTER):
        send(tell(kim, f"{n}"), at=NINE + n * timedelta(minutes=1))
        first.refresh_from_db()
        assert (first.dead_since is None) == (n < DEAD_AFTER - 1)
    assert first.dead_since == NINE + timedelta(minutes=4)
    assert (first.failures, first.last_error) == (5, "answered 500")
    end.status, end.calls[:] = 200, []

    send(tell(kim, "next"), at=NINE + timedelta(minutes=5))

    assert [call.path for call in end.calls] == ["/second"]


def test_many_failures_of_one_bad_moment_kill_nothing(kim, first, end):
    end.status = 500
    for n in range(10):
        send(tell(kim, f"{n}"), at=NINE + n * SECOND)

    first.refresh_from_db()
    assert (first.failures, first.dead_since) == (10, None)


def test_a_way_that_says_it_is_gone_is_dead_at_once(kim, first, end):
    end.status = 410
    send(tell(kim))

    first.refresh_from_db()
    assert first.dead_since == NINE


def test_a_dead_way_is_asked_again_after_an_hour_once(kim, first, end):
    ContactPoint.objects.filter(pk=first.pk).update(dead_since=NINE, tried_at=NINE, failures=9)
    end.status = 500
    early, notice = tell(kim, "early"), tell(kim, "a")

    send(early, at=NINE + timedelta(minutes=59))
    send(notice, at=NINE + timedelta(hours=1))
    assert due(notice) == NINE + timedelta(hours=1)
    send(notice, at=NINE + timedelta(hours=1))

    assert [call.path for call in end.calls] == ["/second", "/first", "/second"]


def test_a_dead_way_that_takes_a_message_again_lives(kim, first, end):
    kim.contact_points.exclude(pk=first.pk).delete()
    ContactPoint.objects.update(dead_since=NINE, failing_since=NINE, failures=9, last_error="no")

    send(tell(kim))

    first.refresh_from_db()
    assert (first.dead_since, first.failing_since, first.failures, first.last_error) == (
        *(None, None),
        *(0, ""),
    )


# The digest ------------------------------------------------------------------------------------------


@pytest.fixture
def digest(kim):
    return Profile.objects.create(user=kim, digest_at=17 * 60)


FIVE = datetime(2026, 11, 20, 16, tzinfo=UTC)


def digest_due(user):
    effect = Effect.objects.get(kind="digest", target=user.pk)
    return None if effect.done_at else effect.due_at


def test_a_digest_is_one_message_of_all_that_was_collected(kim, digest, end, settings):
    told = [tell(kim, f"{n}", at=NINE + n * SECOND) for n in range(2)]

    send_digests([kim.pk], at=FIVE)

    (call,) = end.calls
    assert (call.path, call.json["title"]) == ("/first", "2 pieces of news")
    assert call.json["link"] == f"{settings.BASE_URL}/"
    assert [one.status for one in Notice.objects.filter(pk__in=[one.pk for one in told])] == [
        *("sent", "sent")
    ]
    assert digest_due(kim) is None


def test_a_digest_leaves_out_what_was_seen(kim, digest, end):
    seen = tell(kim, "a")
    tell(kim, "b")
    inbox.see(kim, seen.pk, at=NINE)

    send_digests([kim.pk], at=FIVE)

    assert end.calls[0].json["title"] == "A case"
    assert Notice.objects.get(pk=seen.pk).status == "seen"


def test_a_digest_of_nothing_is_not_sent(kim, digest, end):
    inbox.see(kim, tell(kim).pk, at=NINE)

    send_digests([kim.pk], at=FIVE)

    assert (end.calls, digest_due(kim)) == ([], None)


def test_a_digest_that_fails_comes_again_and_goes_on_to_the_next_way(kim, digest, end):
    notice = tell(kim)
    end.status = 500
    send_digests([kim.pk], at=FIVE)
    assert digest_due(kim) == FIVE + 5 * SECOND
    end.status = 404
    send_digests([kim.pk], at=FIVE + 5 * SECOND)
    assert digest_due(kim) == FIVE + 5 * SECOND
    end.status = 200
    send_digests([kim.pk], at=FIVE + 6 * SECOND)

    assert tries(notice) == [("first", "refused", 2), ("second", "sent", 1)]
    assert digest_due(kim) is None


def test_what_is_collected_while_a_digest_is_under_way_waits_for_the_next(kim, digest, end):
    notice = tell(kim)
    parcel = outcomes.Parcel(EffectKind.DIGEST, [notice], kim.contact_points.first())
    tell(kim, "late", at=FIVE)

    outcomes.record(parcel, channels.Tried(), at=FIVE)

    assert digest_due(kim) == FIVE + timedelta(days=1)


# Couriers that are killed ----------------------------------------------------------------------------


def test_a_courier_that_is_killed_before_it_sends_loses_nothing(kim, end):
    tell(kim)
    assert len(take(EffectKind.NOTICE, NINE)) == 1  # and killed
    assert take(EffectKind.NOTICE, NINE + SECOND) == []
    later = NINE + LEASE

    carry(plan(EffectKind.NOTICE, take(EffectKind.NOTICE, later), later), later)

    assert Notice.objects.get().status == NoticeStatus.SENT
    assert len(end.calls) == 1


def test_a_courier_that_is_killed_before_it_writes_down_sends_once_more(kim, first, end):
    notice = tell(kim)
    take(EffectKind.NOTICE, NINE)
    at_once(channels.send(first, messages.of([notice], at=NINE)))  # and killed
    later = NINE + LEASE

    carry(plan(EffectKind.NOTICE, take(EffectKind.NOTICE, later), later), later)

    assert Notice.objects.get().status == NoticeStatus.SENT
    assert len(end.calls) == 2


def test_a_failure_that_comes_late_is_left_to_the_courier_that_took_over(kim, end):
    notice = tell(kim)
    late = plan(EffectKind.NOTICE, take(EffectKind.NOTICE, NINE), NINE)
    take(EffectKind.NOTICE, NINE + LEASE)
    end.status = 500

    carry(late, NINE + LEASE)

    assert due(notice) == NINE + 2 * LEASE
    assert tries(notice) == []


def test_what_comes_next_waits_with_those_of_its_own_channel(kim, first, end, settings):
    """A try that failed goes on by the next way, and waits in that one's lane only."""
    settings.SLACK_BOT_TOKEN = "xoxb-1"
    ContactPoint.objects.filter(user=kim, order=2).update(kind="slack", address="U024BE7LH")
    notice = tell(kim)
    end.status = 404

    send(notice)

    effect = Effect.objects.get(kind="notice", target=notice.pk)
    assert (effect.lane, effect.receiver, effect.attempts) == ("slack", str(kim.pk), 1)


@pytest.mark.parametrize("kind", ["email", "phone", "slack", "telegram", "whatsapp"])
def test_what_one_server_carries_for_all_is_one_lane(kind):
    one, other = (ContactPoint(kind=kind, user_id=uuid7()) for _ in range(2))

    assert channels.lane(one) == channels.lane(other) == kind


@pytest.mark.parametrize("kind", ["webhook", "ntfy", "teams", "push"])
def test_what_each_names_an_address_for_is_a_lane_of_their_own(kind):
    one, other = (ContactPoint(kind=kind, user_id=uuid7()) for _ in range(2))

    assert channels.lane(one) != channels.lane(other)
