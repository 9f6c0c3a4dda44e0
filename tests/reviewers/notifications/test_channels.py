"""Each channel's message, as its other end sees it."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from apprise.plugins.telegram import NotifyTelegram
from apprise.plugins.twilio import NotifyTwilio
from apprise.plugins.whatsapp import NotifyWhatsApp

from reviewers.enums import ContactKind
from reviewers.models import ContactPoint
from reviewers.notices.channels.results import Tried
from reviewers.notifications import channels
from reviewers.notifications.messages import Message

LINK = "https://desk.example/notices/open/abc/"
MESSAGE = Message(
    "ESC-1042, high stakes",
    ("A case waits for you.", "Due Fri 20 Nov 17:00 (Europe/Oslo)"),
    LINK,
    None,
    urgent=True,
)
SENT = Tried()


def send(kind, address):
    return channels.send(ContactPoint(kind=kind, address=address), MESSAGE)


def test_telegram_is_sent_to_the_chat(end, settings, monkeypatch):
    settings.TELEGRAM_BOT_TOKEN = "123456789:abcdefg_hijklmnop"
    monkeypatch.setattr(NotifyTelegram, "notify_url", end.url + "/bot")

    assert send("telegram", "123456") == SENT

    (call,) = end.calls
    assert call.path == "/bot123456789:abcdefg_hijklmnop/sendMessage"
    assert call.json["chat_id"] == 123456
    assert LINK in call.json["text"]


def test_telegram_is_given_no_markup_but_its_own(end, settings, monkeypatch):
    settings.TELEGRAM_BOT_TOKEN = "123456789:abcdefg_hijklmnop"
    monkeypatch.setattr(NotifyTelegram, "notify_url", end.url + "/bot")
    message = Message("ESC-1", ("<b>Now</b> & [here](x) *y*",), LINK, None, urgent=False)

    assert channels.send(ContactPoint(kind="telegram", address="123456"), message) == SENT

    assert "‹b›Now‹/b› &amp; [here](x) *y*" in end.calls[0].json["text"]


@pytest.mark.parametrize("template", ["", "case_waits:en"])
def test_whatsapp_is_sent_to_the_number_by_template_where_there_is_one(
    end, settings, monkeypatch, template
):
    settings.WHATSAPP_TOKEN, settings.WHATSAPP_FROM = "token", "111222333"
    settings.WHATSAPP_TEMPLATE = template
    monkeypatch.setattr(NotifyWhatsApp, "notify_url", end.url + "/{fb_ver}/{phone_id}/messages")

    assert send("whatsapp", "+4791234567") == SENT

    (call,) = end.calls
    assert call.path.endswith("/111222333/messages")
    assert call.json["to"] == "+4791234567"
    if template:
        assert call.json["template"]["name"] == "case_waits"
        (body,) = call.json["template"]["components"]
        assert body["parameters"][0]["text"] == " · ".join(MESSAGE.whole.splitlines())
    else:
        assert call.json["text"]["body"] == MESSAGE.whole


def test_a_text_message_goes_by_twilio(end, settings, monkeypatch):
    settings.TWILIO_ACCOUNT = "AC" + "0" * 32
    settings.TWILIO_TOKEN, settings.TWILIO_FROM = "1" * 32, "+15551234567"
    monkeypatch.setattr(NotifyTwilio, "notify_sms_url", end.url + "/{sid}/Messages.json")
    end.status, end.body = 201, b"{}"

    assert send("phone", "+4791234567") == SENT

    (call,) = end.calls
    sent = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
    assert sent == {"Body": MESSAGE.whole, "From": "+15551234567", "To": "+4791234567"}


def test_a_text_message_goes_by_the_operators_own_address_where_there_is_one(end, settings):
    settings.CALLBACK_ALLOW = []  # the operator's own gateway may stand in their own network
    settings.SMS_URL = f"jsons://127.0.0.1:{end.port}/to/{{to}}"

    assert send("phone", "+4791234567") == SENT

    (call,) = end.calls
    assert unquote(call.path) == "/to/+4791234567"
    assert call.json["message"] == MESSAGE.whole


def test_teams_is_posted_to_the_workflow(end):
    address = (
        f"{end.url}/workflows/abc123/triggers/manual/paths/invoke"
        "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=s1g"
    )
    end.status = 202

    assert send("teams", address) == SENT

    (call,) = end.calls
    assert urlsplit(call.path).path == "/workflows/abc123/triggers/manual/paths/invoke"
    assert parse_qs(urlsplit(call.path).query)["sig"] == ["s1g"]
    title, body = call.json["attachments"][0]["content"]["body"]
    assert title["text"] == MESSAGE.title
    assert body["text"] == (
        "A case waits for you.\n\nDue Fri 20 Nov 17:00 \\(Europe/Oslo\\)\n\n"
        f"[Look on the desk]({LINK})"
    )


def test_ntfy_is_published_to_the_topic(end):
    assert send("ntfy", f"{end.url}/kims-desk") == SENT

    (call,) = end.calls
    assert call.json == {
        "topic": "kims-desk",
        "title": MESSAGE.title,
        "message": MESSAGE.text,
    }
    assert (call.headers["x-click"], call.headers["x-priority"]) == (LINK, "high")


def test_a_webhook_is_told_in_json(end):
    assert send("webhook", f"{end.url}/hooks/kim?tag=a%20b") == SENT

    (call,) = end.calls
    assert call.path in ("/hooks/kim?tag=a+b", "/hooks/kim?tag=a%20b")
    assert call.headers["user-agent"] == "Recourse"
    assert call.json == {
        "version": "1.0",
        "type": "info",
        "title": MESSAGE.title,
        "message": MESSAGE.text,
        "link": LINK,
        "reference": "",
        "stakes": "",
        "kind": "",
        "urgent": True,
    }


@pytest.mark.parametrize("kind", ["teams", "ntfy", "slack", "email"])
def test_an_address_that_is_none_after_all_is_refused(post, settings, kind):
    settings.SLACK_BOT_TOKEN = "no token"

    tried = send(kind, "https://nowhere")

    assert tried.refused
    assert tried.error


def test_a_token_of_the_operators_is_never_in_what_people_read(settings):
    settings.TELEGRAM_BOT_TOKEN = "mistyped-secret"

    assert send("telegram", "123456") == Tried(channels.MISTAKEN, refused=True)


def test_only_what_is_set_up_is_offered(settings):
    always = [ContactKind.TEAMS, ContactKind.NTFY, ContactKind.WEBHOOK]
    assert [kind for kind in channels.offered() if kind != ContactKind.PUSH] == always

    settings.EMAIL_URL, settings.EMAIL_FROM = "smtp://mail.example", "desk@bank.example"
    settings.SMS_URL = "clicksend://user:key@{to}"

    assert {ContactKind.EMAIL, ContactKind.PHONE} < set(channels.offered())
    assert channels.CHANNELS[ContactKind.SLACK].missing == ("SLACK_BOT_TOKEN",)
