"""Browsers that were asked to tell their person: each subscription is one of their ways to be reached."""

from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from escalation import addresses
from escalation.errors import AddressRefused
from escalation.models import User
from reviewers import profiles
from reviewers.enums import ContactKind
from reviewers.models import ContactPoint
from reviewers.notices.channels import webpush

LONGEST = 2048  # of an endpoint


@dataclass(frozen=True)
class Subscription:
    """What a browser hands out: where its push service takes messages, and the keys to seal them with."""

    endpoint: str
    p256dh: str
    auth: str
    server: str  # the public key of the desk that it was made with
    browser: str  # in words, as in "Firefox on Windows"

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": self.p256dh, "auth": self.auth, "server": self.server,
                "browser": self.browser}  # fmt: skip


def check(given: Subscription) -> None:
    """Raise ValidationError, with a sentence, for what no browser of today hands out."""
    if urlsplit(given.endpoint).scheme != "https" or len(given.endpoint) > LONGEST:
        raise ValidationError(_("A push service is called under an https:// address."))
    try:
        addresses.check_url(given.endpoint)
        webpush.Browser.read(given.p256dh, given.auth)
    except AddressRefused as refusal:
        raise ValidationError(
            _("The desk does not call this push service: %(why)s.") % {"why": refusal}
        ) from None
    except ValueError:
        raise ValidationError(_("These are not the keys of a browser.")) from None
    if not webpush.is_ours(given.server):
        raise ValidationError(_("The desk has another key now. Load the page again."))


@transaction.atomic
def subscribe(user: User, given: Subscription, *, replaces: str = "") -> ContactPoint:
    """Keep a browser as a way to reach its person; the same again changes nothing but its keys.

    ``replaces`` is the endpoint that the browser gave up for this one: its place in the order, and
    what it is used for, stay. Whoever had this browser before is not told in it any more. Raises
    ValidationError.
    """
    check(given)
    User.objects.select_for_update().get(pk=user.pk)
    pushes = ContactPoint.objects.filter(kind=ContactKind.PUSH)
    pushes.filter(address=given.endpoint).exclude(user=user).delete()
    mine = pushes.filter(user=user)
    held = mine.filter(address=given.endpoint).first()
    if held and replaces and replaces != given.endpoint:
        mine.filter(address=replaces).delete()
    held = held or (mine.filter(address=replaces).first() if replaces else None)
    if held is None:
        if ContactPoint.objects.filter(user=user).count() >= profiles.MOST:
            raise ValidationError(
                _("%(most)s ways are enough; remove one first.") % {"most": profiles.MOST}
            )
        held = profiles.add_contact(user, ContactKind.PUSH, given.endpoint)
    held.address, held.keys = given.endpoint, given.keys
    held.failures, held.failing_since, held.dead_since, held.last_error = 0, None, None, ""
    held.save()
    return held


def fingerprint(endpoint: str) -> str:
    """Return what a page may show for an endpoint, which itself is a secret of the browser's."""
    return sha256(endpoint.encode()).hexdigest()[:32]
