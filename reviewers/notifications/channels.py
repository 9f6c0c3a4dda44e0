"""The channels: what each needs of the operator, and how a message goes out on it.

Each is an Apprise plugin, made anew for a message, behind ``wire``. A channel that the operator has
not set up is not offered, and not tried.
"""

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat
from apprise.exception import AppriseImproperlyConfigured
from apprise.plugins.custom_json import NotifyJSON
from apprise.plugins.ntfy import NotifyNtfy
from apprise.plugins.telegram import NotifyTelegram
from apprise.plugins.twilio import NotifyTwilio
from apprise.plugins.whatsapp import NotifyWhatsApp
from apprise.plugins.workflows import NotifyWorkflows
from django.conf import settings

from reviewers.chat import slack
from reviewers.enums import ContactKind
from reviewers.models import ContactPoint
from reviewers.notices.channels import email, results
from reviewers.notices.channels.results import Tried
from reviewers.notifications import push, wire
from reviewers.notifications.messages import Message

TAGS = str.maketrans("<>", "‹›")
MARKS = re.compile(r"[\\`*_{}\[\]()<>#|~!]")

MISTAKEN = "the address, or what the operator set up for this channel, is not understood"

logger = logging.getLogger(__name__)
Send = Callable[[ContactPoint, Message], Tried]


@dataclass(frozen=True)
class Channel:
    """How a kind of contact point is reached. ``needs`` are the settings without which it is not."""

    send: Send
    needs: tuple[str, ...] = ()
    or_needs: tuple[str, ...] = ()  # another way to set it up

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the settings that are still to be made."""
        if self.or_needs and all(getattr(settings, name) for name in self.or_needs):
            return ()
        return tuple(name for name in self.needs if not getattr(settings, name))


def offered() -> list[ContactKind]:
    """Return the kinds that people can choose on this desk."""
    return [kind for kind in ContactKind if kind in CHANNELS and not CHANNELS[kind].missing]


def send(contact: ContactPoint, message: Message) -> Tried:
    """Send a message one way, without the database, and say what came of it. Raises nothing."""
    try:
        return CHANNELS[ContactKind(contact.kind)].send(contact, message)
    except (AppriseImproperlyConfigured, ValueError):  # whose text may hold the operator's token
        return Tried(MISTAKEN, refused=True)
    except Exception as error:  # one that cannot be sent must not keep the others waiting
        logger.exception("Contact point %s could not be sent to", contact.pk)
        return Tried(f"could not be sent: {type(error).__name__}")


def _by(
    make: Callable[[ContactPoint, Message], NotifyBase | None],
    put: Callable[[Message], dict[str, Any]],
    *,
    trusted: bool = False,
) -> Send:
    """Return how to send by a plugin that ``make`` makes, which is given what ``put`` returns."""

    def send(contact: ContactPoint, message: Message) -> Tried:
        plugin = make(contact, message)
        if plugin is None:
            return Tried("the address is not understood", refused=True)
        with wire.listening(trusted=trusted) as heard:
            sent = wire.guard(plugin).notify(**{"body_format": NotifyFormat.TEXT} | put(message))
        return results.read(bool(sent), heard)

    return send


def _titled(message: Message) -> dict[str, str]:
    return {"title": message.title, "body": f"{message.text}\n{message.link}"}


def _whole(message: Message) -> dict[str, str]:
    return {"body": message.whole}


def _beside(message: Message) -> dict[str, str]:
    """The link goes in a field of its own."""
    return {"title": message.title, "body": message.text}


def _without_tags(message: Message) -> dict[str, Any]:
    """For Telegram, where Apprise lets the tags of bold words and of links through."""
    return {name: text.translate(TAGS) for name, text in _titled(message).items()}


def _marked(message: Message) -> dict[str, str]:
    """In Markdown, in which nothing of the message is markup but the link."""
    lines = [MARKS.sub(r"\\\g<0>", line) for line in message.lines]
    body = "\n\n".join([*lines, f"[Look on the desk]({message.link})"])
    return {"title": message.title, "body": body, "body_format": NotifyFormat.MARKDOWN}


def asset() -> AppriseAsset:
    return AppriseAsset(
        app_id="Recourse",
        app_desc="Recourse",
        app_url=settings.BASE_URL,
        async_mode=False,
        http_redirects=False,
    )


# Plugins -------------------------------------------------------------------------------------------


def _email(contact: ContactPoint, message: Message) -> Tried:
    return asyncio.run(email.send(contact, message))


def _telegram(contact: ContactPoint, _: Message) -> NotifyBase:
    return NotifyTelegram(
        asset=asset(),
        bot_token=settings.TELEGRAM_BOT_TOKEN,
        targets=[contact.address],
        detect_owner=False,
    )


def _whatsapp(contact: ContactPoint, _: Message) -> NotifyBase:
    template, _, language = settings.WHATSAPP_TEMPLATE.partition(":")
    return NotifyWhatsApp(
        asset=asset(),
        token=settings.WHATSAPP_TOKEN,
        from_phone_id=settings.WHATSAPP_FROM,
        targets=[contact.address],
        template=template or None,
        language=language or None,
        template_mapping={"body": "1"} if template else None,
    )


def _on_one_line(message: Message) -> dict[str, str]:
    """A template of WhatsApp takes no line breaks."""
    separator = " · " if settings.WHATSAPP_TEMPLATE else "\n"
    return {"body": separator.join(message.whole.splitlines())}


def _text_message(contact: ContactPoint, message: Message) -> Tried:
    """By the operator's own address of Apprise where there is one, else by Twilio."""
    by = _by(_operators, _whole, trusted=True) if settings.SMS_URL else _by(_twilio, _whole)
    return by(contact, message)


def _operators(contact: ContactPoint, _: Message) -> NotifyBase | None:
    address = settings.SMS_URL.replace("{to}", quote(contact.address, safe=""))
    found = Apprise.instantiate(address, asset=asset(), suppress_exceptions=False)
    return found if isinstance(found, NotifyBase) else None


def _twilio(contact: ContactPoint, _: Message) -> NotifyBase:
    return NotifyTwilio(
        asset=asset(),
        account_sid=settings.TWILIO_ACCOUNT,
        auth_token=settings.TWILIO_TOKEN,
        source=settings.TWILIO_FROM,
        targets=[contact.address],
    )


def _teams(contact: ContactPoint, _: Message) -> NotifyBase | None:
    found = NotifyWorkflows.parse_native_url(contact.address)
    return NotifyWorkflows(**found | {"asset": asset(), "include_image": False}) if found else None


def _ntfy(contact: ContactPoint, message: Message) -> NotifyBase:
    parts = urlsplit(contact.address)
    return NotifyNtfy(
        asset=asset(),
        mode="private",
        host=_host(parts.hostname),
        port=parts.port,
        secure=parts.scheme == "https",
        targets=[parts.path.strip("/")],
        click=message.link,
        priority="high" if message.urgent else "default",
        include_image=False,
    )


def _webhook(contact: ContactPoint, message: Message) -> NotifyBase:
    parts = urlsplit(contact.address)
    notice = message.notice
    return NotifyJSON(
        asset=asset(),
        host=_host(parts.hostname),
        port=parts.port,
        secure=parts.scheme == "https",
        fullpath=parts.path or "/",
        params=dict(parse_qsl(parts.query)),
        payload={
            "attachments": "",  # leaves it out
            "link": message.link,
            "reference": notice.case.reference if notice and notice.case else "",
            "stakes": notice.stakes if notice else "",
            "kind": notice.kind if notice else "",
            "urgent": message.urgent,
        },
    )


def _host(name: str | None) -> str:
    return f"[{name}]" if name and ":" in name else str(name)


CHANNELS: dict[ContactKind, Channel] = {
    ContactKind.EMAIL: Channel(_email, ("EMAIL_URL", "EMAIL_FROM")),
    ContactKind.PHONE: Channel(
        _text_message, ("TWILIO_ACCOUNT", "TWILIO_TOKEN", "TWILIO_FROM"), ("SMS_URL",)
    ),
    ContactKind.SLACK: Channel(slack.send, ("SLACK_BOT_TOKEN",)),
    ContactKind.TEAMS: Channel(_by(_teams, _marked)),
    ContactKind.TELEGRAM: Channel(_by(_telegram, _without_tags), ("TELEGRAM_BOT_TOKEN",)),
    ContactKind.WHATSAPP: Channel(
        _by(_whatsapp, _on_one_line), ("WHATSAPP_TOKEN", "WHATSAPP_FROM")
    ),
    ContactKind.NTFY: Channel(_by(_ntfy, _beside)),
    ContactKind.WEBHOOK: Channel(_by(_webhook, _beside)),
    ContactKind.PUSH: Channel(push.send),
}
