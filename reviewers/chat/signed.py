"""Requests that Slack signs: by its secret, not long ago, and each taken once."""

import hmac
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache

OLDEST = timedelta(minutes=5)
VERSION = "v0"
logger = logging.getLogger(__name__)


class NotSigned(Exception):
    """The request is not Slack's, or not of now. The caller is not told more than that."""


class Replayed(Exception):
    """The same request was taken before."""


def check(headers: Mapping[str, str], body: bytes, *, at: datetime) -> None:
    """Raise NotSigned or Replayed, else take the request, which is then taken.

    That it was taken is kept in PostgreSQL, for as long as its time would let it in again.
    """
    stamp = headers.get("X-Slack-Request-Timestamp", "")
    given = headers.get("X-Slack-Signature", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise NotSigned("it has no time")
    if not hmac.compare_digest(given.encode(), signature(stamp, body).encode()):
        raise NotSigned("the signature does not match")
    if abs(at.timestamp() - int(stamp)) > OLDEST.total_seconds():
        raise NotSigned("it is not of now")
    name = sha256(given.encode()).hexdigest()
    if not cache.add(f"recourse.slack:{name}", "taken", timeout=3 * OLDEST.total_seconds()):
        raise Replayed


def signature(stamp: str, body: bytes) -> str:
    """Return what Slack puts beside a body that it sent at ``stamp``, in seconds."""
    base = f"{VERSION}:{stamp}:".encode() + body
    secret = settings.SLACK_SIGNING_SECRET.encode()
    return f"{VERSION}={hmac.new(secret, base, sha256).hexdigest()}"
