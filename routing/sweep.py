"""One pass over what is due: claimed in PostgreSQL, rung in RQ."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import django_rq
from django.conf import settings
from django.utils.module_loading import import_string
from redis.exceptions import RedisError

from escalation import effects
from escalation.effects import Claim
from escalation.enums import EffectKind

logger = logging.getLogger(__name__)
BATCH = 50  # effects a job: enough to share its cost, few enough for a killed worker to strand
SMALL = (
    5  # of those that are done one by one and take a while: a job is to end well within its lease
)
MOST_JOBS = 20  # of one kind that may wait in Redis
AGAIN = timedelta(seconds=1)  # how soon to ring again when Redis did not answer


# What no dead worker and no dead Redis may keep waiting: it needs PostgreSQL alone, so the clock does
# it itself when there is nobody to ring, and when whoever was rung has let two leases pass.
OWN = (EffectKind.DEADLINE, EffectKind.DISPATCH, EffectKind.RELEASE)
PATIENCE = 2
MOST_OWN = 5  # in one pass, so that the clock is heard of in between; workers are rung for the rest


@dataclass(frozen=True)
class Swept:
    """What one pass did."""

    rung: int
    unrung: int  # due, but Redis did not answer; due again in a second
    done: int = 0  # by the clock itself


def sweep(*, at: datetime) -> Swept:
    """Claim what is due, as much as the workers can be given, and ring them for it."""
    rung, unrung, own = 0, 0, []
    due = [kind for kind, first_at in effects.coming().items() if first_at <= at]
    for kind in due:
        room = _room(kind)
        claims = effects.claim(kind, at=at, most=room)
        if kind in OWN and not room:  # who was rung before takes nothing
            waited = PATIENCE * effects.LEASE[kind]
            own += effects.claim(kind, at=at, most=MOST_OWN, overdue=waited)
        elif kind in OWN:
            late = [claim for claim in claims if claim.number > PATIENCE][:MOST_OWN]
            claims = [claim for claim in claims if claim not in late]
            own += late
        for batch in _batches(kind, claims):
            if _ring(kind, batch):
                rung += len(batch)
            else:
                own += batch if kind in OWN else []
                unrung += len(batch)
                effects.release(batch, due_at=at + AGAIN)
    effects.release(own[MOST_OWN:], due_at=at)
    return Swept(rung, unrung, _do(own[:MOST_OWN]))


def _do(claims: list[Claim]) -> int:
    """Carry out what cannot wait, one at a time, and say how many."""
    for claim in claims:
        import_string(settings.EFFECTS[claim.kind][1])({str(claim.id): claim.number})
    return len(claims)


def _room(kind: EffectKind) -> int:
    """Return how many more effects the queue of a kind takes before workers fall behind.

    What waits too long in a queue would outlive its lease and be rung again, and again.
    """
    try:
        waiting = django_rq.get_queue(settings.EFFECTS[kind][0]).count
        return max(0, MOST_JOBS - waiting) * _batch(kind)
    except RedisError:
        return _batch(kind)  # it will not be rung either, and is due again in a second


def _batch(kind: EffectKind) -> int:
    return SMALL if kind in (EffectKind.DEADLINE, EffectKind.RELEASE) else BATCH


def _batches(kind: EffectKind, claims: list[Claim]) -> Iterator[list[Claim]]:
    size = _batch(kind)
    return (claims[start : start + size] for start in range(0, len(claims), size))


def _ring(kind: EffectKind, batch: list[Claim]) -> bool:
    """Hand a batch to a worker; False when Redis does not answer."""
    queue, job = settings.EFFECTS[kind]
    claims = {str(claim.id): claim.number for claim in batch}
    try:
        django_rq.get_queue(queue).enqueue(job, claims, result_ttl=0, failure_ttl=3600)
    except RedisError as error:
        logger.warning("Redis does not take work: %s", error)
        return False
    return True
