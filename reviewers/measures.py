"""A proposal measured against what limits it: the role's authority, and the limits that fired on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from escalation.models import Case, Firing, Limit, Role
from escalation.money.cases import moved_by
from escalation.money.currencies import EXACT
from escalation.money.limits import said_place
from escalation.money.moved import Moved
from reviewers import wording


@dataclass(frozen=True)
class Measure:
    """One limit beside the value that it limits. ``over`` is by how much, empty when within."""

    of: str  # whose limit it is; may hold words from outside
    value: str
    limit: str
    over: str

    @property
    def is_over(self) -> bool:
        return bool(self.over)


def of_case(
    case: Case, role: Role | None, firings: Iterable[Firing], arguments: Any
) -> Iterator[Measure]:
    """Yield the proposal of a case beside what limits it; the role has its limits at hand."""
    if role:
        yield from of_role(str(role), moved_by(case), role.limits.all())
    yield from of_firings(firings, case.amount, case.currency, arguments)


def of_role(role: str, moved: Moved, limits: Iterable[Limit]) -> Iterator[Measure]:
    """Yield the largest amount of each currency beside the role's limit in it.

    What cannot be read is over every limit, and comes first.
    """
    limits = {limit.currency: limit.amount for limit in limits}
    if not limits:
        return
    whose = _("%(role)s’s limit") % {"role": role}
    if moved.is_unread:
        known = ", ".join(wording.money(amount, code) for code, amount in limits.items())
        yield Measure(whose, _unread(moved), _at_most(known), _("over every limit"))
    for one in moved.largest.values():
        yield _of_amount(whose, one.amount, one.currency, limits)


def _unread(moved: Moved) -> str:
    if moved.unreadable:
        place = {"place": said_place(moved.unreadable[0])}
        return _("an amount that cannot be read (%(place)s)") % place
    return _("no amount that can be read")


def _of_amount(
    whose: str, amount: Decimal, currency: str, limits: Mapping[str, Decimal]
) -> Measure:
    value, limit = wording.money(amount, currency), limits.get(currency)
    if limit is None:
        known = ", ".join(sorted(limits))
        named = {"currency": currency, "known": known}
        none = _("none in %(currency)s, only in %(known)s") if currency else _("only in %(known)s")
        none %= named
        return Measure(whose, value, none, _("not its to let through"))
    over = EXACT.subtract(amount, limit)
    beyond = _("%(by)s over") % {"by": wording.money(over, currency)} if over > 0 else ""
    return Measure(whose, value, _at_most(wording.money(limit, currency)), beyond)


def of_firings(
    firings: Iterable[Firing], amount: Decimal | None, currency: str, arguments: Any
) -> Iterator[Measure]:
    """Yield thresholds that fired on a number which the proposal itself holds."""
    held = _numbers(amount, arguments)
    for firing in firings:
        observed, threshold = _decimal(firing.observed), _decimal(firing.threshold)
        if observed is None or threshold is None or observed not in held or firing.operator == "!=":
            continue
        is_money = amount is not None and observed == amount
        words = (lambda n: wording.money(n, currency)) if is_money else (lambda n: f"{n:,f}")
        by = words(abs(observed - threshold))
        if firing.operator in (">", ">="):
            limit, over = _at_most(words(threshold)), _("%(by)s over") % {"by": by}
        elif firing.operator in ("<", "<="):
            limit, over = (
                _("at least %(n)s") % {"n": words(threshold)},
                _("%(by)s under") % {"by": by},
            )
        else:
            continue
        yield Measure(firing.name.replace("_", " "), words(observed), limit, over)


def _at_most(limit: str) -> str:
    return _("at most %(limit)s") % {"limit": limit}


def _numbers(amount: Decimal | None, arguments: Any) -> set[Decimal]:
    given = arguments.values() if isinstance(arguments, Mapping) else ()
    found = {number for value in given if (number := _decimal(value)) is not None}
    return found | ({amount} if amount is not None else set())


def _decimal(value: Any) -> Decimal | None:
    return None if wording.numeric(value) is None else Decimal(str(value))
