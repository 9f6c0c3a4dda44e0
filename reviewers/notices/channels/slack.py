"""The channel of Slack: a message of the operator's bot to one person, with the answers on buttons."""

from typing import Any

from django.conf import settings

from escalation.delivery.guarded_http import MOST, Reply
from escalation.models import Case
from escalation.withholding import opaque_name
from reviewers.chat import clicks
from reviewers.chat.choices import Choice
from reviewers.models import ContactPoint
from reviewers.notices.channels import posting
from reviewers.notices.channels.posting import JSON, as_json
from reviewers.notices.channels.results import NOT_UNDERSTOOD, Tried, json_of, read_reply
from reviewers.notifications.messages import Message
from reviewers.profiles import MEMBER

# What Slack answers with 200 when it is not the address that is wrong.
AGAIN = {
    *("fatal_error", "internal_error", "ratelimited", "rate_limited", "request_timeout"),
    *("service_unavailable", "team_added_to_org"),
}


async def send(contact: ContactPoint, message: Message) -> Tried:
    """Post a message to one person, as the desk's bot."""
    token = settings.SLACK_BOT_TOKEN
    if not MEMBER.fullmatch(contact.address) or not (token.isascii() and token.isprintable()):
        return NOT_UNDERSTOOD
    return await post(
        f"{settings.SLACK_API}/chat.postMessage",
        {"channel": contact.address} | _message(message),
        {"Authorization": f"Bearer {token}"},
    )


async def post(
    url: str, body: dict[str, Any], headers: dict[str, str], *, seconds: float | None = None
) -> Tried:
    """Make one call to Slack, and read its answer as Slack means it."""
    return await posting.post(
        url, as_json(body), JSON | headers, lane="slack", seconds=seconds, most=MOST, read=_read
    )


def _read(reply: Reply) -> Tried:
    """Slack says no with 200 too, as JSON; its hooks say yes with the word."""
    tried = read_reply(reply)
    if tried.error or reply.body.strip() == b"ok":
        return tried
    said = json_of(reply)
    if said.get("ok") is True:
        return tried
    error = said.get("error")
    if not isinstance(error, str) or not error:
        return Tried("answered no")
    return Tried(f"answered {error}", refused=error not in AGAIN)


# The message ---------------------------------------------------------------------------------------


def _message(message: Message) -> dict[str, Any]:
    """Set as plain text throughout: what an agent wrote mentions nobody and links nowhere."""
    elements = [_answer(message, n, choice) for n, choice in enumerate(message.choices)]
    return {
        **told(f"{message.title}: {message.lines[0]}"),
        "blocks": [
            section("\n".join([message.title, *message.lines])),
            {"type": "actions", "elements": [*elements, link(message.link, of=message.case)]},
        ],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def told(text: str) -> dict[str, Any]:
    """The text that a phone shows before the message is opened; in it Slack knows three signs."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": escaped, "mrkdwn": False, "parse": "none"}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _plain(text, 3000)}


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": text[:most], "emoji": False}


def link(url: str, *, of: Case | None) -> dict[str, Any]:
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
        "value": clicks.value(notice.pk, opaque_name(notice.case, notice.case.digest), choice.key),
        "confirm": {
            "title": _plain(notice.case.reference, 100),
            "text": _plain(says + final, 300),
            "confirm": _plain("Record it", 30),
            "deny": _plain("Not yet", 30),
        },
    }
