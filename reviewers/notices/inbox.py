"""Telling a person something: on this desk at once, and outside it as they wish to be told.

What is told is a row; that it is still to be sent is an effect, written in the same transaction.
``notifications`` sends. Nothing here talks to the network.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.text import Truncator

from escalation.enums import EffectKind, Stakes
from escalation.models import Case, Effect, User
from reviewers import quiet
from reviewers.enums import NoticeKind, NoticeStatus
from reviewers.models import ContactPoint, Notice, Profile, QuietHours

QUESTION = 200  # characters
JOINERS = "\u200c\u200d"  # words of Persian, and emoji, are written with them


@dataclass(frozen=True)
class Telling:
    """What one person is to be told. ``stakes`` empty: those of the case; without one, low."""

    user: User
    kind: NoticeKind
    about: str
    text: str
    path: str = ""
    case: Case | None = None
    urgent: bool = False
    question: str = ""
    stakes: str = ""

    def __post_init__(self) -> None:
        usual = Stakes.HIGH if self.kind == NoticeKind.ALARM else Stakes.LOW
        stakes = self.stakes or (self.case.stakes if self.case else usual)
        object.__setattr__(self, "stakes", stakes)


def tell(
    user: User,
    kind: NoticeKind,
    *,
    about: str,
    text: str,
    path: str = "",
    at: datetime,
    case: Case | None = None,
    urgent: bool = False,
    question: str = "",
    stakes: str = "",
) -> None:
    """Tell ``user`` once about ``about``; saying it again changes nothing.

    ``urgent`` breaks through quiet hours; ``question`` is what the case asks, where policy lets it
    out of the desk. ``path`` empty: the page of the case, if there is one.
    """
    tell_all([Telling(user, kind, about, text, path, case, urgent, question, stakes)], at=at)


def tell_all(tellings: Iterable[Telling], *, at: datetime) -> None:
    """Tell many people, or one of many things, in as many statements as ``tell`` takes."""
    # in one order, so that two at once wait for one another instead of for ever
    ordered = sorted(tellings, key=lambda one: (one.user.pk, one.about))
    if ordered:
        with transaction.atomic():
            _tell(ordered, at)


def _tell(tellings: list[Telling], at: datetime) -> None:
    wishes = _wishes({one.user.pk: one.user for one in tellings})
    planned = {}
    for telling in tellings:
        status, due_at = wishes[telling.user.pk].plan(telling, at)
        notice = _notice(telling, status, at)
        planned[notice.pk] = (notice, due_at)
    Notice.objects.bulk_create([one for one, _ in planned.values()], ignore_conflicts=True)
    new = Notice.objects.filter(pk__in=planned).values_list("pk", flat=True)
    _schedule([planned[pk] for pk in new])


def _notice(telling: Telling, status: NoticeStatus, at: datetime) -> Notice:
    case = telling.case
    return Notice(
        user=telling.user,
        kind=telling.kind,
        case=case,
        stakes=telling.stakes,
        urgent=telling.urgent,
        about=telling.about,
        text=one_line(telling.text),
        question=Truncator(one_line(telling.question)).chars(QUESTION),
        path=telling.path or (f"/cases/{case.reference}/" if case else ""),
        made_at=at,
        status=status,
    )


def one_line(text: str) -> str:
    """Return ``text`` without line breaks and signs that do something instead of being read."""
    plain = "".join(
        sign if sign in JOINERS or unicodedata.category(sign)[0] not in "CZ" else " "
        for sign in text
    )
    return " ".join(plain.split())


# When each is due ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wishes:
    """How one person wants to be told."""

    zone: ZoneInfo
    used_for: frozenset[str]  # the stakes for which they named a way
    quiet: tuple[quiet.Span, ...]
    digest_at: int | None

    def plan(self, telling: Telling, at: datetime) -> tuple[NoticeStatus, datetime | None]:
        """Return how a telling begins, and when it is due; None: on the desk only."""
        if telling.stakes not in self.used_for:
            return NoticeStatus.DESK, None
        if telling.urgent:
            return NoticeStatus.WAITING, at
        status, due_at = NoticeStatus.WAITING, at
        if telling.stakes == Stakes.LOW and self.digest_at is not None:
            status = NoticeStatus.COLLECTED
            due_at = quiet.digest_at(at, self.digest_at, self.zone)
        free_at = quiet.over_at(due_at, self.quiet, self.zone)
        return (status, free_at) if free_at else (NoticeStatus.DESK, None)


def _wishes(users: dict[object, User]) -> dict[object, Wishes]:
    used_for: dict[object, set[str]] = defaultdict(set)
    for user_id, stakes in ContactPoint.objects.filter(user__in=users).values_list(
        "user_id", "stakes"
    ):
        used_for[user_id].update(stakes)
    spans = _spans(users)
    digests = dict(Profile.objects.filter(user__in=users).values_list("user_id", "digest_at"))
    return {
        pk: Wishes(
            ZoneInfo(user.time_zone), frozenset(used_for[pk]), tuple(spans[pk]), digests.get(pk)
        )
        for pk, user in users.items()
    }


def _spans(users: Iterable[object]) -> dict[object, list[quiet.Span]]:
    spans: dict[object, list[quiet.Span]] = defaultdict(list)
    for held in QuietHours.objects.filter(user__in=users):
        span = quiet.Span(frozenset(held.weekdays), held.begins, held.ends)
        spans[held.user_id].append(span)
    return spans


def free_at(users: Iterable[User], *, at: datetime) -> dict[object, datetime | None]:
    """Return from when on each may be disturbed, ``at`` or later; None: they are always quiet."""
    people = {user.pk: user for user in users}
    spans = _spans(people)
    return {
        pk: quiet.over_at(at, spans[pk], ZoneInfo(user.time_zone)) for pk, user in people.items()
    }


def digest_due(user: User, *, at: datetime) -> datetime:
    """Return when the person's next digest is due; at once where they want none any more."""
    wishes = _wishes({user.pk: user})[user.pk]
    due_at = at
    if wishes.digest_at is not None:
        due_at = quiet.digest_at(at + timedelta(seconds=1), wishes.digest_at, wishes.zone)
    return quiet.over_at(due_at, wishes.quiet, wishes.zone) or due_at


COLLECT = """
INSERT INTO escalation_effect AS held
    (id, kind, target, receiver, due_at, claims, attempts, last_error)
SELECT gen_random_uuid(), 'digest', wanted.target, wanted.target::text, wanted.due_at, 0, 0, ''
FROM unnest(%(users)s::uuid[], %(due)s::timestamptz[]) AS wanted (target, due_at)
ORDER BY wanted.target
ON CONFLICT (kind, target) DO UPDATE SET -- one that still waits is not put off
    due_at = CASE WHEN held.done_at IS NULL THEN least(held.due_at, excluded.due_at)
                  ELSE excluded.due_at END,
    attempts = CASE WHEN held.done_at IS NULL THEN held.attempts ELSE 0 END,
    lease_until = CASE WHEN held.done_at IS NULL THEN held.lease_until END,
    done_at = NULL
"""


def _schedule(new: list[tuple[Notice, datetime | None]]) -> None:
    waiting = [
        Effect(
            kind=EffectKind.NOTICE, target=notice.pk, receiver=str(notice.user_id), due_at=due_at
        )
        for notice, due_at in new
        if notice.status == NoticeStatus.WAITING
    ]
    digests = {
        notice.user_id: due_at for notice, due_at in new if notice.status == NoticeStatus.COLLECTED
    }
    if waiting:
        Effect.objects.bulk_create(waiting)
    if digests:
        with connection.cursor() as cursor:
            cursor.execute(COLLECT, {"users": list(digests), "due": list(digests.values())})


# On the desk ---------------------------------------------------------------------------------------


def unseen(user: User) -> QuerySet[Notice]:
    return Notice.objects.filter(user=user, seen_at=None)


def news(user: User) -> QuerySet[Notice]:
    """Return what the desk has to say to a person. What is in their hands it shows them anyway."""
    return unseen(user).exclude(kind=NoticeKind.HANDS)


def see(user: User, notice_id: object, *, at: datetime) -> None:
    """Mark a notice seen; one that is somebody else's is left alone."""
    unseen(user).filter(pk=notice_id).update(seen_at=at)


def see_case(user: User, case: Case, *, at: datetime) -> None:
    """Mark seen what was told of a case that the person has opened; it need not be sent any more."""
    with transaction.atomic():
        # locked in the order in which a worker locks them, who may be sending them just now
        told = unseen(user).filter(case=case).order_by("pk").select_for_update(no_key=True)
        Notice.objects.filter(pk__in=told.values("pk")).update(seen_at=at)


def open_once(notice: Notice, *, at: datetime) -> bool:
    """Mark a notice seen by its link; False where the link was used before."""
    fresh = Notice.objects.filter(pk=notice.pk, opened_at=None)
    return bool(fresh.update(opened_at=at, seen_at=Coalesce("seen_at", Value(at))))
