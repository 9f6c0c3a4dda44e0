"""The table of allowed moves, and the one function that makes them."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_noop as _

from escalation import clocks, effects
from escalation.enums import PAUSED, CaseStatus, EffectKind, HandoffEnd
from escalation.errors import IllegalTransition
from escalation.models import Agent, Case, Pause
from escalation.models.handoffs import CURRENT

ALLOWED: dict[CaseStatus, set[CaseStatus]] = {
    CaseStatus.OPEN: {CaseStatus.AWAITING, CaseStatus.WITHDRAWN},
    CaseStatus.AWAITING: {
        CaseStatus.INFORMATION_REQUESTED,
        CaseStatus.HELD,
        CaseStatus.DECIDED,
        CaseStatus.WITHDRAWN,
    },
    CaseStatus.INFORMATION_REQUESTED: {
        CaseStatus.AWAITING,
        CaseStatus.HELD,
        CaseStatus.DECIDED,
        CaseStatus.WITHDRAWN,
    },
    CaseStatus.HELD: {CaseStatus.AWAITING, CaseStatus.DECIDED, CaseStatus.WITHDRAWN},
    CaseStatus.DECIDED: set(),
    CaseStatus.WITHDRAWN: set(),
}
LEASE = timedelta(minutes=15)  # how long a case that was taken stays so, unless it is renewed
CHANNEL = "cases"  # every waiting agent hears of a case that has moved


END_HANDOFF = """
UPDATE escalation_handoff SET ended_at = greatest(started_at, %s), "end" = %s
WHERE case_id = %s AND ended_at IS NULL RETURNING ended_at
"""


def move(
    case: Case,
    to: CaseStatus,
    at: datetime,
    *fields: str,
    decided_at: datetime | None = None,
) -> None:
    """Make the one move and save it with ``fields``. ``case`` must be locked.

    What it waited for is over; a case that ends stops its clocks. ``decided_at``: when its decision
    was made, if that was before ``at``.
    """
    if to not in ALLOWED[CaseStatus(case.status)]:
        raise IllegalTransition(
            _("%(reference)s is %(status)s; it cannot become %(to)s."),
            reference=case.reference,
            status=case.status,
            to=to,
        )
    if case.status in PAUSED:
        end_pause(case, at)
    if case.status in PAUSED and to == CaseStatus.AWAITING:
        begin_lease_anew(case, at)
    if to == CaseStatus.AWAITING:
        _see_stopped(case, at)
    case.status = to
    if case.is_ended:
        case.ended_at, case.due_at = at, None
        clocks.stop(case, at=at)
        effects.done(EffectKind.DEADLINE, [case.pk], at=at)
    if to == CaseStatus.DECIDED:
        case.decided_at = decided_at or at
    case.save(update_fields=["status", "ended_at", "decided_at", "due_at", *fields])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(case.pk)])


def _see_stopped(case: Case, at: datetime) -> None:
    """Have a case that goes on held again, where its agent is stopped.

    The agent is locked, so that a stop at this instant either is seen here or finds the case moved.
    """
    agent = Agent.objects.select_for_update(no_key=True).get(pk=case.agent_id)
    if agent.stopped_at:
        effects.hasten(EffectKind.STOP, agent.pk, due_at=at)


def end_handoff(case: Case, end: HandoffEnd, at: datetime) -> datetime:
    """End the handoff that lasts, and return when: what follows it begins then.

    ``at`` may be of before the lock, and so of before that handoff began.
    """
    with connection.cursor() as cursor:
        cursor.execute(END_HANDOFF, [at, end, case.pk])
        row = cursor.fetchone()
    return row[0] if row else at


def begin_lease_anew(case: Case, at: datetime) -> None:
    """Give whoever had taken a case its whole lease, when there is something to do on it again."""
    leased = case.handoffs.filter(CURRENT, lease_until__isnull=False)
    leased.update(lease_until=at + LEASE)


def end_pause(case: Case, at: datetime) -> None:
    """End what the case waits for: now, or when that was to end, whoever noticed later."""
    waiting = Pause.objects.filter(case=case, ended_at=None)
    # ``at`` may be of before the lock, and so of before the pause began
    waiting.update(ended_at=Greatest(F("began_at"), Least(F("until"), Value(at))))
