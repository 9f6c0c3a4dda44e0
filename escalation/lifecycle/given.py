"""What a person answers, checked: the same on an answer, a signed answer on its way, and a decision."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from escalation import canonical, protocol
from escalation.enums import Because, Outcome
from escalation.errors import (
    AnswerFirst,
    ConfirmationNeeded,
    EvidenceUnread,
    RationaleMissing,
    ReasonMissing,
)
from escalation.lifecycle.checks import checked_option
from escalation.models import Answer, Case, Decision, Option, Release, User, Viewing


@dataclass(frozen=True)
class Given:
    """One person's answer to a package: the option, how it was filled in, and why."""

    option: Option
    parameters: dict[str, Any] | None
    reasons: tuple[str, ...]
    rationale: str
    digest: str
    seconds_in_view: int | None
    by: User
    at: datetime

    @classmethod
    def read(
        cls,
        case: Case,
        key: str,
        *,
        filled: dict[str, Any] | None,
        reasons: Iterable[str],
        rationale: str,
        digest: str,
        by: User,
        at: datetime,
    ) -> "Given":
        """Return an answer to a locked case, if it may be given now to the package as it stands.

        Raises EvidenceChanged, UnknownOption, ParametersRejected and NotAuthorised.
        """
        option = checked_option(case, key, filled, digest)
        viewed = Viewing.objects.filter(case=case, user=by.pk).values_list("seconds", flat=True)
        return cls(
            option,
            (filled or {}) if option.parameters is not None else None,
            tuple(dict.fromkeys(reasons)),
            rationale,
            digest,
            viewed.first(),
            by,
            at,
        )

    @classmethod
    def signed(cls, release: Release) -> "Given":
        """Return the answer that was signed, as of when it was."""
        return cls(
            release.option,
            release.parameters,
            tuple(release.reasons),
            release.rationale,
            release.digest,
            release.seconds_in_view,
            release.signed_by,
            release.signed_at,
        )

    @property
    def columns(self) -> dict[str, Any]:
        """The answer itself, as rows keep it."""
        return {
            "option": self.option,
            "parameters": self.parameters,
            "reasons": list(self.reasons),
            "rationale": self.rationale,
            "digest": self.digest,
            "seconds_in_view": self.seconds_in_view,
        }

    @property
    def escalates(self) -> bool:
        return self.option.outcome == Outcome.ESCALATE

    def is_same_as(self, other: Answer | Decision) -> bool:
        """Return whether it is the same option, filled in the same way."""
        return self.option.pk == other.option_id and canonical.same(
            self.parameters, other.parameters
        )


def after_commit(case: Case, given: Given) -> Given:
    """Return an answer as it stands beside the one committed before: kept with its reasons, or changed.

    Raises AnswerFirst before there is one, and RationaleMissing for a change without a word of why.
    """
    committed = protocol.committed(case, given.by)
    if committed is None:
        raise AnswerFirst(
            _("Answer %(reference)s for yourself first: what %(agent)s recommends comes after."),
            reference=case.reference,
            agent=case.agent,
        )
    if given.is_same_as(committed):
        return replace(
            given,
            reasons=given.reasons or tuple(committed.reasons),
            rationale=given.rationale.strip() or committed.rationale,
        )
    if not given.rationale.strip():
        raise RationaleMissing(
            _("You answered “%(label)s” before. Say why you answer otherwise now."),
            label=committed.option.label,
        )
    return given


def check_read(case: Case, by: User) -> None:
    """Raise EvidenceUnread while evidence that must be read has not been opened by this person."""
    if steps := protocol.unread(case, by):
        raise EvidenceUnread({step.position: step.name or step.key for step in steps})


def check_because(case: Case, given: Given, because: Because) -> None:
    """Raise ReasonMissing unless the answer says why as far as policy asks."""
    known = protocol.reasons_of(case)
    for reason in given.reasons:
        if reason not in known:
            raise ReasonMissing(
                _("%(reason)s is none of the reasons that %(terms)s lists."),
                reason=f"{reason!r}",
                terms=case.terms,
            )
    if because == Because.OPTIONAL:
        return
    if known and not given.reasons:
        raise ReasonMissing(_("Choose a reason: policy asks for one with this answer."))
    if because == Because.WRITTEN and not given.rationale.strip():
        raise ReasonMissing(_("Say why in your own words: policy asks for it with this answer."))


def check_confirmed(confirmed_at: datetime | None, at: datetime) -> None:
    """Raise ConfirmationNeeded unless the signer has shown who they are a short while ago."""
    if confirmed_at is None or not at - protocol.CONFIRMED_FOR <= confirmed_at <= at:
        raise ConfirmationNeeded(_("Confirm that it is you before you sign this answer."))


def check_signable(case: Case, given: Given, confirmed_at: datetime | None) -> None:
    """Raise EvidenceUnread, ReasonMissing or ConfirmationNeeded: what its protocol asks of a signature."""
    review = protocol.review_of(case)
    check_read(case, given.by)
    check_because(case, given, review.because)
    if review.step_up:
        check_confirmed(confirmed_at, given.at)
