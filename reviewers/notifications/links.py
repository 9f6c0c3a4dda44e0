"""The link in a message: signed, for one notice and one person, good once and for a week.

It signs nobody in. It says which notice was read, so that nothing needs to be guessed from it.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing

from reviewers.models import Notice

GOOD_FOR = timedelta(days=7)
SALT = "reviewers.notifications.links"


def _signer() -> signing.Signer:
    """Made when it is used: a program that signs nothing is not told the key."""
    return signing.Signer(sep=".", salt=SALT)


def once(notice: Notice, *, at: datetime) -> str:
    """Return the whole address; the same notice has a new one for each try."""
    value = notice.pk.bytes + int(at.timestamp()).to_bytes(5)
    token = _signer().sign(urlsafe_b64encode(value).decode())
    return f"{settings.BASE_URL}/notices/open/{token}/"


def read(token: str, *, at: datetime) -> UUID | None:
    """Return which notice a token is for; None when it is not one of ours, or has expired."""
    try:
        value = urlsafe_b64decode(_signer().unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    made_at = int.from_bytes(value[16:])
    return UUID(bytes=value[:16]) if at.timestamp() < made_at + GOOD_FOR.total_seconds() else None
