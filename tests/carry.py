"""What the courier does, done at once and by itself: for tests that are not about the courier."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.utils.module_loading import import_string

from escalation.delivery import claims
from escalation.delivery.carrier import Carrier
from escalation.delivery.errands import Errand
from escalation.delivery.lanes import Due, Full
from escalation.enums import EffectKind
from reviewers.notifications import messages, outcomes, sending


def carrier(kind: EffectKind) -> Carrier:
    """Return a carrier that works in this thread, on this test's own transaction."""
    return Carrier(kind, import_string(settings.CARRIERS[kind]), looks=_here, writes=_here)


def carry_out(kind: EffectKind) -> None:
    """Carry out all of a kind that is due now, and what comes due by it."""
    async_to_sync(carrier(kind).until_idle)()


async def _here(function, *given, **named):
    return await sync_to_async(function)(*given, **named)


def take(kind: EffectKind, at: datetime) -> list[Due]:
    """Claim what is due, as a courier does that is killed right after."""
    return claims.claim(kind, claims.look(kind, Full(), [], at=at).due, at=at)


def plan(kind: EffectKind, due: list[Due], at: datetime) -> list[Errand]:
    return import_string(settings.CARRIERS[kind]).plan(due, at=at)


def carry(errands: list[Errand], at: datetime) -> None:
    """Make these calls, one after the other, and write down what came of them."""
    for errand in errands:
        errand.record(async_to_sync(errand.send)(), at)


def send_notices(notice_ids: Iterable[UUID], *, at: datetime) -> None:
    _send(sending.notice_parcels(notice_ids, at=at), at)


def send_digests(user_ids: Iterable[UUID], *, at: datetime) -> None:
    _send(sending.digest_parcels(user_ids, at=at), at)


def _send(parcels: list[outcomes.Parcel], at: datetime) -> None:
    for parcel in parcels:
        message = messages.of(parcel.notices, at=at)
        outcomes.record(parcel, async_to_sync(sending.send)(parcel.contact, message), at=at)
