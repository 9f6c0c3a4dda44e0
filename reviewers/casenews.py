"""Telling people of cases: whose turn it is, what comes due, what nobody answered.

Nothing of the evidence is in what is told. The question is, in one line, where policy lets it out.
"""

from collections.abc import Iterable
from datetime import datetime

from escalation import access
from escalation.models import Case, Handoff, Role, User
from reviewers import notices, shifts
from reviewers.enums import NoticeKind
from reviewers.notices import Telling


def turns(handoffs: Iterable[Handoff], *, at: datetime) -> None:
    """Tell each person that a case is theirs; where nobody could be asked, whoever comes on next."""
    told: list[Telling] = []
    for handoff in handoffs:
        if handoff.user:
            about = f"handoff:{handoff.pk}"
            yours = f"{handoff.case.reference} is yours to decide for {handoff.role}."
            told.append(_about(handoff.case, handoff.user, about, yours, NoticeKind.HANDS))
    unowned = [handoff for handoff in handoffs if handoff.user is None]
    following = {role: _following(role, at) for role in {handoff.role for handoff in unowned}}
    for handoff in unowned:
        text = f"{handoff.case.reference} waits for {handoff.role}: nobody on call can take it."
        about = f"unowned:{handoff.case_id}:{handoff.role_id}"
        told += [_about(handoff.case, user, about, text) for user in following[handoff.role]]
    notices.tell_all(told, at=at)


def _following(role: Role, at: datetime) -> list[User]:
    """Return who hears of a case that nobody can take: the next on call, else the role's managers."""
    coming = [shift.user for shift in shifts.next_on_call(role, at)]
    return coming or access.managers(role)


def concerned(case: Case, at: datetime) -> list[User]:
    """Return whose case it is: the person whose turn it is, else everybody on call for the role."""
    current = case.handoffs.select_related("user").filter(ended_at=None).first()
    if current and current.user:
        return [current.user]
    return [shift.user for shift in shifts.on_call(case.role, at)] if case.role else []


def tell(case: Case, people: Iterable[User], about: str, text: str, *, at: datetime) -> None:
    """Tell people something of a case whose deadline matters, each once about ``about``."""
    told = [_about(case, user, about, text, NoticeKind.DEADLINE) for user in people]
    notices.tell_all(told, at=at)


def _about(
    case: Case, user: User, about: str, text: str, kind: NoticeKind = NoticeKind.CASE
) -> Telling:
    terms = case.terms
    return Telling(
        user,
        kind,
        about,
        text,
        case=case,
        urgent=bool(terms and case.stakes in terms.through_quiet_hours),
        question=case.question if terms and terms.shows_question else "",
    )
