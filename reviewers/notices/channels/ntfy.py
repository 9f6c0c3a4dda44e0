"""The channel of ntfy: published to a person's topic, on the server that they named."""

from urllib.parse import urlsplit

from reviewers.models import ContactPoint
from reviewers.notices.channels.posting import JSON, as_json, lane_of, post
from reviewers.notices.channels.results import NOT_UNDERSTOOD, Tried
from reviewers.notifications.messages import Message
from reviewers.profiles import TOPIC


async def send(contact: ContactPoint, message: Message) -> Tried:
    parts = urlsplit(contact.address)
    if not TOPIC.fullmatch(parts.path):
        return NOT_UNDERSTOOD
    body = {"topic": parts.path.strip("/"), "title": message.title, "message": message.text}
    headers = {"X-Click": message.link, "X-Priority": "high" if message.urgent else "default"}
    server = f"{parts.scheme}://{parts.netloc}/"
    return await post(server, as_json(body), JSON | headers, lane=lane_of(contact))
