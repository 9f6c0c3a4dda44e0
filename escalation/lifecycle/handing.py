"""Whose turn it is: a case goes into hands, is seen there, and goes into others."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_noop as _

from escalation import access, clocks, ledger, protocol, search
from escalation.actors import Actor
from escalation.clocks import Wanted
from escalation.enums import CaseStatus, HandoffEnd, HandoffReason, Stakes, Target
from escalation.errors import IllegalTransition, NotAuthorised
from escalation.lifecycle.checks import check_unanswered, check_undecided, whose_turn
from escalation.lifecycle.moves import end_handoff
from escalation.models import Case, Clock, Handoff, HoursVersion, Role, Terms, User
from escalation.models.handoffs import CURRENT


@dataclass(frozen=True)
class Start:
    """What a case starts with, as policy has it: terms, stakes at least, people a yes takes, targets."""

    terms: Terms
    stakes: Stakes
    approvals: int = 1
    targets: tuple[Wanted, ...] = ()
    moves_money: bool = False  # its route says so


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
    start: Start | None = None  # of a case that has not been in hands before
    instead_of: UUID | None = None  # the handoff that it replaces, and no other


# Into hands --------------------------------------------------------------------------------------


@transaction.atomic
def hand_off(given: list[Hands], *, by: Actor, at: datetime) -> list[Handoff]:
    """Put open cases into roles' hands, all or none; those that have moved on meanwhile are left.

    Their clocks run from when they came. Many at once, because many arrive at once: a case at a time
    costs six statements each.
    """
    by_case = {hands.case_id: hands for hands in given}
    cases = list(
        Case.objects.select_for_update(no_key=True)
        .defer("state")
        .filter(pk__in=by_case, status=CaseStatus.OPEN)
        .order_by("pk")
    )
    taken = [(case, by_case[case.pk]) for case in cases]
    hours = clocks.freeze({hands.role for _, hands in taken})
    clocks.begin(
        [(case, hours[hands.role.pk], hands.start.targets) for case, hands in taken if hands.start]
    )
    _save_started(taken)
    search.write(case.pk for case in cases)
    return begin_handoffs(taken, hours, by=by, at=at)


STARTED = """
UPDATE escalation_case SET status = %s, role_id = given.role, terms_id = given.terms,
       approvals = given.approvals, stakes = given.stakes, due_at = given.due_at,
       moves_money = given.moves_money
FROM unnest(
    %s::uuid[], %s::uuid[], %s::uuid[], %s::int[], %s::text[], %s::timestamptz[], %s::bool[]
) AS given (id, role, terms, approvals, stakes, due_at, moves_money)
WHERE escalation_case.id = given.id
"""


def _save_started(taken: list[tuple[Case, Hands]]) -> None:
    """Save what locked cases start with, in one statement."""
    for case, hands in taken:
        case.role, case.status = hands.role, CaseStatus.AWAITING
        if start := hands.start:
            case.terms = start.terms
            case.moves_money = case.moves_money or start.moves_money
            case.stakes = max(Stakes(case.stakes), start.stakes, key=lambda one: one.rank)
            case.approvals = max(start.approvals, protocol.review_of(case).protocol.people)
    cases = [case for case, _ in taken]
    names = ("pk", "role_id", "terms_id", "approvals", "stakes", "due_at", "moves_money")
    columns = [[getattr(case, name) for case in cases] for name in names]
    with connection.cursor() as cursor:
        cursor.execute(STARTED, [CaseStatus.AWAITING, *columns])


@transaction.atomic
def give_back(
    given: list[Hands],
    *,
    end: HandoffEnd = HandoffEnd.RETURNED,
    claimed_stay: bool = False,
    by: Actor,
    at: datetime,
) -> list[Handoff]:
    """Take cases that are not ended out of the hands they are in, into others of the same role.

    Cases that have ended, are signed or changed role meanwhile are left, and so is one in other hands
    than when these were chosen (``instead_of``), or, with ``claimed_stay``, one that somebody has taken.
    """
    by_case = {hands.case_id: hands for hands in given}
    cases = (
        Case.objects.select_for_update(no_key=True)
        .defer("state")
        .filter(pk__in=by_case, ended_at=None, release_at=None)
        .order_by("pk")
    )
    found = {case.pk: case for case in cases if case.role_id == by_case[case.pk].role.pk}
    current = Handoff.objects.filter(CURRENT, case__in=found).select_related("hours")
    taken = {one.case_id: one for one in current if not (claimed_stay and one.claimed_at)
             and by_case[one.case_id].instead_of in (None, one.pk)}  # fmt: skip
    at = max([at, *(one.started_at for one in taken.values())])  # it may be of before the lock
    Handoff.objects.filter(pk__in=[one.pk for one in taken.values()]).update(ended_at=at, end=end)
    return begin_handoffs(
        [(found[pk], by_case[pk]) for pk in taken],
        {pk: one.hours for pk, one in taken.items()},  # within a role they stay as they were
        by=by,
        at=at,
    )


def begin_handoffs(
    given: list[tuple[Case, Hands]],
    hours: dict[UUID, HoursVersion | None],
    *,
    by: Actor,
    at: datetime,
    leased_until: datetime | None = None,
) -> list[Handoff]:
    """Write the handoffs of locked cases, with an entry in the ledger each.

    ``hours`` are the working hours that their clocks count by from now on, by role or by case. With
    ``leased_until`` whose turn it is has taken it.
    """
    handoffs = [
        Handoff(
            case=case,
            role=hands.role,
            user=hands.user,
            reason=hands.reason,
            note=hands.note,
            hours=hours[case.pk] if case.pk in hours else hours[hands.role.pk],
            due_at=case.due_at,  # handing on never buys time
            started_at=at,
            claimed_at=at if leased_until else None,
            lease_until=leased_until,
        )
        for case, hands in given
    ]
    Handoff.objects.bulk_create(handoffs)
    ledger.append_all(
        [
            handed_off(handoff, by=by, at=at, passed_over=hands.passed_over)
            for handoff, (_case, hands) in zip(handoffs, given, strict=True)
        ]
    )
    return handoffs


def handed_off(
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


# In hands ----------------------------------------------------------------------------------------


@transaction.atomic
def see(case_id: UUID, *, by: User, at: datetime) -> None:
    """Note that somebody who may decide the case has read it, and what; the first time only.

    It is the first response. Where it is one person's turn, only they make the handoff seen.
    """
    case = Case.objects.locked(case_id)
    if case.is_ended or not access.may_decide(by, case):
        return
    current = case.handoffs.filter(CURRENT, seen_at=None).first()
    if current and current.user_id in (None, by.pk):
        current.seen_at, current.seen_by, current.seen_digest = at, by, case.digest
        current.save(update_fields=["seen_at", "seen_by", "seen_digest"])
    if Clock.objects.filter(case=case, target=Target.FIRST_RESPONSE, stopped_at=None).exists():
        clocks.stop(case, Target.FIRST_RESPONSE, at=at)
        clocks.work_out(case, at=at)


@transaction.atomic
def hand_over(hands: Hands, *, by: User, at: datetime) -> Handoff:
    """Give a case into other hands of its role, with a note; whose turn it is or who supervises may.

    Anybody of the role may where it is nobody's turn. Raises NotAuthorised, AlreadyDecided,
    CaseWithdrawn, AlreadyAnswered for who has answered it blind, and IllegalTransition when the case
    is another role's by now.
    """
    case = Case.objects.locked(hands.case_id)
    check_undecided(case)
    check_unanswered(case, by)
    current = case.handoffs.select_related("user", "hours").get(CURRENT)
    if case.role_id != hands.role.pk:
        raise IllegalTransition(
            _("%(reference)s is %(role)s's by now."), reference=case.reference, role=case.role
        )
    if not (access.may_decide(by, case) and current.user_id in (None, by.pk)):
        _check_supervisor(case, current, by)
    at = end_handoff(case, HandoffEnd.HANDED_OVER, at)
    given = [(case, replace(hands, reason=HandoffReason.HANDED_OVER))]
    return begin_handoffs(given, {case.pk: current.hours}, by=by, at=at)[0]


def _check_supervisor(case: Case, current: Handoff, by: User) -> None:
    assert case.role
    if access.may(access.SUPERVISE, by, case):
        return
    raise NotAuthorised(
        _("%(whose)s; only they or who supervises %(role)s hand %(reference)s on."),
        whose=whose_turn(case, current),
        role=case.role,
        reference=case.reference,
    )


@transaction.atomic
def move_role(hands: Hands, *, by: Actor, at: datetime) -> Handoff:
    """Give a case to another role because nobody of its own answered; what was used of the time stays used.

    The case must be locked, and its status stays what it is.
    """
    case = Case.objects.locked(hands.case_id)
    at = end_handoff(case, HandoffEnd.FALLBACK, at)
    case.role = hands.role
    case.save(update_fields=["role"])
    handoff = begin_handoffs([(case, hands)], clocks.freeze([hands.role]), by=by, at=at)[0]
    clocks.work_out(case, at=at)
    return handoff
