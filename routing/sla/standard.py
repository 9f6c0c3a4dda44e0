"""The SLA policy that a desk begins with, until somebody writes a better one."""

from typing import Any

from routing.enums import CountedIn
from routing.sla.policy import TARGETS


def _standard(read: str, taken: str, decided: str, time: CountedIn) -> dict[str, Any]:
    given = zip(TARGETS, (read, taken, decided), strict=True)
    return {kind: {"within": within, "time": time.value} for kind, within in given}


STANDARD: dict[str, Any] = {
    "slug": "standard",
    "name": "Standard",
    "targets": {
        "low": _standard("4h", "8h", "24h", CountedIn.WORKING),
        "medium": _standard("1h", "2h", "8h", CountedIn.WORKING),
        "high": _standard("10m", "15m", "2h", CountedIn.WORKING),
        "critical": _standard("5m", "10m", "1h", CountedIn.WALL),
    },
    "warnings": [50, 80],
    "pauses": ["information_requested", "held"],
    "longest_pause": "3d",
    "chain": {
        "starts_at": "decision",
        "steps": [
            {"do": "remind", "wait": "10m"},
            {"do": "secondary", "wait": "15m"},
            {"do": "backup_role", "wait": "30m"},
            {"do": "higher_role", "wait": "30m"},
            {"do": "hold"},
        ],
        "time": "wall",
    },
    "through_quiet_hours": ["critical"],
    "shows_question": False,
    "decide_in_chat": False,
}
