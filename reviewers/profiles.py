"""What people say of themselves: languages, where to reach them, and when not to."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from escalation import addresses
from escalation.enums import Stakes
from escalation.errors import AddressRefused
from escalation.models import User
from escalation.values.mail_address import read_mail_address
from reviewers import keyboard
from reviewers.enums import ContactKind
from reviewers.models import ContactPoint, Profile, QuietHours

PHONE = re.compile(r"\+[1-9]\d{6,14}")  # E.164
MEMBER = re.compile(r"[UW][A-Z0-9]{5,20}")  # of a workspace of Slack
CHAT = re.compile(r"[1-9]\d{4,15}")  # of one person with a bot of Telegram
TOPIC = re.compile(r"/[A-Za-z0-9_-]{1,64}")  # of ntfy
WORKFLOW = re.compile(  # as Teams hands it out
    r"(/powerautomate/automations/direct(/cu/\d+)?)?/workflows/[\w-]+/triggers/manual/paths/invoke/?",
    re.ASCII,
)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
MOST = 10


def profile_of(user: User) -> Profile:
    """Return the person's profile, unsaved where they have said nothing yet."""
    return Profile.objects.filter(user=user).first() or Profile(user=user)


def speak(user: User, languages: list[str]) -> None:
    """Keep the languages a person works in, in their order."""
    Profile.objects.update_or_create(
        user=user, defaults={"languages": list(dict.fromkeys(languages))}
    )


@transaction.atomic
def add_contact(user: User, kind: ContactKind, address: str) -> ContactPoint:
    """Add a way to reach a person, tried after those before it. The same again changes nothing."""
    User.objects.select_for_update().get(pk=user.pk)  # of two at once, both find their place
    held = ContactPoint.objects.filter(user=user)
    last = held.order_by("-order").first()
    return held.get_or_create(
        kind=kind,
        address=address,
        defaults={"user": user, "order": last.order + 1 if last else 1},
    )[0]


def remove_contact(user: User, contact_id: object) -> None:
    ContactPoint.objects.filter(user=user, pk=contact_id).delete()


@transaction.atomic
def move_contact(user: User, contact_id: object, *, up: bool) -> None:
    """Let a way be tried before the one before it, or after the one after it."""
    User.objects.select_for_update().get(pk=user.pk)
    held = list(ContactPoint.objects.filter(user=user))
    places = [place for place, one in enumerate(held) if one.pk == contact_id]
    if not places:
        return
    one = held.pop(places[0])
    held.insert(max(places[0] + (-1 if up else 1), 0), one)
    for order, each in enumerate(held, 1):
        each.order = order
    ContactPoint.objects.bulk_update(held, ["order"])


@transaction.atomic
def use_for(user: User, wanted: Mapping[UUID, list[str]]) -> None:
    """Keep for which stakes each of a person's ways is used; a way that is not named, for none."""
    for held in ContactPoint.objects.select_for_update().filter(user=user):
        held.stakes = [level for level in Stakes.values if level in wanted.get(held.pk, ())]
        held.save(update_fields=["stakes"])


def keep_keys(user: User, keys: Mapping[str, str], *, on: bool) -> None:
    """Keep whether single keys do anything for a person, and which; all acts are given, "" is no key."""
    Profile.objects.update_or_create(
        user=user, defaults={"has_keys": on, "keys": keyboard.own(keys)}
    )


def collect(user: User, minute: int | None) -> None:
    """Keep when a day's news of low stakes comes in one message; None: each at once."""
    Profile.objects.update_or_create(user=user, defaults={"digest_at": minute})


def keep_quiet(user: User, weekdays: list[int], begins: int, ends: int) -> QuietHours:
    """Add hours, on the wall of the person's own zone, in which they are not to be disturbed."""
    return QuietHours.objects.create(user=user, weekdays=sorted(weekdays), begins=begins, ends=ends)


def lift_quiet(user: User, quiet_id: object) -> None:
    QuietHours.objects.filter(user=user, pk=quiet_id).delete()


# What an address looks like ------------------------------------------------------------------------


def checked(kind: ContactKind, address: str) -> str:
    """Return the address as it is kept. Raises ValidationError with what it should look like."""
    return CHECKS[kind](address.strip())


def _email(address: str) -> str:
    return str(read_mail_address(address))


def _phone(address: str) -> str:
    number = re.sub(r"[\s().-]", "", address)
    if not PHONE.fullmatch(number):
        raise ValidationError(_("Give the number with its country, such as +47 912 34 567."))
    return number


def _member(address: str) -> str:
    if not MEMBER.fullmatch(address.upper()):
        raise ValidationError(
            _("Give your member ID, such as U024BE7LH; your profile has it, below ⋮.")
        )
    return address.upper()


def _chat(address: str) -> str:
    if not CHAT.fullmatch(address):
        raise ValidationError(
            _("Give the number of your chat, such as 123456789. Write to the desk's bot first.")
        )
    return address


def _web(address: str) -> str:
    """Return an address that the desk may call; each call looks again at where it leads."""
    if not address.lower().startswith("https://"):
        raise ValidationError(_("Give an address that begins with https://."))
    try:
        addresses.check_url(address)
    except AddressRefused as refusal:
        raise ValidationError(
            _("The desk does not call this address: %(why)s.") % {"why": refusal}
        ) from None
    return address


def _topic(address: str) -> str:
    if not TOPIC.fullmatch(urlsplit(_web(address)).path):
        raise ValidationError(
            _("Give the server and your topic, such as https://ntfy.sh/kims-desk.")
        )
    return address


def _workflow(address: str) -> str:
    parts = urlsplit(_web(address))
    if not WORKFLOW.fullmatch(parts.path) or not dict(parse_qsl(parts.query)).get("sig"):
        raise ValidationError(
            _("Give the address that Teams shows when you add a workflow for webhooks.")
        )
    return address


CHECKS: dict[ContactKind, Callable[[str], str]] = {
    ContactKind.EMAIL: _email,
    ContactKind.PHONE: _phone,
    ContactKind.WHATSAPP: _phone,
    ContactKind.SLACK: _member,
    ContactKind.TELEGRAM: _chat,
    ContactKind.TEAMS: _workflow,
    ContactKind.NTFY: _topic,
    ContactKind.WEBHOOK: _web,
}
