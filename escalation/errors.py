"""What the domain refuses, each with the sentence that the person or the agent reads."""

from dataclasses import dataclass


class EscalationError(Exception):
    """A refusal. ``slug`` names it on the API, ``status`` is the HTTP status it answers with."""

    slug = "refused"
    title = "Refused"
    status = 409


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a body: where (an RFC 6901 pointer) and what, in a sentence."""

    pointer: str
    message: str


class PackageRejected(EscalationError):
    slug, title, status = "package-rejected", "The package was refused", 422

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.message}" for fault in faults))
        self.faults = faults


class BodyTooLarge(EscalationError):
    slug, title, status = "body-too-large", "The body is too large", 413


class NotJson(EscalationError):
    slug, title, status = "not-json", "The body is not JSON", 400


class IdempotencyKeyMissing(EscalationError):
    slug, title, status = "idempotency-key-missing", "Idempotency-Key is missing", 400


class IdempotencyKeyReused(EscalationError):
    slug, title, status = "idempotency-key-reused", "Idempotency-Key was used for another body", 422


class NotAuthorised(EscalationError):
    slug, title, status = "not-authorised", "Not yours to decide", 403


class UnknownOption(EscalationError):
    slug, title, status = "unknown-option", "The case does not offer this option", 422


class ParametersRejected(EscalationError):
    """The parameters of a ``modify`` do not fit the option's JSON Schema."""

    slug, title, status = "parameters-rejected", "The parameters do not fit", 422

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults


class TextMissing(EscalationError):
    slug, title, status = "text-missing", "It says nothing yet", 422


class MentionUnknown(EscalationError):
    slug, title, status = "mention-unknown", "Nobody has that name", 422


class EvidenceUnread(EscalationError):
    """Evidence that must be read was not opened; ``steps`` has the name of each by its position."""

    slug, title, status = "evidence-unread", "There is evidence to read first", 422

    def __init__(self, steps: dict[int, str]) -> None:
        super().__init__(f"Open first what must be read: {', '.join(steps.values())}.")
        self.steps = steps


class ReasonMissing(EscalationError):
    slug, title, status = "reason-missing", "The reason is missing", 422


class ConfirmationNeeded(EscalationError):
    """Whoever signs has to show again who they are."""

    slug, title, status = "confirmation-needed", "Confirm that it is you", 403


class RationaleMissing(EscalationError):
    slug, title, status = "rationale-missing", "A word of why is missing", 422


class IllegalTransition(EscalationError):
    slug, title, status = "illegal-transition", "The case has moved on", 409


class CaseClosed(IllegalTransition):
    slug, title = "case-closed", "The case is closed"


class AlreadyDecided(CaseClosed):
    slug, title = "already-decided", "The case is already decided"


class AlreadyAnswered(IllegalTransition):
    slug, title = "already-answered", "You have answered already"


class AnswerFirst(IllegalTransition):
    slug, title = "answer-first", "Answer for yourself first"


class SignedAlready(IllegalTransition):
    slug, title = "signed-already", "An answer is signed"


class CaseWithdrawn(CaseClosed):
    slug, title = "case-withdrawn", "The case was withdrawn"


class AlreadyAsked(IllegalTransition):
    slug, title = "already-asked", "That has been asked"


class AlreadyClosed(IllegalTransition):
    slug, title = "already-closed", "It is closed"


class AlreadyStopped(IllegalTransition):
    slug, title = "already-stopped", "The agent is stopped already"


class NotStopped(IllegalTransition):
    slug, title = "not-stopped", "The agent is not stopped"


class NotDecided(IllegalTransition):
    slug, title = "not-decided", "There is no decision yet"


class AlreadyResumed(IllegalTransition):
    slug, title = "already-resumed", "The agent has already said how it went on"


class NothingAsked(IllegalTransition):
    slug, title = "nothing-asked", "Nobody asked for anything"


class PauseRefused(EscalationError):
    slug, title, status = "pause-refused", "It cannot be held for so long", 422


class EvidenceChanged(IllegalTransition):
    slug, title = "evidence-changed", "New evidence came in"


class NoHigherRole(IllegalTransition):
    slug, title = "no-higher-role", "There is no higher role"


class AddressRefused(EscalationError):
    """A callback address that the desk does not connect to."""

    slug, title, status = "address-refused", "The address is refused", 422


class CalendarRefused(EscalationError):
    """Hours, years or a place that make no calendar."""

    slug, title, status = "calendar-refused", "The calendar does not take this", 422
