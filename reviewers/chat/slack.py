"""Slack after a click: what came of it, said where it was made."""

import logging
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from escalation.models import Case
from reviewers.chat.answering import Answer
from reviewers.notices.channels.posting import at_once
from reviewers.notices.channels.slack import link, post, section, told

HOOKS = "https://hooks.slack.com"
SECONDS = 2.0  # for changing a message: Slack itself waits three for our answer
logger = logging.getLogger(__name__)


def reply(response_url: str, answer: Answer) -> None:
    """Say what came of a click where it was made. What is recorded is so even if this fails."""
    if not response_url:
        return
    if not _may_call(response_url):
        logger.warning("Slack named an address to answer to that is not its own.")
        return
    tried = at_once(post(response_url, replied(answer), {}, seconds=SECONDS))
    if tried.error:
        logger.warning("Slack could not be told what came of a click: %s", tried.error)


def replied(answer: Answer) -> dict[str, Any]:
    """Return what the message becomes, or what only who clicked reads beside it."""
    if not (answer.settled and answer.case):
        return told(answer.said) | {"response_type": "ephemeral", "replace_original": False}
    page = _page(answer.case)
    blocks = [section(answer.said), {"type": "actions", "elements": [link(page, of=answer.case)]}]
    return told(answer.said) | {"replace_original": True, "blocks": blocks}


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
