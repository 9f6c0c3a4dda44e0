"""Telling the agent: written with what it is told of, sent until it is heard (Standard Webhooks)."""

import base64
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from standardwebhooks.webhooks import Webhook
from uuid_utils.compat import uuid7

from escalation import addresses, answers, canonical, ledger
from escalation.actors import COURIER
from escalation.enums import DeliveryStatus, EffectKind
from escalation.keys import callback_secret
from escalation.models import Agent, Case, Decision, Delivery, Effect
from escalation.values.foreign_text import kept_error

# How long to wait after the n-th failed try; the last repeats until GIVE_UP.
WAITS = [timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800)]
GIVE_UP = timedelta(days=3)
JITTER = 0.2
UNFINISHED = (DeliveryStatus.PENDING, DeliveryStatus.FAILING)


def schedule(decision: Decision, *, at: datetime) -> Delivery:
    """Write what the agent is to be told of a decision, in the transaction of the decision itself."""
    supersede(decision.case, at=at)
    type = "case.overturned" if decision.overturns_id else "case.decided"
    told = answers.decision_answer(decision)
    return _schedule(decision.case, type, told, decision=decision, at=at)


def supersede(case: Case, *, at: datetime) -> None:
    """Send no more of what a decision overtakes: what came late would be taken for what stands."""
    overtaken = Delivery.objects.filter(case=case, status__in=UNFINISHED)
    _send_no_more(overtaken, at=at)
    overtaken.update(status=DeliveryStatus.SUPERSEDED)


def tell_of(case: Case, type: str, *, at: datetime) -> Delivery:
    """Write that the agent is to be told how its case stands, such as that it is held."""
    return _schedule(case, type, answers.case_answer(case) | {"state": case.state}, at=at)


def _schedule(
    case: Case, type: str, data: dict[str, Any], *, decision: Decision | None = None, at: datetime
) -> Delivery:
    """Write a delivery and, unless the agent has no address and asks by itself, its effect."""
    body = {"type": type, "timestamp": ledger.instant(at), "data": data}
    delivery = Delivery.objects.create(
        case=case,
        decision=decision,
        type=type,
        webhook_id=f"msg_{uuid7().hex}",
        url=case.callback_url,
        body=canonical.encode(body),
        created_at=at,
    )
    if delivery.url:
        Effect.objects.create(
            kind=EffectKind.DELIVERY,
            target=delivery.pk,
            lane=str(case.agent_id),
            receiver=addresses.receiver(delivery.url),
            due_at=at,
        )
    return delivery


def collect(case: Case, *, by: Agent, at: datetime) -> None:
    """Note that an agent without a callback address has fetched its decision; the first time only."""
    waiting = Delivery.objects.filter(case=case, url="", status=DeliveryStatus.PENDING)
    with transaction.atomic():
        if waiting.update(status=DeliveryStatus.DELIVERED, delivered_at=at):
            ledger.append("decision.collected", subject=case, by=by, at=at)


def stop(decision: Decision, *, at: datetime) -> None:
    """Send nothing more of a case whose agent has gone on from this decision; of a later one, still."""
    since = decision.released_at or decision.decided_at
    deliveries = Delivery.objects.filter(case=decision.case, created_at__lte=since)
    _send_no_more(deliveries, at=at)
    deliveries.exclude(status=DeliveryStatus.DEAD).update(status=DeliveryStatus.RESUMED)


def _send_no_more(deliveries: QuerySet[Delivery], *, at: datetime) -> None:
    due = Effect.objects.filter(kind=EffectKind.DELIVERY, done_at=None)
    due.filter(target__in=deliveries.values("pk")).update(done_at=at)


def secret_text(agent: Agent) -> str:
    """Return the callback secret in the form that Standard Webhooks libraries take."""
    return f"whsec_{base64.b64encode(callback_secret(agent)).decode()}"


def headers(delivery: Delivery, *, at: datetime) -> dict[str, str]:
    """Return the three Standard Webhooks headers; the id is the same on every try."""
    signer = Webhook(callback_secret(delivery.case.agent))
    body = bytes(delivery.body).decode()
    return {
        "content-type": "application/json",
        "user-agent": "Recourse",
        "webhook-id": delivery.webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signer.sign(delivery.webhook_id, at, body),
    }


def wait_after(attempts: int, chance: random.Random | None = None) -> timedelta:
    """Return how long to wait after ``attempts`` failed tries, a fifth more or less by chance."""
    base = WAITS[min(attempts, len(WAITS)) - 1]
    return base * (chance or random).uniform(1 - JITTER, 1 + JITTER)


@dataclass(frozen=True)
class Answer:
    """What came of one try. ``final`` is a refusal that no later try would change."""

    error: str = ""  # empty: the receiver took it
    final: bool = False
    wait: timedelta = timedelta()  # that the receiver asks for before the next try


@transaction.atomic
def record(delivery_id: UUID, answer: Answer, *, at: datetime) -> Delivery:
    """Write what came of one try, and when to try again. One that is over is left as it is."""
    delivery = (
        Delivery.objects.select_for_update(of=("self",)).select_related("case").get(pk=delivery_id)
    )
    effect = Effect.objects.filter(kind=EffectKind.DELIVERY, target=delivery.pk)
    if delivery.status not in UNFINISHED:
        effect.filter(done_at=None).update(done_at=at)
        return delivery
    delivery.attempts += 1
    delivery.last_error = kept_error(answer.error)
    if not answer.error:
        delivery.status, delivery.delivered_at = DeliveryStatus.DELIVERED, at
    elif answer.final or at >= delivery.created_at + GIVE_UP:
        delivery.status = DeliveryStatus.DEAD
    else:
        delivery.status = DeliveryStatus.FAILING
    delivery.save(update_fields=["attempts", "last_error", "status", "delivered_at"])
    if delivery.status == DeliveryStatus.FAILING:
        due_at = at + max(wait_after(delivery.attempts), answer.wait)
        effect.update(due_at=due_at, lease_until=None, attempts=delivery.attempts,
                      last_error=delivery.last_error)  # fmt: skip
    else:
        effect.update(done_at=at, attempts=delivery.attempts, last_error=delivery.last_error)
        _tell(delivery, at)
    return delivery


def _tell(delivery: Delivery, at: datetime) -> None:
    delivered = delivery.status == DeliveryStatus.DELIVERED
    ledger.append(
        "delivery.delivered" if delivered else "delivery.given_up",
        subject=delivery.case,
        by=COURIER,
        at=at,
        type=delivery.type,
        webhook_id=delivery.webhook_id,
        attempts=delivery.attempts,
        error=delivery.last_error,
    )
