"""What people say to each other on a case, and who may see it yet.

Whoever has still to answer a case blind is led by nobody: they see no opinion, and no comment of who
has answered, not even one from before.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop as _

from escalation import access, ledger, protocol
from escalation.enums import CommentKind
from escalation.errors import MentionUnknown, NotAuthorised, TextMissing
from escalation.models import Answer, Case, Comment, User

MENTION = re.compile(r"(?<![\w@.+-])@([\w.@+-]*\w)")
LENGTH = 4_000


@transaction.atomic
def comment(case_id: UUID, text: str, *, by: User, at: datetime) -> Comment:
    """Say something to the others of a case, ended or not; those it names as @username are told.

    Raises NotAuthorised for who does not work with the case, TextMissing, and MentionUnknown for a
    name that nobody has who may read it.
    """
    case = Case.objects.locked(case_id)
    check_talks(case, by)
    if not text.strip():
        raise TextMissing(_("Write what the others should know."))
    named = mentioned(case, text)
    said = Comment.objects.create(
        case=case,
        kind=CommentKind.COMMENT,
        text=text,
        mentions=[user.pk for user in named if user.pk != by.pk],
        said_by=by,
        said_at=at,
    )
    ledger.append(
        "case.commented",
        subject=case,
        by=by,
        at=at,
        private={"text": text},
        comment=str(said.pk),
        mentions=[str(pk) for pk in said.mentions],
    )
    return said


def check_talks(case: Case, by: User) -> None:
    """Refuse who does not work with the case: an auditor reads, and leaves no word in it."""
    if not access.working(by).covers(case):
        raise NotAuthorised(
            _("%(person)s does not work with %(reference)s."), person=by, reference=case.reference
        )


def mentioned(case: Case, text: str) -> list[User]:
    """Return whom a text names, in its order, each once; raises MentionUnknown for a name nobody has."""
    wanted = list(dict.fromkeys(name.casefold() for name in MENTION.findall(text)))
    if not wanted:
        return []
    people = {user.username.casefold(): user for user in access.readers(case)}
    if unknown := [name for name in wanted if name not in people]:
        raise MentionUnknown(
            _(
                "Nobody who works with %(reference)s is called @%(name)s. Correct the name, "
                "or write it without the @."
            ),
            reference=case.reference,
            name=unknown[0],
        )
    return [people[name] for name in wanted]


# Who sees it ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Talk:
    """What one reader may see of what was said, and how much is kept from them for now."""

    shown: list[Comment]
    withheld: int


def shown_to(case: Case, reader: User) -> Talk:
    """Return the comments and opinions in their order; what could lead the reader is left out."""
    said = list(case.comments.select_related("said_by", "option", "request__asked_by"))
    if not said or protocol.is_revealed(case, reader):
        return Talk(said, 0)
    answered = set(Answer.objects.filter(case=case).values_list("user", flat=True))
    shown = [
        one
        for one in said
        if one.said_by_id == reader.pk
        or (one.kind == CommentKind.COMMENT and one.said_by_id not in answered)
    ]
    return Talk(shown, len(said) - len(shown))
