"""What workers carry out. A job carries ids and claim numbers, may run twice or late, and says nothing."""

from asgiref.sync import async_to_sync, sync_to_async
from django.utils.timezone import now

from escalation import courier, effects, resume, stopping
from escalation.enums import EffectKind
from escalation.models import Delivery


def deliver(claims: dict[str, int]) -> None:
    """Tell agents: ``claims`` maps the ids of effects to the claim that this job was rung for."""
    targets = effects.claimed(EffectKind.DELIVERY, claims)
    found = Delivery.objects.filter(pk__in=targets, status__in=resume.UNFINISHED)
    deliveries = list(found.select_related("case__agent"))
    waiting = [one.pk for one in deliveries if one.case.agent.stopped_at]
    effects.put_off(EffectKind.DELIVERY, waiting, due_at=now() + stopping.WAIT)
    async_to_sync(_deliver)([one for one in deliveries if one.pk not in waiting])


async def _deliver(deliveries: list[Delivery]) -> None:
    record = sync_to_async(resume.record)
    async for delivery, answer in courier.post_each(deliveries):
        await record(delivery.pk, answer, at=now())


def see_to_stopped(claims: dict[str, int]) -> None:
    """Hold the cases of agents that were stopped; take up those of agents that were started again."""
    for agent_id in effects.claimed(EffectKind.STOP, claims):
        stopping.see_to(agent_id, at=now())
