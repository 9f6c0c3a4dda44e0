"""What somebody does with a case and others hear of: the act and the telling are one transaction."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from escalation import comments, incidents, lifecycle, opinions, stopping
from escalation.enums import IncidentKind
from escalation.errors import NotAuthorised
from escalation.models import Agent, Case, Comment, Handoff, Incident, OpinionRequest, User
from reviewers import candidates, casenews, hands


@transaction.atomic
def comment(case: Case, text: str, *, by: User, at: datetime) -> Comment:
    """Say something to the others of a case; whom it names is told. Raises as ``comments.comment``."""
    said = comments.comment(case.pk, text, by=by, at=at)
    casenews.commented(said, at=at)
    return said


@transaction.atomic
def ask_opinion(
    case: Case, of: User | None, *, note: str, by: User, at: datetime
) -> OpinionRequest:
    """Ask a colleague, or (None) whoever of the role would be asked next, what they think; they are told.

    Raises what ``opinions.ask`` does, and NotAuthorised where nobody is on call who could.
    """
    assert case.role
    if of is None:
        team = candidates.teams([case.role], at)[case.role]
        of, _passed_over = team.choose(case, hands.not_again(case) | {by.pk})
    if of is None:
        raise NotAuthorised(
            _("Nobody else on call for %(role)s can say. Choose somebody by name."),
            role=case.role,
        )
    asked = opinions.ask(case.pk, of, note, by=by, at=at)
    casenews.opinion_asked(asked, at=at)
    return asked


@transaction.atomic
def give_opinion(
    asked: OpinionRequest, text: str, *, key: str = "", by: User, at: datetime
) -> Comment:
    """Give the opinion that was asked for; who asked is told that it is there.

    Raises what ``opinions.give`` does.
    """
    given = opinions.give(asked.pk, text, key=key, by=by, at=at)
    casenews.opinion_given(asked, at=at)
    return given


@transaction.atomic
def pass_up(case: Case, note: str, *, by: User, at: datetime) -> Handoff:
    """Give a case to the higher role, with a note; whoever is on call there is told.

    Raises what ``lifecycle.pass_up`` does.
    """
    handoff = lifecycle.pass_up(case.pk, note, by=by, at=at)
    casenews.passed_up(handoff, by, at=at)
    return handoff


@transaction.atomic
def report_incident(
    case: Case, kind: IncidentKind, text: str, *, by: User, at: datetime
) -> Incident:
    """Report a serious incident; who answers for the role is told at once. Raises as ``incidents.report``."""
    reported = incidents.report(case.pk, kind, text, by=by, at=at)
    casenews.incident(reported, at=at)
    return reported


@transaction.atomic
def stop_agent(case: Case, because: str, *, drill: bool, by: User, at: datetime) -> Agent:
    """Stop the agent of a case; who may start it again is told. Raises as ``stopping.stop``."""
    agent = stopping.stop(case.agent_id, because, case=case, drill=drill, by=by, at=at)
    casenews.stopped(agent, case, by, at=at)
    return agent
