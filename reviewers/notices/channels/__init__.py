"""The channels that lead out of the desk, a file each: what it needs of the operator, how it sends.

Each has ``send(contact, message)``, asynchronous and without the database. One that the operator has not
set up is not offered. Not here: whose turn a channel is and what is written down (``notifications``).
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from django.conf import settings

from reviewers.enums import ContactKind
from reviewers.models import ContactPoint
from reviewers.notices.channels import (
    email,
    ntfy,
    push,
    slack,
    sms,
    teams,
    telegram,
    webhook,
    whatsapp,
)
from reviewers.notices.channels.results import Tried
from reviewers.notifications.messages import Message

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Channel:
    """How a kind of contact point is reached. ``needs`` are the settings without which it is not.

    ``shared``: all its messages go to one server, which the operator named; else each person names one.
    """

    send: Callable[[ContactPoint, Message], Awaitable[Tried]]
    needs: tuple[str, ...] = ()
    or_needs: tuple[str, ...] = ()  # another way to set it up
    shared: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the settings that are still to be made."""
        if self.or_needs and all(getattr(settings, name) for name in self.or_needs):
            return ()
        return tuple(name for name in self.needs if not getattr(settings, name))


CHANNELS: dict[ContactKind, Channel] = {
    ContactKind.EMAIL: Channel(email.send, ("EMAIL_URL", "EMAIL_FROM"), shared=True),
    ContactKind.PHONE: Channel(
        sms.send, ("TWILIO_ACCOUNT", "TWILIO_TOKEN", "TWILIO_FROM"), ("SMS_URL",), shared=True
    ),
    ContactKind.SLACK: Channel(slack.send, ("SLACK_BOT_TOKEN",), shared=True),
    ContactKind.TEAMS: Channel(teams.send),
    ContactKind.TELEGRAM: Channel(telegram.send, ("TELEGRAM_BOT_TOKEN",), shared=True),
    ContactKind.WHATSAPP: Channel(whatsapp.send, ("WHATSAPP_TOKEN", "WHATSAPP_FROM"), shared=True),
    ContactKind.NTFY: Channel(ntfy.send),
    ContactKind.WEBHOOK: Channel(webhook.send),
    ContactKind.PUSH: Channel(push.send),
}


def offered() -> list[ContactKind]:
    """Return the kinds that people can choose on this desk."""
    return [kind for kind in ContactKind if kind in CHANNELS and not CHANNELS[kind].missing]


async def send(contact: ContactPoint, message: Message) -> Tried:
    """Send a message one way and say what came of it. Raises nothing."""
    try:
        return await CHANNELS[ContactKind(contact.kind)].send(contact, message)
    except Exception as error:  # one that cannot be sent must not keep the others waiting
        logger.exception("Contact point %s could not be sent to", contact.pk)
        return Tried(f"could not be sent: {type(error).__name__}")


def lane(contact: ContactPoint) -> str:
    """Return with whose messages one waits: of the channel, where all go to the operator's one server.

    Where each person names an address, one that hangs is theirs alone.
    """
    shared = CHANNELS[ContactKind(contact.kind)].shared
    return str(contact.kind) if shared else f"{contact.kind} {contact.user_id}"
