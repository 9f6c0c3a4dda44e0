"""What the domain refuses, each with the sentence that the person or the agent reads."""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from escalation.sentences import Sentence


class EscalationError(Exception):
    """A refusal. ``slug`` names it on the API, ``status`` is the HTTP status it answers with.

    As text it is English, as agents and the record have it; a page shows what is ``told``.
    """

    slug = "refused"
    title = _("Refused")
    status = 409

    def __init__(self, sentence: str = "", **values: object) -> None:
        self.sentence = sentence if isinstance(sentence, Sentence) else Sentence(sentence, **values)
        super().__init__(self.sentence)

    @property
    def told(self) -> str:
        """Why not, in the language of who reads it."""
        return self.sentence.told


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a body: where (an RFC 6901 pointer) and what, in a sentence."""

    pointer: str
    message: str


class PackageRejected(EscalationError):
    slug, title, status = "package-rejected", _("The package was refused"), 422

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.message}" for fault in faults))
        self.faults = faults


class BodyTooLarge(EscalationError):
    slug, title, status = "body-too-large", _("The body is too large"), 413


class CaseTooLarge(EscalationError):
    """The body is taken; with it the case would hold more than a case may."""

    slug, title, status = "case-too-large", _("The case would be too large"), 413


class NotJson(EscalationError):
    slug, title, status = "not-json", _("The body is not JSON"), 400


class IdempotencyKeyMissing(EscalationError):
    slug, title, status = "idempotency-key-missing", _("Idempotency-Key is missing"), 400


class IdempotencyKeyReused(EscalationError):
    slug, title, status = (
        "idempotency-key-reused",
        _("Idempotency-Key was used for another body"),
        422,
    )


class NotAuthorised(EscalationError):
    slug, title, status = "not-authorised", _("Not yours to decide"), 403


class UnknownOption(EscalationError):
    slug, title, status = "unknown-option", _("The case does not offer this option"), 422


class ParametersRejected(EscalationError):
    """The parameters of a ``modify`` do not fit the option's JSON Schema."""

    slug, title, status = "parameters-rejected", _("The parameters do not fit"), 422

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults


class TextMissing(EscalationError):
    slug, title, status = "text-missing", _("It says nothing yet"), 422


class MentionUnknown(EscalationError):
    slug, title, status = "mention-unknown", _("Nobody has that name"), 422


class EvidenceUnread(EscalationError):
    """Evidence that must be read was not opened; ``steps`` has the name of each by its position."""

    slug, title, status = "evidence-unread", _("There is evidence to read first"), 422

    def __init__(self, steps: dict[int, str]) -> None:
        super().__init__(
            _("Open first what must be read: %(steps)s."), steps=", ".join(steps.values())
        )
        self.steps = steps


class ReasonMissing(EscalationError):
    slug, title, status = "reason-missing", _("The reason is missing"), 422


class ConfirmationNeeded(EscalationError):
    """Whoever signs has to show again who they are."""

    slug, title, status = "confirmation-needed", _("Confirm that it is you"), 403


class RationaleMissing(EscalationError):
    slug, title, status = "rationale-missing", _("A word of why is missing"), 422


class IllegalTransition(EscalationError):
    slug, title, status = "illegal-transition", _("The case has moved on"), 409


class CaseClosed(IllegalTransition):
    slug, title = "case-closed", _("The case is closed")


class AlreadyDecided(CaseClosed):
    slug, title = "already-decided", _("The case is already decided")


class AlreadyAnswered(IllegalTransition):
    slug, title = "already-answered", _("You have answered already")


class AnswerFirst(IllegalTransition):
    slug, title = "answer-first", _("Answer for yourself first")


class SignedAlready(IllegalTransition):
    slug, title = "signed-already", _("An answer is signed")


class CaseWithdrawn(CaseClosed):
    slug, title = "case-withdrawn", _("The case was withdrawn")


class AlreadyAsked(IllegalTransition):
    slug, title = "already-asked", _("That has been asked")


class AlreadyClosed(IllegalTransition):
    slug, title = "already-closed", _("It is closed")


class AlreadyStopped(IllegalTransition):
    slug, title = "already-stopped", _("The agent is stopped already")


class NotStopped(IllegalTransition):
    slug, title = "not-stopped", _("The agent is not stopped")


class NotDecided(IllegalTransition):
    slug, title = "not-decided", _("There is no decision yet")


class AlreadyResumed(IllegalTransition):
    slug, title = "already-resumed", _("The agent has already said how it went on")


class NothingAsked(IllegalTransition):
    slug, title = "nothing-asked", _("Nobody asked for anything")


class PauseRefused(EscalationError):
    slug, title, status = "pause-refused", _("It cannot be held for so long"), 422


class EvidenceChanged(IllegalTransition):
    slug, title = "evidence-changed", _("New evidence came in")


class NoHigherRole(IllegalTransition):
    slug, title = "no-higher-role", _("There is no higher role")


class AddressRefused(EscalationError):
    """A callback address that the desk does not connect to."""

    slug, title, status = "address-refused", _("The address is refused"), 422


class CalendarRefused(EscalationError):
    """Hours, years or a place that make no calendar."""

    slug, title, status = "calendar-refused", _("The calendar does not take this"), 422
