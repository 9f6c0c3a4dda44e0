"""The life of a case: one table of allowed moves, one private function that makes them, and its doors.

Each door is one transaction. The case row is locked first, then its handoff; the ledger comes last.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from escalation import access, answers, ledger, parameters, resume
from escalation.actors import Actor
from escalation.eligibility import Eligibility, beyond_authority
from escalation.enums import (
    PERMITTING,
    CaseStatus,
    DecidedBy,
    HandoffEnd,
    HandoffReason,
    Outcome,
    ResumptionResult,
)
from escalation.errors import (
    AlreadyDecided,
    AlreadyResumed,
    CaseWithdrawn,
    EvidenceChanged,
    Fault,
    IllegalTransition,
    NoHigherRole,
    NotAuthorised,
    NotDecided,
    ParametersRejected,
)
from escalation.models import Agent, Case, Decision, Handoff, Option, Resumption, Role, User
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
CHANNEL = "cases"  # every waiting agent hears of a case that has moved


def _move(case: Case, to: CaseStatus, at: datetime, *fields: str) -> None:
    """Make the one move and save it with ``fields``. ``case`` must be locked."""
    if to not in ALLOWED[CaseStatus(case.status)]:
        raise IllegalTransition(f"{case.reference} is {case.status}; it cannot become {to}.")
    case.status = to
    if case.is_ended:
        case.ended_at, case.due_at = at, None
    case.save(update_fields=["status", "ended_at", "due_at", *fields])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(case.pk)])


def _end_handoff(case: Case, end: HandoffEnd, at: datetime) -> None:
    case.handoffs.filter(CURRENT).update(ended_at=at, end=end)


def _handed_off(
    handoff: Handoff, *, by: Actor, at: datetime, passed_over: tuple[str, ...] = ()
) -> ledger.Entry:
    return ledger.entry(
        "case.handed_off",
        subject=handoff.case,
        by=by,
        at=at,
        role=handoff.role.slug,
        user=str(handoff.user_id) if handoff.user_id else None,
        reason=handoff.reason,
        note=handoff.note,
        private={"passed_over": list(passed_over)} if passed_over else None,
    )


@dataclass(frozen=True)
class Hands:
    """Into whose hands a case goes, and why. Without a person it is the whole role's.

    ``passed_over`` says why others who were on call did not get it, a sentence each.
    """

    case_id: UUID
    role: Role
    reason: HandoffReason
    note: str = ""
    user: User | None = None
    passed_over: tuple[str, ...] = ()


@transaction.atomic
def hand_off(given: list[Hands], *, by: Actor, at: datetime) -> list[Handoff]:
    """Put open cases into roles' hands, all or none; those that have moved on meanwhile are left.

    Many at once, because many arrive at once: a case at a time costs six statements each.
    """
    by_case = {hands.case_id: hands for hands in given}
    cases = list(
        Case.objects.select_for_update(no_key=True)
        .defer("state")
        .filter(pk__in=by_case, status=CaseStatus.OPEN)
        .order_by("pk")
    )
    taken: dict[Role, list[UUID]] = defaultdict(list)
    for case in cases:
        role = by_case[case.pk].role
        case.role, case.status = role, CaseStatus.AWAITING
        taken[role].append(case.pk)
    for role, case_ids in taken.items():
        Case.objects.filter(pk__in=case_ids).update(role=role, status=CaseStatus.AWAITING)
    return _begin_handoffs([(case, by_case[case.pk]) for case in cases], by=by, at=at)


@transaction.atomic
def give_back(given: list[Hands], *, by: Actor, at: datetime) -> list[Handoff]:
    """Take open cases out of a person's hands and put them into others of the same role.

    Cases that have ended or changed role meanwhile are left.
    """
    by_case = {hands.case_id: hands for hands in given}
    cases = [
        case
        for case in Case.objects.select_for_update(no_key=True)
        .defer("state")
        .filter(pk__in=by_case, ended_at=None)
        .order_by("pk")
        if case.role_id == by_case[case.pk].role.pk
    ]
    Handoff.objects.filter(CURRENT, case__in=cases).update(ended_at=at, end=HandoffEnd.RETURNED)
    return _begin_handoffs([(case, by_case[case.pk]) for case in cases], by=by, at=at)


def _begin_handoffs(given: list[tuple[Case, Hands]], *, by: Actor, at: datetime) -> list[Handoff]:
    """Write the handoffs of locked cases, with an entry in the ledger each."""
    handoffs = [
        Handoff(
            case=case,
            role=hands.role,
            user=hands.user,
            reason=hands.reason,
            note=hands.note,
            due_at=case.due_at,  # handing on never buys time
            started_at=at,
        )
        for case, hands in given
    ]
    Handoff.objects.bulk_create(handoffs)
    ledger.append_all(
        [
            _handed_off(handoff, by=by, at=at, passed_over=hands.passed_over)
            for handoff, (_case, hands) in zip(handoffs, given, strict=True)
        ]
    )
    return handoffs


@transaction.atomic
def decide(
    case_id: UUID,
    key: str,
    *,
    filled: dict[str, Any] | None = None,
    rationale: str = "",
    digest: str,
    by: User,
    at: datetime,
) -> Decision | Handoff:
    """Record the decision that stands on a case and let its agent go on.

    ``filled`` are the parameters of an option that takes some; ``digest`` is that of the package
    the reviewer had on screen. An option that escalates passes the case up instead: the new
    Handoff is returned.

    Raises AlreadyDecided or CaseWithdrawn when somebody came first, NotAuthorised without the
    right to decide for the role, EvidenceChanged when the package is no longer the one on screen,
    UnknownOption, ParametersRejected, and NoHigherRole.
    """
    case = Case.objects.locked(case_id)
    _check_undecided(case)
    check_decider(case, by, at)
    if digest != case.digest:
        raise EvidenceChanged(
            f"The agent added evidence to {case.reference} after you opened it. "
            "Nothing was recorded; read what is new and decide again."
        )
    option = case.option(key)
    _check_filled(option, filled)
    _check_authority(case, option, filled)
    if option.outcome == Outcome.ESCALATE:
        return _pass_up(case, option, rationale, by=by, at=at)
    owner = case.role
    assert owner is not None  # the database lets no case out of "open" without one
    _move(case, CaseStatus.DECIDED, at)
    _end_handoff(case, HandoffEnd.DECIDED, at)
    decision = Decision.objects.create(
        case=case,
        option=option,
        outcome=option.outcome,
        permitted=option.outcome in PERMITTING,
        parameters=filled,
        rationale=rationale,
        kind=DecidedBy.PERSON,
        decided_by=by,
        role=owner,
        decided_at=at,
        digest=digest,
    )
    ledger.append(
        "case.decided",
        subject=case,
        by=by,
        at=at,
        private={"rationale": rationale, "parameters": filled},
        decision=str(decision.pk),
        option=option.key,
        outcome=decision.outcome,
        permitted=decision.permitted,
        digest=digest,
    )
    resume.schedule(decision, at=at)
    return decision


def _check_undecided(case: Case) -> None:
    if case.status == CaseStatus.WITHDRAWN:
        raise CaseWithdrawn(f"The agent withdrew {case.reference}; it needs no decision any more.")
    if case.status == CaseStatus.DECIDED:
        standing = answers.standing_decision(case)
        assert standing and standing.option
        raise AlreadyDecided(
            f"{standing.decider} decided {case.reference} with “{standing.option.label}” "
            f"at {standing.decided_at:%H:%M:%S} UTC. Your answer was not recorded."
        )
    if case.status == CaseStatus.OPEN:
        raise IllegalTransition(f"{case.reference} is in no role's hands yet.")


def check_decider(case: Case, by: User, at: datetime) -> None:
    """Raise NotAuthorised, with the sentence that says why, unless ``by`` may decide the case now.

    The person is read again: who was signed in when the page was made may have left since.
    """
    if case.role is None or not access.may_decide(by, case):
        raise NotAuthorised(_not_yours(case, by))
    person = User.objects.get(pk=by.pk)
    if obstacle := Eligibility.of([person], case.role, at=at).obstacle(person, case):
        raise NotAuthorised(obstacle)


def _not_yours(case: Case, by: User) -> str:
    if getattr(by, "acting_as", "") == access.AUDITOR:
        return f"{by} acts as an auditor in this session, and an auditor decides nothing."
    if not access.within_tenants(by, case.tenant):
        return f"{by} does not decide for {case.tenant or 'cases without a tenant'}."
    return f"{by} does not decide for the role that owns {case.reference}."


def _check_authority(case: Case, option: Option, filled: dict[str, Any] | None) -> None:
    """Letting the agent go on takes authority; refusing it and passing it up do not."""
    assert case.role
    if option.outcome in PERMITTING and (beyond := beyond_authority(case.role, case, filled)):
        raise NotAuthorised(f"{beyond} Refuse it, or pass it up.")


def _check_filled(option: Option, filled: dict[str, Any] | None) -> None:
    if option.parameters is None:
        if filled:
            raise ParametersRejected(Fault("", f"“{option.label}” takes no parameters"))
    else:
        parameters.check(option.parameters, filled or {})


def _pass_up(case: Case, option: Option, rationale: str, *, by: User, at: datetime) -> Handoff:
    """Hand the case to the higher role: an answer, but not yet a decision."""
    assert case.role
    higher = case.role.higher_role
    if higher is None:
        raise NoHigherRole(
            f"“{option.label}” passes the case up, but {case.role} has no higher role. "
            "Choose another option, or ask an administrator to name one."
        )
    _end_handoff(case, HandoffEnd.PASSED_UP, at)
    case.role = higher
    case.save(update_fields=["role"])
    ledger.append(
        "case.passed_up",
        subject=case,
        by=by,
        at=at,
        private={"rationale": rationale},
        option=option.key,
        role=higher.slug,
    )
    handoff = case.handoffs.create(
        role=higher, reason=HandoffReason.PASSED_UP, note=option.label, started_at=at
    )
    ledger.append_all([_handed_off(handoff, by=by, at=at)])
    return handoff


@transaction.atomic
def withdraw(case_id: UUID, reason: str, *, by: Agent, at: datetime) -> Case:
    """End a case that the agent no longer needs. Withdrawing it again changes nothing.

    Raises AlreadyDecided once there is a decision.
    """
    case = Case.objects.locked(case_id)
    if case.status == CaseStatus.WITHDRAWN:
        return case
    if case.status == CaseStatus.DECIDED:
        raise AlreadyDecided(f"{case.reference} is decided; it can no longer be withdrawn.")
    _move(case, CaseStatus.WITHDRAWN, at)
    _end_handoff(case, HandoffEnd.WITHDRAWN, at)
    ledger.append("case.withdrawn", subject=case, by=by, at=at, private={"reason": reason})
    return case


@transaction.atomic
def mark_resumed(
    case_id: UUID,
    result: ResumptionResult,
    *,
    detail: str = "",
    said_at: datetime | None = None,
    by: Agent,
    at: datetime,
) -> Case:
    """Record how the agent went on; the loop is closed and nothing more is sent.

    Saying the same again changes nothing. Raises NotDecided before a decision, AlreadyResumed when
    the agent had said something else.
    """
    case = Case.objects.locked(case_id)
    if case.status != CaseStatus.DECIDED:
        raise NotDecided(f"{case.reference} has no decision to go on from; it is {case.status}.")
    said = Resumption.objects.filter(case=case).first()
    if said and said.result == result:
        return case
    if said:
        raise AlreadyResumed(f"The agent already said that {case.reference} {said.result}.")
    Resumption.objects.create(
        case=case, result=result, detail=detail, at=said_at or at, received_at=at
    )
    resume.stop(case, at=at)
    ledger.append(
        "case.resumed", subject=case, by=by, at=at, private={"detail": detail}, result=result
    )
    return case
