"""Telling a person something on this desk; the channels outside it come later."""

from datetime import datetime

from django.db.models import QuerySet

from escalation.models import User
from reviewers.enums import NoticeKind
from reviewers.models import Notice


def tell(
    user: User, kind: NoticeKind, *, about: str, text: str, path: str = "", at: datetime
) -> None:
    """Tell ``user`` once about ``about``; saying it again changes nothing."""
    Notice.objects.bulk_create(
        [Notice(user=user, kind=kind, about=about, text=text, path=path, made_at=at)],
        ignore_conflicts=True,
    )


def unseen(user: User) -> QuerySet[Notice]:
    return Notice.objects.filter(user=user, seen_at=None)


def see(user: User, notice_id: object, *, at: datetime) -> None:
    """Mark a notice seen; one that is somebody else's is left alone."""
    unseen(user).filter(pk=notice_id).update(seen_at=at)
