"""Posting deliveries to agents, through the guarded client."""

import asyncio
import logging
from collections.abc import AsyncIterator

from django.conf import settings
from django.utils.timezone import now

from escalation.delivery import guarded_http
from escalation.delivery.guarded_http import Unreachable
from escalation.errors import AddressRefused
from escalation.models import Delivery
from escalation.resume import Answer, headers

logger = logging.getLogger(__name__)


async def post_each(deliveries: list[Delivery]) -> AsyncIterator[tuple[Delivery, Answer]]:
    """Post all of them at once; yield each with what came of it, the quickest first."""
    tasks = [asyncio.create_task(_post(delivery)) for delivery in deliveries]
    for finished in asyncio.as_completed(tasks):
        yield await finished


async def _post(delivery: Delivery) -> tuple[Delivery, Answer]:
    try:
        return delivery, await _answer(delivery)
    except AddressRefused as refusal:
        return delivery, Answer(str(refusal), final=True)
    except Unreachable as error:
        return delivery, Answer(str(error))
    except Exception as error:  # one delivery that cannot be sent must not keep the others waiting
        logger.exception("Delivery %s could not be sent", delivery.pk)
        return delivery, Answer(f"could not be sent: {error}")


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
    return Answer(f"answered {status}")
