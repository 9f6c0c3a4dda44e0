"""What workers carry out. A job carries ids and claim numbers, may run twice or late, and says nothing."""

from asgiref.sync import async_to_sync, sync_to_async
from django.utils.timezone import now

from escalation import courier, effects, resume
from escalation.enums import EffectKind
from escalation.models import Delivery


def deliver(claims: dict[str, int]) -> None:
    """Tell agents: ``claims`` maps the ids of effects to the claim that this job was rung for."""
    targets = effects.claimed(EffectKind.DELIVERY, claims)
    deliveries = list(
        Delivery.objects.filter(pk__in=targets, status__in=resume.UNFINISHED).select_related(
            "case__agent"
        )
    )
    async_to_sync(_deliver)(deliveries)


async def _deliver(deliveries: list[Delivery]) -> None:
    record = sync_to_async(resume.record)
    async for delivery, answer in courier.post_each(deliveries):
        await record(delivery.pk, answer, at=now())
