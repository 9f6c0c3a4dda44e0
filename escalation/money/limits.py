"""Whether a role's limits let through what is moved; and the sentence that says why not.

Refused is what is over the limit of its currency, what is in a currency without one, and what cannot
be read: that counts as over every limit. A role without limits decides any amount.
"""

from decimal import Decimal

from django.utils.translation import gettext_noop as _

from escalation.models import Limit, Role
from escalation.money.currencies import money
from escalation.money.moved import Found, Moved
from escalation.sentences import Sentence

WITHIN = Sentence("")


def beyond_limits(role: Role, moved: Moved) -> Sentence:
    """Return why the role's limits do not let this through; empty when they do."""
    limits = {limit.currency: limit for limit in role.limits.all()}
    if not limits:
        return WITHIN
    if moved.is_unread:
        return _unread(role, moved)
    for currency, one in moved.largest.items():
        if beyond := _beyond(role, limits.get(currency), one):
            return beyond
    return WITHIN


def _unread(role: Role, moved: Moved) -> Sentence:
    if not moved.unreadable:
        none = _(
            "%(role)s decides amounts up to a limit; this moves money, and no amount can be read."
        )
        return Sentence(none, role=role)
    return Sentence(
        _("%(role)s decides amounts up to a limit; %(place)s cannot be read as an amount."),
        role=role,
        place=said_place(moved.unreadable[0]),
    )


def _beyond(role: Role, limit: Limit | None, one: Found) -> Sentence:
    if limit is None and not one.currency:
        return Sentence(_("%(role)s decides no amounts in an unnamed currency."), role=role)
    if limit is None:
        return Sentence(
            _("%(role)s decides no amounts in %(currency)s."), role=role, currency=one.currency
        )
    if one.amount <= limit.amount:
        return WITHIN
    return Sentence(
        _("%(role)s decides up to %(limit)s; this is %(asked)s."),
        role=role,
        limit=limit,
        asked=money(Decimal(one.amount), one.currency),
    )


def said_place(pointer: str) -> str:
    """Return where in the arguments something stands: ``refund › amount``; short enough for a line."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    said = " › ".join(parts) if parts else "what it would act with"
    return said if len(said) <= 80 else f"…{said[-79:]}"
