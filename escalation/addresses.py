"""Which addresses the desk connects to on an agent's word: the public internet, and what is allowed."""

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

from escalation.errors import AddressRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# All that anybody's public IPv6 address can lie in; what translates to IPv4 lies outside of it.
UNICAST = ipaddress.ip_network("2000::/3")
# Blocks that one Python or another counts as global although nothing of anybody's answers there:
# protocol assignments, relays and tunnels to IPv4, examples.
NEVER = [
    ipaddress.ip_network(block)
    for block in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")
]


def is_allowed(address: Address, allowed: Iterable[str] | None = None) -> bool:
    """Return whether a callback may connect to ``address``; ``allowed`` defaults to CALLBACK_ALLOW."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    for block in settings.CALLBACK_ALLOW if allowed is None else allowed:
        if address in ipaddress.ip_network(block, strict=False):
            return True
    if address.version == UNICAST.version and address not in UNICAST:
        return False
    if any(address in block for block in NEVER if block.version == address.version):
        return False
    return address.is_global and not address.is_multicast


def check_url(url: str) -> None:
    """Refuse what can never be called: another scheme, credentials, a private literal address.

    A name is resolved only when it is called, and each address it has then is checked again.
    Raises AddressRefused with the reason.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise AddressRefused("this is not a web address") from None
    if parts.scheme not in ("https", "http") or not host:
        raise AddressRefused("a callback goes to an https:// or http:// address")
    if "@" in parts.netloc:
        raise AddressRefused("a callback address carries no user name or password")
    if any(ord(character) <= 32 or ord(character) == 127 for character in url):
        raise AddressRefused("a callback address has no spaces or control characters")
    if not url.isascii():
        raise AddressRefused("a callback address is ASCII: xn--… for a name, %-escapes for a path")
    check_host(host)


def receiver(url: str) -> str:
    """Return whom an address calls: its host and port, in one writing. Raises nothing."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        return f"{(parts.hostname or '').rstrip('.')}:{port}"
    except ValueError:
        return url[:200]


def check_host(host: str) -> None:
    """Refuse a literal address, or a name for this machine, that callbacks may not reach."""
    address = _literal(host.strip("[]").split("%")[0])
    if address is None:
        name = host.rstrip(".").lower()
        loopback = ipaddress.ip_address("127.0.0.1")
        if (name == "localhost" or name.endswith(".localhost")) and not is_allowed(loopback):
            raise AddressRefused(f"{host} is this machine itself")
    elif not is_allowed(address):
        raise AddressRefused(f"{host} is a private or reserved address")


def _literal(host: str) -> Address | None:
    """Return the address that ``host`` is written as, also in the ways that only the system reads.

    ``127.1``, ``2130706433``, ``0x7f000001`` and ``0177.0.0.1`` are all 127.0.0.1 to it.
    """
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None
