"""The channel of Teams: a card, to the address of a workflow that a person made there."""

import re
from urllib.parse import parse_qsl, urlsplit

from reviewers.models import ContactPoint
from reviewers.notices.channels.posting import JSON, as_json, lane_of, post
from reviewers.notices.channels.results import NOT_UNDERSTOOD, Tried
from reviewers.notifications.messages import Message
from reviewers.profiles import WORKFLOW

MARKS = re.compile(r"[\\`*_{}\[\]()<>#|~!]")


async def send(contact: ContactPoint, message: Message) -> Tried:
    parts = urlsplit(contact.address)
    if not WORKFLOW.fullmatch(parts.path) or not dict(parse_qsl(parts.query)).get("sig"):
        return NOT_UNDERSTOOD
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {
                "type": "TextBlock",
                "text": _unmarked(message.title),
                "style": "heading",
                "weight": "Bolder",
                "size": "Large",
                "wrap": True,
            },
            {"type": "TextBlock", "text": _text(message), "wrap": True},
        ],
        "msteams": {"width": "full"},
    }
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": card}
    body = {"type": "message", "attachments": [attachment]}
    return await post(contact.address, as_json(body), JSON, lane=lane_of(contact))


def _text(message: Message) -> str:
    """Return Markdown in which nothing of the message is markup but the link."""
    lines = [_unmarked(line) for line in message.lines]
    return "\n\n".join([*lines, f"[Look on the desk]({message.link})"])


def _unmarked(text: str) -> str:
    return MARKS.sub(r"\\\g<0>", text)
