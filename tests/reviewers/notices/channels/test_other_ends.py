"""What other ends do to us, and what we do not let them."""

import ssl

import pytest
from aiosmtpd.smtp import AuthResult

from escalation.delivery import guarded_http, lookups
from escalation.values.foreign_text import kept_error
from reviewers.models import ContactPoint
from reviewers.notices import channels
from reviewers.notices.channels import email, posting
from reviewers.notices.channels.posting import at_once
from reviewers.notices.channels.results import Tried
from reviewers.notifications.messages import Message
from tests.fixtures.ends import mail_server

MESSAGE = Message("ESC-1042, high stakes", ("A case waits.",), "https://desk.example/", None, False)


def send(address, kind="webhook"):
    return at_once(channels.send(ContactPoint(kind=kind, address=address), MESSAGE))


@pytest.mark.parametrize(
    ("status", "tried"),
    [
        (400, Tried("answered 400", refused=True)),
        (403, Tried("answered 403", refused=True)),
        (404, Tried("answered 404", refused=True)),
        (410, Tried("answered 410", refused=True, gone=True)),
        (408, Tried("answered 408")),
        (429, Tried("answered 429")),
        (500, Tried("answered 500")),
        (503, Tried("answered 503")),
    ],
)
def test_a_refusal_is_told_from_a_failure(end, status, tried):
    end.status = status

    assert send(end.url) == tried
    assert len(end.calls) == 1


def test_an_end_that_stalls_costs_no_longer_than_it_has(end, monkeypatch):
    monkeypatch.setattr(posting, "SECONDS", 0.3)
    end.behaves = end.stall

    assert send(end.url) == Tried("no answer within 0.3 s")


@pytest.mark.parametrize(
    ("kind", "tried"), [("webhook", Tried()), ("slack", Tried("no answer within 0.3 s"))]
)
def test_what_was_taken_is_not_sent_again_because_its_answer_never_ends(
    end, monkeypatch, settings, kind, tried
):
    monkeypatch.setattr(posting, "SECONDS", 0.3)
    settings.SLACK_API, settings.SLACK_BOT_TOKEN = end.url, "xoxb-1"
    end.behaves = end.drip

    assert send("U0123ABCD" if kind == "slack" else end.url, kind) == tried


@pytest.mark.parametrize("error", ["\\u0000", "\\ud800", "a\\u0000b"])
def test_what_slack_says_is_kept_whatever_it_holds(end, settings, error):
    settings.SLACK_API, settings.SLACK_BOT_TOKEN = end.url, "xoxb-1"
    end.body = b'{"ok": false, "error": "%s"}' % error.encode()

    assert kept_error(send("U0123ABCD", "slack").error) in ("answered", "answered a b")


def test_no_more_is_read_than_tells_what_it_was(end):
    end.body = b"x" * 5_000_000

    assert send(end.url) == Tried()


def test_nobody_there_is_a_failure(settings):
    settings.CALLBACK_ALLOW = ["127.0.0.0/8"]

    tried = send("https://127.0.0.1:1/")

    assert tried.error
    assert not tried.refused


def test_a_certificate_that_nobody_vouches_for_is_a_failure(end, monkeypatch):
    monkeypatch.setattr(guarded_http, "trust", ssl.create_default_context)

    assert "certificate" in send(end.url).error.lower()
    assert end.calls == []


# Addresses that are not to be called -----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["webhook", "ntfy"])
@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1:{port}/a",
        "https://localhost:{port}/a",
        "https://10.1.2.3/a",
        "https://169.254.169.254/latest",
        "https://[::1]:{port}/a",
        "https://[::ffff:127.0.0.1]:{port}/a",
    ],
)
def test_a_private_address_is_never_called(end, settings, kind, address):
    settings.CALLBACK_ALLOW = []

    tried = send(address.format(port=end.port), kind)

    assert tried.refused
    assert end.calls == []


def test_a_name_that_leads_to_a_private_address_is_never_called(end, settings, monkeypatch):
    settings.CALLBACK_ALLOW = []
    resolve_to(monkeypatch, "127.0.0.1")

    tried = send(f"https://sink.example:{end.port}/")

    assert tried.refused
    assert "resolves to 127.0.0.1, a private or reserved address" in tried.error
    assert end.calls == []


def test_a_name_that_changes_between_looks_is_called_where_it_was_checked(end, monkeypatch):
    """DNS rebinding: what was checked is what is called; nobody asks again in between."""
    asked = resolve_to(monkeypatch, "127.0.0.1", "10.0.0.1")

    assert send(f"https://sink.example:{end.port}/") == Tried()
    assert asked == ["sink.example"]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(end, status):
    end.status, end.location = status, "https://10.0.0.1/inside"

    assert send(end.url) == Tried(f"answered {status}: redirects are not followed", refused=True)
    assert len(end.calls) == 1


def test_a_proxy_of_the_environment_is_not_used(end, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

    assert send(end.url) == Tried()


def resolve_to(monkeypatch, *found):
    """Let names lead to these addresses, one after the other, and return which were asked for."""
    asked, left = [], list(found)

    def getaddrinfo(host, port, **_):
        asked.append(host)
        return [(2, 1, 6, "", (left.pop(0), port))]

    monkeypatch.setattr(lookups.socket, "getaddrinfo", getaddrinfo)
    return asked


# Mail ------------------------------------------------------------------------------------------------


def test_a_mail_server_that_is_not_there_is_a_failure(settings):
    settings.EMAIL_URL, settings.EMAIL_FROM = "smtp+plain://127.0.0.1:1", "desk@bank.example"

    tried = send("kim@bank.example", "email")

    assert tried.error
    assert not tried.refused


@pytest.fixture
def safe_post(certificate, settings, monkeypatch):
    """A mail server that takes nothing from whoever has not encrypted and signed in."""
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(email, "trust", lambda: trusting)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with mail_server(
        settings,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=lambda server, session, envelope, mechanism, given: AuthResult(
            handled=False, success=(given.login, given.password) == (b"desk", b"s3cret/")
        ),
    ) as post:
        settings.EMAIL_URL = f"smtp://desk:s3cret%2F@127.0.0.1:{post.port}"
        yield post


def test_mail_goes_out_encrypted_and_signed_in(safe_post):
    assert send("kim@bank.example", "email") == Tried()
    assert len(safe_post.mails) == 1


def test_a_mail_server_that_lets_us_in_no_more_is_a_failure_not_the_addresss_fault(
    safe_post, settings
):
    settings.EMAIL_URL = settings.EMAIL_URL.replace("s3cret", "other")

    tried = send("kim@bank.example", "email")

    assert tried.error.startswith("535")
    assert not tried.refused
