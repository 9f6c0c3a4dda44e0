"""What is on one person's table: what they have taken, begun and signed, and what came back to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from escalation.access import Reach
from escalation.enums import (
    OWED,
    CaseStatus,
    HandoffEnd,
    HandoffReason,
    PauseReason,
    ReleaseEnd,
)
from escalation.models import Case, Draft, Handoff, Pause, Release, User
from escalation.models.handoffs import CURRENT

MOST = 8  # of each kind
LATELY = timedelta(days=1)


@dataclass(frozen=True)
class Back:
    """A case that came back to somebody: why, and when."""

    case: Case
    why: str
    at: datetime
    note: str = ""  # in a person's words


@dataclass(frozen=True)
class Table:
    leases: list[Handoff]  # taken, the one that ends first first
    signed: list[Release]  # on their way, and still to be undone
    drafts: list[Draft]
    back: list[Back]


def table(user: User, reach: Reach, *, at: datetime) -> Table:
    """Return what lies before a person, of the cases that they may read."""
    open_cases = reach.of(Case.objects.filter(status__in=OWED)).values("pk")
    turns = _turns(user, open_cases)
    leases = [one for one in turns if one.claimed_at and one.case.release_at is None]
    signed = Release.objects.filter(signed_by=user, ended_at=None, case__in=open_cases)
    drafts = Draft.objects.filter(user=user, case__in=open_cases).select_related("case")
    back = sorted(_back(user, turns, open_cases, at), key=lambda one: one.at, reverse=True)
    return Table(
        sorted(leases, key=lambda one: one.lease_until or at)[:MOST],
        list(signed.select_related("case", "option").order_by("due_at")[:MOST]),
        list(drafts[:MOST]),
        _once(back)[:MOST],
    )


def _turns(user: User, cases: QuerySet[Case, dict[str, UUID]]) -> list[Handoff]:
    mine = Handoff.objects.filter(CURRENT, user=user, case__in=cases).select_related("case")
    return list(mine.order_by("-started_at")[:200])


def _once(found: Iterable[Back]) -> list[Back]:
    return list({one.case.pk: one for one in reversed(list(found))}.values())[::-1]


def _back(
    user: User, turns: list[Handoff], cases: QuerySet[Case, dict[str, UUID]], at: datetime
) -> list[Back]:
    handed = [
        Back(one.case, str(_("Handed over to you")), one.started_at, one.note)
        for one in turns
        if one.reason == HandoffReason.HANDED_OVER and not one.claimed_at
    ]
    return [
        *handed,
        *_answered(turns, at),
        *_unsigned(user, cases, at),
        *_lapsed(user, cases, at),
    ]


def _answered(turns: list[Handoff], at: datetime) -> list[Back]:
    """Return what goes on again because its agent answered, or because the time to wait is over."""
    waited = Pause.objects.filter(
        case__in=[one.case_id for one in turns if one.case.status == CaseStatus.AWAITING],
        reason=PauseReason.INFORMATION_REQUESTED,
        ended_at__gt=at - LATELY,
    )
    cases = {one.case_id: one.case for one in turns}
    return [
        Back(
            cases[pause.case_id],
            str(_("What you waited for came, or did not in time")),
            pause.ended_at,
        )
        for pause in waited
        if pause.ended_at
    ]


UNSIGNED = {
    ReleaseEnd.UNDONE: _("Undone before it went out"),
    ReleaseEnd.OVERTAKEN: _("New evidence came before it went out"),
}


def _unsigned(user: User, cases: QuerySet[Case, dict[str, UUID]], at: datetime) -> list[Back]:
    ended = Release.objects.filter(
        signed_by=user, end__in=UNSIGNED, ended_at__gt=at - LATELY, case__in=cases
    ).exclude(case__releases__ended_at=None)
    return [
        Back(one.case, str(UNSIGNED[ReleaseEnd(one.end)]), one.ended_at)
        for one in ended.select_related("case")[:MOST]
        if one.ended_at
    ]


def _lapsed(user: User, cases: QuerySet[Case, dict[str, UUID]], at: datetime) -> list[Back]:
    """Return what the person had taken and let go, while nobody else has it."""
    free = Q(user=None) | Q(user=user)
    still = Handoff.objects.filter(CURRENT, free, claimed_at=None, case__in=cases).values("case")
    ended = Handoff.objects.filter(
        user=user, end=HandoffEnd.LAPSED, ended_at__gt=at - LATELY, case__in=still
    )
    return [
        Back(one.case, str(_("Your lease ended, and nobody has taken it")), one.ended_at)
        for one in ended.select_related("case").order_by("-ended_at")[:MOST]
        if one.ended_at
    ]
