"""The channel of text messages: by the operator's own gateway where there is one, else by Twilio."""

from base64 import b64encode
from urllib.parse import quote, unquote, urlencode, urlsplit

from django.conf import settings

from reviewers.models import ContactPoint
from reviewers.notices.channels.posting import JSON, as_json, post
from reviewers.notices.channels.results import NOT_UNDERSTOOD, Tried
from reviewers.notifications.messages import Message
from reviewers.profiles import PHONE

TWILIO = "https://api.twilio.com/2010-04-01"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SERVICE = "MG"  # how the id of a messaging service begins, which chooses the number itself


async def send(contact: ContactPoint, message: Message) -> Tried:
    if not PHONE.fullmatch(contact.address):
        return NOT_UNDERSTOOD
    by = _gateway if settings.SMS_URL else _twilio
    return await by(contact, message.whole)


async def _gateway(contact: ContactPoint, text: str) -> Tried:
    """Call ``SMS_URL``, ``{to}`` and ``{text}`` filled in; JSON is posted unless the text is there."""
    address, headers = _without_login(settings.SMS_URL)
    in_url = "{text}" in address
    url = address.replace("{to}", quote(contact.address, safe=""))
    url = url.replace("{text}", quote(text, safe=""))
    if settings.SMS_TOKEN:
        headers["Authorization"] = f"Bearer {settings.SMS_TOKEN}"
    if in_url:
        return await post(url, b"", headers, lane=contact.kind, method="GET", trusted=True)
    body = as_json({"to": contact.address, "text": text})
    return await post(url, body, JSON | headers, lane=contact.kind, trusted=True)


def _without_login(url: str) -> tuple[str, dict[str, str]]:
    """Return the address and, where it holds user name and password, the header that says them."""
    parts = urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, {}
    return parts._replace(netloc=host).geturl(), _basic(unquote(login))


async def _twilio(contact: ContactPoint, text: str) -> Tried:
    sender = settings.TWILIO_FROM
    by = "MessagingServiceSid" if sender.startswith(SERVICE) else "From"
    body = urlencode({"To": contact.address, by: sender, "Body": text}).encode()
    headers = FORM | _basic(f"{settings.TWILIO_ACCOUNT}:{settings.TWILIO_TOKEN}")
    url = f"{TWILIO}/Accounts/{quote(settings.TWILIO_ACCOUNT, safe='')}/Messages.json"
    return await post(url, body, headers, lane=contact.kind)


def _basic(login: str) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(login.encode()).decode()}"}
