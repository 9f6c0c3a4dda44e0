"""What must hold before anybody answers a case."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from escalation import access, answers, parameters, protocol, signing
from escalation.eligibility import Eligibility, beyond_authority, outside_tenants
from escalation.enums import PERMITTING, CaseStatus, FallbackEnd, Protocol
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
from escalation.models import Case, Decision, Handoff, Option, User
from escalation.money.cases import moved_by_answer
from escalation.sentences import Sentence


def check_undecided(case: Case) -> None:
    """Raise the refusal that says why nothing can be done on a case: it has ended, or is signed."""
    if case.status == CaseStatus.WITHDRAWN:
        raise CaseWithdrawn(
            _("The agent withdrew %(reference)s; it needs no decision any more."),
            reference=case.reference,
        )
    if case.status == CaseStatus.DECIDED:
        standing = answers.standing_decision(case)
        assert standing
        raise already_decided(case, standing)
    if case.status == CaseStatus.OPEN:
        raise IllegalTransition(
            _("%(reference)s is in no role's hands yet."), reference=case.reference
        )
    check_unsigned(case)


def check_unsigned(case: Case) -> None:
    """Raise SignedAlready while a signed answer is on its way out."""
    if release := signing.waiting(case):
        raise SignedAlready(
            _(
                "%(signed_by)s signed an answer to %(reference)s at %(signed_at)s UTC; it "
                "goes out at %(due_at)s UTC. Nothing else was recorded."
            ),
            signed_by=release.signed_by,
            reference=case.reference,
            signed_at=f"{release.signed_at:%H:%M:%S}",
            due_at=f"{release.due_at:%H:%M:%S}",
        )


def already_decided(case: Case, standing: Decision) -> AlreadyDecided:
    """Return the refusal that says who decided what, and when; a fallback is not called a person."""
    when = f"{standing.decided_at:%H:%M:%S}"
    if standing.option is None:
        ended = FallbackEnd(standing.fallback).label
        return AlreadyDecided(
            _(
                "Nobody answered %(reference)s in time: %(decider)s %(ended)s it at %(when)s UTC. "
                "Your answer was not recorded; you can overturn that."
            ),
            reference=case.reference,
            decider=standing.decider,
            ended=ended,
            when=when,
        )
    return AlreadyDecided(
        _(
            "%(decider)s decided %(reference)s with “%(label)s” at %(when)s UTC. "
            "Your answer was not recorded."
        ),
        decider=standing.decider,
        reference=case.reference,
        label=standing.option.label,
        when=when,
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
            _("You have answered %(reference)s; others must agree before it is decided."),
            reference=case.reference,
        )


def _not_yours(case: Case, by: User) -> Sentence:
    if getattr(by, "acting_as", "") == access.AUDITOR:
        acts = _("%(person)s acts as an auditor in this session, and an auditor decides nothing.")
        return Sentence(acts, person=by)
    if not access.within_tenants(by, case.tenant):
        return outside_tenants(by, case.tenant)
    other = _("%(person)s does not decide for the role that owns %(reference)s.")
    return Sentence(other, person=by, reference=case.reference)


def whose_turn(case: Case, current: Handoff) -> Sentence:
    """Return the beginning of a sentence to somebody else: ``It is Kim's turn``."""
    if current.user:
        return Sentence(_("It is %(person)s's turn"), person=current.user)
    return Sentence(_("It is %(role)s's"), role=case.role)


def check_unanswered(case: Case, by: User) -> None:
    """Raise AlreadyAnswered for who has answered blind: no word of theirs goes to who answers next."""
    is_blind = protocol.review_of(case).protocol == Protocol.TWO_BLIND
    if is_blind and protocol.has_answered(case, by):
        raise AlreadyAnswered(
            _(
                "You have answered %(reference)s; whoever answers next hears nothing from you. "
                "The desk finds them, or somebody else who supervises the role does."
            ),
            reference=case.reference,
        )


def checked_option(case: Case, key: str, filled: dict[str, Any] | None, digest: str) -> Option:
    """Return the option of that key, if it may be chosen now, so filled in, on the package of that digest.

    Raises EvidenceChanged, UnknownOption, ParametersRejected and NotAuthorised.
    """
    if digest != case.digest:
        raise EvidenceChanged(
            _(
                "The agent added evidence to %(reference)s after you opened it. Nothing was "
                "recorded; read what is new and decide again."
            ),
            reference=case.reference,
        )
    option = case.option(key)
    _check_filled(option, filled)
    _check_authority(case, option, filled)
    return option


def _check_authority(case: Case, option: Option, filled: dict[str, Any] | None) -> None:
    """Letting the agent go on takes authority; refusing it and passing it up do not.

    Judged is what the agent would act with, and what was filled in, beside what it proposed.
    """
    assert case.role
    if option.outcome not in PERMITTING:
        return
    if beyond := beyond_authority(case.role, case, moved_by_answer(case, option, filled)):
        raise NotAuthorised(_("%(beyond)s Refuse it, or pass it up."), beyond=beyond)


def _check_filled(option: Option, filled: dict[str, Any] | None) -> None:
    if option.parameters is None:
        if filled:
            raise ParametersRejected(Fault("", f"“{option.label}” takes no parameters"))
    else:
        parameters.check(option.parameters, filled or {})
