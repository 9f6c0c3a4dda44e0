"""Web Push to a push service on loopback, opened with the keys of the browser that subscribed."""

import json

import pytest
from django.utils.timezone import now

from reviewers.enums import NoticeKind
from reviewers.models import ContactPoint
from reviewers.notices import channels, inbox
from reviewers.notices.channels import push, webpush
from reviewers.notices.channels.posting import at_once
from reviewers.notices.channels.results import Tried
from reviewers.notifications.messages import Message
from tests.carry import send_notices
from tests.factories import make_user
from tests.fixtures.pushservice import BrowserKeys

LINK = "https://desk.example/notices/open/abc/"
MESSAGE = Message(
    "ESC-1042, high stakes",
    ("A case waits for you.", "Question: Refund order W88?"),
    LINK,
    None,
    urgent=True,
)


@pytest.fixture
def browser():
    return BrowserKeys()


def sent(contact, message):
    return at_once(channels.send(contact, message))


def way(address, browser, **changes):
    keys = {"p256dh": browser.p256dh, "auth": browser.auth, "server": webpush.server_key()}
    return ContactPoint(kind="push", address=address, keys=keys | changes)


def test_only_the_browser_reads_the_reference_the_sentence_and_the_link(end, browser):
    end.status, end.body = 201, b""

    assert sent(way(f"{end.url}/send/abc", browser), MESSAGE) == Tried()

    (call,) = end.calls
    said = json.loads(browser.opened(call.body))
    assert call.path == "/send/abc"
    assert call.headers["content-encoding"] == "aes128gcm"
    assert (call.headers["ttl"], call.headers["urgency"]) == ("86400", "high")
    assert call.headers["authorization"].endswith(f", k={webpush.server_key()}")
    assert len(call.headers["topic"]) == 32
    assert said == {
        "title": "ESC-1042, high stakes",
        "body": "A case waits for you.",
        "link": LINK,
        "tag": call.headers["topic"],
        "urgent": True,
    }
    assert b"ESC-1042" not in call.body


@pytest.mark.parametrize(
    ("status", "refused", "gone"),
    [
        (404, True, True),
        (410, True, True),
        (400, True, False),
        (403, True, False),
        (413, True, False),
        (301, True, False),
        (429, False, False),
        (500, False, False),
        (503, False, False),
    ],
)
def test_what_the_service_answers_says_whether_to_try_again(end, browser, status, refused, gone):
    end.status = status

    tried = sent(way(end.url, browser), MESSAGE)

    assert (tried.refused, tried.gone) == (refused, gone)
    assert str(status) in tried.error


def test_a_service_on_a_private_address_is_not_called(end, browser, settings):
    settings.CALLBACK_ALLOW = []

    tried = sent(way(end.url, browser), MESSAGE)

    assert tried.refused
    assert "private or reserved" in tried.error
    assert end.calls == []


def test_a_subscription_made_with_another_key_of_the_desk_is_refused_and_not_called(end, browser):
    tried = sent(way(end.url, browser, server="another"), MESSAGE)

    assert (tried.refused, tried.gone) == (True, False)
    assert "ask in that browser again" in tried.error
    assert end.calls == []


def test_a_very_long_sentence_is_cut_and_still_goes_out(end, browser):
    long = Message("T", ("ä" * 5000,), LINK, None, urgent=False)

    assert sent(way(end.url, browser), long) == Tried()

    assert json.loads(browser.opened(end.calls[0].body))["body"] == "ä" * 600


@pytest.mark.django_db
def test_when_a_subscription_is_over_the_next_way_is_used_and_the_person_sees_it(
    end, browser, as_user
):
    kim, at = make_user(), now()
    keys = way("", browser).keys | {"browser": "Firefox on Linux"}
    first = ContactPoint.objects.create(
        user=kim, kind="push", address=f"{end.url}/over", keys=keys, order=1
    )
    ContactPoint.objects.create(user=kim, kind="webhook", address=f"{end.url}/hook", order=2)
    inbox.tell(kim, NoticeKind.CASE, about="a", text="A case waits.", at=at)
    told = [kim.notices.get().pk]
    end.status = 410

    send_notices(told, at=at)
    end.status = 200
    send_notices(told, at=at)

    first.refresh_from_db()
    assert [call.path for call in end.calls] == ["/over", "/hook"]
    assert (first.dead_since, first.keys) == (at, {"browser": "Firefox on Linux"})
    assert sent(first, MESSAGE) == Tried(push.OVER, refused=True, gone=True)
    assert len(end.calls) == 2
    said = as_user(kim).get("/account/reach/").content.decode()
    assert "Webhook. Browser does not work now, and is tried last." in said
