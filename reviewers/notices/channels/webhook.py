"""The channel of webhooks: JSON, to an address that a person named."""

from reviewers.models import ContactPoint
from reviewers.notices.channels.posting import JSON, as_json, lane_of, post
from reviewers.notices.channels.results import Tried
from reviewers.notifications.messages import Message


async def send(contact: ContactPoint, message: Message) -> Tried:
    notice = message.notice
    body = {
        "version": "1.0",
        "type": "info",
        "title": message.title,
        "message": message.text,
        "link": message.link,
        "reference": notice.case.reference if notice and notice.case else "",
        "stakes": notice.stakes if notice else "",
        "kind": notice.kind if notice else "",
        "urgent": message.urgent,
    }
    return await post(contact.address, as_json(body), JSON, lane=lane_of(contact))
