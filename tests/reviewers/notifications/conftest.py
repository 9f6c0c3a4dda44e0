"""Real ends on loopback: a mail server, and an HTTPS server that behaves as it is told."""

import asyncio
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from escalation.delivery import guarded_http

LOOPBACK = "127.0.0.0/8"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime.now(UTC) + timedelta(days=3650))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("sink.example")]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "sink.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@dataclass(frozen=True)
class Call:
    """One request that came."""

    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class End:
    """An HTTPS server. It answers ``status`` and ``body``, or what ``behaves`` does instead."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)
    status: int = 200
    body: bytes = b'{"ok": true}'
    location: str = ""
    behaves: Callable[[BaseHTTPRequestHandler], None] | None = None
    stalled: int = 0  # how often it took a request and said nothing
    let_go: int = 0
    over: threading.Event = field(default_factory=threading.Event)  # the test has ended

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def stall(self, handler: BaseHTTPRequestHandler) -> None:
        """Take the request, and say nothing."""
        self.stalled += 1
        self.over.wait(300)
        self.let_go += 1

    def drip(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer a byte at a time, each well in time, and never come to an end."""
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not self.over.wait(0.02):
            try:
                handler.wfile.write(b".")
            except OSError:
                return


@pytest.fixture
def end(certificate: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[End]:
    """The server, trusted and let through as if it stood on the internet."""
    settings.CALLBACK_ALLOW = [LOOPBACK]
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(guarded_http, "trust", lambda: trusting)
    made = End()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            made.calls.append(Call(self.path, headers, body))
            if made.behaves:
                made.behaves(self)
                return
            self.send_response(made.status)
            if made.location:
                self.send_header("Location", made.location)
            self.send_header("Content-Length", str(len(made.body)))
            self.end_headers()
            self.wfile.write(made.body)

        do_GET = do_POST

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass  # whoever called has hung up

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Post:
    """A mail server. ``refuses`` is what it answers to a recipient instead."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    refuses: str = ""
    stalls: bool = False

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, _: Any) -> str:
        if self.stalls:
            await asyncio.sleep(20)
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


class MailServer(Controller):
    """On whatever port is free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(settings: Any, **given: Any) -> Iterator[Post]:
    made = Post()
    controller = MailServer(made, hostname="127.0.0.1", port=0, **given)
    controller.start()
    made.port = controller.port
    settings.EMAIL_URL = f"smtp+plain://127.0.0.1:{made.port}"
    settings.EMAIL_FROM = "Recourse <desk@bank.example>"
    yield made
    controller.stop(no_assert=True)


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    with mail_server(settings) as made:
        yield made
