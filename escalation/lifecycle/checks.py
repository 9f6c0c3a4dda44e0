"""What must hold before anybody answers a case."""

from datetime import datetime

from escalation import access, answers
from escalation.eligibility import Eligibility
from escalation.enums import CaseStatus
from escalation.errors import AlreadyDecided, CaseWithdrawn, IllegalTransition, NotAuthorised
from escalation.models import Case, User


def check_undecided(case: Case) -> None:
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
