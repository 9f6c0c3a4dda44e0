"""What a proposal and an answer move: the declared amount, and every amount found in what is acted with.

Read are the shapes of payment APIs, at any depth and in JSON within text: ``{value, currency_code}``,
``{units, nanos, currencyCode}``, ``{amount_cents}``, ``amount_usd``, lists, ``"9,000 USD"``. What sits
beside a currency belongs to it. A list moves the sum of what stands at one place of its items. What
cannot be read in one way only is kept as unreadable, which is over every limit. Nothing is looked up.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from escalation.canonical import pointer
from escalation.money.currencies import cut
from escalation.money.declared import Hints, Registration, action_key, read_hints
from escalation.money.moved import Found, Moved
from escalation.money.names import read_name, word_set
from escalation.money.places import General, Path
from escalation.money.walk import Walk

MAIN = word_set("amount amt betrag montant importe importo monto bedrag belopp")
MONEY_MOVEMENT = "money_movement"


@dataclass(frozen=True)
class Reader:
    """Reads what one action moves, by what its options' schemas and its agent declare."""

    proposal: Mapping[str, Any] | None
    hints: Hints = field(default_factory=dict)
    registration: Registration = Registration()
    moves_money: bool = False

    @classmethod
    def of(
        cls, package: Mapping[str, Any], registration: Registration, *, moves_money: bool = False
    ) -> "Reader":
        """Return the reader of a package; ``moves_money``: its route says so."""
        proposal = package.get("proposal") or {}
        options = package["question"]["options"]
        schemas = [option["parameters"] for option in options if option.get("parameters")]
        categories = map(action_key, proposal.get("categories") or ())
        moves = moves_money or MONEY_MOVEMENT in categories
        moves = moves or (bool(proposal) and registration.moves(proposal["action"]))
        return cls(proposal, read_hints(schemas), registration, moves)

    @property
    def declared(self) -> Found | None:
        money = (self.proposal or {}).get("amount")
        return Found(cut(Decimal(money["amount"]).copy_abs()), money["currency"]) if money else None

    def proposed(self) -> Moved:
        """Return what the proposal moves."""
        return self._proposed(self._proposal_walk().moved())

    def _proposed(self, found: Moved) -> Moved:
        declared = self.declared
        if declared is None:
            return Moved(found.found, found.unreadable, self.moves_money)
        differs = tuple(_differs(declared, found.found))
        return Moved((declared, *found.found), found.unreadable, self.moves_money, differs)

    def answered(self, complete: Mapping[str, Any], filled: Mapping[str, Any]) -> Moved:
        """Return what an answer moves: with what the proposal does, what the agent would act with.

        An amount or a currency of the proposal that the answer takes away is unreadable there.
        """
        before = self._proposal_walk()
        proposed = self._proposed(before.moved())
        same = frozenset(before.equal)
        after, typed = self._walk(complete, same), self._walk(filled, same)
        moved = proposed + after.moved() + typed.moved()
        gone = [place for place in before.currencies if _is_gone(place, complete)]
        if before.seen and not after.seen and not after.unreadable:
            gone += [one.path for one in before.seen]
        gone += [
            one.path for one in before.seen if _is_main(one.path) and _is_gone(one.path, complete)
        ]
        return moved + Moved(unreadable=tuple(dict.fromkeys(pointer(*place) for place in gone)))

    def _proposal_walk(self) -> Walk:
        return self._walk((self.proposal or {}).get("arguments") or {})

    def _walk(self, arguments: Any, same: frozenset[General] = frozenset()) -> Walk:
        walk = Walk(
            self.hints,
            declared=self.declared,
            minor=self.registration.minor_fields((self.proposal or {}).get("action", "")),
            decimals=self.registration.decimals,
            moves_money=self.moves_money,
            same=same,
        )
        walk.begin(arguments)
        return walk


def _differs(declared: Found, found: Iterable[Found]) -> Iterator[Found]:
    """Yield what contradicts the declared amount: more than it, or all other than it."""
    most = Moved(tuple(found)).largest
    equal = any(o.currency == declared.currency and o.amount == declared.amount for o in found)
    for currency, one in most.items():
        if currency != declared.currency or one.amount > declared.amount or not equal:
            yield one


def _is_main(place: Path) -> bool:
    """Return whether a place is an amount by name, and no fee or price beside one."""
    return bool(place) and bool(MAIN & frozenset(read_name(str(place[-1])).words))


def _is_gone(place: Path, value: Any) -> bool:
    """Return whether a place is empty while the object that it stood in is still there."""
    for part in place[:-1]:
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return False
    return isinstance(value, dict) and value.get(str(place[-1])) in (None, "", [], {})
