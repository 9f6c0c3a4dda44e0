"""Stopping an agent, and starting it again: its calls are refused, its cases held, nothing is sent to it.

The agent itself has no say and takes no part. That it is stopped is one row, true at once; its cases
are held one by one after that, by whoever gets to them, and each that comes into hands meanwhile too.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop as _

from escalation import access, effects, ledger, resume
from escalation.enums import CaseStatus, EffectKind, PauseReason
from escalation.errors import AlreadyStopped, NotAuthorised, NotStopped, RationaleMissing
from escalation.lifecycle import pausing
from escalation.models import Agent, Case, Delivery, Effect, Pause, User

MOST = 500  # cases in one go; the others at once after
SOON = timedelta(seconds=2)  # how soon to look for what is on its way into hands
LATER = timedelta(seconds=20)  # and for what is signed: it is held should that be undone
WAIT = timedelta(minutes=5)  # how soon to look again at what is not sent; a start sends it at once


def may_stop(user: User, case: Case) -> bool:
    """Return whether ``user`` may stop the agent of a case: who decides it, supervises or manages."""
    found = access.rights(user)
    rights = (access.DECIDE, access.SUPERVISE, access.MANAGE)
    has_role = found.runs_desk or any(case.role_id in found.roles(right) for right in rights)
    return has_role and access.within_tenants(user, case.tenant)


def may_start(user: User, agent: Agent) -> bool:
    """Return whether ``user`` may start a stopped agent: who sets policy, and did not stop it.

    Where nobody else sets policy they may, and the record says that they were alone.
    """
    return access.may_set_policies(user) and (
        agent.stopped_by_id != user.pk or not others_who_start(agent).exists()
    )


def others_who_start(agent: Agent) -> QuerySet[User]:
    setters = access.policy_setters()
    return setters.exclude(pk=agent.stopped_by_id) if agent.stopped_by_id else setters


@transaction.atomic
def stop(
    agent_id: UUID,
    because: str,
    *,
    case: Case | None = None,
    drill: bool = False,
    by: User,
    at: datetime,
) -> Agent:
    """Refuse the agent's calls from now on, hold its open cases, and send it nothing.

    ``case`` is the one at hand, by which ``by`` may; without one only who sets policy may. Raises
    NotAuthorised, RationaleMissing without a reason, and AlreadyStopped.
    """
    agent = Agent.objects.select_for_update(no_key=True).get(pk=agent_id)
    of_case = case is not None and case.agent_id == agent.pk and may_stop(by, case)
    if not (of_case or access.may_set_policies(by)):
        raise NotAuthorised(_("%(person)s may not stop %(agent)s."), person=by, agent=agent)
    if not because.strip():
        raise RationaleMissing(_("Say why: whoever starts it again reads the reason first."))
    if agent.stopped_at:
        raise AlreadyStopped(
            _("%(stopped_by)s stopped %(agent)s at %(stopped_at)s UTC already."),
            stopped_by=agent.stopped_by,
            agent=agent,
            stopped_at=f"{agent.stopped_at:%H:%M:%S}",
        )
    agent.stopped_at, agent.stopped_by, agent.stopped_because = at, by, because
    agent.save(update_fields=["stopped_at", "stopped_by", "stopped_because"])
    ledger.append(
        "agent.stopped",
        subject=agent,
        by=by,
        at=at,
        private={"reason": because},
        case=case.reference if case else None,
        drill=drill,
    )
    effects.hasten(EffectKind.STOP, agent.pk, due_at=at)
    return agent


@transaction.atomic
def start(agent_id: UUID, because: str, *, by: User, at: datetime) -> Agent:
    """Let a stopped agent call again, take up what was held for that alone, and send what waits for it.

    Raises NotAuthorised, RationaleMissing, and NotStopped.
    """
    agent = Agent.objects.select_for_update(no_key=True).get(pk=agent_id)
    if agent.stopped_at is None:
        raise NotStopped(_("%(agent)s is not stopped."), agent=agent)
    if not access.may_set_policies(by):
        raise NotAuthorised(_("Only who sets policy starts %(agent)s again."), agent=agent)
    if not may_start(by, agent):
        raise NotAuthorised(
            _("You stopped %(agent)s; somebody else who sets policy starts it again."), agent=agent
        )
    if not because.strip():
        raise RationaleMissing(_("Say why it may go on."))
    alone = agent.stopped_by_id == by.pk
    agent.stopped_at, agent.stopped_by, agent.stopped_because = None, None, ""
    agent.save(update_fields=["stopped_at", "stopped_by", "stopped_because"])
    ledger.append(
        "agent.started", subject=agent, by=by, at=at, private={"reason": because}, alone=alone
    )
    effects.hasten(EffectKind.STOP, agent.pk, due_at=at)
    waiting = Delivery.objects.filter(case__agent=agent, status__in=resume.UNFINISHED)
    due = Effect.objects.filter(kind=EffectKind.DELIVERY, done_at=None)
    due = due.filter(Q(lease_until=None) | Q(lease_until__lte=at))  # another is under way
    due.filter(target__in=waiting.values("pk")).update(due_at=at, lease_until=None)
    return agent


# Its cases -----------------------------------------------------------------------------------------


def look_again(agents: Iterable[Agent], *, at: datetime) -> None:
    """Have the cases of those of the agents that are stopped looked at: some came into hands just now."""
    for agent_id in sorted({agent.pk for agent in agents if agent.stopped_at}):  # in one order
        effects.hasten(EffectKind.STOP, agent_id, due_at=at)


def see_to(agent_id: UUID, *, at: datetime) -> int:
    """Hold the open cases of an agent that is stopped, or take up those of one that was started.

    Each case is a transaction of its own: a worker that is killed has done some, and another goes on.
    Returns how many were held or taken up.
    """
    agent = Agent.objects.get(pk=agent_id)
    act = pausing.hold_for_stop if agent.stopped_at else pausing.take_up_after_stop
    found = list(_to_do(agent)[:MOST])
    done = sum(act(case_id, at=at) for case_id in found)
    if len(found) == MOST:
        effects.hasten(EffectKind.STOP, agent_id, due_at=at)
    elif agent.stopped_at and (waits := _on_its_way(agent)):
        effects.schedule(EffectKind.STOP, agent_id, due_at=at + waits)
    else:
        effects.settle(EffectKind.STOP, agent_id, at=at)
    return done


def _to_do(agent: Agent) -> QuerySet[Case, UUID]:
    """Return the cases to hold, or to take up; what a person holds is left to them."""
    cases = Case.objects.filter(agent=agent, ended_at=None)
    if agent.stopped_at:
        wanted = (CaseStatus.AWAITING, CaseStatus.INFORMATION_REQUESTED)
        cases = cases.filter(status__in=wanted, release_at=None)
    else:
        held = Pause.objects.filter(ended_at=None, reason=PauseReason.STOPPED)
        cases = cases.filter(status=CaseStatus.HELD, pk__in=held.values("case"))
    return cases.order_by("pk").values_list("pk", flat=True)


def _on_its_way(agent: Agent) -> timedelta | None:
    """Return how soon to look again for cases that can only be held later; None: there are none."""
    cases = Case.objects.filter(agent=agent, ended_at=None)
    if cases.filter(status=CaseStatus.OPEN).exists():
        return SOON
    return LATER if cases.filter(release_at__isnull=False).exists() else None


# For operators -------------------------------------------------------------------------------------


def notes(*, at: datetime) -> list[str]:
    """Return a sentence for each agent that is stopped."""
    stopped = Agent.objects.filter(stopped_at__isnull=False).select_related("stopped_by")
    return [
        f"{agent} is stopped, since {agent.stopped_at:%Y-%m-%d %H:%M} UTC by {agent.stopped_by}."
        for agent in stopped
    ]
