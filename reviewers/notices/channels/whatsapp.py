"""The channel of WhatsApp: from the operator's number, by their template where they have one."""

import re
from typing import Any

from django.conf import settings

from reviewers.models import ContactPoint
from reviewers.notices.channels.posting import JSON, as_json, post
from reviewers.notices.channels.results import NOT_UNDERSTOOD, Tried
from reviewers.notifications.messages import Message
from reviewers.profiles import PHONE

API = "https://graph.facebook.com/v21.0"
SENDER = re.compile(r"\d+", re.ASCII)  # the id of a number, as Meta shows it


async def send(contact: ContactPoint, message: Message) -> Tried:
    sender, token = settings.WHATSAPP_FROM, settings.WHATSAPP_TOKEN
    if not PHONE.fullmatch(contact.address) or not SENDER.fullmatch(sender):
        return NOT_UNDERSTOOD
    if not (token.isascii() and token.isprintable()):
        return NOT_UNDERSTOOD
    body = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": contact.address}
    headers = JSON | {"Authorization": f"Bearer {token}"}
    url = f"{API}/{sender}/messages"
    return await post(url, as_json(body | _said(message)), headers, lane=contact.kind)


def _said(message: Message) -> dict[str, Any]:
    if not settings.WHATSAPP_TEMPLATE:
        return {"type": "text", "text": {"body": message.whole}}
    name, _, language = settings.WHATSAPP_TEMPLATE.partition(":")
    text = " · ".join(message.whole.splitlines())  # a template takes no line breaks
    parameters = [{"type": "text", "text": text}]
    return {
        "type": "template",
        "template": {
            "name": name,
            "language": {"code": language or "en_US"},
            "components": [{"type": "body", "parameters": parameters}],
        },
    }
