"""Why each recorded call would have stopped: rules that read only what the agent had seen by then."""

import re
from typing import Any

from escalation.imports.acts import HIGH_FROM, Scene, Telling, dollars

MOVES_MONEY = [
    "book_reservation",
    "cancel_reservation",
    "send_certificate",
    "update_reservation_baggages",
    "update_reservation_flights",
]
HANDS_OVER = ["transfer_to_human_agents"]
CHANGES_PEOPLE = ["update_reservation_passengers"]
AGREEMENT = re.compile(
    r"\b(yes|yeah|yep|confirm|confirmed|proceed|go ahead|please do|sure|ok|okay|sounds good)\b",
    re.I,
)


def triggers(scene: Scene, told: Telling) -> list[dict[str, Any]]:
    """Return every rule that fires for this call: the one of its kind first, then what stands out."""
    found = [_kind(scene), _amount(told), _no_agreement(scene), _errors(scene), _no_cover(scene)]
    return [firing for firing in found if firing is not None]


def _firing(
    kind: str, name: str, observed: Any, operator: str, threshold: Any, detail: str
) -> dict[str, Any]:
    return {
        "type": kind,
        "name": name,
        "observed": observed,
        "operator": operator,
        "threshold": threshold,
        "detail": detail,
    }


def _kind(scene: Scene) -> dict[str, Any]:
    action = scene.action
    if action in MOVES_MONEY:
        detail = "Calls that book, cancel, change or compensate move money and always stop"
        return _firing("boundary", "money_movement", action, "in", MOVES_MONEY, detail)
    if action in CHANGES_PEOPLE:
        detail = "Changing who flies always stops"
        return _firing("boundary", "identity_change", action, "in", CHANGES_PEOPLE, detail)
    if action in HANDS_OVER:
        detail = "A customer is handed over only when a person agrees to take them"
        return _firing("policy", "handover", action, "in", HANDS_OVER, detail)
    detail = "The recording marks this call as one that changes the world"
    return _firing("boundary", "changes_the_world", action, "==", action, detail)


def _amount(told: Telling) -> dict[str, Any] | None:
    if told.amount is None or told.amount < HIGH_FROM:
        return None
    detail = f"{dollars(told.amount)} is at or over {dollars(HIGH_FROM)}"
    return _firing("risk", "large_amount", f"{told.amount:.2f}", ">=", f"{HIGH_FROM:.2f}", detail)


def _no_agreement(scene: Scene) -> dict[str, Any] | None:
    """Fire when the customer's last message holds no word of agreement to what is about to happen."""
    if scene.action in HANDS_OVER or scene.last_word is None:
        return None
    if AGREEMENT.search(scene.last_word["text"]):
        return None
    detail = "The customer's last message before the call holds no explicit yes"
    return _firing("policy", "explicit_agreement", False, "==", False, detail)


def _errors(scene: Scene) -> dict[str, Any] | None:
    failed = sum(step["kind"] == "error" for step in scene.steps)
    if not failed:
        return None
    times = "once" if failed == 1 else f"{failed} times"
    return _firing(
        "anomaly", "tool_errors", failed, ">", 0, f"A tool answered with an error {times}"
    )


def _no_cover(scene: Scene) -> dict[str, Any] | None:
    """Fire for a cancellation of a ticket that is neither business class nor insured."""
    if scene.action != "cancel_reservation" or not scene.reservation:
        return None
    seen = {name: scene.reservation.get(name) for name in ("cabin", "insurance")}
    if seen["cabin"] == "business" or seen["insurance"] == "yes":
        return None
    detail = "Neither business class nor insured: a refund may not be owed"
    return _firing("risk", "refund_not_covered", seen, "!=", {"cabin": "business"}, detail)
