"""Which answers a chat message offers, and which case may be answered there at all."""

from dataclasses import dataclass

from escalation.enums import CaseStatus, Outcome, Stakes
from escalation.models import Case, Option
from escalation.protocol import review_of

IN_CHAT = (Outcome.APPROVE, Outcome.REJECT)
LABEL = 75  # characters of a button; a longer answer is read, and given, on the page
MOST = 4  # buttons, beside the one that opens the page


@dataclass(frozen=True)
class Choice:
    """A button, none more than another. ``final``: some of what follows cannot be undone."""

    key: str
    label: str
    final: bool


def refusal(case: Case) -> str:
    """Return why the case cannot be answered in a chat now, in a sentence; empty when it can."""
    if case.stakes != Stakes.LOW:
        return (
            f"{case.reference} has {case.get_stakes_display()} stakes: it is decided on its page."
        )
    if case.terms is None or not case.terms.decide_in_chat:
        return f"The policy of {case.reference} has it decided on its page."
    if not review_of(case).asks_nothing:  # evidence to read first, a reason, a time to undo it
        return f"The review of {case.reference} takes its page: a click is not enough."
    if case.role and case.role.requires_mfa:  # a click in a chat is no second factor
        return f"{case.role} decides with a second factor: {case.reference} is decided on its page."
    return ""


def offered(case: Case) -> tuple[Choice, ...]:
    """Return the answers that a message may offer: all that can be given without typing, or none.

    None either where policy does not let the question out: nobody answers what they cannot read.
    """
    if refusal(case) or case.status != CaseStatus.AWAITING:
        return ()
    assert case.terms
    if not case.terms.shows_question:
        return ()
    found = [option for option in case.options.all() if in_chat(option)]
    if len(found) > MOST or any(len(option.label) > LABEL for option in found):
        return ()
    return tuple(
        Choice(
            option.key,
            option.label,
            any(not one.get("reversible", True) for one in option.consequences),
        )
        for option in found
    )


def in_chat(option: Option) -> bool:
    """Return whether an answer is a yes or a no that takes no more words."""
    return option.outcome in IN_CHAT and option.parameters is None
