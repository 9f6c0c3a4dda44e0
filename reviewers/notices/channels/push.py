"""The channel of browsers: Web Push, to the service that a browser named when it subscribed."""

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256

from django.utils.timezone import now

from escalation.delivery.guarded_http import Reply
from reviewers.models import ContactPoint
from reviewers.notices.channels import webpush
from reviewers.notices.channels.posting import lane_of, post
from reviewers.notices.channels.results import Tried, read_reply
from reviewers.notifications.messages import Message

KEPT_FOR = timedelta(hours=24)  # by the service, for a browser that is not running
LONGEST = 600  # characters of the sentence
STALE = "the desk has another key now: ask in that browser again"
OVER = "the subscription is over: ask in that browser again"


async def send(contact: ContactPoint, message: Message) -> Tried:
    """Push the reference and the sentence, and where a click leads: neither question nor evidence."""
    keys = contact.keys
    if "p256dh" not in keys:
        return Tried(OVER, refused=True, gone=True)
    signed = webpush.authorization(contact.address, keys["server"], at=now())
    if signed is None:
        return Tried(STALE, refused=True)  # an earlier key may come back
    browser = webpush.Browser.read(keys["p256dh"], keys["auth"])
    headers = {
        "Authorization": signed,
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(int(KEPT_FOR.total_seconds())),
        "Urgency": "high" if message.urgent else "normal",
        "Topic": _topic(message),
    }
    body = webpush.sealed(payload(message), browser)
    return await post(contact.address, body, headers, lane=lane_of(contact), read=_read)


def _read(reply: Reply) -> Tried:
    tried = read_reply(reply)
    if reply.status in (404, 410):  # RFC 8030: this subscription is over
        return Tried(f"{tried.error}: {OVER}", refused=True, gone=True)
    return tried


def let_go(contact: ContactPoint) -> None:
    """Forget a subscription that is over, so that it is called no more; its person still sees it."""
    contact.keys = {name: said for name, said in contact.keys.items() if name == "browser"}


def payload(message: Message) -> bytes:
    """Return what the service worker reads."""
    said = {
        "title": message.title,
        "body": message.lines[0][:LONGEST],
        "link": message.link,
        "tag": _topic(message),
        "urgent": message.urgent,
    }
    return json.dumps(said, ensure_ascii=False).encode()


def _topic(message: Message) -> str:
    """Return what a later try of the same message replaces, at the service and on the screen."""
    named = str(message.notice.pk) if message.notice else message.text
    return urlsafe_b64encode(sha256(named.encode()).digest()[:24]).decode()
