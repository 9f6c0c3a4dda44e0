"""A mail goes to exactly the address on the page, whatever is in it, or to nobody."""

import socket
import ssl
import threading
import time

import pytest
from django.core.exceptions import ValidationError

from escalation.delivery import lookups
from reviewers.enums import ContactKind
from reviewers.models import ContactPoint
from reviewers.notices.channels import email
from reviewers.notices.channels.posting import at_once
from reviewers.notices.channels.results import Tried
from reviewers.notifications.messages import Message
from reviewers.profiles import checked
from tests.fixtures.ends import mail_server
from tests.reviewers.notices.channels.conftest import DROPS, HANGS

LINK = "https://desk.example/notices/open/abc/"
SENT = Tried()
PLAIN_EHLO = "250-mail.example\r\n250 HELP"
ASCII = {  # what is kept: what the server is told
    "o'brien@bank.example": b"o'brien@bank.example",
    "Kim.Lee@bank.example": b"Kim.Lee@bank.example",
    "kim+desk@bank.example": b"kim+desk@bank.example",
    "kim/a=b@bank.example": b"kim/a=b@bank.example",
    "kim%corp@bank.example": b"kim%corp@bank.example",
    "kim@bücher.example": b"kim@xn--bcher-kva.example",
    "kim@xn--bcher-kva.example": b"kim@xn--bcher-kva.example",
    '"kim lee"@bank.example': b'"kim lee"@bank.example',
    '"kim  lee"@bücher.example': b'"kim  lee"@xn--bcher-kva.example',
    '"kim@home"@bank.example': b'"kim@home"@bank.example',
    '"kim> SIZE=1"@bank.example': b'"kim> SIZE=1"@bank.example',
    '"kim, lee@bank.example"@bank.example': b'"kim, lee@bank.example"@bank.example',
    r'"a\"b\\c"@bank.example': rb'"a\"b\\c"@bank.example',
    "=?utf-8?q?kim?=@bank.example": b"=?utf-8?q?kim?=@bank.example",
    "!#$%&'*+-/=?^_`{|}~@bank.example": b"!#$%&'*+-/=?^_`{|}~@bank.example",
    f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 50}.example": (
        b"a" * 64 + b"@" + b"b" * 60 + b"." + b"c" * 60 + b"." + b"d" * 50 + b".example"
    ),
    f'"{"a " * 30}"@{"b" * 60}.{"c" * 60}.example': (
        b'"' + b"a " * 30 + b'"@' + b"b" * 60 + b"." + b"c" * 60 + b".example"
    ),
}
UTF8 = {
    "jürgen@müller.example": "jürgen@xn--mller-kva.example",
    "用户@例子.example": "用户@xn--fsqu00a.example",
    '"jürgen m"@bank.example': '"jürgen m"@bank.example',
    f"{'ü' * 32}@{'b' * 60}.{'c' * 60}.example": f"{'ü' * 32}@{'b' * 60}.{'c' * 60}.example",
}


def send(address, title="ESC-1042, high stakes", *lines):
    contact = ContactPoint(kind="email", address=address)
    message = Message(title, lines or ("A case waits for you.",), LINK, None, urgent=False)
    return at_once(email.send(contact, message))


# To whom -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ASCII)
def test_envelope_and_header_name_exactly_the_address_that_is_kept(script, typed):
    script.answers["EHLO"] = PLAIN_EHLO  # such addresses go by any server

    assert send(checked(ContactKind.EMAIL, typed)) == SENT

    wire = ASCII[typed]
    assert script.told("RCPT") == [b"RCPT TO:<" + wire + b">"]
    assert script.told("MAIL") == [b"MAIL FROM:<desk@bank.example>"]
    assert b"\r\nTo: " + wire + b"\r\n" in script.data[0]
    assert script.data[0].lower().count(b"\nto:") == 1


@pytest.mark.parametrize("typed", UTF8)
def test_letters_outside_ascii_go_by_a_server_that_takes_them(script, typed):
    assert send(checked(ContactKind.EMAIL, typed)) == SENT

    wire = UTF8[typed].encode()
    assert script.told("RCPT") == [b"RCPT TO:<" + wire + b">"]
    assert script.told("MAIL") == [b"MAIL FROM:<desk@bank.example> SMTPUTF8 BODY=8BITMIME"]
    assert b"\r\nTo: " + wire + b"\r\n" in script.data[0]


@pytest.mark.parametrize("typed", UTF8)
def test_a_server_that_does_not_take_them_is_given_no_other_address(script, typed):
    script.answers["EHLO"] = PLAIN_EHLO

    assert send(typed) == Tried(email.NO_UTF8, refused=True)
    assert script.told("MAIL") == script.told("RCPT") == script.data == []


def test_what_such_a_server_does_not_take_is_refused_when_it_is_saved(script):
    script.answers["EHLO"] = PLAIN_EHLO

    with pytest.raises(ValidationError, match="takes only ASCII letters before the @"):
        email.check_taken("jürgen@müller.example")
    assert email.check_taken("kim@bücher.example") is None


@pytest.mark.parametrize("answer", [HANGS, DROPS, "421 not now"])
def test_a_server_that_cannot_be_asked_keeps_nobody_from_saving(script, monkeypatch, answer):
    monkeypatch.setattr(email, "SECONDS", 0.3)
    script.answers["EHLO"] = answer

    assert email.check_taken("jürgen@müller.example") is None


@pytest.mark.parametrize(
    "kept",
    [
        "Kim <kim@bank.example>",
        "kim@bank.example\r\nRCPT TO:<all@bank.example>",
        "kim@bank.example,lee@bank.example",
        "kim",
        "",
    ],
)
def test_what_got_into_the_database_some_other_way_is_sent_to_nobody(script, kept):
    assert send(kept) == Tried(email.NO_ADDRESS, refused=True)
    assert script.lines == []


# What ----------------------------------------------------------------------------------------------


def test_a_mail_is_plain_text_and_asks_for_no_automatic_answer(script):
    assert send("kim@bank.example", "ESC-1042, high stakes", "A case waits.", "Due 17:00") == SENT

    mail = script.mail
    assert {name: mail[name] for name in ("From", "To", "Subject", "Auto-Submitted")} == {
        "From": "Recourse <desk@bank.example>",
        "To": "kim@bank.example",
        "Subject": "ESC-1042, high stakes",
        "Auto-Submitted": "auto-generated",
    }
    assert mail["Date"].datetime
    assert mail["Message-ID"].endswith("@bank.example>")
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().splitlines() == ["A case waits.", "Due 17:00", LINK]


def test_letters_of_every_language_arrive_over_seven_bits(script):
    script.answers["EHLO"] = PLAIN_EHLO
    title = "ESC-1042, Blåbær 高い" * 6

    assert send("kim@bank.example", title, "Größe: 12 €", "." * 3, "ä" * 3000) == SENT

    assert script.data[0].isascii()
    assert script.mail["Subject"] == title
    assert script.mail.get_content().splitlines() == ["Größe: 12 €", "...", "ä" * 3000, LINK]
    assert max(map(len, script.data[0].split(b"\r\n"))) <= 998


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\x00"])
def test_a_title_begins_no_header_of_its_own(script, sign):
    assert send("kim@bank.example", f"ESC-1{sign}Bcc: all@bank.example") == SENT

    assert script.mail["Subject"] == "ESC-1 Bcc: all@bank.example"
    assert script.mail["Bcc"] is None
    assert script.told("RCPT") == [b"RCPT TO:<kim@bank.example>"]


def test_a_line_of_the_text_ends_no_message(script):
    assert send("kim@bank.example", "T", ".", "RCPT TO:<all@bank.example>", "\r\n.\r\nMAIL") == SENT

    assert len(script.data) == 1
    assert script.mail.get_content().splitlines()[:2] == [".", "RCPT TO:<all@bank.example>"]


@pytest.mark.parametrize(
    ("sender", "envelope", "header"),
    [
        ("desk@bank.example", "desk@bank.example", "desk@bank.example"),
        (
            '"Desk, Oslo" <desk@bank.example>',
            "desk@bank.example",
            '"Desk, Oslo" <desk@bank.example>',
        ),
        (
            "Blåbær <o'brien@blåbær.example>",
            "o'brien@xn--blbr-roah.example",
            "Blåbær <o'brien@xn--blbr-roah.example>",
        ),
    ],
)
def test_it_is_from_whom_the_operator_says(script, settings, sender, envelope, header):
    settings.EMAIL_FROM = sender

    assert send("kim@bank.example") == SENT

    assert script.told("MAIL") == [f"MAIL FROM:<{envelope}>".encode()]
    assert script.mail["From"] == header


def test_the_desk_calls_itself_by_its_own_name(script, settings):
    settings.BASE_URL = "https://desk.bank.example"

    assert send("kim@bank.example") == SENT
    assert script.lines[0] == b"EHLO desk.bank.example"


# What came of it -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "answer", "tried"),
    [
        ("", "554 go away", Tried("554 go away")),
        ("", "421 busy", Tried("421 busy")),
        ("MAIL", "550 you may not", Tried("550 you may not")),
        ("MAIL", "530 sign in first", Tried("530 sign in first")),
        ("RCPT", "550 5.1.1 no such user", Tried("550 5.1.1 no such user", refused=True)),
        ("RCPT", "550-no\r\n550 such user", Tried("550 no such user", refused=True)),
        ("RCPT", "553 not allowed", Tried("553 not allowed", refused=True)),
        ("RCPT", "530 sign in first", Tried("530 sign in first")),
        ("RCPT", "451 later", Tried("451 later")),
        ("RCPT", "452 full", Tried("452 full")),
        ("RCPT", "421 closing", Tried("421 closing")),
        ("RCPT", "251 forwarded", SENT),
        ("DATA", "554 no valid recipients", Tried("554 no valid recipients", refused=True)),
        ("DATA", "451 later", Tried("451 later")),
        (".", "554 spam", Tried("554 spam", refused=True)),
        (".", "452 disk full", Tried("452 disk full")),
        ("QUIT", "500 what?", SENT),
        ("QUIT", DROPS, SENT),
        ("QUIT", HANGS, SENT),
    ],
)
def test_a_refusal_of_the_address_is_final_and_all_else_is_tried_again(
    script, monkeypatch, verb, answer, tried
):
    monkeypatch.setattr(email, "GOODBYE", 0.1)
    script.answers[verb] = answer

    assert send("kim@bank.example") == tried


@pytest.mark.parametrize("verb", ["", "EHLO", "MAIL", "RCPT", "DATA", "."])
def test_a_server_that_hangs_costs_no_longer_than_it_has(script, monkeypatch, verb):
    monkeypatch.setattr(email, "SECONDS", 0.4)
    script.answers[verb] = HANGS

    assert send("kim@bank.example") == Tried("no answer within 0.4 s")


@pytest.mark.parametrize("verb", ["", "EHLO", "MAIL", "RCPT", "DATA", "."])
def test_a_server_that_hangs_up_is_tried_again(script, verb):
    script.answers[verb] = DROPS

    tried = send("kim@bank.example")

    assert tried.error
    assert not tried.refused


@pytest.mark.parametrize("garbage", ["HTTP/1.1 400 Bad Request", "220", "\x00\xff", "x" * 5000])
def test_what_is_no_mail_server_is_tried_again(script, garbage, monkeypatch):
    monkeypatch.setattr(email, "SECONDS", 1)
    script.answers[""] = garbage
    script.answers["EHLO"] = garbage

    tried = send("kim@bank.example")

    assert tried.error
    assert tried.error.isprintable()
    assert not tried.refused


def test_a_server_that_asks_for_a_login_it_does_not_offer_is_for_the_operator_to_mend(
    script, settings
):
    settings.EMAIL_URL = settings.EMAIL_URL.replace("//", "//desk:secret@")

    tried = send("kim@bank.example")

    assert "AUTH" in tried.error
    assert not tried.refused
    assert not any(b"secret" in line for line in script.lines)


def test_a_server_without_encryption_is_told_nothing(script, settings):
    settings.EMAIL_URL = settings.EMAIL_URL.replace("smtp+plain", "smtp")

    assert send("kim@bank.example") == Tried(email.NO_STARTTLS)
    assert [line[:4] for line in script.lines] == [b"EHLO"]


def test_a_name_that_hangs_costs_no_longer_than_it_has(script, settings, monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(email, "SECONDS", 0.4)
    monkeypatch.setattr(lookups.socket, "getaddrinfo", lambda *_, **__: over.wait(30) and [])
    settings.EMAIL_URL = "smtp://mail.example"

    began = time.monotonic()
    tried = send("kim@bank.example")
    waited = time.monotonic() - began
    over.set()

    assert tried == Tried("no answer within 0.4 s")
    assert waited < 20  # not as long as the name takes


def test_the_next_address_of_a_server_is_tried(script, settings, monkeypatch):
    ends = [("127.0.0.1", 1), ("127.0.0.1", script.port)]
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", end) for end in ends]
    monkeypatch.setattr(lookups.socket, "getaddrinfo", lambda *_, **__: found)
    settings.EMAIL_URL = "smtp+plain://mail.example"

    assert send("kim@bank.example") == SENT


def test_what_a_server_says_before_it_is_encrypted_counts_for_nothing_after(settings, certificate):
    """A certificate that nobody vouches for ends it before the login, or the address, is said."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with mail_server(settings, tls_context=context, require_starttls=True) as found:
        settings.EMAIL_URL = f"smtp://127.0.0.1:{found.port}"
        tried = send("kim@bank.example")

    assert "certificate" in tried.error.lower()
    assert not tried.refused
    assert found.mails == []
