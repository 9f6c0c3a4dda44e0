"""What people say of themselves: languages, where to reach them, and when not to."""

import re
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from escalation.models import User
from reviewers.enums import ContactKind
from reviewers.models import ContactPoint, Profile, QuietHours

PHONE = re.compile(r"\+[1-9]\d{6,14}")  # E.164
HANDLE = re.compile(r"@?[A-Za-z0-9][A-Za-z0-9._-]{1,79}")
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
    try:
        validate_email(address)
    except ValidationError:
        raise ValidationError("Give an e-mail address such as kim@bank.example.") from None
    return address.lower()


def _phone(address: str) -> str:
    number = re.sub(r"[\s().-]", "", address)
    if not PHONE.fullmatch(number):
        raise ValidationError("Give the number with its country, such as +47 912 34 567.")
    return number


def _handle(address: str) -> str:
    if not HANDLE.fullmatch(address):
        raise ValidationError("Give the name or member id that you have there, such as @kim.")
    return address


CHECKS: dict[ContactKind, Callable[[str], str]] = {
    ContactKind.EMAIL: _email,
    ContactKind.TEAMS: _email,  # people are called by their address there
    ContactKind.PHONE: _phone,
    ContactKind.WHATSAPP: _phone,
    ContactKind.SLACK: _handle,
    ContactKind.TELEGRAM: _handle,
}
