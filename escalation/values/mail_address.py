"""E-mail addresses (RFC 5321, 5322, 6531): read once, kept as they are, sent to exactly as kept.

One mailbox and nothing around it: no display name, no comment, no second address. Any local part is
taken, quoted or not (``o'brien``, ``kim+desk``, ``"kim lee"``, ``jürgen``), and any domain that has
a name (``bücher.example``, ``xn--bcher-kva.example``). The local part keeps its case: whose server
it is decides whether that means something.
"""

from dataclasses import dataclass

import email_validator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from email_validator import EmailNotValidError, validate_email

LOCAL = 64  # octets of UTF-8 (RFC 5321 4.5.3.1.1)
WHOLE = 254  # octets, as it goes over the wire
EXAMPLE = _("Enter an e-mail address, e.g. kim@bank.example.")
DETAIL = _("Enter an e-mail address, e.g. kim@bank.example. %(why)s")

# Networks of one's own often end so (Active Directory), and have mail servers of their own.
email_validator.SPECIAL_USE_DOMAIN_NAMES.remove("local")


@dataclass(frozen=True)
class MailAddress:
    """One mailbox. ``str`` of it is what people read and what is kept."""

    local: str  # with its quotes, where it needs them
    domain: str  # in Unicode and lower case
    ascii_domain: str  # the same for the wire: xn--…

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def wire(self) -> str:
        """Return it as a mail server is told, in envelope and header: ASCII unless ``needs_utf8``."""
        return f"{self.local}@{self.ascii_domain}"

    @property
    def needs_utf8(self) -> bool:
        """Return whether only a server with SMTPUTF8 (RFC 6531) can take it as it is."""
        return not self.local.isascii()


def read_mail_address(text: str) -> MailAddress:
    """Read one address, nothing around it. Raises ValidationError, which says what is wrong with it."""
    try:
        found = validate_email(
            text, allow_quoted_local=True, check_deliverability=False, strict=True
        )
    except EmailNotValidError as error:
        raise ValidationError(DETAIL, "invalid", {"why": str(error)}) from None
    address = MailAddress(found.local_part, found.domain, found.ascii_domain)
    if len(address.local.encode()) > LOCAL:
        why = _("Before the @ there are at most 64 bytes.")
        raise ValidationError(DETAIL, "invalid", {"why": why})
    if max(len(str(address).encode()), len(address.wire.encode())) > WHOLE:
        raise ValidationError(DETAIL, "invalid", {"why": _("It has at most 254 bytes in all.")})
    return address


def read_sender(text: str) -> tuple[str, MailAddress]:
    """Read ``Recourse <desk@bank.example>`` or an address alone: the name shown, and the address.

    Raises ValidationError.
    """
    if not text.isprintable():
        raise ValidationError(_("There are line breaks or other signs in it that are not shown."))
    before, bracket, rest = text.strip().rpartition("<")
    if not bracket:
        return "", read_mail_address(text.strip())
    if not rest.endswith(">"):
        raise ValidationError(EXAMPLE, "invalid")
    name = before.strip()
    if name[:1] == name[-1:] == '"' and len(name) > 1:
        name = name[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    elif '"' in name or "<" in name or "," in name or "@" in name:
        raise ValidationError(EXAMPLE, "invalid")
    return name, read_mail_address(rest[:-1])
