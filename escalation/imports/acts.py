"""How each call of the recorded desk is put to a person: the question, the options, what follows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from escalation.imports.schemas import schema_of

REFUNDS = "refunds-compliance"
CARE = "customer-care"
HIGH_FROM = Decimal(500)  # US dollars


@dataclass(frozen=True)
class Scene:
    """A call about to be made, and what its agent had seen by then."""

    action: str
    arguments: dict[str, Any]
    steps: list[dict[str, Any]]
    user: str

    @cached_property
    def last_word(self) -> dict[str, Any] | None:
        """The customer's last message before the call."""
        said = (step for step in reversed(self.steps) if step.get("name") == "user")
        return next((step for step in said if step["kind"] == "message"), None)

    @cached_property
    def record(self) -> dict[str, Any] | None:
        """The last step that shows the reservation, or else the user, that the call is about."""
        for name in ("reservation_id", "user_id"):
            if not (sought := self.arguments.get(name)):
                continue
            step: dict[str, Any]
            for step in reversed(self.steps):
                asked = step.get("input", {}).get(name) == sought
                if asked and isinstance(step.get("output"), dict):
                    return step
        return None

    @property
    def reservation(self) -> dict[str, Any]:
        """What the agent had seen of the reservation; empty when it had not looked."""
        seen: dict[str, Any] = self.record["output"] if self.record else {}
        return seen if "payment_history" in seen else {}

    @cached_property
    def name(self) -> str:
        """The customer's name as the agent had seen it, or nothing."""
        for step in reversed(self.steps):
            seen = step.get("output")
            if isinstance(seen, dict) and isinstance(name := seen.get("name"), dict):
                return f"{name.get('first_name', '')} {name.get('last_name', '')}".strip()
        return ""

    @property
    def customer(self) -> str:
        return self.name or self.user or "the customer"


@dataclass(frozen=True)
class Telling:
    question: str
    approve: str  # the label
    then: list[dict[str, Any]]  # what approving brings
    otherwise: str  # what refusing brings
    categories: list[str]
    role: str = CARE
    stakes: str = "medium"
    amount: Decimal | None = None
    options: list[dict[str, Any]] = field(default_factory=list)


def tell(scene: Scene) -> Telling:
    """Return how the call is put to a person; one that is not known is told by its name."""
    told = TELLINGS.get(scene.action, _anything)(scene)
    told.options.extend(_options(scene, told))
    return told


def _options(scene: Scene, told: Telling) -> list[dict[str, Any]]:
    options: list[dict[str, Any]] = [
        {"key": "approve", "label": told.approve, "outcome": "approve", "consequences": told.then},
        {
            "key": "reject",
            "label": "Refuse",
            "outcome": "reject",
            "consequences": [lasting(told.otherwise, reversible=True)],
        },
    ]
    if scene.arguments:
        changed = {
            "key": "modify",
            "label": "Let it run with other values",
            "outcome": "modify",
            "parameters": schema_of(scene.arguments),
            "consequences": [
                lasting("The call runs once, with the values you enter", reversible=False)
            ],
        }
        options.insert(1, changed)
    return options


def lasting(text: str, *, reversible: bool | None = None) -> dict[str, Any]:
    return {"text": text} if reversible is None else {"text": text, "reversible": reversible}


def dollars(amount: Decimal) -> str:
    return f"${amount:,.2f}"


def number(value: Any) -> Decimal | None:
    """Return a JSON number or numeric text exactly, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _sum(entries: Any) -> Decimal | None:
    """Return the sum of the ``amount`` of each entry, None when one has none."""
    if not isinstance(entries, list) or not entries:
        return None
    amounts = [number(e.get("amount")) if isinstance(e, dict) else None for e in entries]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def _stakes(amount: Decimal | None) -> str:
    return "high" if amount is not None and amount >= HIGH_FROM else "medium"


def _flights(scene: Scene) -> str:
    flights = [f for f in scene.arguments.get("flights", []) if isinstance(f, dict)]
    return ", ".join(f"{f.get('flight_number', '?')} on {f.get('date', '?')}" for f in flights)


def _people(scene: Scene) -> str:
    people = [p for p in scene.arguments.get("passengers", []) if isinstance(p, dict)]
    return ", ".join(f"{p.get('first_name', '')} {p.get('last_name', '')}".strip() for p in people)


def _booking(scene: Scene) -> Telling:
    said = scene.arguments
    amount = _sum(said.get("payment_methods"))
    price = f" for {dollars(amount)}" if amount is not None else ""
    way = f"{said.get('origin', '?')} to {said.get('destination', '?')}"
    return Telling(
        question=f"Book {way} for {_people(scene)}{price}?",
        approve="Book it",
        then=[
            lasting(f"{dollars(amount)} is taken as listed in the call", reversible=False)
            if amount is not None
            else lasting("The listed means of payment are charged", reversible=False),
            lasting(f"Seats are taken on {_flights(scene)}"),
        ],
        otherwise="Nothing is booked; seats and prices may be gone later",
        categories=["booking", "money_movement"],
        stakes=_stakes(amount),
        amount=amount,
    )


def _cancellation(scene: Scene) -> Telling:
    name = scene.arguments.get("reservation_id", "?")
    amount = _sum(scene.reservation.get("payment_history"))
    refund = (
        lasting(f"Up to {dollars(amount)} goes back, by the payments on record", reversible=False)
        if amount is not None
        else lasting(
            "What was paid goes back; the agent has not looked up how much", reversible=False
        )
    )
    return Telling(
        question=f"Cancel reservation {name}?",
        approve="Cancel the reservation",
        then=[lasting("All seats of the reservation are given up", reversible=False), refund],
        otherwise="The reservation stands; the customer is told no",
        categories=["cancellation", "money_movement"],
        role=REFUNDS,
        stakes="high",
        amount=amount if amount and amount > 0 else None,
    )


def _change_of_flights(scene: Scene) -> Telling:
    said = scene.arguments
    cabin = str(said.get("cabin", "the same cabin")).replace("_", " ")
    means = said.get("payment_id", "the means on file")
    return Telling(
        question=f"Change reservation {said.get('reservation_id', '?')} to {cabin}: {_flights(scene)}?",
        approve="Change the flights",
        then=[
            lasting("The seats held now are given up"),
            lasting(
                f"The difference in price is charged or paid back to {means}", reversible=False
            ),
        ],
        otherwise="The reservation stays as it is",
        categories=["rebooking", "money_movement"],
    )


def _change_of_bags(scene: Scene) -> Telling:
    said = scene.arguments
    bags, paid = said.get("total_baggages", "?"), said.get("nonfree_baggages", "?")
    return Telling(
        question=f"Set {said.get('reservation_id', '?')} to {bags} bags, {paid} of them paid for?",
        approve="Change the bags",
        then=[
            lasting(
                f"Bags that are not free are charged to {said.get('payment_id', '?')}",
                reversible=False,
            )
        ],
        otherwise="The bags stay as they are",
        categories=["extras", "money_movement"],
        stakes="low",
    )


def _change_of_people(scene: Scene) -> Telling:
    return Telling(
        question=f"Change who flies on {scene.arguments.get('reservation_id', '?')} to {_people(scene)}?",
        approve="Change the passengers",
        then=[lasting("Tickets are issued in the new names; the old ones no longer fly")],
        otherwise="The passengers stay as they are",
        categories=["identity"],
        stakes="high",
    )


def _certificate(scene: Scene) -> Telling:
    amount = number(scene.arguments.get("amount"))
    worth = dollars(amount) if amount is not None else "unknown worth"
    return Telling(
        question=f"Send {scene.customer} a certificate of {worth}?",
        approve="Send the certificate",
        then=[lasting(f"A travel certificate of {worth} is theirs at once", reversible=False)],
        otherwise="No compensation is sent",
        categories=["compensation", "money_movement"],
        role=REFUNDS,
        stakes=_stakes(amount),
        amount=amount,
    )


def _transfer(scene: Scene) -> Telling:
    return Telling(
        question=f"Hand {scene.customer}'s request over to a person?",
        approve="Hand it over",
        then=[lasting("The conversation moves to the desk's staff; the agent leaves it")],
        otherwise="The agent goes on with the customer by itself",
        categories=["transfer"],
        stakes="low",
    )


def _anything(scene: Scene) -> Telling:
    return Telling(
        question=f"Let the agent call {scene.action}?",
        approve="Let it run",
        then=[lasting(f"{scene.action} runs once, with the arguments shown")],
        otherwise=f"{scene.action} does not run",
        categories=[],
    )


TELLINGS: dict[str, Callable[[Scene], Telling]] = {
    "book_reservation": _booking,
    "cancel_reservation": _cancellation,
    "send_certificate": _certificate,
    "transfer_to_human_agents": _transfer,
    "update_reservation_baggages": _change_of_bags,
    "update_reservation_flights": _change_of_flights,
    "update_reservation_passengers": _change_of_people,
}
