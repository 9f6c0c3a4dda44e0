"""What goes out: reference, stakes, the sentence, when it is due, and where to look. No evidence.

Plain text, a thing a line. What an agent wrote goes in only as the one-line question, and only when
policy let it out when the notice was made.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from escalation.models import Case
from escalation.wallclock import wall
from reviewers.chat.choices import Choice, offered
from reviewers.models import Notice
from reviewers.notifications import links

LISTED = 10  # of many at once
SCHEME = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]*://")
MARKUP = str.maketrans("<>[]", "‹›()")  # of Slack and of Teams: mentions, links in other words


@dataclass(frozen=True)
class Message:
    """What one person is sent. ``notice`` is the one that it is about, None where it is of several."""

    title: str
    lines: tuple[str, ...]
    link: str  # absolute
    notice: Notice | None
    urgent: bool
    choices: tuple[Choice, ...] = ()  # the answers that a chat may offer

    @property
    def case(self) -> Case | None:
        return self.notice.case if self.notice else None

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def whole(self) -> str:
        """Return it all as one text, for channels that know nothing else."""
        return "\n".join([self.title, *self.lines, self.link])


def of(notices: Sequence[Notice], *, at: datetime) -> Message:
    """Return the message of a notice, or the one of several; all are one person's."""
    return _single(notices[0], at) if len(notices) == 1 else _several(notices)


def _single(notice: Notice, at: datetime) -> Message:
    lines = [notice.text]
    if notice.question:
        lines.append(f"Question: {_plain(notice.question)}")
    if due := _due(notice):
        lines.append(due)
    link = links.once(notice, at=at)
    choices = offered(notice.case) if notice.case and notice.question else ()
    return Message(_about(notice), tuple(lines), link, notice, notice.urgent, choices)


def _several(notices: Sequence[Notice]) -> Message:
    lines = [f"{_about(one)}: {one.text}" for one in notices[:LISTED]]
    if more := len(notices) - LISTED:
        lines += [f"and {more} more"] if more > 0 else []
    return Message(
        f"{len(notices)} pieces of news",
        tuple(lines),
        f"{settings.BASE_URL}/",
        None,
        any(one.urgent for one in notices),
    )


def _about(notice: Notice) -> str:
    if notice.case is None:
        return notice.get_kind_display().capitalize()
    return f"{notice.case.reference}, {notice.get_stakes_display()} stakes"


def _plain(question: str) -> str:
    """Return an agent's words so that no reader makes a link or a mention of them."""
    return SCHEME.sub("", question).translate(MARKUP)


def _due(notice: Notice) -> str:
    if notice.case is None or notice.case.due_at is None:
        return ""
    zone = notice.user.time_zone
    return f"Due {wall(notice.case.due_at, ZoneInfo(zone)):%a %-d %b %H:%M} ({zone})"
