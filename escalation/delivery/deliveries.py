"""Deliveries: posting to agents what they are told, and reading what they answer (webhooks)."""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.conf import settings
from django.utils.timezone import now

from escalation import effects, resume, stopping
from escalation.delivery import claims, guarded_http
from escalation.delivery.errands import Errand
from escalation.delivery.guarded_http import Unreachable
from escalation.delivery.lanes import Due, Limits
from escalation.enums import EffectKind
from escalation.errors import AddressRefused
from escalation.models import Delivery
from escalation.resume import Answer, headers

logger = logging.getLogger(__name__)


class Deliveries:
    """A lane is an agent, a receiver the host that it named."""

    limits = Limits(total=2000, lane=100, receiver=50)
    by_receiver = False

    def plan(self, due: Sequence[Due], *, at: datetime) -> list[Errand]:
        """Return a call for each; those of a stopped agent wait, those that are over are done."""
        targets = [one.target for one in due]
        found = Delivery.objects.filter(pk__in=targets, status__in=resume.UNFINISHED)
        deliveries = {one.pk: one for one in found.select_related("case__agent")}
        stopped = [one.pk for one in deliveries.values() if one.case.agent.stopped_at]
        effects.put_off(EffectKind.DELIVERY, stopped, due_at=at + stopping.WAIT)
        over = [pk for pk in targets if pk not in deliveries]
        if over:
            effects.done(EffectKind.DELIVERY, over, at=at)
        return [
            _errand(one, deliveries[one.target])
            for one in due
            if one.target in deliveries and one.target not in stopped
        ]


DELIVERIES = Deliveries()


def _errand(due: Due, delivery: Delivery) -> Errand:
    held = {due.id: due.claims}

    def record(answer: Answer, at: datetime) -> None:
        if not answer.error or claims.are_held(held):  # else the failure of another courier counts
            resume.record(delivery.pk, answer, at=at)

    return Errand(held, due.place, partial(post, delivery), record)


async def post(delivery: Delivery) -> Answer:
    """Make one try, within CALLBACK_TIMEOUT, and say what came of it. Raises nothing."""
    try:
        return await _answer(delivery)
    except AddressRefused as refusal:
        return Answer(str(refusal), final=True)
    except Unreachable as error:
        return Answer(str(error))
    except Exception as error:  # one that cannot be sent is a failed try, as any other
        logger.exception("Delivery %s could not be sent", delivery.pk)
        return Answer(f"could not be sent: {error}")


async def _answer(delivery: Delivery) -> Answer:
    reply = await guarded_http.request(
        "POST",
        delivery.url,
        headers=headers(delivery, at=now()),
        content=bytes(delivery.body),
        seconds=settings.CALLBACK_TIMEOUT,
        most=0,  # the answer's body means nothing and is not read
        lane=str(delivery.case.agent_id),
    )
    status = reply.status
    if 200 <= status < 300:
        return Answer()
    if 300 <= status < 400:
        return Answer(f"answered {status}: redirects are not followed")
    if status == 410:
        return Answer("answered 410: the receiver wants no more", final=True)
    return Answer(f"answered {status}", wait=reply.wait(at=now()))
