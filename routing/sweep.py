"""One pass over what is due: claimed in PostgreSQL, rung in RQ."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import django_rq
from django.conf import settings
from redis.exceptions import RedisError

from escalation import effects
from escalation.effects import Claim
from escalation.enums import EffectKind

logger = logging.getLogger(__name__)
BATCH = 50  # effects a job: enough to share its cost, few enough for a killed worker to strand
AGAIN = timedelta(seconds=1)  # how soon to ring again when Redis did not answer


@dataclass(frozen=True)
class Swept:
    """What one pass did."""

    rung: int
    unrung: int  # due, but Redis did not answer; due again in a second


def sweep(*, at: datetime) -> Swept:
    """Claim everything that is due and ring a worker for it."""
    claims = effects.claim(at=at)
    rung = 0
    for kind, of_kind in _by_kind(claims).items():
        for batch in _batches(of_kind):
            try:
                _ring(kind, batch)
                rung += len(batch)
            except RedisError as error:
                logger.warning("Redis does not take work: %s", error)
                effects.release(batch, due_at=at + AGAIN)
    return Swept(rung=rung, unrung=len(claims) - rung)


def _by_kind(claims: Iterable[Claim]) -> dict[EffectKind, list[Claim]]:
    found: dict[EffectKind, list[Claim]] = defaultdict(list)
    for claim in claims:
        found[claim.kind].append(claim)
    return found


def _batches(claims: list[Claim]) -> Iterable[list[Claim]]:
    return (claims[start : start + BATCH] for start in range(0, len(claims), BATCH))


def _ring(kind: EffectKind, batch: list[Claim]) -> None:
    queue, job = settings.EFFECTS[kind]
    django_rq.get_queue(queue).enqueue(
        job, {str(claim.id): claim.number for claim in batch}, result_ttl=0, failure_ttl=3600
    )
