"""A case waits: held by a person or a fallback, or for what was asked of its agent; and goes on."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop as _

from escalation import clocks, effects, intake, ledger, resume
from escalation.actors import CLOCK, System
from escalation.enums import (
    PAUSED,
    Asked,
    CaseStatus,
    EffectKind,
    PauseReason,
    StepKind,
    Target,
)
from escalation.errors import IllegalTransition, NothingAsked, PauseRefused
from escalation.lifecycle.checks import check_decider, check_undecided
from escalation.lifecycle.moves import end_pause, move
from escalation.models import Agent, Case, Pause, User

LONGEST = timedelta(days=3)  # where no policy says how long a case may wait
ALWAYS = (PauseReason.SIGNED, PauseReason.STOPPED)  # stop the clocks, whatever policy says


@transaction.atomic
def hold(
    case_id: UUID, reason: str, *, until: datetime | None = None, by: User | System, at: datetime
) -> Case:
    """Let a case rest until somebody takes it up again, or ``until`` does.

    A person holds it for as long as its policy lets them, at most (None: for so long); a fallback
    holds it without an end. Its agent is told.

    Raises AlreadyDecided, CaseWithdrawn, NotAuthorised, PauseRefused for an ``until`` that has
    passed or is too far away, and IllegalTransition for a case that is held or in no hands yet.
    """
    case = Case.objects.locked(case_id)
    check_undecided(case)
    if isinstance(by, User):
        check_decider(case, by, at)
        until = _until(case, until, at)
    if case.status == CaseStatus.HELD and isinstance(by, System):
        end_pause(case, at)  # what a person held for a while is now held without an end
    else:
        move(case, CaseStatus.HELD, at)
    pause = _begin(case, PauseReason.HELD, reason, until=until, by=by, at=at)
    ledger.append(
        "case.held",
        subject=case,
        by=by,
        at=at,
        private={"reason": reason},
        until=ledger.instant(until) if until else None,
        stops_clocks=pause.stops_clocks,
    )
    resume.tell_of(case, "case.held", at=at)
    return case


@transaction.atomic
def ask(case_id: UUID, text: str, *, of: Asked = Asked.AGENT, by: User, at: datetime) -> Case:
    """Ask for what is missing; the case waits for it as long as its policy lets it.

    The agent is told, whoever is asked: what is asked ``of`` the requester it brings to them.

    Raises AlreadyDecided, CaseWithdrawn, NotAuthorised, and IllegalTransition for a case that
    waits already.
    """
    case = Case.objects.locked(case_id)
    check_undecided(case)
    check_decider(case, by, at)
    if case.status == CaseStatus.HELD:
        raise IllegalTransition(
            _("%(reference)s is held. Take it up again before you ask."), reference=case.reference
        )
    move(case, CaseStatus.INFORMATION_REQUESTED, at)
    clocks.stop(case, Target.FIRST_RESPONSE, at=at)
    until = at + longest_pause(case)
    pause = _begin(case, PauseReason.INFORMATION_REQUESTED, text, of=of, until=until, by=by, at=at)
    ledger.append(
        "case.information_requested",
        subject=case,
        by=by,
        at=at,
        private={"text": text},
        of=of,
        until=ledger.instant(until),
        stops_clocks=pause.stops_clocks,
    )
    resume.tell_of(case, "case.information_requested", at=at)
    return case


@transaction.atomic
def answer(
    case_id: UUID, text: str, steps: list[dict[str, Any]], *, by: Agent, at: datetime
) -> Case:
    """Take the agent's answer as evidence, after the steps it took for it; the case goes on.

    ``steps`` are as they were sent. Raises NothingAsked, CaseClosed once it is decided or
    withdrawn, PackageRejected and CaseTooLarge.
    """
    case = Case.objects.locked(case_id)
    intake.check_open(case)
    if case.status != CaseStatus.INFORMATION_REQUESTED:
        raise NothingAsked(
            _(
                "Nobody waits for an answer on %(reference)s; it is %(status)s. What you "
                "have to add can be posted as steps."
            ),
            reference=case.reference,
            status=case.status,
        )
    said = {
        "key": _free_key(case, steps),
        "kind": StepKind.MESSAGE,
        "name": "answer",
        "at": ledger.instant(at),
        "text": text,
    }
    intake.add_to(case, {"steps": [*steps, said]}, by=by, at=at)
    move(case, CaseStatus.AWAITING, at)
    clocks.work_out(case, at=at)
    effects.hasten(EffectKind.ARRIVAL, case.pk, due_at=at)  # it tells who asked
    ledger.append(
        "case.information_given",
        subject=case,
        by=by,
        at=at,
        private={"text": text},
        step=said["key"],
        digest=case.digest,
    )
    return case


@transaction.atomic
def take_up(case_id: UUID, *, by: User | System, at: datetime) -> Case:
    """Go on with a case that waits. The clock does when its time to wait has passed.

    Raises AlreadyDecided, CaseWithdrawn, NotAuthorised, and IllegalTransition for a case that
    does not wait.
    """
    case = Case.objects.locked(case_id)
    check_undecided(case)
    if isinstance(by, User):
        check_decider(case, by, at)
    if case.status not in PAUSED:
        raise IllegalTransition(
            _("%(reference)s is not held; it awaits a decision."), reference=case.reference
        )
    if isinstance(by, User) and case.agent.stopped_at:
        raise IllegalTransition(
            _(
                "%(agent)s is stopped; %(reference)s goes on when it is started again. You "
                "can decide it all the same."
            ),
            agent=case.agent,
            reference=case.reference,
        )
    waited_for = case.status
    move(case, CaseStatus.AWAITING, at)
    clocks.work_out(case, at=at)
    ledger.append("case.taken_up", subject=case, by=by, at=at, waited_for=waited_for)
    return case


@transaction.atomic
def hold_for_stop(case_id: UUID, *, at: datetime) -> bool:
    """Hold a case whose agent is stopped until it is started again; False where there is nothing to do.

    Its clocks stand still, and its agent is not told: it is stopped. What a person holds stays theirs.
    """
    case = Case.objects.locked(case_id)
    agent = Agent.objects.select_for_update(no_key=True).get(pk=case.agent_id)
    waits = case.status in (CaseStatus.AWAITING, CaseStatus.INFORMATION_REQUESTED)
    if not (agent.stopped_by and waits) or case.release_at:
        return False
    note, by = agent.stopped_because, agent.stopped_by
    move(case, CaseStatus.HELD, at)
    _begin(case, PauseReason.STOPPED, note, until=None, by=by, at=at)
    ledger.append(
        "case.held",
        subject=case,
        by=by,
        at=at,
        private={"reason": note},
        until=None,
        stops_clocks=True,
        stopped=True,
    )
    return True


@transaction.atomic
def take_up_after_stop(case_id: UUID, *, at: datetime) -> bool:
    """Go on with a case that was held for nothing but that its agent was stopped."""
    case = Case.objects.locked(case_id)
    held = case.pauses.filter(ended_at=None, reason=PauseReason.STOPPED).exists()
    if case.status != CaseStatus.HELD or case.agent.stopped_at or not held:
        return False
    move(case, CaseStatus.AWAITING, at)
    clocks.work_out(case, at=at)
    ledger.append("case.taken_up", subject=case, by=CLOCK, at=at, waited_for=PauseReason.STOPPED)
    return True


def longest_pause(case: Case) -> timedelta:
    """Return how long a case may wait at a time, by the policy that it started with."""
    seconds = case.terms.longest_pause if case.terms else None
    return timedelta(seconds=seconds) if seconds else LONGEST


def _until(case: Case, until: datetime | None, at: datetime) -> datetime:
    last = at + longest_pause(case)
    if until is None:
        return last
    if until <= at:
        raise PauseRefused(_("That has already passed. Choose a later time."))
    if until > last:
        raise PauseRefused(
            _("A case can be held until %(last)s UTC at the latest."),
            last=f"{last:%a %d %b, %H:%M}",
        )
    return until


def _begin(
    case: Case,
    reason: PauseReason,
    note: str,
    *,
    of: str = "",
    until: datetime | None,
    by: User | System,
    at: datetime,
) -> Pause:
    pause = Pause.objects.create(
        case=case,
        reason=reason,
        note=note,
        of=of,
        began_at=at,
        began_by=by if isinstance(by, User) else None,
        until=until,
        stops_clocks=reason in ALWAYS or case.terms is None or reason in case.terms.pauses,
    )
    clocks.work_out(case, at=at)
    return pause


def _free_key(case: Case, steps: list[dict[str, Any]]) -> str:
    """Return a key for the answer itself that neither the case nor the new steps have."""
    taken = set(case.evidence.values_list("key", flat=True)) | {step.get("key") for step in steps}
    number = 1
    while f"answer-{number}" in taken:
        number += 1
    return f"answer-{number}"
