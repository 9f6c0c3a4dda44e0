"""The channel of e-mail: one message to exactly the address that is kept, through the operator's server.

Envelope and header are written here, byte for byte: what libraries do to an address that they do not
know (drop the quotes, encode it, take part of it) is mail to somebody else.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email import policy
from email.header import Header
from email.message import EmailMessage
from email.utils import formataddr, localtime, make_msgid
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPResponseException
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from escalation.delivery.lookups import LOOKUPS
from escalation.environment import MailServer, mail_server
from escalation.values.foreign_text import one_line
from escalation.values.mail_address import MailAddress, read_mail_address, read_sender
from reviewers.models import ContactPoint
from reviewers.notices.channels.results import Tried
from reviewers.notifications.messages import Message

SECONDS = 8.0  # for a whole conversation, from looking the server up to its yes
GOODBYE = 1.0  # seconds, after it
PLAIN = 900  # characters of a subject that goes on one line
TO_MEND = (530, 534, 535, 538)  # about our own login, whoever the recipient is
NO_UTF8 = "the mail server does not take letters like these before the @ (SMTPUTF8)"
NO_ADDRESS = "this is no e-mail address that mail can be sent to"
NO_STARTTLS = "the mail server offers no encryption (STARTTLS)"
# 7bit: not every server takes eight. Addresses are not folded by it: see ``composed``.
POLICY = policy.SMTP.clone(cte_type="7bit")


class MailRefused(Exception):
    """The recipient, or the message, was refused by the server; as text, what it said."""

    def __init__(self, said: str, *, final: bool) -> None:
        super().__init__(said)
        self.final = final


async def send(contact: ContactPoint, message: Message) -> Tried:
    """Send a mail. An address or a message that is refused for good is; all else is tried again."""
    try:
        to = read_mail_address(contact.address)
    except ValidationError:
        return Tried(NO_ADDRESS, refused=True)
    try:
        await deliver(to, message.title, f"{message.text}\n{message.link}")
    except MailRefused as refusal:
        return Tried(str(refusal), refused=refusal.final)
    except TimeoutError:  # SMTPTimeoutError is one
        return Tried(f"no answer within {SECONDS:g} s")
    except SMTPResponseException as error:  # of the greeting, the login, the sender: ours to mend
        return Tried(_said(error.code, error.message))
    except (SMTPException, OSError) as error:
        return Tried(_why(error))
    return Tried()


async def takes_utf8() -> bool | None:
    """Return whether the operator's server takes addresses outside ASCII; None: it cannot be asked."""
    try:
        async with (
            asyncio.timeout(SECONDS),
            _conversation(mail_server(settings.EMAIL_URL)) as server,
        ):
            return server.supports_extension("smtputf8")
    except (SMTPException, OSError, MailRefused):
        return None


def check_taken(address: str) -> None:
    """Refuse an address that the operator's server is known not to take; asks it only for such.

    Raises ValidationError. A server that cannot be asked now says so when it is sent to.
    """
    asked = bool(settings.EMAIL_URL) and read_mail_address(address).needs_utf8
    if asked and asyncio.run(takes_utf8()) is False:
        raise ValidationError(_("The mail server here takes only ASCII letters before the @."))


# The conversation ----------------------------------------------------------------------------------


async def deliver(to: MailAddress, subject: str, text: str) -> None:
    """Hand one message over. Raises MailRefused, SMTPException and OSError."""
    name, sender = read_sender(settings.EMAIL_FROM)
    utf8 = to.needs_utf8 or sender.needs_utf8
    body = composed((name, sender), to, subject, text)
    url = mail_server(settings.EMAIL_URL)
    async with asyncio.timeout(SECONDS) as limit, _conversation(url) as server:
        if utf8 and not server.supports_extension("smtputf8"):
            raise MailRefused(NO_UTF8, final=to.needs_utf8)
        options = [b"SMTPUTF8", b"BODY=8BITMIME"] if utf8 else []
        answer = await server.execute_command(
            b"MAIL", b"FROM:<" + sender.wire.encode() + b">", *options
        )
        if not 200 <= answer.code < 300:
            raise SMTPResponseException(answer.code, answer.message)
        answer = await server.execute_command(b"RCPT", b"TO:<" + to.wire.encode() + b">")
        if not 200 <= answer.code < 300:
            final = answer.code >= 500 and answer.code not in TO_MEND
            raise MailRefused(_said(answer.code, answer.message), final=final)
        try:
            await server.data(body)
        except SMTPResponseException as error:
            final = error.code >= 500 and error.code not in TO_MEND
            raise MailRefused(_said(error.code, error.message), final=final) from None
        limit.reschedule(None)  # it is sent, whatever becomes of the goodbye
        with suppress(SMTPException, OSError):
            await server.quit(timeout=GOODBYE)


@asynccontextmanager
async def _conversation(url: MailServer) -> AsyncIterator[SMTP]:
    """Connect, encrypt and sign in as ``EMAIL_URL`` says; in the end, hang up whatever happens."""
    server = SMTP(
        hostname=url.host,  # by which its certificate is known
        sock=await _connected(url),
        use_tls=url.scheme == "smtps",
        start_tls=False,
        tls_context=None if url.scheme == "smtp+plain" else trust(),
        local_hostname=_own_name(),
        timeout=SECONDS,
    )
    held: list[asyncio.BaseTransport | None] = []
    try:
        await server.connect()
        held.append(server.transport)
        await server.ehlo()
        if url.scheme == "smtp":
            if not server.supports_extension("starttls"):
                raise SMTPException(NO_STARTTLS)
            await server.starttls()
            held.append(server.transport)
            await server.ehlo()
        if url.user:
            await server.login(url.user, url.password)
        yield server
    finally:
        server.close()
        for transport in reversed(held):  # closing waits for an end that does not listen
            if isinstance(transport, asyncio.Transport):
                transport.abort()


async def _connected(url: MailServer) -> socket.socket:
    """Return a socket to the server, whose name may hang without holding a thread of the loop's own.

    The socket is whoever's it is given to; it is closed where none of the addresses answers.
    """
    refused: OSError = OSError(f"{url.host} has no address")
    for family, kind, protocol, _name, end in await LOOKUPS.addresses(url.host, url.port, "email"):
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(made, end)
        except OSError as error:
            made.close()
            refused = error
        except BaseException:  # the seconds are over
            made.close()
            raise
        else:
            return made
    raise refused


@cache
def trust() -> ssl.SSLContext:
    """Return whose certificates are believed: the machine's own, since the operator named the server."""
    return ssl.create_default_context()


def _own_name() -> str:
    """Return how the desk calls itself in EHLO; looking it up could take long."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    try:
        address = ip_address(host)
    except ValueError:
        return host.encode("idna").decode() if not host.isascii() else host
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"


# The message ---------------------------------------------------------------------------------------


def composed(sender: tuple[str, MailAddress], to: MailAddress, subject: str, text: str) -> bytes:
    """Return the message as it is handed over: plain text, one recipient, no automatic answers.

    The lines of addresses are written whole (330 bytes at most, of the 998 that a line may have): the
    library's own folding encodes parts of a long one, and loses spaces of a subject.
    """
    message = EmailMessage(policy=POLICY)
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid(domain=sender[1].ascii_domain)
    message["Auto-Submitted"] = "auto-generated"  # keeps out-of-office answers away
    message.set_content(text)
    lines = [f"From: {_mailbox(*sender)}", f"To: {to.wire}", f"Subject: {_words(subject)}"]
    return b"".join(f"{line}\r\n".encode() for line in lines) + bytes(message)


def _words(subject: str) -> str:
    text = one_line(subject)
    if text.isascii() and "=?" not in text and len(text) < PLAIN:
        return text
    return Header(text, "utf-8", header_name="Subject").encode(linesep="\r\n")


def _mailbox(name: str, address: MailAddress) -> str:
    if not name:
        return address.wire
    return f"{formataddr((name, '')).removesuffix('<>')}<{address.wire}>"


# What went wrong -----------------------------------------------------------------------------------


def _said(code: int, text: str) -> str:
    return f"{code} {one_line(text)}"


def _why(error: Exception) -> str:
    if isinstance(error.__cause__, ssl.SSLError):
        return one_line(f"no encryption with the mail server: {error.__cause__}")
    return one_line(str(error)) or type(error).__name__
