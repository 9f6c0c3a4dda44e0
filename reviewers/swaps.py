"""Swaps: a person asks a colleague to take a shift of theirs, or part of one. Done, it is an override.

Each act holds the role's roster and then the swap's own row, so that of two at once the second sees
what the first did. A refusal is a sentence, and nothing of the act is kept.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from escalation import access, ledger, spans
from escalation.models import User
from escalation.wallclock import said
from reviewers import overrides, rosters, shifts
from reviewers.enums import NoticeKind, OverrideKind, SwapStatus
from reviewers.errors import SwapRefused
from reviewers.models import Absence, Override, Roster, Swap
from reviewers.notices import inbox

OPEN = (SwapStatus.ASKED, SwapStatus.ACCEPTED)
SETTLED = {
    SwapStatus.DONE: "{colleague} has already taken this shift.",
    SwapStatus.ACCEPTED: "{colleague} has already accepted; it waits for a manager.",
    SwapStatus.ASKED: "{colleague} has not answered yet.",
    SwapStatus.DECLINED: "{colleague} has already declined.",
    SwapStatus.REFUSED: "A manager has already refused this.",
    SwapStatus.WITHDRAWN: "{asked_by} has withdrawn this.",
}


@transaction.atomic
def ask(
    roster: Roster,
    *,
    colleague: User,
    since: datetime,
    until: datetime,
    reason: str = "",
    by: User,
    at: datetime,
) -> Swap:
    """Ask ``colleague`` to be on call instead of ``by`` from ``since`` until ``until``.

    What began before ``at`` is asked from ``at`` on. Raises SwapRefused with the sentence for
    whoever asks.
    """
    rosters.lock(roster)
    since = max(since, at)
    swap = Swap(
        roster=roster,
        during=DateTimeTZRange(since, until) if since < until else None,
        asked_by=by,
        colleague=colleague,
        reason=reason.strip(),
        asked_at=at,
    )
    if problem := next(problems(swap, at), ""):
        raise SwapRefused(problem)
    swap.save(force_insert=True)
    ledger.append(
        "swap.asked",
        **_facts(swap, by, at),
        colleague=str(colleague.pk),
        since=ledger.instant(since),
        until=ledger.instant(until),
        reason=swap.reason,
    )
    _tell(swap, colleague, f"{by} asks you to take their shift {{when}} for {roster.role}.", at=at)
    return swap


@transaction.atomic
def accept(swap_id: UUID, *, by: User, at: datetime) -> Swap:
    """Take the shift, or offer to where the roster wants a manager's approval.

    Raises SwapRefused when it is not theirs to accept, was settled before, or no longer fits the
    roster.
    """
    swap = _held(swap_id, SwapStatus.ASKED)
    if by.pk != swap.colleague_id:
        raise SwapRefused(_("Only %(colleague)s can answer this."), colleague=swap.colleague)
    _check_still_fits(swap, at)
    if swap.roster.swaps_need_approval and not access.may_manage(by, swap.roster.role):
        _settle(swap, SwapStatus.ACCEPTED, at)
        ledger.append("swap.accepted", **_facts(swap, by, at))
        _tell(swap, swap.asked_by, f"{by} would take {_shift(swap)}; a manager decides.", at=at)
        for manager in access.managers(swap.roster.role):
            text = f"{by} would take the shift of {swap.asked_by} {{when}} for {swap.roster.role}."
            _tell(swap, manager, f"{text} You decide.", at=at)
        return swap
    _do(swap, by=by, at=at)
    _tell(swap, swap.asked_by, f"{by} takes {_shift(swap)}.", at=at)
    return swap


@transaction.atomic
def decline(swap_id: UUID, *, by: User, at: datetime) -> Swap:
    """Say no. Raises SwapRefused when it is not theirs to answer, or was settled before."""
    swap = _held(swap_id, SwapStatus.ASKED)
    if by.pk != swap.colleague_id:
        raise SwapRefused(_("Only %(colleague)s can answer this."), colleague=swap.colleague)
    _settle(swap, SwapStatus.DECLINED, at)
    ledger.append("swap.declined", **_facts(swap, by, at))
    _tell(swap, swap.asked_by, f"{by} cannot take {_shift(swap)}; it stays yours.", at=at)
    return swap


@transaction.atomic
def approve(swap_id: UUID, *, by: User, at: datetime) -> Swap:
    """Let an accepted swap be done. Raises SwapRefused unless ``by`` manages the roster."""
    swap = _held(swap_id, SwapStatus.ACCEPTED)
    _check_manages(by, swap)
    _check_still_fits(swap, at)
    _do(swap, by=by, at=at)
    for user in (swap.asked_by, swap.colleague):
        _tell(
            swap, user, f"{by} approved: {swap.colleague} takes {{when}} for {swap.roster.role}.",
            at=at,
        )  # fmt: skip
    return swap


@transaction.atomic
def refuse(swap_id: UUID, *, by: User, at: datetime) -> Swap:
    """Keep the shift where it is. Raises SwapRefused unless ``by`` manages the roster."""
    swap = _held(swap_id, SwapStatus.ACCEPTED)
    _check_manages(by, swap)
    _settle(swap, SwapStatus.REFUSED, at)
    ledger.append("swap.refused", **_facts(swap, by, at))
    for user in (swap.asked_by, swap.colleague):
        _tell(
            swap, user, f"{by} refused the swap of {{when}}: {swap.asked_by} stays on call for "
            f"{swap.roster.role}.", at=at,
        )  # fmt: skip
    return swap


@transaction.atomic
def withdraw(swap_id: UUID, *, by: User, at: datetime) -> Swap:
    """Take the question back, accepted or not. Raises SwapRefused unless ``by`` asked it."""
    swap = _held(swap_id, *OPEN)
    if by.pk != swap.asked_by_id:
        raise SwapRefused(_("Only %(asked_by)s can withdraw this."), asked_by=swap.asked_by)
    _settle(swap, SwapStatus.WITHDRAWN, at)
    ledger.append("swap.withdrawn", **_facts(swap, by, at))
    _tell(
        swap, swap.colleague, f"{by} no longer asks you to take {{when}} for {swap.roster.role}.",
        at=at,
    )  # fmt: skip
    return swap


# What may be asked --------------------------------------------------------------------------------


def problems(swap: Swap, at: datetime) -> Iterator[str]:
    """Yield what speaks against a swap, a sentence each, the plainest first."""
    role = swap.roster.role
    if swap.during is None or swap.during.isempty or swap.during.upper <= at:
        yield "It would end before it starts, or has already passed."
        return
    if swap.colleague_id == swap.asked_by_id:
        yield "Choose somebody else: this shift is already yours."
        return
    since, until = max(swap.during.lower, at), swap.during.upper
    mine = [
        (shift.since, shift.until)
        for shift in shifts.between(role, since, until)
        if shift.user_id == swap.asked_by_id
    ]
    if left := spans.minus([(since, until)], mine):
        when = said(*left[0], role.time_zone)
        yield f"{swap.asked_by} is not on call for {role} {when}, by the roster as it is now."
    if away := Absence.objects.within(since, until).filter(user=swap.colleague).first():
        when = said(away.during.lower, away.during.upper, role.time_zone)
        yield f"{swap.colleague} is away {when}."
    yield from overrides.problems(_override(swap, since, until))
    others = Swap.objects.filter(
        status__in=OPEN, roster=swap.roster, asked_by=swap.asked_by_id, during__overlap=swap.during
    ).exclude(pk=swap.pk)
    if other := others.select_related("colleague").first():
        yield f"{other.colleague} was already asked about that time; withdraw that first."


def waiting_for(user: User, at: datetime) -> list[Swap]:
    """Return what ``user`` is asked to take and has not answered; what has passed is left out."""
    return list(_open(at).filter(status=SwapStatus.ASKED, colleague=user))


def asked_by(user: User, at: datetime) -> list[Swap]:
    return list(_open(at).filter(asked_by=user))


def to_approve(user: User, at: datetime) -> list[Swap]:
    """Return what colleagues accepted in the rosters that ``user`` manages."""
    managed = access.managed_roles(user)
    return list(_open(at).filter(status=SwapStatus.ACCEPTED, roster__role__in=managed))


def exchange(user: User, at: datetime) -> dict[str, list[Swap]]:
    """Return all the swaps that wait for ``user``, or for somebody whom ``user`` asked."""
    return {
        "asked_of_me": waiting_for(user, at),
        "asked_by_me": asked_by(user, at),
        "to_approve": to_approve(user, at),
    }


def _open(at: datetime) -> QuerySet[Swap]:
    return (
        Swap.objects.filter(status__in=OPEN, during__endswith__gt=at)
        .select_related("roster__role", "asked_by", "colleague")
        .order_by("during")
    )


# How an act is done -------------------------------------------------------------------------------


def _held(swap_id: UUID, *wanted: SwapStatus) -> Swap:
    """Return the swap, locked, if it stands where the act wants it."""
    found = Swap.objects.select_related("roster__role", "asked_by", "colleague")
    rosters.lock(found.get(pk=swap_id).roster)
    swap = found.select_for_update(of=("self",)).get(pk=swap_id)
    if swap.status not in wanted:
        sentence = SETTLED[SwapStatus(swap.status)]
        raise SwapRefused(sentence.format(colleague=swap.colleague, asked_by=swap.asked_by))
    return swap


def _check_manages(by: User, swap: Swap) -> None:
    if not access.may_manage(by, swap.roster.role):
        raise SwapRefused(_("Only a manager of %(role)s can decide this."), role=swap.roster.role)


def _check_still_fits(swap: Swap, at: datetime) -> None:
    if problem := next(problems(swap, at), ""):
        raise SwapRefused(problem)


def _settle(swap: Swap, status: SwapStatus, at: datetime) -> None:
    swap.status = status
    swap.settled_at = None if status in OPEN else at
    swap.save(update_fields=["status", "settled_at", "override"])


def _facts(swap: Swap, by: User, at: datetime) -> dict[str, Any]:
    return {"subject": swap.roster.role, "by": by, "at": at, "swap": str(swap.pk)}


def _do(swap: Swap, *, by: User, at: datetime) -> None:
    wanted = _override(swap, swap.during.lower, swap.during.upper)
    swap.override = overrides.make(
        swap.roster,
        OverrideKind.REPLACE,
        since=swap.during.lower,
        until=swap.during.upper,
        reason=wanted.reason,
        out=swap.asked_by,
        stand_in=swap.colleague,
        by=by,
        at=at,
    )
    _settle(swap, SwapStatus.DONE, at)
    ledger.append("swap.done", **_facts(swap, by, at), override=str(swap.override.pk))


def _override(swap: Swap, since: datetime, until: datetime) -> Override:
    """Return the unsaved override that the swap would become."""
    return Override(
        roster=swap.roster,
        kind=OverrideKind.REPLACE,
        during=DateTimeTZRange(since, until),
        out_user=swap.asked_by,
        in_user=swap.colleague,
        reason=swap.reason or f"A swap that {swap.asked_by} asked for.",
    )


def _shift(swap: Swap) -> str:
    return f"your shift {{when}} for {swap.roster.role}"


def _tell(swap: Swap, user: User, text: str, *, at: datetime) -> None:
    """Tell ``user`` of the swap as it stands now; {when} is said on their own wall clock."""
    when = said(swap.during.lower, swap.during.upper, user.time_zone)
    inbox.tell(
        user,
        NoticeKind.SWAP,
        about=f"swap:{swap.pk}:{swap.status}",
        text=text.replace("{when}", when),
        path=f"/on-call/{swap.roster.role.slug}/",
        at=at,
    )
