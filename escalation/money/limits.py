"""Whether a role's limits let through what is moved; and the sentence that says why not.

Refused is what is over the limit of its currency, what is in a currency without one, and what cannot
be read: that counts as over every limit. A role without limits decides any amount.
"""

from typing import Self

from django.utils.translation import gettext_noop as _

from escalation.models import Limit, Role
from escalation.money.currencies import money
from escalation.money.moved import Found, Moved
from escalation.sentences import Sentence

WITHIN = Sentence("")


class OverLimit(Sentence):
    """Why a role's limits do not let it through. ``yours`` says the same to somebody of the role.

    ``pointer`` is where in the arguments the amount stands that is too much; None: nowhere.
    """

    yours: Sentence = WITHIN
    pointer: str | None = None

    @classmethod
    def of(cls, sentence: str, yours: str, pointer: str | None, **values: object) -> Self:
        found = cls(sentence, **values)
        found.yours, found.pointer = Sentence(yours, **values), pointer
        return found


def beyond_limits(role: Role, moved: Moved) -> Sentence:
    """Return why the role's limits do not let this through; empty when they do."""
    limits = {limit.currency: limit for limit in role.limits.all()}
    if not limits:
        return WITHIN
    if moved.is_unread:
        return _unread(role, moved, limits)
    for currency, one in moved.largest.items():
        if beyond := _beyond(role, limits, limits.get(currency), one):
            return beyond
    return WITHIN


def _unread(role: Role, moved: Moved, limits: dict[str, Limit]) -> OverLimit:
    known = ", ".join(str(limit) for limit in limits.values())
    if not moved.unreadable:
        return OverLimit.of(
            _(
                "%(role)s decides amounts up to a limit; this moves money, and no amount can be read."
            ),
            _("Your limit is %(limits)s; this moves money, and no amount can be read."),
            None,
            role=role,
            limits=known,
        )
    return OverLimit.of(
        _("%(role)s decides amounts up to a limit; %(place)s cannot be read as an amount."),
        _("Your limit is %(limits)s; %(place)s cannot be read as an amount."),
        moved.unreadable[-1],
        role=role,
        limits=known,
        place=said_place(moved.unreadable[-1]),
    )


def _beyond(role: Role, limits: dict[str, Limit], limit: Limit | None, one: Found) -> Sentence:
    known = ", ".join(limits)
    if limit is None and not one.currency:
        return OverLimit.of(
            _("%(role)s decides no amounts in an unnamed currency."),
            _("Your limit is in %(known)s; this names no currency."),
            one.pointer,
            role=role,
            known=known,
        )
    if limit is None:
        return OverLimit.of(
            _("%(role)s decides no amounts in %(currency)s."),
            _("Your limit is in %(known)s; you decide no amounts in %(currency)s."),
            one.pointer,
            role=role,
            currency=one.currency,
            known=known,
        )
    if one.amount <= limit.amount:
        return WITHIN
    return OverLimit.of(
        _("%(role)s decides up to %(limit)s; this is %(asked)s."),
        _("Your limit is %(limit)s; this is %(asked)s."),
        one.pointer,
        role=role,
        limit=limit,
        asked=money(one.amount, one.currency),
    )


def said_place(pointer: str) -> str:
    """Return where in the arguments something stands: ``refund › amount``; short enough for a line."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    said = " › ".join(parts) if parts else "what it would act with"
    return said if len(said) <= 80 else f"…{said[-79:]}"
