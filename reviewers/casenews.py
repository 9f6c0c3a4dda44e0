"""Telling people of cases: whose turn it is, what comes due, what nobody answered.

Nothing of the evidence is in what is told. The question is, in one line, where policy lets it out.
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from escalation import access, incidents
from escalation.enums import IncidentKind, PauseReason, Stakes
from escalation.models import (
    Agent,
    Case,
    Comment,
    Handoff,
    Incident,
    OpinionRequest,
    Pause,
    Role,
    User,
)
from escalation.sentences import english
from escalation.wallclock import wall
from reviewers import shifts
from reviewers.enums import NoticeKind
from reviewers.notices import inbox
from reviewers.notices.inbox import Telling


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
    inbox.tell_all(told, at=at)


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
    inbox.tell_all(told, at=at)


# What people do with a case ------------------------------------------------------------------------


def commented(comment: Comment, *, at: datetime) -> None:
    """Tell whom a comment names that it does; what it says stands on the case alone."""
    case = comment.case
    people = User.objects.filter(pk__in=comment.mentions, is_active=True)
    text = f"{comment.said_by} mentions you on {case.reference}."
    inbox.tell_all([_about(case, one, f"comment:{comment.pk}", text) for one in people], at=at)


def opinion_asked(asked: OpinionRequest, *, at: datetime) -> None:
    text = f"{asked.asked_by} asks for your opinion on {asked.case.reference}."
    told = _about(asked.case, asked.of, f"opinion:{asked.pk}", text, NoticeKind.DEADLINE)
    inbox.tell_all([told], at=at)


def opinion_given(asked: OpinionRequest, *, at: datetime) -> None:
    """Tell who asked that the opinion is there: not what it is, which they may not see yet."""
    text = f"{asked.of} has given the opinion you asked for on {asked.case.reference}."
    inbox.tell_all([_about(asked.case, asked.asked_by, f"given:{asked.pk}", text)], at=at)


def answered(case: Case, *, at: datetime) -> None:
    """Tell who asked last that what they asked for has come."""
    asked = case.pauses.filter(reason=PauseReason.INFORMATION_REQUESTED, ended_at__isnull=False)
    last: Pause | None = asked.select_related("began_by").last()
    if last is None or last.began_by is None or case.is_ended:
        return
    text = f"{case.agent} has answered what you asked on {case.reference}."
    told = _about(case, last.began_by, f"answered:{last.pk}", text, NoticeKind.DEADLINE)
    inbox.tell_all([told], at=at)


def passed_up(handoff: Handoff, by: User, *, at: datetime) -> None:
    """Tell whoever is on call for the role that a case was passed up to it; else who comes on next."""
    case, role = handoff.case, handoff.role
    on_call = [shift.user for shift in shifts.on_call(role, at)]
    if handoff.user or not on_call:
        turns([handoff], at=at)
        return
    text = f"{by} passed {case.reference} up to {role}."
    told = [_about(case, one, f"passed-up:{handoff.pk}", text) for one in on_call]
    inbox.tell_all(told, at=at)


def incident(reported: Incident, *, at: datetime) -> None:
    """Tell who answers for the role of a serious incident, at once, whatever their quiet hours."""
    case, kind = reported.case, english(IncidentKind(reported.kind).label)
    told = []
    for person in incidents.told(case):
        by_when = f"{wall(reported.notify_by, ZoneInfo(person.time_zone)):%a %-d %b %Y, %H:%M}"
        told.append(
            Telling(
                person,
                NoticeKind.ALARM,
                f"incident:{reported.pk}",
                f"{reported.reported_by} reported a serious incident on {case.reference}: {kind}. "
                f"An authority is to hear of it by {by_when} at the latest.",
                path="/incidents/" if access.reading(person).covers(case) else "/",
                case=case,
                urgent=True,
                stakes=Stakes.CRITICAL,
            )
        )
    inbox.tell_all(told, at=at)


def stopped(agent: Agent, case: Case, by: User, *, at: datetime) -> None:
    """Tell who may start an agent again, and who supervises the role at hand, that it was stopped."""
    people = {one.pk: one for one in access.policy_setters()}
    if case.role:
        people |= {one.pk: one for one in access.holders(access.SUPERVISE, case.role)}
    text = f"{by} stopped {agent}, from {case.reference}. It is started again on the page Agents."
    about = f"stopped:{agent.pk}:{at.isoformat()}"
    told = [
        Telling(one, NoticeKind.ALARM, about, text, path="/agents/", urgent=True)
        for one in people.values()
        if one.pk != by.pk
    ]
    inbox.tell_all(told, at=at)


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
