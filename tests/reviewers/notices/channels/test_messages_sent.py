"""Each channel's message, as its other end sees it."""

from base64 import b64encode
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from reviewers.enums import ContactKind
from reviewers.models import ContactPoint
from reviewers.notices import channels
from reviewers.notices.channels import sms, telegram, whatsapp
from reviewers.notices.channels.posting import at_once
from reviewers.notices.channels.results import MISTAKEN, Tried
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
    return at_once(channels.send(ContactPoint(kind=kind, address=address), MESSAGE))


@pytest.fixture
def bot(end, settings, monkeypatch):
    settings.TELEGRAM_BOT_TOKEN = "123456789:abcdefg_hijklmnop"
    monkeypatch.setattr(telegram, "API", end.url)


def test_telegram_is_sent_to_the_chat(end, bot):
    assert send("telegram", "123456") == SENT

    (call,) = end.calls
    assert call.path == "/bot123456789:abcdefg_hijklmnop/sendMessage"
    assert call.json == {
        "chat_id": 123456,
        "text": MESSAGE.whole,
        "link_preview_options": {"is_disabled": True},
    }


def test_telegram_is_given_no_markup(end, bot):
    message = Message("ESC-1", ("<b>Now</b> & [here](x) *y*",), LINK, None, urgent=False)

    contact = ContactPoint(kind="telegram", address="123456")
    assert at_once(channels.send(contact, message)) == SENT

    assert "<b>Now</b> & [here](x) *y*" in end.calls[0].json["text"]
    assert "parse_mode" not in end.calls[0].json


@pytest.mark.parametrize("template", ["", "case_waits:en"])
def test_whatsapp_is_sent_to_the_number_by_template_where_there_is_one(
    end, settings, monkeypatch, template
):
    settings.WHATSAPP_TOKEN, settings.WHATSAPP_FROM = "token", "111222333"
    settings.WHATSAPP_TEMPLATE = template
    monkeypatch.setattr(whatsapp, "API", end.url)

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


@pytest.mark.parametrize(
    ("sender", "by"), [("+15551234567", "From"), ("MG0123", "MessagingServiceSid")]
)
def test_a_text_message_goes_by_twilio(end, settings, monkeypatch, sender, by):
    settings.TWILIO_ACCOUNT = "AC" + "0" * 32
    settings.TWILIO_TOKEN, settings.TWILIO_FROM = "1" * 32, sender
    monkeypatch.setattr(sms, "TWILIO", end.url)
    end.status, end.body = 201, b"{}"

    assert send("phone", "+4791234567") == SENT

    (call,) = end.calls
    sent = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
    assert sent == {"Body": MESSAGE.whole, by: sender, "To": "+4791234567"}
    assert call.path == f"/Accounts/AC{'0' * 32}/Messages.json"
    login = f"AC{'0' * 32}:{'1' * 32}".encode()
    assert call.headers["authorization"] == f"Basic {b64encode(login).decode()}"


@pytest.fixture
def gateway(end, settings):
    """The operator's own gateway may stand in their own network."""
    settings.CALLBACK_ALLOW = []
    settings.SMS_URL, settings.SMS_TOKEN = f"{end.url}/send", "s3cret"
    return end


def test_a_text_message_is_posted_to_the_operators_own_gateway_where_there_is_one(gateway):
    assert send("phone", "+4791234567") == SENT

    (call,) = gateway.calls
    assert call.path == "/send"
    assert call.headers["authorization"] == "Bearer s3cret"
    assert call.json == {"to": "+4791234567", "text": MESSAGE.whole}


def test_a_gateway_may_take_number_and_text_in_its_address(gateway, settings):
    settings.SMS_TOKEN = ""
    settings.SMS_URL = f"https://desk:p%40ss@127.0.0.1:{gateway.port}/?to={{to}}&text={{text}}&x=1"

    assert send("phone", "+4791234567") == SENT

    (call,) = gateway.calls
    query = {name: values[0] for name, values in parse_qs(urlsplit(call.path).query).items()}
    assert query == {"to": "+4791234567", "text": MESSAGE.whole, "x": "1"}
    assert call.body == b""
    assert call.headers["authorization"] == f"Basic {b64encode(b'desk:p@ss').decode()}"


def test_a_gateway_may_take_the_number_in_its_address_alone(gateway, settings):
    settings.SMS_URL = f"{gateway.url}/to/{{to}}"

    assert send("phone", "+4791234567") == SENT

    (call,) = gateway.calls
    assert unquote(call.path) == "/to/+4791234567"
    assert call.json["text"] == MESSAGE.whole


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


@pytest.mark.parametrize(
    ("setting", "token", "kind", "address"),
    [
        ("TELEGRAM_BOT_TOKEN", "mistyped-secret", "telegram", "123456"),
        ("TELEGRAM_BOT_TOKEN", "1:secret/../x?y", "telegram", "123456"),
        ("SLACK_BOT_TOKEN", "xoxb-secret\r\nX: y", "slack", "U024BE7LH"),
        ("WHATSAPP_TOKEN", "secret\r\nX: y", "whatsapp", "+4791234567"),
        ("WHATSAPP_FROM", "secret/x", "whatsapp", "+4791234567"),
    ],
)
def test_a_token_of_the_operators_is_never_in_what_people_read(
    settings, setting, token, kind, address
):
    settings.WHATSAPP_TOKEN, settings.WHATSAPP_FROM = "token", "111222333"
    setattr(settings, setting, token)

    assert send(kind, address) == Tried(MISTAKEN, refused=True)


def test_only_what_is_set_up_is_offered(settings):
    always = [ContactKind.TEAMS, ContactKind.NTFY, ContactKind.WEBHOOK]
    assert [kind for kind in channels.offered() if kind != ContactKind.PUSH] == always

    settings.EMAIL_URL, settings.EMAIL_FROM = "smtp://mail.example", "desk@bank.example"
    settings.SMS_URL = "https://sms.example/send"

    assert {ContactKind.EMAIL, ContactKind.PHONE} < set(channels.offered())
    assert channels.CHANNELS[ContactKind.SLACK].missing == ("SLACK_BOT_TOKEN",)


def test_every_kind_has_a_channel():
    assert set(channels.CHANNELS) == set(ContactKind)


def test_what_is_broken_in_one_channel_is_said_and_stops_nothing(settings, monkeypatch):
    settings.EMAIL_URL, settings.EMAIL_FROM = "smtp://", "desk@bank.example"

    assert send("email", "kim@bank.example") == Tried("could not be sent: ImproperlyConfigured")
