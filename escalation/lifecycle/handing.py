"""Whose turn it is: a case goes into hands, out of them, and into others."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from escalation import ledger
from escalation.actors import Actor
from escalation.enums import CaseStatus, HandoffEnd, HandoffReason
from escalation.models import Case, Handoff, Role, User
from escalation.models.handoffs import CURRENT


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
    return begin_handoffs([(case, by_case[case.pk]) for case in cases], by=by, at=at)


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
    return begin_handoffs([(case, by_case[case.pk]) for case in cases], by=by, at=at)


def begin_handoffs(given: list[tuple[Case, Hands]], *, by: Actor, at: datetime) -> list[Handoff]:
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
