"""Reading settings from the environment: a value that makes no sense stops the process with a sentence."""

import ipaddress
import json
import os
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError

from escalation.machine.needs import PROGRAM
from escalation.values.mail_address import read_sender

ROLE = r"@auditor|[a-z0-9][a-z0-9_-]*"
# Alone, these are the beginning of a name of LDAP that its commas took apart.
RDN = ("cn", "ou", "dc", "o", "c", "l", "st", "uid")
MAIL_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


def env_bool(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    if value == "":
        return default
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def env_int(name: str, default: int, *, least: int, most: int) -> int:
    value = os.environ.get(name, "").strip() or str(default)
    if not value.isdecimal() or not least <= int(value) <= most:
        raise ImproperlyConfigured(
            f"{name} must be a whole number from {least} to {most}, not {value!r}."
        )
    return int(value)


def env_list(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = os.environ.get(name, "").strip().upper() or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def env_networks(name: str) -> list[str]:
    networks = env_list(name)
    for network in networks:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} must be networks such as 10.2.0.0/16, not {network!r}."
            ) from None
    return networks


def env_url(name: str, default: str, *schemes: str) -> str:
    value = os.environ.get(name) or default
    if urlsplit(value).scheme not in schemes:
        known = ", ".join(f"{scheme}://" for scheme in schemes)
        raise ImproperlyConfigured(
            f"{name} must begin with one of {known}."
        )  # it may hold a password
    return value


def env_role_map(name: str) -> list[tuple[str, str]]:
    """Return pairs of what the provider says and the slug of a role, or ``@auditor``.

    Pairs with commas between, where a comma in a name is ``\\,``; or JSON: ``{"CN=a,OU=b": "role"}``,
    also with a list of roles for a name.
    """
    value = os.environ.get(name, "").strip()
    pairs = _json_pairs(name, value) if value[:1] in ("{", "[") else _comma_pairs(value)
    for said, role in pairs:
        if not said or said.lower() in RDN or not re.fullmatch(ROLE, role):
            raise ImproperlyConfigured(
                f"{name} must be pairs such as recourse-refunds=refunds-compliance"
                f" or recourse-audit=@auditor, separated by commas, not {f'{said}={role}'!r}."
                " A name with commas, such as CN=Refunds,OU=Bank, has \\, for each of them, or the"
                ' whole is JSON: {"CN=Refunds,OU=Bank": "refunds-compliance"}.'
            )
    return pairs


def _comma_pairs(value: str) -> list[tuple[str, str]]:
    items = re.findall(r"(?:\\[\\,]|[^,])+", value)  # a backslash before others is itself
    plain = [re.sub(r"\\([\\,])", r"\1", item).strip() for item in items]
    split = [item.rpartition("=") for item in plain if item]
    return [(said.strip(), role.strip()) for said, _, role in split]


def _json_pairs(name: str, value: str) -> list[tuple[str, str]]:
    try:
        read = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise ImproperlyConfigured(f"{name} is no JSON: {error}.") from None
    roles = {
        said: [role] if isinstance(role, str) else role
        for said, role in (read.items() if isinstance(read, dict) else ())
    }
    if not isinstance(read, dict) or not all(
        isinstance(held, list) and all(isinstance(role, str) for role in held)
        for held in roles.values()
    ):
        raise ImproperlyConfigured(
            f'{name} in JSON is one object of names and roles: {{"CN=a,OU=b": "refunds-compliance"}}.'
        )
    return [(said, role) for said, held in roles.items() for role in held]


def env_secret(name: str) -> str:
    value = os.environ.get(name, "")
    if len(value) >= 32:
        return value
    if not value and PROGRAM in os.environ:
        return ""  # a program of the desk that has no use for it was not told; Django refuses to use it
    if value:
        raise ImproperlyConfigured(f"{name} must have at least 32 characters.")
    raise ImproperlyConfigured(
        f"{name} is not set. `python3 manage.py up` makes one; elsewhere set it to 50 random characters."
    )


def database(url: str, **extra: Any) -> dict[str, Any]:
    """Return Django's settings for a ``postgresql://`` URL; a socket folder goes in ``?host=``."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            f"DATABASE_URL must begin with postgresql://, not {parts.scheme}://."
        )
    try:
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("DATABASE_URL names a port that is no number.") from None
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "escalation.postgres",  # which looks itself whether a pooled connection lives
        "NAME": unquote(parts.path.lstrip("/")) or "recourse",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or options.pop("port", "")),
        "CONN_MAX_AGE": 0,
        "OPTIONS": options | extra,
    }


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over. ``smtp``: STARTTLS; ``smtps``: TLS at once; ``smtp+plain``: neither."""

    scheme: str
    host: str
    port: int
    user: str
    password: str


def mail_server(url: str) -> MailServer:
    """Read ``smtp://user:password@host:port``. Raises ImproperlyConfigured, without the password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured(_mail_url("names a port that is no number")) from None
    if parts.scheme not in MAIL_PORTS:
        known = ", ".join(f"{scheme}://" for scheme in MAIL_PORTS)
        raise ImproperlyConfigured(f"EMAIL_URL must begin with one of {known}.")
    if not parts.hostname or port == 0 or not url.isprintable() or " " in url:
        raise ImproperlyConfigured(_mail_url("names no server"))
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ImproperlyConfigured(_mail_url("goes on after the server"))
    if bool(parts.username) != bool(parts.password):
        raise ImproperlyConfigured(_mail_url("has a user name or a password, but not both"))
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(
        parts.scheme, parts.hostname, port or MAIL_PORTS[parts.scheme], user, password
    )


def _mail_url(wrong: str) -> str:
    return (
        f"EMAIL_URL {wrong}; it reads smtp://user:password@mail.example:587, with what is special"
        " in user and password escaped (/ as %2F, # as %23, @ as %40)."
    )


def env_mail_url(name: str) -> str:
    if value := os.environ.get(name, ""):
        mail_server(value)
    return value


def env_sender(name: str) -> str:
    """Return who mail is from, ``Recourse <desk@bank.example>`` or an address alone."""
    value = os.environ.get(name, "")
    if value:
        try:
            read_sender(value)
        except ValidationError as refusal:
            raise ImproperlyConfigured(
                f"{name} must be one address, such as desk@bank.example or"
                f" Recourse <desk@bank.example>, not {value!r}. {' '.join(refusal.messages)}"
            ) from None
    return value
