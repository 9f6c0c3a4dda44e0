"""The policy of an empty desk: every case has a deadline and an end, before anybody set one up."""

from typing import Any

MINUTE, HOUR, DAY = 60, 3600, 86400


def _targets(read: int, taken: int, decided: int, time: str) -> dict[str, Any]:
    within = {"first_response": read, "claim": taken, "decision": decided}
    return {target: {"within": seconds, "time": time} for target, seconds in within.items()}


STANDARD: dict[str, Any] = {
    "slug": "standard",
    "name": "Standard",
    "targets": {
        "low": _targets(8 * HOUR, 16 * HOUR, 24 * HOUR, "working"),
        "medium": _targets(2 * HOUR, 4 * HOUR, 8 * HOUR, "working"),
        "high": _targets(30 * MINUTE, HOUR, 4 * HOUR, "working"),
        "critical": _targets(10 * MINUTE, 15 * MINUTE, HOUR, "wall"),
    },
    "warnings": [50, 80],
    "pauses": ["information_requested", "held"],
    "longest_pause": 3 * DAY,
    "chain": {
        "starts_at": "decision",
        "time": "wall",
        "steps": [
            {"do": "remind", "wait": 10 * MINUTE},
            {"do": "secondary", "wait": 30 * MINUTE},
            {"do": "backup_role", "wait": HOUR},
            {"do": "higher_role", "wait": 2 * HOUR},
            {"do": "hold"},
        ],
    },
    "through_quiet_hours": ["critical"],
    "shows_question": False,
    "decide_in_chat": False,
}
