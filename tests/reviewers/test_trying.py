"""Tests that people send themselves, and the link in them by which a way is shown to be theirs."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.timezone import now

from reviewers import trying
from reviewers.models import ContactPoint
from reviewers.notices import channels
from reviewers.notices.channels.results import Tried
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def kim():
    return make_user(first_name="Kim")


@pytest.fixture
def page(kim, as_user):
    return as_user(kim)


@pytest.fixture
def slack(kim, settings):
    settings.SLACK_BOT_TOKEN = "xoxb-1-2-3"
    return ContactPoint.objects.create(user=kim, kind="slack", address="U024BE7LH")


@pytest.fixture
def channel(monkeypatch):
    """What went out, as (way, message); ``answers`` is what comes of it."""

    class Channel(list):
        answers = Tried()

    found = Channel()

    async def send(contact, message):
        found.append((contact, message))
        return found.answers

    monkeypatch.setattr(channels, "send", send)
    return found


def try_out(page, contact):
    return page.post(f"/account/reach/contacts/{contact.pk}/test/", follow=True)


def link(channel):
    """Return the path of the link in the last message."""
    (_, message) = channel[-1]
    return re.sub(r"^https?://[^/]+", "", message.link)


def test_a_test_goes_out_at_once_with_a_link_to_confirm(page, slack, channel):
    said = try_out(page, slack).content.decode()

    ((contact, message),) = channel
    assert contact == slack
    assert message.title == "A test from your desk"
    assert "/account/reach/confirm/" in message.link
    assert "A test went to Slack U024BE7LH. Open the link in it to confirm." in said


def test_what_came_of_a_test_is_said_and_kept(page, slack, channel):
    channel.answers = Tried("answered channel_not_found", refused=True)

    said = try_out(page, slack).content.decode()

    slack.refresh_from_db()
    assert "Slack U024BE7LH could not be reached: answered channel_not_found." in said
    assert (slack.failures, slack.last_error) == (1, "answered channel_not_found")


def test_a_way_that_was_dead_comes_back_when_a_test_goes_well(page, slack, channel):
    ContactPoint.objects.update(dead_since=now(), failures=9, last_error="answered 500")

    try_out(page, slack)

    slack.refresh_from_db()
    assert (slack.dead_since, slack.failures, slack.last_error) == (None, 0, "")


def test_many_tests_wait(page, slack, channel):
    for _ in range(trying.FREE):
        try_out(page, slack)

    said = try_out(page, slack).content.decode()

    assert "Many tests were sent. The next is at" in said
    assert len(channel) == trying.FREE


def test_nobody_tries_out_another_s_way(as_user, slack, channel):
    assert try_out(as_user(make_user()), slack).status_code == 404
    assert channel == []


def test_what_is_not_set_up_here_is_not_tried(page, slack, channel, settings):
    settings.SLACK_BOT_TOKEN = ""

    assert "Slack is not set up here." in try_out(page, slack).content.decode()
    assert channel == []


def test_the_link_confirms_when_its_person_says_so_and_not_by_being_looked_at(page, slack, channel):
    try_out(page, slack)

    asked = page.get(link(channel))
    slack.refresh_from_db()
    assert "Is this yours?" in asked.content.decode()
    assert slack.confirmed_at is None

    said = page.post(link(channel), follow=True).content.decode()
    slack.refresh_from_db()
    assert slack.confirmed_at is not None
    assert "Slack U024BE7LH is confirmed." in said

    first = slack.confirmed_at
    page.get(link(channel))
    slack.refresh_from_db()
    assert slack.confirmed_at == first

    try_out(page, slack)
    assert link(channel) == "/account/reach/"


def test_the_link_is_good_for_whoever_asked_only(as_user, page, slack, channel):
    try_out(page, slack)
    other = as_user(make_user())

    assert [other.get(link(channel)).status_code, other.post(link(channel)).status_code] == [
        403,
        403,
    ]
    slack.refresh_from_db()
    assert slack.confirmed_at is None


def test_somebody_who_is_not_signed_in_signs_in_first(client, page, slack, channel):
    try_out(page, slack)

    answer = client.get(link(channel))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=/account/reach/confirm/")


def test_a_link_that_is_old_changed_or_of_another_address_confirms_nothing(page, slack):
    at = now()
    token = trying.token(slack, at=at)
    assert trying.named(token, at=at + timedelta(hours=23)) == slack
    assert trying.named(token, at=at + timedelta(hours=24)) is None
    assert trying.named(token[:-1], at=at) is None
    assert trying.named("nonsense", at=at) is None

    slack.address = "U0ANOTHER"
    slack.save()
    assert trying.named(token, at=at) is None
    assert page.get(f"/account/reach/confirm/{token}/").status_code == 410

    slack.delete()
    assert trying.named(token, at=at) is None
    assert trying.named(trying.token(ContactPoint(pk=uuid4()), at=at), at=at) is None
