"""What must hold before anybody answers a case."""

from datetime import datetime
from typing import Any

from escalation import access, answers, parameters, protocol, signing
from escalation.eligibility import Eligibility, beyond_authority
from escalation.enums import PERMITTING, CaseStatus, FallbackEnd
from escalation.errors import (
    AlreadyAnswered,
    AlreadyDecided,
    CaseWithdrawn,
    EvidenceChanged,
    Fault,
    IllegalTransition,
    NotAuthorised,
    ParametersRejected,
    SignedAlready,
)
from escalation.models import Case, Decision, Option, User


def check_undecided(case: Case) -> None:
    """Raise the refusal that says why nothing can be done on a case: it has ended, or is signed."""
    if case.status == CaseStatus.WITHDRAWN:
        raise CaseWithdrawn(f"The agent withdrew {case.reference}; it needs no decision any more.")
    if case.status == CaseStatus.DECIDED:
        standing = answers.standing_decision(case)
        assert standing
        raise already_decided(case, standing)
    if case.status == CaseStatus.OPEN:
        raise IllegalTransition(f"{case.reference} is in no role's hands yet.")
    check_unsigned(case)


def check_unsigned(case: Case) -> None:
    """Raise SignedAlready while a signed answer is on its way out."""
    if release := signing.waiting(case):
        raise SignedAlready(
            f"{release.signed_by} signed an answer to {case.reference} at "
            f"{release.signed_at:%H:%M:%S} UTC; it goes out at {release.due_at:%H:%M:%S} UTC. "
            "Nothing else was recorded."
        )


def already_decided(case: Case, standing: Decision) -> AlreadyDecided:
    """Return the refusal that says who decided what, and when; a fallback is not called a person."""
    when = f"at {standing.decided_at:%H:%M:%S} UTC"
    if standing.option is None:
        ended = FallbackEnd(standing.fallback).label
        return AlreadyDecided(
            f"Nobody answered {case.reference} in time: {standing.decider} {ended} it {when}. "
            "Your answer was not recorded; you can overturn that."
        )
    return AlreadyDecided(
        f"{standing.decider} decided {case.reference} with “{standing.option.label}” {when}. "
        "Your answer was not recorded."
    )


def check_decider(case: Case, by: User, at: datetime) -> None:
    """Raise NotAuthorised, with the sentence that says why, unless ``by`` may decide the case now.

    The person is read again: who was signed in when the page was made may have left since.
    """
    if case.role is None or not access.may_decide(by, case):
        raise NotAuthorised(_not_yours(case, by))
    person = User.objects.get(pk=by.pk)
    if obstacle := Eligibility.of([person], case.role, at=at).obstacle(person, case):
        raise NotAuthorised(obstacle)
    if case.approvals > 1 and person in [one.user for one in protocol.final_answers(case)]:
        raise AlreadyAnswered(
            f"You have answered {case.reference}; others must agree before it is decided."
        )


def _not_yours(case: Case, by: User) -> str:
    if getattr(by, "acting_as", "") == access.AUDITOR:
        return f"{by} acts as an auditor in this session, and an auditor decides nothing."
    if not access.within_tenants(by, case.tenant):
        return f"{by} does not decide for {case.tenant or 'cases without a tenant'}."
    return f"{by} does not decide for the role that owns {case.reference}."


def checked_option(case: Case, key: str, filled: dict[str, Any] | None, digest: str) -> Option:
    """Return the option of that key, if it may be chosen now, so filled in, on the package of that digest.

    Raises EvidenceChanged, UnknownOption, ParametersRejected and NotAuthorised.
    """
    if digest != case.digest:
        raise EvidenceChanged(
            f"The agent added evidence to {case.reference} after you opened it. "
            "Nothing was recorded; read what is new and decide again."
        )
    option = case.option(key)
    _check_filled(option, filled)
    _check_authority(case, option, filled)
    return option


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
