"""Taking a case is a lease: it holds while whoever took it works on it, and lapses on the record.

A lease is a courtesy among colleagues. It keeps others from taking the case, never from answering it.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop as _

from escalation import clocks, effects, ledger
from escalation.actors import CLOCK, Actor
from escalation.enums import PAUSED, EffectKind, HandoffEnd, HandoffReason, Target
from escalation.errors import IllegalTransition
from escalation.lifecycle.checks import check_decider, check_undecided
from escalation.lifecycle.handing import Hands, begin_handoffs
from escalation.lifecycle.moves import LEASE, end_handoff
from escalation.models import Case, Clock, Handoff, User
from escalation.models.handoffs import CURRENT

MINUTE = timedelta(minutes=1)  # a lease is written anew at most so often


@transaction.atomic
def claim(case_id: UUID, *, by: User, at: datetime) -> Handoff:
    """Take a case: ``by`` says that they work on it, for LEASE at first.

    It stays with them when the shift changes. Taking it again begins the lease anew. Raises what
    ``decide`` does of who may, and IllegalTransition while somebody else has taken it.
    """
    case = Case.objects.locked(case_id)
    check_undecided(case)
    check_decider(case, by, at)
    assert case.role
    current = _current(case)
    if current.claimed_at and current.user_id != by.pk:
        if not is_over(current, at):
            raise IllegalTransition(
                _("%(user)s took %(reference)s at %(claimed_at)s UTC. Ask them to hand it over."),
                user=current.user,
                reference=case.reference,
                claimed_at=f"{current.claimed_at:%H:%M}",
            )
        current = _lapse(case, current, by=CLOCK, at=at)  # the clock has not come to it yet
    if current.claimed_at:
        current.lease_until = at + LEASE
        current.save(update_fields=["lease_until"])
        return current
    if current.user_id == by.pk:
        current.claimed_at, current.lease_until = at, at + LEASE
        current.save(update_fields=["claimed_at", "lease_until"])
    else:
        at = end_handoff(case, HandoffEnd.CLAIMED, at)
        hands = Hands(case.pk, case.role, HandoffReason.CLAIMED, user=by)
        hours = {case.pk: current.hours}
        [current] = begin_handoffs([(case, hands)], hours, by=by, at=at, leased_until=at + LEASE)
    effects.schedule(EffectKind.LEASE, current.pk, due_at=at + LEASE)
    ledger.append("case.claimed", subject=case, by=by, at=at, until=ledger.instant(at + LEASE))
    clocks.stop(case, Target.FIRST_RESPONSE, Target.CLAIM, at=at)
    if not Clock.objects.filter(case=case, target=Target.DECISION, breached_at__isnull=False):
        clocks.stop(case, Target.FALLBACK, at=at)  # what was missed is made up for
    clocks.work_out(case, at=at)
    return current


def is_over(handoff: Handoff, at: datetime) -> bool:
    """Return whether the lease of a handoff has run out, be the clock late to say so."""
    return handoff.lease_until is not None and handoff.lease_until <= at


def renew(case_id: UUID, *, by: User, at: datetime) -> bool:
    """Let the lease that ``by`` has on a case hold for LEASE from now; False: they have none.

    One statement, which neither waits for the case nor writes more than once a minute. It also saves
    a lease that has run out and not lapsed yet: one of the two comes first.
    """
    mine = Handoff.objects.filter(CURRENT, case=case_id, user=by.pk, claimed_at__isnull=False)
    due = Q(lease_until=None) | Q(lease_until__lt=at + LEASE - MINUTE)
    return bool(mine.filter(due).update(lease_until=at + LEASE)) or mine.exists()


@transaction.atomic
def lapse(handoff_id: UUID, *, at: datetime) -> Handoff | None:
    """Give a case back to its role when its lease has run out; None while it holds, or is over.

    Renewing a lease does not move this effect: it looks again when the lease ends. While the case
    waits for something nobody has to work on it, and a signed answer keeps its signer.
    """
    case_id = Handoff.objects.values_list("case", flat=True).get(pk=handoff_id)
    case = Case.objects.locked(case_id)
    current = Handoff.objects.select_for_update(of=["self"], no_key=True)
    held = current.filter(CURRENT, pk=handoff_id, claimed_at__isnull=False)
    handoff = held.select_related("user", "hours").first()
    if handoff is None or case.is_ended:
        effects.done(EffectKind.LEASE, [handoff_id], at=at)
        return None
    if case.status in PAUSED or case.release_at:
        handoff.lease_until = max(at, case.release_at or at) + LEASE
        handoff.save(update_fields=["lease_until"])
    if not is_over(handoff, at):
        effects.schedule(EffectKind.LEASE, handoff_id, due_at=handoff.lease_until or at + LEASE)
        return None
    effects.done(EffectKind.LEASE, [handoff_id], at=at)
    return _lapse(case, handoff, by=CLOCK, at=at)


def _current(case: Case) -> Handoff:
    return case.handoffs.select_related("user", "hours").get(CURRENT)


def _lapse(case: Case, handoff: Handoff, *, by: Actor, at: datetime) -> Handoff:
    """Take a locked case out of hands whose lease is over; the role's next person is found at once."""
    assert case.role and handoff.user and handoff.lease_until
    at = end_handoff(case, HandoffEnd.LAPSED, at)
    ledger.append(
        "case.lapsed",
        subject=case,
        by=by,
        at=at,
        user=str(handoff.user_id),
        until=ledger.instant(handoff.lease_until),
    )
    hands = Hands(case.pk, case.role, HandoffReason.LAPSED, f"The lease of {handoff.user} ended.")
    [given] = begin_handoffs([(case, hands)], {case.pk: handoff.hours}, by=by, at=at)
    effects.hasten(EffectKind.SEAT, case.role.pk, due_at=at)
    return given
