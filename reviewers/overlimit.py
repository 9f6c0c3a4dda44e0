"""What is moved beyond a limit, said to who decides: on the page, and at the field while they type.

The same reading and the same limits as at the door (``escalation.money``), so that nobody finds out
after signing.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from escalation.eligibility import beyond_authority
from escalation.enums import PERMITTING
from escalation.models import Case, Role
from escalation.money.cases import moved_by_answer
from escalation.money.currencies import money
from escalation.money.limits import OverLimit, said_place
from escalation.money.moved import Moved
from escalation.sentences import Sentence

if TYPE_CHECKING:
    from reviewers.casefile import Casefile
    from reviewers.optioncard import OptionCard
    from reviewers.schemaform import Input


def measure(file: "Casefile", card: "OptionCard", filled: dict[str, Any] | None) -> Sentence:
    """Say on a card, at its field where it has one, why what is filled in is beyond the limit.

    While another field cannot be read yet, only what is too much at a field of its own is said: what
    is missing may be the very amount.
    """
    role = file.case.role
    if role is None or card.option.outcome not in PERMITTING or file.beyond:
        return Sentence("")
    beyond = beyond_authority(role, file.case, moved_by_answer(file.case, card.option, filled))
    said = beyond.yours if isinstance(beyond, OverLimit) else beyond
    field = _field_of(card, beyond)
    if card.unread and (field is None or field.errors):
        return Sentence("")
    if field is not None:
        field.over = said.told
    else:
        card.over = said.told
    return said


def _field_of(card: "OptionCard", beyond: Sentence) -> "Input | None":
    """Return the field of the amount that is too much; None where the card has none for it."""
    place = beyond.pointer if isinstance(beyond, OverLimit) else None
    if not beyond or place is None:
        return None
    return next((made for made in card.walk() if made.pointer == place and not made.inputs), None)


def who_may(case: Case) -> Role | None:
    """Return the next role up that may let the agent of a case go on; None where there is none."""
    role = case.role.higher_role if case.role else None
    while role and beyond_authority(role, case):
        role = role.higher_role
    return role


def differing(moved: Moved) -> Iterator[str]:
    """Yield the amounts in the arguments that contradict the declared one, each in its own units."""
    for other in moved.differs:
        declared = moved.found[0]
        said = _("The proposal is given as %(amount)s; its argument %(place)s says %(other)s.")
        yield said % {
            "amount": money(declared.amount, declared.currency),
            "place": said_place(other.pointer),
            "other": money(other.amount, other.currency),
        }


def unread(moved: Moved) -> Iterator[str]:
    """Yield what cannot be read of the money that moves."""
    for pointer in moved.unreadable[:3]:
        said = _("%(place)s cannot be read as an amount: it counts as over every limit.")
        yield said % {"place": said_place(pointer)}
    if moved.is_unread and not moved.unreadable:
        yield _("This moves money, and no amount can be read: it counts as over every limit.")
