"""Sending what is due, each by the way whose turn it is, as the courier is given it.

Between looking and writing down there is no transaction: whoever is killed there has sent perhaps,
and the notice is sent once more when the lease ends. It is never lost.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.models import QuerySet

from escalation.delivery import claims
from escalation.delivery.errands import Errand
from escalation.delivery.lanes import Due, Limits, Place
from escalation.enums import EffectKind
from reviewers.enums import NoticeKind, NoticeStatus
from reviewers.models import ContactPoint, Notice
from reviewers.notices import channels, inbox
from reviewers.notices.channels.results import Tried
from reviewers.notifications import messages, outcomes
from reviewers.notifications.messages import Message
from reviewers.notifications.outcomes import Parcel

logger = logging.getLogger(__name__)
SECONDS = 15.0  # that a channel has, all its calls together
MANY = 3  # more news than this for one person at a time goes out as one message


class Notices:
    """A lane is a channel, a receiver a person; see ``channels.lane``."""

    limits = Limits(total=300, lane=30, receiver=MANY)
    by_receiver = True  # what is much at a time goes out as one

    def plan(self, due: Sequence[Due], *, at: datetime) -> list[Errand]:
        by_target = {one.target: one for one in due}
        return [
            _errand(parcel, [by_target[one.pk] for one in parcel.notices], at)
            for parcel in notice_parcels(list(by_target), at=at)
        ]


class Digests:
    """As notices; an effect is of a person, who has one digest at a time."""

    limits = Limits(total=100, lane=30, receiver=1)
    by_receiver = False

    def plan(self, due: Sequence[Due], *, at: datetime) -> list[Errand]:
        by_target = {one.target: one for one in due}
        return [
            _errand(parcel, [by_target[parcel.user_id]], at)
            for parcel in digest_parcels(list(by_target), at=at)
        ]


NOTICES = Notices()
DIGESTS = Digests()


def _errand(parcel: Parcel, due: Sequence[Due], at: datetime) -> Errand:
    held = {one.id: one.claims for one in due}
    first = any(one.place.first for one in due)

    def record(tried: Tried, at: datetime) -> None:
        if not tried.error or claims.are_held(held):  # else the failure of another courier counts
            outcomes.record(parcel, tried, at=at)

    message = messages.of(parcel.notices, at=at)
    place = Place(channels.lane(parcel.contact), str(parcel.user_id), first)
    return Errand(held, place, partial(send, parcel.contact, message), record)


async def send(contact: ContactPoint, message: Message) -> Tried:
    """Send a message one way, within SECONDS. Raises nothing."""
    try:
        async with asyncio.timeout(SECONDS):
            return await channels.send(contact, message)
    except TimeoutError:
        return Tried(f"no answer within {SECONDS:g} s")


# What goes to whom, by which way -------------------------------------------------------------------


def notice_parcels(notice_ids: Iterable[UUID], *, at: datetime) -> list[Parcel]:
    """Return what to send of these notices; what is over, or has no way left, is ended."""
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
    return parcels


def digest_parcels(user_ids: Iterable[UUID], *, at: datetime) -> list[Parcel]:
    """Return what was collected for each person, as one message each."""
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
    return parcels


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
