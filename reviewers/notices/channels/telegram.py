"""The channel of Telegram: plain text from the operator's bot, to the chat that a person began with it."""

import re

from django.conf import settings

from reviewers.models import ContactPoint
from reviewers.notices.channels.posting import JSON, as_json, post
from reviewers.notices.channels.results import NOT_UNDERSTOOD, Tried
from reviewers.notifications.messages import Message
from reviewers.profiles import CHAT

API = "https://api.telegram.org"
TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)


async def send(contact: ContactPoint, message: Message) -> Tried:
    token = settings.TELEGRAM_BOT_TOKEN
    if not CHAT.fullmatch(contact.address) or not TOKEN.fullmatch(token):
        return NOT_UNDERSTOOD
    body = {
        "chat_id": int(contact.address),
        "text": message.whole,  # without parse_mode nothing in it is markup
        "link_preview_options": {"is_disabled": True},
    }
    return await post(f"{API}/bot{token}/sendMessage", as_json(body), JSON, lane=contact.kind)
