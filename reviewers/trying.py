"""Trying out a way to reach somebody, and showing, by the link that came that way, that it is theirs."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction

from escalation import tries
from escalation.models import User
from reviewers.models import ContactPoint
from reviewers.notices import channels
from reviewers.notices.channels.posting import at_once
from reviewers.notices.channels.results import Tried
from reviewers.notifications import outcomes
from reviewers.notifications.messages import Message

GOOD_FOR = timedelta(days=1)
FREE = 5  # tests in a row; then each waits longer, for a text message costs somebody money
SALT = "reviewers.trying"


def _signer() -> signing.Signer:
    """Made when it is used: a program that signs nothing is not told the key."""
    return signing.Signer(sep=".", salt=SALT)


def try_out(contact: ContactPoint, *, at: datetime) -> Tried:
    """Send a test now and wait for what comes of it: the person stands before the page.

    Raises tries.TooManyTries. One that goes well brings a dead way back.
    """
    tries.count([tries.Door("test of a way", str(contact.user_id), FREE)], at=at)
    tried = at_once(channels.send(contact, message(contact, at=at)))
    with transaction.atomic():
        outcomes.note_contact(contact, tried, at)
    return tried


def message(contact: ContactPoint, *, at: datetime) -> Message:
    if contact.confirmed_at:
        lines = ["You asked for this test. It arrived, so there is nothing to do."]
        link = f"{settings.BASE_URL}/account/reach/"
    else:
        lines = [
            "You asked for this test. Open the link, signed in, to confirm that this is yours."
        ]
        link = f"{settings.BASE_URL}/account/reach/confirm/{token(contact, at=at)}/"
    return Message("A test from your desk", tuple(lines), link, None, urgent=False)


# The link ------------------------------------------------------------------------------------------


def token(contact: ContactPoint, *, at: datetime) -> str:
    value = contact.pk.bytes + _mark(contact) + int(at.timestamp()).to_bytes(5)
    return _signer().sign(urlsafe_b64encode(value).decode())


def named(token: str, *, at: datetime) -> ContactPoint | None:
    """Return which way a token was sent by; None when it is none of ours, or too old by now."""
    try:
        value = urlsafe_b64decode(_signer().unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    sent_at = int.from_bytes(value[24:])
    if at.timestamp() >= sent_at + GOOD_FOR.total_seconds():
        return None
    found = ContactPoint.objects.filter(pk=UUID(bytes=value[:16])).first()
    return found if found and _mark(found) == value[16:24] else None


def _mark(contact: ContactPoint) -> bytes:
    """Bind the link to the address that it was sent to."""
    return sha256(contact.address.encode()).digest()[:8]


@transaction.atomic
def confirm(contact: ContactPoint, *, by: User, at: datetime) -> None:
    """Write down that the link that was sent this way was opened by the one whose way it is."""
    ContactPoint.objects.filter(pk=contact.pk, user=by, confirmed_at=None).update(confirmed_at=at)
