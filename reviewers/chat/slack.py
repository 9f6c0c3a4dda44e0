"""Slack's side: what a message looks like, how it is sent, and how one is changed after a click."""

import json
import logging
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings

from escalation.models import Case
from reviewers.chat import clicks
from reviewers.chat.answering import Answer
from reviewers.chat.choices import Choice
from reviewers.models import ContactPoint
from reviewers.notices.channels import results
from reviewers.notices.channels.results import Tried
from reviewers.notifications import wire
from reviewers.notifications.messages import Message
from reviewers.profiles import MEMBER

HOOKS = "https://hooks.slack.com"
SECONDS = 2.0  # for changing a message: Slack itself waits three for our answer
logger = logging.getLogger(__name__)


def send(contact: ContactPoint, message: Message) -> Tried:
    """Post a message to one person, as the desk's bot."""
    if not MEMBER.fullmatch(contact.address):
        return Tried("this is no member id of Slack", refused=True)
    return _post(
        f"{settings.SLACK_API}/chat.postMessage",
        {"channel": contact.address} | _message(message),
        {"Authorization": f"Bearer {settings.SLACK_BOT_TOKEN}"},
    )


def reply(response_url: str, answer: Answer) -> None:
    """Say what came of a click where it was made. What is recorded is so even if this fails."""
    if not response_url:
        return
    if not _may_call(response_url):
        logger.warning("Slack named an address to answer to that is not its own.")
        return
    tried = _post(response_url, replied(answer), {}, seconds=SECONDS)
    if tried.error:
        logger.warning("Slack could not be told what came of a click: %s", tried.error)


def replied(answer: Answer) -> dict[str, Any]:
    """Return what the message becomes, or what only who clicked reads beside it."""
    if not (answer.settled and answer.case):
        return _told(answer.said) | {"response_type": "ephemeral", "replace_original": False}
    page = _page(answer.case)
    blocks = [_section(answer.said), {"type": "actions", "elements": [_link(page, of=answer.case)]}]
    return _told(answer.said) | {"replace_original": True, "blocks": blocks}


def _page(case: Case) -> str:
    return f"{settings.BASE_URL}/cases/{case.reference}/"


def _may_call(url: str) -> bool:
    return _origin(url) in (_origin(HOOKS), _origin(settings.SLACK_API))


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc


def _post(
    url: str, body: dict[str, Any], headers: dict[str, str], *, seconds: float | None = None
) -> Tried:
    headers = {"Content-Type": "application/json; charset=utf-8"} | headers
    with wire.listening(seconds=seconds) as heard, wire.Session() as session:
        try:
            answer = session.post(url, data=json.dumps(body).encode(), headers=headers)
        except requests.RequestException:
            return results.read(False, heard)
    return results.read(_is_yes(answer), heard)


def _is_yes(answer: requests.Response) -> bool:
    """Slack says no with 200 too, as JSON; its hooks say yes with the word."""
    if answer.status_code != 200:
        return False
    try:
        said = answer.json()
    except ValueError:
        return answer.text.strip() == "ok"
    return isinstance(said, dict) and said.get("ok") is True


# The message ---------------------------------------------------------------------------------------


def _message(message: Message) -> dict[str, Any]:
    """Set as plain text throughout: what an agent wrote mentions nobody and links nowhere."""
    elements = [_answer(message, n, choice) for n, choice in enumerate(message.choices)]
    return {
        **_told(f"{message.title}: {message.lines[0]}"),
        "blocks": [
            _section("\n".join([message.title, *message.lines])),
            {"type": "actions", "elements": [*elements, _link(message.link, of=message.case)]},
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _told(text: str) -> dict[str, Any]:
    """The text that a phone shows before the message is opened; in it Slack knows three signs."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": escaped, "mrkdwn": False, "parse": "none"}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _plain(text, 3000)}


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:most], "emoji": False}


def _link(url: str, *, of: Case | None) -> dict[str, Any]:
    return {
        "type": "button",
        "action_id": clicks.OPEN,
        "text": _plain("Open the case" if of else "Open the desk", 75),
        "url": url,
    }


def _answer(message: Message, n: int, choice: Choice) -> dict[str, Any]:
    notice = message.notice
    assert notice and notice.case  # only a message about a case offers answers
    says = f"“{choice.label}” is recorded as your decision, and the agent goes on with it."
    final = " Some of what follows cannot be undone." if choice.final else ""
    return {
        "type": "button",
        "action_id": f"{clicks.ANSWER}-{n}",
        "text": _plain(choice.label, 75),
        "value": clicks.value(notice.pk, notice.case.digest, choice.key),
        "confirm": {
            "title": _plain(notice.case.reference, 100),
            "text": _plain(says + final, 300),
            "confirm": _plain("Record it", 30),
            "deny": _plain("Not yet", 30),
        },
    }
