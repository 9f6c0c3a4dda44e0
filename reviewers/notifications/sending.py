"""Sending what is due, each by the way whose turn it is.

Between looking and writing down there is no transaction: whoever is killed there has sent perhaps,
and the notice is sent once more when the lease ends. It is never lost.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError
from django.db.models import QuerySet

from escalation.enums import EffectKind
from reviewers.enums import NoticeKind, NoticeStatus
from reviewers.models import ContactPoint, Notice
from reviewers.notices import inbox
from reviewers.notices.channels.results import Tried
from reviewers.notifications import channels, messages, outcomes
from reviewers.notifications.outcomes import Parcel

logger = logging.getLogger(__name__)
AT_ONCE = 50  # sendings at a time, a whole job: one that stalls keeps none of the others waiting
MANY = 3  # more news than this for one person at a time goes out as one message


def send_notices(notice_ids: Iterable[UUID], *, at: datetime) -> None:
    """Send each notice that is still to be sent; what fails comes due again."""
    due = Notice.objects.filter(pk__in=notice_ids, status=NoticeStatus.WAITING)
    found = _not_in_quiet_hours(_still_needed(due, at), at)
    ways = outcomes.ways({one.user_id for one in found})
    together: dict[tuple[UUID, ContactPoint | None], list[Notice]] = defaultdict(list)
    for notice in found:
        turn = outcomes.turn([notice], ways[notice.user_id], at=at)
        together[notice.user_id, turn[0] if turn else None].append(notice)
    parcels = []
    for (_, contact), told in together.items():
        if contact is None:
            outcomes.give_up(told, at=at)
        else:
            many = [told] if len(told) > MANY else [[one] for one in told]
            parcels += [Parcel(EffectKind.NOTICE, each, contact) for each in many]
    _carry_out(parcels, at)


def send_digests(user_ids: Iterable[UUID], *, at: datetime) -> None:
    """Send each person what was collected for them, as one message."""
    user_ids = list(user_ids)
    collected = Notice.objects.filter(user__in=user_ids, status=NoticeStatus.COLLECTED)
    by_user: dict[UUID, list[Notice]] = defaultdict(list)
    for notice in _still_needed(collected, at):
        by_user[notice.user_id].append(notice)
    ways = outcomes.ways(set(by_user))
    parcels = []
    for user_id in user_ids:
        found = by_user[user_id]
        turn = outcomes.turn(found, ways[user_id], at=at) if found else None
        if turn:
            parcels.append(Parcel(EffectKind.DIGEST, found, turn[0]))
        else:
            outcomes.give_up(found, at=at)
            outcomes.end_digest(user_id, at=at)
    _carry_out(parcels, at)


def _still_needed(due: QuerySet[Notice], at: datetime) -> list[Notice]:
    """Return those that still have to be sent; the others are over."""
    found = list(
        due.select_related("user", "case__terms", "case__role")
        .prefetch_related("sendings", "case__options")
        .order_by("made_at", "pk")
    )
    for status in (NoticeStatus.SEEN, NoticeStatus.OVER):
        outcomes.end([one.pk for one in found if _over(one) == status], status, at=at)
    return [one for one in found if _over(one) is None]


def _not_in_quiet_hours(found: list[Notice], at: datetime) -> list[Notice]:
    """Return those that may disturb their person now; the others wait, as one does that failed before.

    When a notice was made it was planned for an hour that is not quiet; later tries, and hours that
    the person changed since, are not.
    """
    if not found:
        return []
    free_at = inbox.free_at({one.user for one in found}, at=at)
    now = [one for one in found if one.urgent or free_at[one.user_id] == at]
    later: dict[datetime | None, list[UUID]] = defaultdict(list)
    for one in found:
        if one not in now:
            later[free_at[one.user_id]].append(one.pk)
    for due_at, pks in later.items():
        outcomes.put_off(pks, due_at, at=at)
    return now


def _over(notice: Notice) -> NoticeStatus | None:
    """Return why a notice need not be sent any more."""
    if notice.seen_at is not None:
        return NoticeStatus.SEEN
    ended = notice.kind == NoticeKind.HANDS and notice.case is not None and notice.case.is_ended
    return NoticeStatus.OVER if ended or not notice.user.is_active else None


def _carry_out(parcels: list[Parcel], at: datetime) -> None:
    for parcel, tried in _sent(parcels, at):
        try:
            outcomes.record(parcel, tried, at=at)
        except (
            DatabaseError
        ) as error:  # what is not written down is sent again; the rest need not be
            logger.error("A message for %s was not written down: %s", parcel.user_id, error)


def _sent(parcels: list[Parcel], at: datetime) -> Iterator[tuple[Parcel, Tried]]:
    """Send all of them, some at a time; yield each with what came of it, the quickest first."""
    if not parcels:
        return
    with ThreadPoolExecutor(min(AT_ONCE, len(parcels))) as pool:
        sending = {
            pool.submit(channels.send, parcel.contact, messages.of(parcel.notices, at=at)): parcel
            for parcel in parcels
        }
        for finished in as_completed(sending):
            yield sending[finished], finished.result()
